"""One run told as people see it: the synchronous part and each job as a lane of steps, and when the person went on."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from meanwhile.core.conf import conf
from meanwhile.engine.inspect import words
from meanwhile.engine.models import Run
from meanwhile.engine.steps import LABELS, Outcome, Step
from meanwhile.queue.models import Job
from meanwhile.queue.states import TERMINAL, State
from meanwhile.tables.table import Table

# Jobs of one run that one answer tells in full; the list of jobs has the others.
LANES = 100
# Other runs and jobs that one answer names.
NEIGHBOURS = 20


@dataclass(frozen=True, slots=True)
class Change:
    """A field before and after a step, for people; empty text where there was or is no value."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A step of the journal in words. ``step`` is the step as it is stored."""

    step: Step
    title: str
    changes: tuple[Change, ...]
    detail: tuple[tuple[str, str], ...] = ()
    # It was under way when whoever did it let go or died, and nobody does it now.
    is_interrupted: bool = False

    @property
    def outcome(self) -> str:
        """The word by which it is drawn."""
        return Outcome.UNKNOWN if self.is_interrupted else str(self.step.get("outcome", ""))

    @property
    def label(self) -> str:
        """The outcome for people."""
        known = self.outcome in list(Outcome)
        return str(LABELS[Outcome(self.outcome)]) if known else self.outcome

    @property
    def note(self) -> str:
        """What is to be said of it; empty where nothing is."""
        if self.is_interrupted:
            return _(
                "Interrupted: what came of this was not kept. Where no error says more, it may have happened or not."
            )
        return str(self.step.get("note", ""))

    @property
    def at(self) -> datetime | None:
        """When it began."""
        return datetime.fromisoformat(self.step["at"]) if "at" in self.step else None

    @property
    def end(self) -> datetime | None:
        """When it was done."""
        return self.at + timedelta(milliseconds=self.ms) if self.at else None

    @property
    def ms(self) -> int:
        """How long it took."""
        return int(self.step.get("ms") or 0)

    @property
    def duration(self) -> str:
        """How long it took, for people; empty for what took no time worth a word."""
        return duration(self.ms)

    @property
    def error(self) -> Mapping[str, Any]:
        """What went wrong, if something did: ``message`` and ``type``."""
        error = self.step.get("error") or {}
        return error if isinstance(error, Mapping) else {"message": str(error)}

    @property
    def email(self) -> Mapping[str, Any] | None:
        """The message of an e-mail: ``to``, ``subject``, ``body`` and more. None for any other step."""
        detail = self._detail
        return detail if "subject" in detail and "to" in detail else None

    @property
    def recipients(self) -> list[Mapping[str, Any]]:
        """What became of the e-mail for each: ``address``, ``outcome``, and perhaps ``reason``."""
        detail = {**self._detail, **self.step.get("error", {})} if self.email else {}
        return list(detail.get("recipients") or ())

    @property
    def call(self) -> Mapping[str, Any] | None:
        """What a function was called with: ``function`` and ``arguments``. None for any other step."""
        return self._detail if "function" in self._detail else None

    @property
    def arguments(self) -> list[tuple[str, str]]:
        """The arguments of a call for people."""
        given = self._detail.get("arguments") or {}
        return [(str(name), words.plain(value)) for name, value in given.items()]

    @property
    def has_answer(self) -> bool:
        """Whether a call has come back."""
        return self.call is not None and ("value" in self._detail or "answer" in self._detail)

    @property
    def answer(self) -> str:
        """What a call returned, for people."""
        return words.plain(self._detail.get("value", (self._detail.get("answer") or {}).get("value")))

    @property
    def _detail(self) -> Mapping[str, Any]:
        detail = self.step.get("detail")
        return detail if isinstance(detail, Mapping) else {}


@dataclass(frozen=True, slots=True)
class Lane:
    """A part of a run that goes from top to bottom by itself: the synchronous part (``job`` None), or a job."""

    title: str
    entries: tuple[Entry, ...]
    began_at: datetime
    job: Job | None = None

    @property
    def is_synchronous(self) -> bool:
        """Whether the person waited for it: the first part, and the rest of it that is a job."""
        return self.job is None or not self.job.branch_node

    @property
    def state(self) -> str:
        """Of its job; the synchronous part itself is committed, so done."""
        return self.job.state if self.job else State.COMPLETED

    @property
    def state_label(self) -> str:
        """The state for people."""
        return str(State(self.state).label)

    @property
    def error_message(self) -> str:
        """Why its job failed or is tried again, in a sentence."""
        return words.error_message(self.job.version_id, self.job.error) if self.job else ""

    @property
    def last_at(self) -> datetime | None:
        """The end of its last step."""
        return max((entry.end for entry in self.entries if entry.end), default=None)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A run. ``returned_at``: when the person went on to the next page, as far as the journal tells; None for a run
    for which nobody waited. ``more_lanes``: it has more jobs than are told here."""

    run: Run
    application: str
    number: int
    table: str
    event: str
    lanes: tuple[Lane, ...]
    returned_at: datetime | None
    more_lanes: bool = False
    same_record: Sequence[Run] = field(default_factory=list)
    same_submission: Sequence[Run] = field(default_factory=list)

    @property
    def is_live(self) -> bool:
        """Whether more is to come without a person's doing."""
        resting = {*TERMINAL, State.FAILED}
        return any(lane.job is not None and lane.state not in resting for lane in self.lanes)


