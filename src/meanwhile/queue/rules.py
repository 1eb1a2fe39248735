"""The rules of named queues, as people change them: pause, resume, limits, priority. The one door for it.

A queue without a row has no limits. What is changed counts for the next claim of every worker; idle workers are woken.
What runs already goes on, whatever the rules say. ``user``: who changes them, for the log; None: the command line.
"""

import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from meanwhile.core import queue_name
from meanwhile.core.errors import MeanwhileError
from meanwhile.queue import wake
from meanwhile.queue.models import PRIORITY_LIMIT, Job, QueueRules
from meanwhile.queue.operators import name_of
from meanwhile.queue.states import State

logger = logging.getLogger(__name__)

# More would be no limit, and has to fit into the column on every database.
MOST = 1_000_000
# In these a job starts by itself sooner or later, unless its queue is paused.
_WAITING = (State.AVAILABLE, State.SCHEDULED, State.RETRYING)


class BadRules(MeanwhileError):
    """A rule, or a name, that no queue can have. ``rule``: the name of the one that is wrong."""

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(message)
        self.rule = rule


class JobsWait(MeanwhileError):
    """A paused queue keeps its rules while jobs wait in it: without them they would start."""

    def __init__(self, name: str) -> None:
        sentence = _('"{name}" is paused and jobs wait in it; without its rules they start.')
        super().__init__(sentence.format(name=name))


@dataclass(frozen=True, slots=True)
class Rules:
    """``concurrency``: how many of its jobs run at a time, in all workers together; ``per_minute``: how many start in a
    minute; None: any number. Queues with a higher ``priority`` come first."""

    paused: bool = False
    concurrency: int | None = None
    per_minute: int | None = None
    priority: int = 0

    @property
    def is_limited(self) -> bool:
        """Whether something may wait although a worker is free."""
        return self.paused or self.concurrency is not None or self.per_minute is not None


NO_RULES = Rules()


def all_rules() -> dict[str, Rules]:
    """By the names of the queues that have any."""
    return {row.name: _rules(row) for row in QueueRules.objects.all()}


def rules_of(name: str) -> Rules:
    """The rules of one queue."""
    return _rules(QueueRules.objects.filter(name=name).first())


def _rules(row: QueueRules | None) -> Rules:
    return NO_RULES if row is None else Rules(row.paused, row.concurrency, row.per_minute, row.priority)


def pause(name: str, user: Any = None) -> bool:
    """Nothing of the queue starts any more. False when it was paused already. BadRules for what is no name. Commits."""
    _check_name(name)
    return _change(name, user, lambda rules: replace(rules, paused=True))


def resume(name: str, user: Any = None) -> bool:
    """Its jobs may start again. False when it was not paused. Commits."""
    return _change(name, user, lambda rules: replace(rules, paused=False))


def change(name: str, user: Any = None, *, concurrency: int | None, per_minute: int | None, priority: int) -> bool:
    """Give the queue these limits and this priority; whether it is paused stays. False when it had them already.

    BadRules for a number out of range and for what is no name. Commits.
    """
    _check_name(name)
    _check("concurrency", concurrency, 1, MOST)
    _check("per_minute", per_minute, 1, MOST)
    _check("priority", priority, -PRIORITY_LIMIT, PRIORITY_LIMIT)
    return _change(name, user, lambda rules: Rules(rules.paused, concurrency, per_minute, priority))


def forget(name: str, user: Any = None, *, lets_start: bool = False) -> bool:
    """Remove all rules of the queue, whatever it is called. False when it had none.

    JobsWait where it is paused and jobs wait in it, unless ``lets_start``. Commits.
    """

    def become(rules: Rules) -> Rules:
        if rules.paused and not lets_start and _has_waiting(name):
            raise JobsWait(name)
        return NO_RULES

    return _change(name, user, become)


def _has_waiting(name: str) -> bool:
    # State by state, since each has an index of its own.
    return any(Job.objects.filter(queue=name, state=state).exists() for state in _WAITING)


def _check_name(name: str) -> None:
    try:
        queue_name.checked(name)
    except ValueError as error:
        raise BadRules("name", str(error)) from error


def _check(rule: str, value: int | None, least: int, most: int) -> None:
    if value is not None and not least <= value <= most:
        raise BadRules(rule, _("It has to be between {least} and {most}.").format(least=least, most=f"{most:,}"))


def _change(name: str, user: Any, become: Callable[[Rules], Rules]) -> bool:
    with transaction.atomic():
        before = _rules(QueueRules.objects.select_for_update().filter(name=name).first())
        after = become(before)
        if after == before:
            return False
        _write(name, after, keeps_time=after.per_minute == before.per_minute)
        wake.after_commit()
    _tell(name, user, before, after)
    return True


def _tell(name: str, user: Any, before: Rules, after: Rules) -> None:
    was, now = asdict(before), asdict(after)
    changes = ", ".join(f"{rule} {was[rule]} to {now[rule]}" for rule in now if now[rule] != was[rule])
    by = name_of(user)
    logger.info("The queue %s was changed by %s: %s.", name, by, changes, extra={"queue": name, "by": by})


def _write(name: str, rules: Rules, *, keeps_time: bool) -> None:
    """A queue that has no rules left has no row, so that claims need not look at it."""
    if rules == NO_RULES:
        QueueRules.objects.filter(name=name).delete()
        return
    values = asdict(rules) if keeps_time else {**asdict(rules), "open_at": None}
    QueueRules.objects.update_or_create(name=name, defaults=values)
