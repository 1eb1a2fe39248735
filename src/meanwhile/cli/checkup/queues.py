"""The queue: a worker for every queue that has jobs, failed jobs, and leases that hang."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models.functions import Now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from meanwhile.cli.checkup.finding import Finding, ok, problem, warning
from meanwhile.core.conf import conf
from meanwhile.queue.by_queue import Queue, queues
from meanwhile.queue.models import Job
from meanwhile.queue.states import State

# A sweep takes a lease that has ended; one that is still there after so many sweeps hangs.
_SWEEPS = 3


def workers() -> Iterator[Finding]:
    """Whether every queue that has jobs has a worker."""
    name, found = _("Workers"), queues()
    unserved = [queue for queue in found.queues if queue.is_unserved]
    for queue in unserved:
        yield _unserved(queue)
    if unserved:
        return
    if found.workers:
        sentence = ngettext(
            "{count} lives, and every queue that has jobs is served.",
            "{count} live, and every queue that has jobs is served.",
            found.workers,
        )
        yield ok(name, sentence.format(count=found.workers))
    else:
        yield warning(
            name, _("None lives. Nothing waits for one yet."), _("Start one: meanwhile worker (or meanwhile run)")
        )


def _unserved(queue: Queue) -> Finding:
    waiting = sum(queue.counts.get(state, 0) for state in (State.AVAILABLE, State.SCHEDULED, State.RETRYING))
    count = waiting or queue.counts.get(State.RUNNING, 0)
    sentence = ngettext(
        '{count} job is in the queue "{queue}", and no worker serves it.',
        '{count} jobs are in the queue "{queue}", and no worker serves it.',
        count,
    )
    return problem(
        _("Workers"),
        sentence.format(count=count, queue=queue.name),
        _("Start one: meanwhile worker --queues {queue} (without --queues it serves all).").format(queue=queue.name),
    )


def paused() -> Iterator[Finding]:
    """Whether a queue is paused in which jobs wait: somebody may have forgotten it."""
    name, found = _("Paused queues"), [queue for queue in queues().queues if queue.rules.paused]
    holding = [queue for queue in found if queue.counts.get(State.AVAILABLE)]
    for queue in holding:
        count = queue.counts[State.AVAILABLE]
        sentence = ngettext(
            '"{queue}" is paused, and {count} job waits in it.',
            '"{queue}" is paused, and {count} jobs wait in it.',
            count,
        )
        yield warning(
            name,
            sentence.format(queue=queue.name, count=count),
            _("When they may start: meanwhile queues resume {queue}").format(queue=queue.name),
        )
    if not holding:
        yield ok(name, _("No job waits in a queue that is paused."))


def failed_jobs() -> Iterator[Finding]:
    """Jobs that stopped for good and wait for a person."""
    name, found = _("Failed jobs"), queues()
    count = found.count(State.FAILED)
    if not count:
        yield ok(name, _("There are none."))
        return
    number = f"{count:,}+" if State.FAILED in found.capped else f"{count:,}"
    yield problem(
        name,
        ngettext("{count} waits for a person.", "{count} wait for a person.", count).format(count=number),
        _("See why: meanwhile jobs list --state failed. Then: meanwhile jobs resume, skip, restart or cancel."),
    )


def leases() -> Iterator[Finding]:
    """Jobs whose holder has been dead for longer than it takes to take them over."""
    name = _("Leases")
    late = Now() - timedelta(seconds=_SWEEPS * conf().sweep_seconds)
    held = Job.objects.filter(state=State.RUNNING, lease_id__isnull=False)
    hang = list(held.filter(lease__expires_at__lt=late).values_list("pk", flat=True)[:100])
    if not hang:
        yield ok(name, _("None hangs."))
        return
    sentence = ngettext(
        "The holder of {count} running job is dead, and nobody takes it over.",
        "The holder of {count} running jobs is dead, and nobody takes them over.",
        len(hang),
    )
    yield problem(
        name,
        sentence.format(count=len(hang)),
        _("Start a worker: it takes over within {seconds:g} s.").format(seconds=conf().sweep_seconds),
    )