def sheet(run: Run) -> Sheet:
    """``run`` in full: its jobs and its neighbours, in four statements. ``run`` comes with its version."""
    jobs = list(Job.objects.filter(run_id=run.pk).order_by("id")[: LANES + 1])
    table = words.table_of(run.version_id, run.table)
    synchronous = _synchronous(run, table)
    lanes = (synchronous, *(_lane(job, table) for job in jobs[:LANES]))
    return Sheet(
        run=run,
        application=run.version.application.title,
        number=run.version.number,
        table=words.table_label(run.version_id, run.table),
        event=words.event_label(run.event),
        lanes=lanes,
        returned_at=_returned_at(run, lanes),
        more_lanes=len(jobs) > LANES,
        same_record=_runs_but(run, table=run.table, record_id=run.record_id),
        same_submission=_runs_but(run, submission_id=run.submission_id),
    )


def _runs_but(run: Run, **about: Any) -> list[Run]:
    """Other runs of the same, newest first. Ids of records repeat between applications, so those are held apart."""
    same = Run.objects.filter(**about, version__application_id=run.version.application_id).exclude(pk=run.pk)
    return list(same.defer("steps").order_by("-id")[:NEIGHBOURS])


def _synchronous(run: Run, table: Table | None) -> Lane:
    entries = tuple(entries_of(run.steps, run.version_id, table, is_running=False))
    first = next((entry.at for entry in entries if entry.at), run.created_at)
    return Lane(_("While the person waited"), entries, min(first, run.created_at))


def _lane(job: Job, table: Table | None) -> Lane:
    if job.branch_node:
        title = words.node_title(job.version_id, job.branch_node)
    else:
        title = _("The rest of the synchronous part")
    return Lane(title, tuple(entries_of_job(job, table)), job.created_at, job)


def entries_of_job(job: Job, table: Table | None) -> Iterable[Entry]:
    """The journal of a job in words. ``table``: the one of its record."""
    return entries_of(job.steps, job.version_id, table, is_running=job.state == State.RUNNING)


def entries_of(
    steps: Sequence[Step], version_id: int | None, table: Table | None, *, is_running: bool
) -> Iterable[Entry]:
    """Steps in the words of their version. Only the last one can be under way, and only while somebody runs the job."""
    for number, step in enumerate(steps, start=1):
        title = step.get("name") or words.node_title(version_id, step.get("node", "")) or step.get("type", "")
        is_under_way = is_running and number == len(steps)
        is_interrupted = step.get("outcome") == Outcome.PREPARED and not is_under_way
        yield Entry(step, title, tuple(_changes(step, table)), tuple(_detail(step)), is_interrupted)


def _changes(step: Step, table: Table | None) -> Iterable[Change]:
    for key, (before, after) in (step.get("changes") or {}).items():
        label = words.field_label(table, key)
        yield Change(label, words.shown(table, key, before), words.shown(table, key, after))


def _detail(step: Step) -> Iterable[tuple[str, str]]:
    """What a reader may want to open: what was asked for and what was answered."""
    detail = step.get("detail")
    if not isinstance(detail, Mapping):
        return
    for key, value in detail.items():
        # The answer is told once: what the action made of it stands beside it.
        is_told = key == "answer" and isinstance(value, Mapping) and set(value) <= set(detail)
        if not is_told and value not in (None, "", [], {}):
            yield str(key), words.plain(value)


def duration(ms: int) -> str:
    """A duration for people: 40 ms, 2.5 s, 3 min."""
    if ms < 1:
        return ""
    if ms < 1_000:
        return _("{n} ms").format(n=ms)
    if ms < 120_000:
        return _("{n} s").format(n=f"{ms / 1000:.1f}")
    return _("{n} min").format(n=round(ms / 60_000))


def _returned_at(run: Run, lanes: Sequence[Lane]) -> datetime | None:
    """The end of what the request did: the commit, or the rest that it performed itself up to its limit."""
    if run.depth:
        return None
    rest = next((lane for lane in lanes if lane.job is not None and lane.is_synchronous), None)
    if rest is None or rest.job is None or not _performed_by_request(rest.job, run):
        return max(run.created_at, lanes[0].last_at or run.created_at)
    limit = run.created_at + timedelta(seconds=conf().request_limit_seconds)
    ends = [rest.job.finished_at, _first_failure(rest), limit]
    return min(end for end in ends if end is not None)


def _performed_by_request(rest: Job, run: Run) -> bool:
    """The request claims the rest in the submission's own transaction; a worker comes later."""
    return rest.started_at is not None and rest.started_at - run.created_at < timedelta(seconds=1)


def _first_failure(lane: Lane) -> datetime | None:
    return next((entry.end for entry in lane.entries if entry.outcome in (Outcome.FAILED, Outcome.UNKNOWN)), None)
