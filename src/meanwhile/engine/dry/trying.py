"""One dry run from its start to the end of its last job."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from meanwhile.core.errors import MeanwhileError
from meanwhile.definitions.document import FormDef
from meanwhile.definitions.program import Program
from meanwhile.engine import walk
from meanwhile.engine.dry.answers import Answers
from meanwhile.engine.dry.entering import Entering
from meanwhile.engine.dry.failing import heals, meaning
from meanwhile.engine.dry.keeping import Keeping
from meanwhile.engine.dry.lines import described, lines_of
from meanwhile.engine.dry.pages import Render, Showing, Work
from meanwhile.engine.dry.reading import Reading
from meanwhile.engine.dry.told import DryRun, PageShown, Part
from meanwhile.engine.dry.waiting import SUBMISSION, Queue, Waiting, branch_job, fired_job
from meanwhile.engine.dry.walking import DryWalking
from meanwhile.engine.gathered import Origin
from meanwhile.engine.record import RecordState
from meanwhile.engine.walk import Cursor
from meanwhile.tables.table import Table

# More jobs than a person reads. Events that start one another in the background can make any number of them.
MOST_JOBS = 100
# Time goes on from one walk to the next, and from what a walk writes to what it sees as now, as it does in the engine.
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True)
class Start:
    """``record_id`` None: a new record. ``before``: the record as it is, or how a new one begins; ``given``: what is
    sent, not yet cleaned."""

    table: Table
    form_key: str
    form: FormDef | None
    record_id: Any
    before: Mapping[str, Any]
    given: Mapping[str, Any]
    user_id: int | None


class Trying:
    """Runs one dry run; used once, inside ``read_only``."""

    def __init__(
        self, program: Program, reading: Reading, start: Start, answers: Answers, render: Render, now: datetime
    ) -> None:
        self._program = program
        self._start = start
        self._answers = answers
        self._started_at = now
        self._keeping = Keeping(program, reading, start.user_id, now)
        self._showing = Showing(program, start.user_id, self._keeping.read, render)
        self._queue = Queue()
        self._work = Work()
        self._parts: list[Part] = []
        self._problems: list[str] = []
        self._page = PageShown("none", "", "")
        self._later: PageShown | None = None
        self._goes_on_after: int | None = None
        self._rest_is_tried_again = False
        self._ticks = 0
        self._record = RecordState(start.table, start.record_id, start.before)

    def run(self) -> DryRun:
        """All of it."""
        start, old = self._start, dict(self._start.before)
        try:
            self._record.apply(self._sent())
        except MeanwhileError as error:
            return self._refused(self._with_label(error))
        if start.record_id is not None:
            self._keeping.hold(self._record)
        if refused := self._before_the_page(old if start.record_id is not None else {}):
            return refused
        self._work.waiting = self._queue.due_by(self._started_at) + self._rest_is_tried_again
        self._page = self._showing.after(start.form_key, self._record, self._work, self._started_at)
        self._background()
        return self._told()

    def _sent(self) -> dict[str, Any]:
        start = self._start
        entered = Entering(self._program, start.table, start.form, start.user_id, self._keeping.read, self._started_at)
        return entered.values(start.given, start.before, start.record_id)

    def _with_label(self, error: MeanwhileError) -> str:
        """The sentence of an error, with the field that it names: what a person sees at that field."""
        field = self._start.table.fields.get(str(error.data.get("field")))
        return error.message if field is None or field.label in error.message else f"{field.label}: {error.message}"

    # --- before the page returns ---------------------------------------------------------------------------------

    def _before_the_page(self, old: Mapping[str, Any]) -> DryRun | None:
        """The synchronous part, with the effects that the person waits for. The end of it all where it fails."""
        origin = Origin(SUBMISSION, None, self._start.user_id, self._start.record_id is None, old)
        walking = self._walking(self._record, self._first_cursor(), origin, self._started_at)
        walking.go()
        error: Exception | BaseException | None = walking.failure.error if walking.failure else None
        if error is None:
            error = self._saved(walking)
        if error is not None:
            self._add("now", _("Before the next page"), walking, None)
            return self._refused(error.message if isinstance(error, MeanwhileError) else str(error))
        self._rest(walking)
        return None

    def _first_cursor(self) -> Cursor:
        """The table's event on top, the form's own below it, so that it is walked afterwards; as ``intake`` does."""
        cursor = walk.END
        for event in (f"form:{self._start.form_key}", f"{self._start.table.key}.record_update"):
            if event in self._program.trees:
                cursor += walk.begin(self._program.trees[event])
        return cursor

    def _saved(self, walking: DryWalking) -> MeanwhileError | None:
        try:
            self._keeping.flush(walking.record)
        except MeanwhileError as error:
            return error
        return None

    def _rest(self, walking: DryWalking) -> None:
        """From the first effect on: a job that the request performs itself, before any other."""
        has_rest = walking.pending is not None
        walking.careful = True
        self._queue_up(walking)
        self._to_the_end(walking)
        if has_rest:
            self._work.counted += 1
            self._work.completed += walking.failure is None
        failure = meaning(walking.failure) if walking.failure else ""
        self._rest_is_tried_again = walking.failure is not None and heals(walking.failure)
        if failure:
            failure = _("The person goes on to the next page all the same.") + " " + failure
        self._add("now", _("Before the next page"), walking, None, failure=failure)

    # --- and then ------------------------------------------------------------------------------------------------

    def _background(self) -> None:
        self._work.waiting = self._queue.due_by(self._started_at)
        for _number in range(MOST_JOBS):
            if not len(self._queue):
                break
            if not self._queue.due_by(self._started_at):
                self._goes_on(is_last=True)
            self._job(self._queue.next())
            self._work.waiting = self._queue.due_by(self._started_at)
            self._goes_on()
        else:
            if len(self._queue):
                sentence = _("There is more: after {count} jobs a dry run stops.")
                self._problems.append(sentence.format(count=MOST_JOBS))
        self._goes_on(is_last=True)

    def _job(self, job: Waiting) -> None:
        walking = self._walking(job.record, job.cursor, job.origin, job.due_at)
        walking.careful = True
        walking.go()
        self._queue_up(walking)
        self._to_the_end(walking)
        if job.due_at <= self._started_at:
            self._work.completed += walking.failure is None
        self._add(
            job.kind,
            job.title,
            walking,
            job.node.id if job.node else None,
            due_at=job.due_at if job.kind == "delay" else None,
            failure=meaning(walking.failure, job) if walking.failure else "",
        )

    def _to_the_end(self, walking: DryWalking) -> None:
        while walking.pending is not None and walking.failure is None:
            walking.rehearse()
            walking.go()
            self._queue_up(walking)

    def _goes_on(self, *, is_last: bool = False) -> None:
        """Where the wait page goes on to, as soon as it does; at the latest where nothing due is left."""
        if self._page.state not in ("waiting", "failed") or self._later is not None:
            return
        now = self._keeping.now
        shown = self._showing.after(self._start.form_key, self._record, self._work, now)
        if (shown.key, shown.state) != (self._page.key, self._page.state):
            self._later, self._goes_on_after = shown, len(self._parts) - 1
        elif is_last and shown.text != self._page.text:
            self._later = shown

    # --- what every walk has -------------------------------------------------------------------------------------

    def _walking(self, record: RecordState, cursor: Cursor, origin: Origin, moment: datetime) -> DryWalking:
        self._ticks += 2
        self._keeping.now = moment + self._ticks * _TICK
        return DryWalking(
            program=self._program,
            record=record,
            cursor=cursor,
            origin=origin,
            writer=self._keeping,
            token=f"dry-run-{len(self._parts)}",
            moment=moment,
            now=self._keeping.now + _TICK,
            read=self._keeping.read,
            answers=self._answers,
            made=self._keeping.made,
        )

    def _queue_up(self, walking: DryWalking) -> None:
        """Queue what the walk has gathered: its branches, then the events that it fired."""
        for new in walking.branches:
            self._add_job(branch_job(walking, new))
        for fired in walking.fired:
            self._add_job(fired_job(walking, fired))
        walking.branches.clear()
        walking.fired.clear()

    def _add_job(self, job: Waiting) -> None:
        self._queue.add(job)
        if job.due_at <= self._started_at:
            self._work.counted += 1

    def _add(
        self, kind: Any, title: str, walking: DryWalking, branch: str | None, *, due_at: Any = None, failure: str = ""
    ) -> None:
        first = walking.steps[0].get("depth", 0) if walking.steps else 0
        lines = tuple(lines_of(walking, branch, first, waits=kind == "now"))
        self._parts.append(Part(kind, title, described(walking.record), due_at, lines, failure))
        if walking.record is self._record:
            set_now = {change.field for line in lines for change in line.changes if change.after is True}
            self._work.flags |= set_now

    # --- the end -------------------------------------------------------------------------------------------------

    def _refused(self, sentence: str) -> DryRun:
        self._page = self._showing.form_again(self._start.form_key, sentence)
        self._problems.append(_("Nothing would be saved: {reason}").format(reason=sentence))
        return self._told(refused=True)

    def _told(self, *, refused: bool = False) -> DryRun:
        start = self._start
        before = {} if start.record_id is None else dict(start.before)
        return DryRun(
            table=start.table,
            record_id=self._record.id,
            is_new=start.record_id is None,
            started_at=self._started_at,
            before=before,
            after=before if refused or self._record.is_deleted else dict(self._record.values),
            parts=tuple(self._parts),
            page=self._page,
            later=self._later,
            goes_on_after=self._goes_on_after,
            refused=refused,
            problems=tuple(self._problems),
        )
