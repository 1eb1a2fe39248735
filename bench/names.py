"""What the figures are called that more than one module speaks of."""

# Kinds of job.
FIELDS = "three fields a job"
EMAIL = "three fields and an e-mail a job"
FUNCTION = "a function that saves by itself"


def drain(kind: str, workers: int = 1) -> str:
    """The figure of a drain."""
    return f"drain, {kind}" if workers == 1 else f"drain with {workers} workers, {kind}"


# Latency: of a job with an e-mail, which is what the peers do, too.
START, DONE = "submit to start", "submit to done"
WITH_EMAIL = " with an e-mail"

# Where the time goes, by part of the code.
A_SUBMISSION, A_FORM = "a submission", "a form"
A_JOB, A_JOB_WITH_EMAIL = "a job of three fields", "a job with an e-mail too"
SHARE = "% of the time"

# Of a whole site.
FORMS, OWN_SUBMISSIONS = "forms sent, two processes", "own submissions"
LETTERS, BESIDE_SLOW, WITHOUT_SLOW = "letters, submit to done", "with a slow call", "without"
CLAIM, IN_FULL_TABLE, IN_EMPTY_TABLE = "claim of 50, p50", "in a full table", "in an empty table"


def drain_among(size: int) -> str:
    """The figure of a drain in a table with so many finished jobs."""
    return f"drain among {size:,} finished jobs"


def soak(seconds: float, what: str) -> str:
    """The figure of a soak of that length."""
    return f"soak of {seconds:g} s: {what}"


MEMORY_GROWTH = "growth of the worker's memory in the second half"
DATABASE_GROWTH = "growth of the database in the second half"
