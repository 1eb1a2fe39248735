"""One job told in a terminal, and as JSON for programs."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from rich.console import Console

from meanwhile.core.zone import site_zone, written
from meanwhile.engine.inspect import sheet, waiting, words
from meanwhile.engine.inspect.listing import JobRow


def brief(row: JobRow) -> dict[str, Any]:
    """What a list tells of a job."""
    job = row.job
    return {
        "id": job.pk,
        "state": job.state,
        "queue": job.queue,
        "what": row.branch,
        "application": row.application_key,
        "table": row.run.table if row.run else None,
        "record": row.run.record_id if row.run else None,
        "event": row.run.event if row.run else None,
        "submission": job.submission_id,
        "run": job.run_id,
        "branch_node": job.branch_node,
        "at_node": job.at_node,
        "created_at": _iso(job.created_at),
        "due_at": _iso(job.due_at),
        "retry_at": _iso(job.retry_at),
        "started_at": _iso(job.started_at),
        "finished_at": _iso(job.finished_at),
        "attempt": job.attempt,
        "max_attempts": job.max_attempts,
        "error": job.error,
    }


def full(row: JobRow) -> dict[str, Any]:
    """All of it."""
    reason = waiting.reason(row.job)
    return {
        **brief(row),
        "line": row.job.line,
        "deaths": row.job.deaths,
        "cancel_requested": row.job.cancel_requested,
        "reason": reason.sentence,
        "behind": reason.behind,
        "steps": words.portable(row.job.steps),
        "payload": words.portable(row.job.payload),
    }


def tell(row: JobRow, console: Console) -> None:
    """A job for a person: where it stands and why, what went wrong, what it did."""
    job = row.job
    lines = [
        _("Job {id}: {what} ({state})").format(id=job.pk, what=row.branch, state=job.get_state_display()),
        waiting.reason(job).sentence,
    ]
    if row.run:
        lines.append(f"{row.application} · {row.table} {row.run.record_id} · {row.event}")
    lines += [
        _("Queue {queue}, due {due}, failed tries {n} of {most}").format(
            queue=job.queue, due=written(job.due_at), n=job.attempt, most=job.max_attempts
        ),
        _("Times are of the zone {zone}.").format(zone=site_zone()),
        *_error(row),
        *_steps(row),
    ]
    for line in lines:
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def _error(row: JobRow) -> list[str]:
    error = row.job.error
    if not error:
        return []
    place = words.node_title(row.job.version_id, error.get("node", ""))
    lines = ["", _("Error: {message}").format(message=row.error_message)]
    lines += [_("Type: {type}").format(type=error.get("type", "")), _("At: {place}").format(place=place or "-")]
    trace = error.get("trace")
    return [*lines, trace if isinstance(trace, str) else "\n".join(trace)] if trace else lines


def _steps(row: JobRow) -> list[str]:
    job = row.job
    table = words.table_of(job.version_id, row.run.table) if row.run else None
    lines = [""] if job.steps else []
    for entry in sheet.entries_of_job(job, table):
        at = written(entry.at) if entry.at else "-"
        lines.append(f"{at}  {entry.label:<12} {entry.title}  {entry.duration}".rstrip())
        lines += [f"    {change.label}: {change.before or '-'} -> {change.after or '-'}" for change in entry.changes]
        if entry.note:
            lines.append(f"    {entry.note}")
        if message := entry.error.get("message"):
            lines.append(f"    {message}")
    return lines


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
