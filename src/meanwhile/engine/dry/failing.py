"""What it means when a job fails: whether it is tried again, how often, and what is left in the end."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from meanwhile.core.conf import conf
from meanwhile.engine.dry.waiting import Waiting
from meanwhile.engine.gathered import Failure
from meanwhile.engine.inspect.sheet import duration


def heals(failure: Failure) -> bool:
    """Whether trying again may help."""
    return bool(getattr(failure.error, "can_heal", True))


def meaning(failure: Failure, job: Waiting | None = None) -> str:
    """What the failing of ``job`` means, in sentences; None: of the rest of the synchronous part."""
    rests = _("It then rests as failed in the monitor, until a person resumes, skips or cancels it.")
    if not heals(failure):
        return _("Trying again cannot mend this, so nothing is tried again.") + " " + rests
    attempts = job.attempts if job else conf().attempts
    if attempts == 1:
        return _("It is not tried again.") + " " + rests
    again = _again(attempts, job.backoff_seconds if job else conf().backoff_seconds)
    return again + " " + _("What stands before it is not done again.") + " " + rests


def _again(attempts: int, backoff_seconds: float) -> str:
    words = ngettext(
        "It is tried {count} time in all, the second time after {span}, then after longer pauses.",
        "It is tried {count} times in all, the second time after {span}, then after longer pauses.",
        attempts,
    )
    return words.format(count=attempts, span=duration(round(backoff_seconds * 1000)) or _("no pause"))
