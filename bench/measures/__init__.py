"""One module per thing that is measured; each gives readings of one round."""
