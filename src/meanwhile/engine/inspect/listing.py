"""Lists of jobs and runs: a page of rows with what people want to see of each, in a fixed number of statements."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext as _

from meanwhile.definitions.models import Application, Version
from meanwhile.engine.inspect import words
from meanwhile.engine.inspect.filters import JobFilter, RunFilter, RunState
from meanwhile.engine.inspect.paging import SIZE, Page, page
from meanwhile.engine.models import RecordImport, Run
from meanwhile.queue.models import Job
from meanwhile.queue.states import UNFINISHED, State

# Written by the walk, long, and not needed in a list.
HEAVY = ("payload", "steps")
# More than a site has; a list to choose from ends somewhere.
_APPLICATIONS = 200


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job in a list. ``run`` None: it was queued by something that is no run, such as an import."""

    job: Job
    run: Run | None
    application: str
    application_key: str = ""
    imported: RecordImport | None = None

    @property
    def table(self) -> str:
        """What people call the table."""
        about = self.run or self.imported
        return words.table_label(self.job.version_id, about.table) if about else ""

    @property
    def event(self) -> str:
        """The event in words."""
        return words.event_label(self.run.event) if self.run else ""

    @property
    def branch(self) -> str:
        """What the job is: its Background, the rest of the synchronous part, or an import."""
        if self.imported:
            return _("Import of {file}").format(file=self.imported.file_name)
        if not self.job.branch_node:
            return _("Rest of the synchronous part")
        return words.node_title(self.job.version_id, self.job.branch_node)

    @property
    def at(self) -> str:
        """The node at which it stands, in words."""
        return words.node_title(self.job.version_id, self.job.at_node)

    @property
    def error_message(self) -> str:
        """Why it failed or is tried again, in a sentence."""
        return words.error_message(self.job.version_id, self.job.error)


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run in a list, with how many of its jobs are in which state."""

    run: Run
    application: str
    application_key: str
    jobs: Counter[str]

    @property
    def state(self) -> RunState:
        """As its jobs tell."""
        return run_state(self.jobs)

    @property
    def table(self) -> str:
        """What people call the table."""
        return words.table_label(self.run.version_id, self.run.table)

    @property
    def event(self) -> str:
        """The event in words."""
        return words.event_label(self.run.event)

    @property
    def total(self) -> int:
        """How many jobs it has."""
        return self.jobs.total()

    @property
    def finished(self) -> int:
        """How many of them ended."""
        return self.total - sum(self.jobs[state] for state in UNFINISHED)


def run_state(jobs: Counter[str]) -> RunState:
    """The state of a run whose jobs are in these states."""
    if jobs[State.FAILED]:
        return RunState.FAILED
    return RunState.UNFINISHED if any(jobs[state] for state in UNFINISHED) else RunState.FINISHED


def list_jobs(asked: JobFilter, cursor: str = "", size: int = SIZE) -> tuple[list[JobRow], Page[Job]]:
    """The jobs that a valid filter asks for, newest first: a page at a bounded price and two statements more."""
    found = page(asked.base().defer(*HEAVY), asked.rest(), order=asked.order, cursor=cursor, size=size)
    return job_rows(found.rows), found


def list_runs(asked: RunFilter, cursor: str = "", size: int = SIZE) -> tuple[list[RunRow], Page[Run]]:
    """The runs that a valid filter asks for, newest first: a page at a bounded price and two statements more."""
    found = page(asked.base().defer("steps"), asked.rest(), order=asked.order, cursor=cursor, size=size)
    return run_rows(found.rows), found


def applications() -> list[tuple[str, str]]:
    """Key and title of each application, to choose from."""
    return list(Application.objects.order_by("title").values_list("key", "title")[:_APPLICATIONS])


def job_rows(jobs: Iterable[Job]) -> list[JobRow]:
    """``jobs`` with what a list shows of each. Two statements, and one more where some are of no run."""
    jobs = list(jobs)
    runs = Run.objects.defer("steps").in_bulk({job.run_id for job in jobs if job.run_id})
    names = _names(job.version_id for job in jobs)
    imports = _imports([job.pk for job in jobs if not job.run_id])
    return [
        JobRow(job, runs.get(job.run_id or 0), *names.get(job.version_id or 0, ("", "")), imported=imports.get(job.pk))
        for job in jobs
    ]


def _imports(job_ids: list[int]) -> dict[int | None, RecordImport]:
    """The imports, by job."""
    found = RecordImport.objects.filter(job_id__in=job_ids) if job_ids else ()
    return {each.job_id: each for each in found}


def run_rows(runs: Iterable[Run]) -> list[RunRow]:
    """``runs`` with what a list shows of each. Two statements."""
    runs = list(runs)
    states = _states([run.pk for run in runs])
    names = _names(run.version_id for run in runs)
    return [RunRow(run, *names.get(run.version_id, ("", "")), states[run.pk]) for run in runs]


def _states(run_ids: list[int]) -> dict[int, Counter[str]]:
    counts: dict[int, Counter[str]] = {run_id: Counter() for run_id in run_ids}
    rows: Any = Job.objects.filter(run_id__in=run_ids).values_list("run_id", "state").annotate(count=Count("id"))
    for run_id, state, count in rows.order_by():
        counts[run_id][state] = count
    return counts


def _names(version_ids: Iterable[int | None]) -> dict[int, tuple[str, str]]:
    """Title and key of the applications, by version."""
    wanted = {version_id for version_id in version_ids if version_id}
    rows = Version.objects.filter(pk__in=wanted).values_list("pk", "application__title", "application__key")
    return {version_id: (title, key) for version_id, title, key in rows}
