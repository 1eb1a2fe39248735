"""Why a job stands where it stands, in one sentence that says what would move it."""

from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _

from meanwhile.core import clock
from meanwhile.core.zone import written
from meanwhile.engine.inspect.figures import CAP, Capped
from meanwhile.engine.inspect.workers import Holder, holders
from meanwhile.queue.models import Job
from meanwhile.queue.rules import rules_of
from meanwhile.queue.states import HOLDING, State


@dataclass(frozen=True, slots=True)
class Reason:
    """``sentence`` for people. ``behind``: the job that holds it back. ``needs_person``: it will not move by itself."""

    sentence: str
    behind: int | None = None
    needs_person: bool = False


def reason(job: Job) -> Reason:
    """Why ``job`` is in its state: at most four small statements."""
    match State(job.state):
        case State.SCHEDULED:
            return Reason(_("It is not due before {moment}.").format(moment=written(job.due_at)))
        case State.AVAILABLE:
            return _why_not_taken(job)
        case State.RUNNING:
            return _who_runs(job)
        case State.RETRYING:
            return _retrying(job)
        case State.FAILED:
            sentence = _("It rests at the action that failed until a person resumes, skips, restarts or cancels it.")
            if not job.run_id:
                sentence = _("It rests where it failed until a person resumes or cancels it.")
            return Reason(sentence, needs_person=True)
        case State.CANCELLED:
            return Reason(_("A person cancelled it; what it had done until then stays."))
        case State.COMPLETED:
            return Reason(_("Everything in it is done."))


def _retrying(job: Job) -> Reason:
    tries = _("Try {attempt} of {most} failed.").format(attempt=job.attempt, most=job.max_attempts)
    following = _("The action is tried again at {moment}.").format(moment=written(job.retry_at or clock.now()))
    return Reason(f"{tries} {following}")


def _why_not_taken(job: Job) -> Reason:
    if blocker := _blocker(job):
        return _behind(blocker)
    if held_back := _held_back(job.queue):
        return held_back
    if not any(holder.serves(job.queue) for holder in holders()):
        return _unserved(job.queue)
    earlier = _earlier(job)
    if not earlier:
        return Reason(_("It is next: a worker takes it up at any moment."))
    return Reason(_("Its turn comes: {count} jobs were due before it.").format(count=earlier))


def _held_back(queue: str) -> Reason | None:
    """By the rules of its queue."""
    rules = rules_of(queue)
    if rules.paused:
        sentence = _('The queue "{queue}" is paused. To let it go on: meanwhile queues resume {queue}')
        return Reason(sentence.format(queue=queue), needs_person=True)
    if rules.concurrency is not None:
        running = Job.objects.filter(queue=queue, lease__isnull=False)[: rules.concurrency].count()
        if running >= rules.concurrency:
            sentence = _('It waits for a free place: of the queue "{queue}" no more than {count} jobs run at a time.')
            return Reason(sentence.format(queue=queue, count=rules.concurrency))
    if rules.per_minute is not None:
        sentence = _('Its turn comes: of the queue "{queue}" no more than {count} jobs start in a minute.')
        return Reason(sentence.format(queue=queue, count=rules.per_minute))
    return None


def _blocker(job: Job) -> Job | None:
    """The first job of its line that has to be done before it."""
    if job.line is None:
        return None
    earlier = Q(due_at__lt=job.due_at) | Q(due_at=job.due_at, id__lt=job.pk)
    holding = Job.objects.filter(earlier | Q(state=State.RUNNING), line=job.line, state__in=sorted(HOLDING))
    return holding.exclude(pk=job.pk).only("state", "retry_at").order_by("due_at", "id").first()


def _behind(blocker: Job) -> Reason:
    sentences = {
        State.RUNNING: _("It waits for job {id} of the same record, which runs now."),
        State.RETRYING: _("It waits for job {id} of the same record, which is tried again at {moment}."),
    }
    usual = _("It waits for job {id} of the same record, which comes first.")
    sentence = sentences.get(State(blocker.state), usual)
    return Reason(
        sentence.format(id=blocker.pk, moment=written(blocker.retry_at) if blocker.retry_at else ""), behind=blocker.pk
    )


def _unserved(queue: str) -> Reason:
    sentence = _(
        'No worker that is alive serves the queue "{queue}". Start one: meanwhile worker --queues {queue}'
    ).format(queue=queue)
    return Reason(sentence, needs_person=True)


def _earlier(job: Job) -> Capped:
    waiting = Job.objects.filter(state=State.AVAILABLE, due_at__lte=job.due_at).exclude(pk=job.pk)
    return Capped(waiting.order_by("due_at", "id")[: CAP + 1].count())


def _who_runs(job: Job) -> Reason:
    holder = _holder(job)
    if holder is None or not holder.is_alive:
        return Reason(_("Its worker was lost. Another one takes it over within a minute."))
    kind = _("The worker {name} runs it") if holder.is_worker else _("The request of the person runs it ({name})")
    since = _("since {moment}.").format(moment=written(job.started_at or job.created_at))
    asked = _(" It was asked to stop and does so at its next step.") if job.cancel_requested else ""
    return Reason(f"{kind.format(name=holder.name)} {since}{asked}")


def _holder(job: Job) -> Holder | None:
    return next((holder for holder in holders() if holder.id == job.lease_id), None)
