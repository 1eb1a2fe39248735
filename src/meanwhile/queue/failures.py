"""What the log says of jobs that fail: one line for each try, and nothing for jobs that go well."""

import logging

from meanwhile.queue.jobs import Claimed
from meanwhile.queue.states import State
from meanwhile.queue.store import Verdict

logger = logging.getLogger(__name__)

# A line is read at a glance; the whole error is kept with the job.
_LONGEST_MESSAGE = 500


def tell(job: Claimed, verdict: Verdict, action: str) -> None:
    """One line about a failed try that is committed: a warning where it is tried again, an error where the job rests
    until a person acts. ``action``: what sort failed, empty where it was none."""
    logger.log(
        logging.ERROR if verdict.state == State.FAILED else logging.WARNING,
        "Job %s failed at %s, try %s of %s: %s. %s",
        job.id,
        _place(verdict.at_node, action),
        verdict.attempt,
        job.max_attempts,
        _reason(verdict),
        _what_next(verdict),
        extra={**job.names, "node": verdict.at_node or None, "action": action or None},
    )


def _place(node: str, action: str) -> str:
    if not node:
        return "its start"
    return f"{node} ({action})" if action else node


def _reason(verdict: Verdict) -> str:
    """The error in one line, without a full stop."""
    error = verdict.error or {}
    message = " ".join(str(error.get("message", "")).split())[:_LONGEST_MESSAGE].removesuffix(".")
    kind = error.get("type", "")
    return message if message == kind else f"{kind}: {message}"


def _what_next(verdict: Verdict) -> str:
    if verdict.state == State.RETRYING:
        return f"The next try is in {verdict.delay_seconds:.1f} s."
    if verdict.state == State.CANCELLED:
        return "It is cancelled, as a person asked."
    return "It rests until a person acts."
