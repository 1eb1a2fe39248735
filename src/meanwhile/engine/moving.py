"""Jobs in flight on older versions: which of them could go on under another one, and moving those there.

A job can move when all that its walk will need is in the other version: its table, and of every event that it is in the
middle of the event, the node that comes next and the branch around it. An effect that was prepared keeps the request
that it was prepared with. Every other job stays under the version that it has, and goes on as it would have.
"""

import logging
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from meanwhile.core import clock
from meanwhile.core.errors import MeanwhileError
from meanwhile.definitions.models import Version
from meanwhile.definitions.program import CompiledNode, Program
from meanwhile.engine.steps import Outcome, Step, step
from meanwhile.queue import operators, pinning
from meanwhile.queue.models import Job
from meanwhile.queue.states import UNFINISHED, State

logger = logging.getLogger(__name__)

# Jobs of one transaction, so that their locks are not held for long.
_BATCH = 200
# A preview reads no more jobs than this; it says so where there are more.
MOST_LOOKED_AT = 20_000


@dataclass(frozen=True, slots=True)
class InFlight:
    """The unfinished jobs of one version in one state."""

    version: Version
    state: State
    count: int


@dataclass(slots=True)
class Moving:
    """What became, or would become, of the jobs. ``stays``: how many stay for which reason, in words.

    ``is_partial``: there are more than were looked at.
    """

    moved: int = 0
    stays: Counter[str] = field(default_factory=Counter)
    is_partial: bool = False

    @property
    def staying(self) -> int:
        """How many stay, for whatever reason."""
        return self.stays.total()


def in_flight(application: str, but: int | None = None) -> list[InFlight]:
    """The unfinished jobs by version and state, oldest version first; not those of the version ``but``."""
    versions = {version.pk: version for version in _older(application, but)}
    rows = Job.objects.filter(version_id__in=versions, state__in=UNFINISHED).order_by()
    counts = rows.values_list("version_id", "state").annotate(count=Count("pk"))
    found = [InFlight(versions[id_], State(state), count) for id_, state, count in counts if id_]
    order = list(State)
    return sorted(found, key=lambda each: (each.version.number, order.index(each.state)))


def preview(application: str, program: Program) -> Moving:
    """What ``move`` would do, as things are now. Changes nothing; ``program`` need not be published yet."""
    found, judge = Moving(), _Judge(application, program)
    looked = 0
    for batch in _batches(judge):
        for job in batch:
            _count(found, judge.objection(job))
        looked += len(batch)
        if looked >= MOST_LOOKED_AT:
            found.is_partial = True
            break
    _count_running(found, judge)
    return found


def move(application: str, program: Program, user: Any) -> Moving:
    """Put every job that can go on under ``program`` there, with a line in its journal. Commits batch by batch.

    A job that is running, or that somebody else changes at this moment, stays; calling it again moves it.
    """
    found, judge = Moving(), _Judge(application, program)
    last = 0
    while True:
        with transaction.atomic():
            batch = pinning.resting(judge.documents, last, _BATCH, lock=True)
            found.moved += pinning.repin(program.version_id, list(_pins(batch, judge, found, user)))
        if len(batch) < _BATCH:
            break
        last = batch[-1].pk
    _count_running(found, judge)
    if found.moved:
        by = operators.name_of(user)
        place = f"version {program.number} of {application}"
        logger.info("%s jobs were moved to %s by %s.", found.moved, place, by, extra={"by": by})
    return found


def _pins(batch: list[Job], judge: "_Judge", found: Moving, user: Any) -> Iterator[pinning.Pin]:
    for job in batch:
        if reason := judge.objection(job):
            found.stays[reason] += 1
        else:
            yield job.pk, job.epoch, _journal(job, judge, user)


