"""Identifiers: short ones for nodes, long ones for what travels outside."""

import secrets

# Without vowels and look-alikes: an id never spells a word and can be read aloud.
_ALPHABET = "bcdfghjkmnpqrstvwxz23456789"


def node_id() -> str:
    """A new node id, such as ``n-7kq2xw9d``: 8 characters of 27, unique enough within one document."""
    return "n-" + "".join(secrets.choice(_ALPHABET) for _ in range(8))


def submission_key() -> str:
    """A new key for one opening of a form; 32 URL-safe characters, not guessable."""
    return secrets.token_urlsafe(24)
