"""Resting jobs go from one version to another: read with locks in the order of their ids, written guarded.

Whether a job can go on under the other version is the caller's to judge; nothing here knows what a version is.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from meanwhile.core.exact_json import dumps
from meanwhile.queue.by_queue import CAP, ORDERS
from meanwhile.queue.database import execute, execute_many, is_postgresql
from meanwhile.queue.models import Job
from meanwhile.queue.states import UNFINISHED, State

# Who holds a running job has its version in hand; it is moved by nobody.
RESTING = UNFINISHED - {State.RUNNING}
_COLUMNS = ("version_id", "state", "epoch", "payload", "steps", "branch_node", "at_node")

# A job, the epoch at which it was read, and its journal with the new line.
type Pin = tuple[int, int, Sequence[Any]]


def resting(version_ids: Iterable[int], after: int, limit: int, *, lock: bool) -> list[Job]:
    """Up to ``limit`` unfinished jobs of these versions that nobody runs, from the id behind ``after`` on.

    ``lock``: for the rest of the transaction; what others have locked is passed over.
    """
    rows = Job.objects.filter(version_id__in=list(version_ids), state__in=RESTING, pk__gt=after).order_by("pk")
    if lock:
        rows = rows.select_for_update(skip_locked=True)
    return list(rows.only(*_COLUMNS)[:limit])


def pinned_versions(cap: int = CAP) -> set[int]:
    """The versions of unfinished jobs, as far as the first ``cap`` jobs of each state tell."""
    firsts = (Job.objects.filter(state=state).order_by(*ORDERS[state])[:cap] for state in ORDERS)
    return {id_ for jobs in firsts for id_ in jobs.values_list("version_id", flat=True) if id_ is not None}


_REPIN_POSTGRESQL = """
    UPDATE meanwhile_job job SET version_id = %s, steps = pinned.steps, epoch = job.epoch + 1
    FROM unnest(%s::bigint[], %s::int[], %s::jsonb[]) AS pinned (id, epoch, steps)
    WHERE job.id = pinned.id AND job.epoch = pinned.epoch
      AND job.state IN ('scheduled', 'available', 'retrying', 'failed')
"""
_REPIN_SQLITE = """
    UPDATE meanwhile_job SET version_id = %s, steps = %s, epoch = epoch + 1
    WHERE id = %s AND epoch = %s AND state IN ('scheduled', 'available', 'retrying', 'failed')
"""


def repin(version_id: int, pins: Sequence[Pin]) -> int:
    """Put jobs under ``version_id``, inside the caller's transaction. How many; one that moved on is left alone.

    The epoch counts up, so that who read a job before writes nothing of its old version.
    """
    if not pins:
        return 0
    ids, epochs = [id_ for id_, _, _ in pins], [epoch for _, epoch, _ in pins]
    journals = [dumps(list(steps)) for _, _, steps in pins]
    if is_postgresql():
        return execute(_REPIN_POSTGRESQL, (version_id, ids, epochs, journals))
    rows = zip([version_id] * len(pins), journals, ids, epochs, strict=True)
    return execute_many(_REPIN_SQLITE, list(rows))