def _journal(job: Job, judge: "_Judge", user: Any) -> list[Step]:
    """The journal with the new line; before an effect that is under way, which has to stay the last one."""
    old, new = judge.numbers[job.version_id or 0], judge.program.number
    entry = step(Outcome.MOVED, clock.now(), note=f"By {operators.name_of(user)}, from version {old} to {new}.")
    is_open = "pending" in job.payload and job.steps and job.steps[-1]["outcome"] == Outcome.PREPARED
    place = len(job.steps) - 1 if is_open else len(job.steps)
    return [*job.steps[:place], entry, *job.steps[place:]]


def _batches(judge: "_Judge") -> Iterator[list[Job]]:
    last = 0
    while batch := pinning.resting(judge.documents, last, _BATCH, lock=False):
        yield batch
        last = batch[-1].pk


def _count(found: Moving, reason: str) -> None:
    if reason:
        found.stays[reason] += 1
    else:
        found.moved += 1


def _count_running(found: Moving, judge: "_Judge") -> None:
    running = Job.objects.filter(version_id__in=judge.documents, state=State.RUNNING).count()
    if running:
        found.stays[_("It is running at this moment.")] += running


def _older(application: str, but: int | None) -> list[Version]:
    versions = Version.objects.filter(application__key=application).order_by("number")
    return list(versions.exclude(pk=but) if but else versions)


class _Judge:
    """Says what speaks against moving a job of one of the older versions to ``program``."""

    def __init__(self, application: str, program: Program) -> None:
        self.program = program
        older = _older(application, program.version_id)
        self.documents: Mapping[int, Any] = {version.pk: version.document for version in older}
        self.numbers: Mapping[int, int] = {version.pk: version.number for version in older}

    def objection(self, job: Job) -> str:
        """Why the job has to stay, as a sentence; empty where it can move."""
        payload = job.payload
        if not isinstance(payload, dict) or "frames" not in payload:
            return _("It imports records; an import ends under the version with which it began.")
        return (
            self._about_table(job.version_id or 0, payload["table"])
            or self._about_frames([*payload["frames"], *payload["start"]])
            or self._about_effect(job)
        )

    def _about_table(self, version_id: int, key: str) -> str:
        now = self.program.document.tables.get(key)
        if now is None:
            return _('Version {number} has no table "{key}".').format(number=self.program.number, key=key)
        then = (self.documents[version_id].get("tables") or {}).get(key) or {}
        if (then.get("model") or "") != (now.model or ""):
            return _('The records of table "{key}" are kept elsewhere in version {number}.').format(
                number=self.program.number, key=key
            )
        return ""

    def _about_frames(self, frames: list[dict[str, Any]]) -> str:
        return next((reason for frame in frames if (reason := self._about_frame(frame))), "")

    def _about_frame(self, frame: dict[str, Any]) -> str:
        tree = self.program.trees.get(frame["event"])
        if tree is None:
            return _('Version {number} has no event "{event}".').format(
                number=self.program.number, event=frame["event"]
            )
        node = tree.by_id.get(frame["at"])
        if node is None:
            return _("The object at which it stands is gone, or the one with which it began.")
        if frame["branch"] and not _is_below(node, frame["branch"]):
            return _("The object at which it stands is not in its branch any more.")
        return ""

    def _about_effect(self, job: Job) -> str:
        """A prepared effect is concluded by the node's plugin; another one would not know its answer."""
        pending = job.payload.get("pending")
        if not pending:
            return ""
        tree = self.program.trees[job.payload["frames"][-1]["event"]]
        node = tree.by_id.get(pending["node"])
        types = [entry.get("type") for entry in job.steps if entry.get("node") == pending["node"]]
        if node is None or not types or types[-1] != node.type:
            return _("It is in the middle of an action that is of another sort now.")
        return ""


def _is_below(node: CompiledNode, branch: str) -> bool:
    above = node.parent
    while above is not None and above.id != branch:
        above = above.parent
    return above is not None


def unpublished(document: Version) -> Program | None:
    """The program of a version that is not saved yet; None where what is installed cannot read it."""
    try:
        return Program(document)
    except MeanwhileError:
        return None
