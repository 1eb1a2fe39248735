"""How an import stands, in words: what its job says, and how many rows are behind it."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from meanwhile.engine.inspect import waiting
from meanwhile.engine.models import RecordImport
from meanwhile.queue.models import Job
from meanwhile.queue.states import State


@dataclass(frozen=True, slots=True)
class Status:
    """``state``: ``waiting``, ``failed``, ``cancelled`` or ``done``."""

    state: str
    heading: str
    explanation: str
    done: int
    left: int

    @property
    def polls(self) -> bool:
        """Whether the page looks again by itself."""
        return self.state == "waiting"


def status_of(found: RecordImport) -> Status:
    """Of an import that was started: one small statement, a few more while it waits for a worker."""
    job = Job.objects.filter(pk=found.job_id or 0).first()
    done = found.saved + found.refused
    state, heading, explanation = _words(found, job, done)
    return Status(state, heading, explanation, done, max(0, found.total - done))


def _words(found: RecordImport, job: Job | None, done: int) -> tuple[str, str, str]:
    state = State(job.state) if job else State.COMPLETED
    if job is None or state == State.COMPLETED:
        heading = _("The import is done") if found.saved else _("No row was imported")
        return "done", heading, _("Every saved row fired the record update event, as any other save does.")
    if state == State.CANCELLED:
        return "cancelled", _("The import was cancelled"), _("What was saved until then stays saved.")
    if state == State.FAILED:
        message = str((job.error or {}).get("message", ""))
        saying = _("What is saved stays saved. Whoever runs this site can resume it in the monitor.")
        return "failed", _("The import has stopped"), f"{message} {saying}".strip()
    if job.cancel_requested:
        return "waiting", _("Stopping"), _("It stops after the rows that are under way.")
    if state == State.RUNNING or done:
        return "waiting", _("Under way"), _("You can leave this page: the work goes on without you.")
    return "waiting", _("Waiting for a worker"), waiting.reason(job).sentence
