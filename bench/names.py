"""What the figures are called that more than one module speaks of."""

# Kinds of job.
FIELDS = "three fields a job"
EMAIL = "three fields and an e-mail a job"
FUNCTION = "a function that saves by itself"


def drain(kind: str, workers: int = 1) -> str:
    """The figure of a drain."""
    return f"drain, {kind}" if workers == 1 else f"drain with {workers} workers, {kind}"
