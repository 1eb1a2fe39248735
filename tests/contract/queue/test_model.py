"""A state machine drives the store beside a model of a few lines, and holds the two together after every step."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.models.functions import Now
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from meanwhile.core import clock
from meanwhile.core.errors import ActionFailed, PermanentError
from meanwhile.queue import claim, lease, rules, store
from meanwhile.queue.claim_one import claim_named, claim_one
from meanwhile.queue.jobs import Advance, Answer, Claimed, Effect, NewJob, Ready
from meanwhile.queue.models import Job, Lease, QueueRules
from meanwhile.queue.rules import NO_RULES, Rules
from meanwhile.queue.states import HOLDING, TERMINAL, TRANSITIONS, State
from meanwhile.queue.turn import turn

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
ATTEMPTS = 3
DEATHS = 3
ENDINGS = ["pending", "progress", "done", "heals", "broken", "released", "cancelled"]


# Jobs to be enqueued: queue, line, due at, whether it is due.
NEWS = st.lists(
    st.tuples(
        st.sampled_from("pq"),
        st.sampled_from(["a:1", "b:1", "b:2", None]),
        st.integers(0, 3),
        st.sampled_from([True, True, True, False]),
    ),
    min_size=1,
    max_size=4,
)


@dataclass
class Known:
    """What the model knows of a job."""

    id: int
    queue: str
    line: str | None
    due_at: datetime
    state: State
    attempt: int = 0
    alone: bool = False
    deaths: int = 0
    holder: int | None = None
    cancels: bool = False
    history: list[State] = field(default_factory=list)

    @property
    def place(self) -> tuple[datetime, int]:
        return self.due_at, self.id

    @property
    def lane(self) -> tuple[str, str]:
        return self.queue, (self.line or "").partition(":")[0]

    def become(self, state: State, **more: Any) -> None:
        self.state = state
        self.holder = None
        for name, value in more.items():
            setattr(self, name, value)


class Scripted:
    """A performer that lets every job end as it is told."""

    def __init__(self, ending: str) -> None:
        self.ending = ending

    def advance(self, ready: Any, *, careful: bool) -> list[Advance]:
        return [self._advance(each.job) for each in ready]

    def _advance(self, job: Claimed) -> Advance:
        stand: dict[str, Any] = {"payload": job.payload, "steps": [*job.steps, self.ending]}
        match self.ending:
            case "pending" | "progress":
                effect, progressed = Effect(job.id, lambda: None), self.ending == "progress"
                return Advance.pending(job.id, at_node="n", effect=effect, progressed=progressed, **stand)
            case "done":
                return Advance.done(job.id, **stand)
            case "cancelled":
                return Advance.cancelled(job.id, **stand)
            case "released":
                return Advance.released(job.id, at_node="n", **stand)
        error = ActionFailed("no") if self.ending == "heals" else PermanentError("never")
        return Advance.failed(job.id, at_node="n", error=error, progressed=False, **stand)


class StoreMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.jobs: dict[int, Known] = {}
        self.held: dict[int, Claimed] = {}
        self.lost: list[Claimed] = []
        self.holders: list[int] = []
        self.rules = {"p": NO_RULES, "q": NO_RULES}

    @initialize(news=NEWS)
    def begin(self, news: list[tuple[str, str | None, int, bool]]) -> None:
        Job.objects.all().delete()
        Lease.objects.all().delete()
        QueueRules.objects.all().delete()
        self.rules = {"p": NO_RULES, "q": NO_RULES}
        self.holders = [lease.take(Lease.Kind.WORKER, f"holder {number}") for number in range(2)]
        self._enqueue(news)

    # --- what a submission does ---

    @rule(news=NEWS)
    def enqueue(self, news: list[tuple[str, str | None, int, bool]]) -> None:
        self._enqueue(news)

    def _enqueue(self, news: list[tuple[str, str | None, int, bool]]) -> None:
        for new in news:
            self._enqueue_one(*new)

    def _enqueue_one(self, queue: str, line: str | None, seconds: int, is_due: bool) -> None:
        due_at = LONG_AGO + timedelta(seconds=seconds) if is_due else clock.now() + timedelta(days=1)
        new = NewJob(
            line,
            due_at,
            {"x": 1},
            is_due=is_due,
            queue=queue,
            max_attempts=ATTEMPTS,
            backoff_seconds=0.0,
            submission_id=seconds,
        )
        (id_,) = store.enqueue([new])
        self.jobs[id_] = Known(id_, queue, line, due_at, State.AVAILABLE if is_due else State.SCHEDULED)

    # --- what a holder does ---

    @precondition(lambda self: self._free())
    @rule(number=st.integers(0, 1), limit=st.integers(1, 4), alone=st.booleans())
    def claim(self, number: int, limit: int, alone: bool) -> None:
        self._claim(number, limit, alone)

    def _claim(self, number: int, limit: int, alone: bool) -> None:
        alone &= any(job.alone for job in self._free())
        expected = self._claimable(limit, alone)
        claimed = claim.claim(self.holders[number], None, limit, alone=alone)
        assert [job.id for job in claimed] == expected
        for job in claimed:
            self._take(job, self.holders[number])

    @precondition(lambda self: any(job.state == State.AVAILABLE for job in self.jobs.values()))
    @rule(data=st.data())
    def claim_one(self, data: st.DataObject) -> None:
        waiting = sorted(id_ for id_, job in self.jobs.items() if job.state == State.AVAILABLE)
        id_ = data.draw(st.sampled_from(waiting))
        job = claim_one(id_, self.holders[0])
        is_let_through = self._allowance(self.jobs[id_].queue, alone=False) != 0
        assert (job is not None) == (id_ in [free.id for free in self._free()] and is_let_through)
        if job is not None:
            self._take(job, self.holders[0])

    @precondition(lambda self: any(job.state == State.AVAILABLE for job in self.jobs.values()))
    @rule(data=st.data(), number=st.integers(0, 1))
    def claim_named(self, data: st.DataObject, number: int) -> None:
        """As if it had just come in, however slow this machine is."""
        waiting = sorted(id_ for id_, job in self.jobs.items() if job.state == State.AVAILABLE)
        known = self.jobs[data.draw(st.sampled_from(waiting))]
        is_new = Job.objects.get(pk=known.id).epoch == 0
        can_be_had = is_new and known in self._free() and self._allowance(known.queue, alone=False) is None
        while (job := self._named(known.id, number)) is None and can_be_had:
            continue  # a moment has passed
        assert (job is not None) == can_be_had
        if job is not None:
            self._take(job, self.holders[number])

    def _named(self, id_: int, number: int) -> Claimed | None:
        Job.objects.filter(pk=id_).update(created_at=Now())
        with transaction.atomic():
            return claim_named(id_, self.holders[number], None)

    @precondition(lambda self: self.held)
    @rule(data=st.data(), ending=st.sampled_from(ENDINGS))
    def settle(self, data: st.DataObject, ending: str) -> None:
        self._settle(data.draw(st.sampled_from(sorted(self.held))), ending)

    @precondition(lambda self: self._free())
    @rule(
        number=st.integers(0, 1),
        alone=st.booleans(),
        endings=st.lists(st.sampled_from(ENDINGS), min_size=1, max_size=4),
    )
    def claim_and_settle(self, number: int, alone: bool, endings: list[str]) -> None:
        """What happens most: a batch, each of whose jobs ends in its own way."""
        before = set(self.held)
        self._claim(number, len(endings), alone)
        for id_, ending in zip(sorted(set(self.held) - before), endings, strict=False):
            self._settle(id_, ending)

    def _settle(self, id_: int, ending: str) -> None:
        job = self.held[id_]
        turned = turn(Scripted(ending), [Ready(job, Answer())])
        assert not turned.lost
        self.held.pop(job.id)
        for after, _effect in turned.effects:
            self.held[after.id] = after
        self._settled(self.jobs[job.id], ending)
        self.lost.append(job)  # its epoch has passed

    @precondition(lambda self: self.lost)
    @rule(data=st.data(), ending=st.sampled_from(ENDINGS))
    def settle_stale(self, data: st.DataObject, ending: str) -> None:
        job = data.draw(st.sampled_from(self.lost))
        turned = turn(Scripted(ending), [Ready(job, Answer())])
        assert [each.id for each in turned.lost] == [job.id]
        assert not turned.settled

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def give_up(self, data: st.DataObject) -> None:
        job = self.held.pop(data.draw(st.sampled_from(sorted(self.held))))
        store.release([job])
        self.jobs[job.id].become(State.AVAILABLE)
        self.lost.append(job)

    @precondition(lambda self: self.held)
    @rule(number=st.integers(0, 1), politely=st.booleans())
    def holder_ends(self, number: int, politely: bool) -> None:
        holder = self.holders[number]
        if politely:
            lease.give_back(holder)
        else:
            Lease.objects.filter(pk=holder).update(expires_at=LONG_AGO)
            store.rescue()
        for known in self.jobs.values():
            if known.holder == holder:
                self.lost.append(self.held.pop(known.id))
                known.become(State.AVAILABLE) if politely else self._rescued(known)
        self.holders[number] = lease.take(Lease.Kind.WORKER, f"holder {number}")

    # --- what time does ---

    @precondition(lambda self: any(job.state == State.SCHEDULED for job in self.jobs.values()))
    @rule(data=st.data(), seconds=st.integers(0, 3))
    def become_due(self, data: st.DataObject, seconds: int) -> None:
        scheduled = sorted(id_ for id_, job in self.jobs.items() if job.state == State.SCHEDULED)
        job = self.jobs[data.draw(st.sampled_from(scheduled))]
        job.due_at = LONG_AGO + timedelta(seconds=seconds)
        Job.objects.filter(pk=job.id).update(due_at=job.due_at)

    @precondition(lambda self: any(self._is_due(job) for job in self.jobs.values()))
    @rule()
    def promote(self) -> None:
        due = [job for job in self.jobs.values() if self._is_due(job)]
        Job.objects.filter(state=State.RETRYING).update(retry_at=LONG_AGO)
        assert store.promote() == len(due)
        for job in due:
            job.become(State.AVAILABLE)

    @precondition(lambda self: any(job.state in TERMINAL for job in self.jobs.values()))
    @rule(submission=st.integers(0, 3))
    def purge(self, submission: int) -> None:
        before = set(Job.objects.values_list("pk", flat=True))
        gone = [job.id for job in self.jobs.values() if job.state in TERMINAL and self._submission(job) == submission]
        assert store.purge([submission]) == len(gone)
        assert before - set(Job.objects.values_list("pk", flat=True)) == set(gone)
        for id_ in gone:
            del self.jobs[id_]

    # --- what people do ---

    @precondition(lambda self: self.jobs)
    @rule(data=st.data())
    def resume(self, data: st.DataObject) -> None:
        job = self.jobs[data.draw(st.sampled_from(self._resting_first()))]
        can = job.state in (State.FAILED, State.RETRYING)
        assert store.resume([job.id]) == can
        if can:
            job.become(State.AVAILABLE, attempt=0, alone=False, deaths=0, cancels=False)

    @precondition(lambda self: self.jobs)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        job = self.jobs[data.draw(st.sampled_from(sorted(self.jobs)))]
        assert bool(store.cancel([job.id])) == (job.state not in TERMINAL)
        if job.state == State.RUNNING:
            job.cancels = True
        elif job.state not in TERMINAL:
            job.become(State.CANCELLED)

    @rule(
        queue=st.sampled_from("pq"),
        paused=st.sampled_from([False, False, True]),
        concurrency=st.sampled_from([None, None, 1, 2]),
        priority=st.integers(0, 1),
    )
    def settle_rules(self, queue: str, paused: bool, concurrency: int | None, priority: int) -> None:
        rules.change(queue, concurrency=concurrency, per_minute=None, priority=priority)
        rules.pause(queue) if paused else rules.resume(queue)
        self.rules[queue] = Rules(paused, concurrency, None, priority)

    # --- what holds after every step ---

    @invariant()
    def rules_are_kept_and_an_alone_job_is_found_where_it_can_start(self) -> None:
        assert rules.all_rules() == {name: some for name, some in self.rules.items() if some != NO_RULES}
        can_start = [job for job in self._free() if job.alone and self._allowance(job.queue, alone=True) != 0]
        assert claim.has_alone(None) == bool(can_start)

    @invariant()
    def database_and_model_agree(self) -> None:
        rows = Job.objects.values_list("pk", "state", "attempt", "alone", "deaths", "lease_id", "cancel_requested")
        assert {row[0]: row[1:] for row in rows} == {
            job.id: (job.state, job.attempt, job.alone, job.deaths, job.holder, job.cancels)
            for job in self.jobs.values()
        }

    @invariant()
    def every_move_is_in_the_table(self) -> None:
        for job in self.jobs.values():
            if not job.history or job.history[-1] != job.state:
                assert not job.history or _can_reach(job.history[-1], job.state)
                job.history.append(job.state)

    def teardown(self) -> None:
        Job.objects.all().delete()
        Lease.objects.all().delete()
        QueueRules.objects.all().delete()

    # --- the model ---

    def _claimable(self, limit: int, alone: bool) -> list[int]:
        """What a claim takes, in order: of the highest priority first, of the lanes in turns, within the limits."""
        waiting = sorted((job for job in self.jobs.values() if job.state == State.AVAILABLE), key=lambda job: job.place)
        allowances = {name: self._allowance(name, alone) for name in self.rules}
        lanes = {job.lane for job in waiting if allowances[job.queue] != 0}
        seen = self._seen([job for job in waiting if job.lane in lanes and job.alone == alone], lanes, limit, alone)
        turns: dict[tuple[str, str], int] = {}
        if len(lanes) > 1:
            turns.update(Counter(job.lane for job in self.jobs.values() if job.state == State.RUNNING))
        ranked = []
        for job in (job for job in seen if self._is_free(job)):
            turns[job.lane] = turns.get(job.lane, 0) + 1
            ranked.append((-self.rules[job.queue].priority, turns[job.lane], job.place, job))
        taken: list[Known] = []
        for *_, job in sorted(ranked):
            allowance = allowances[job.queue]
            if allowance is None or sum(one.queue == job.queue for one in taken) < allowance:
                taken.append(job)
        return [job.id for job in taken[:limit]]

    def _seen(self, waiting: list[Known], lanes: set[tuple[str, str]], limit: int, alone: bool) -> list[Known]:
        """The window of each lane; of what was taken over, one in all."""
        window = limit + claim._SPARE
        if alone:
            return waiting[:window]
        window = min(window, 2 * window // max(1, len(lanes)) + 8)
        each = [[job for job in waiting if job.lane == lane][:window] for lane in lanes]
        return sorted((job for some in each for job in some), key=lambda job: job.place)

    def _allowance(self, queue: str, alone: bool) -> int | None:
        """How many jobs of the queue may be claimed; None: any number."""
        some = self.rules[queue]
        if some.paused:
            return 0
        if some.concurrency is None:
            return None
        running = sum(job.queue == queue and job.state == State.RUNNING for job in self.jobs.values())
        is_reserved = not alone and any(job.alone and job.queue == queue for job in self._free())
        return 0 if is_reserved else max(0, some.concurrency - running)

    def _free(self) -> list[Known]:
        """Available jobs whose turn it is, in order."""
        return sorted((job for job in self.jobs.values() if self._is_free(job)), key=lambda job: job.place)

    def _is_free(self, job: Known) -> bool:
        if job.state != State.AVAILABLE or job.line is None:
            return job.state == State.AVAILABLE
        others = [one for one in self.jobs.values() if one.line == job.line and one is not job and one.state in HOLDING]
        return not any(one.state == State.RUNNING or one.place < job.place for one in others)

    def _is_due(self, job: Known) -> bool:
        return job.state == State.RETRYING or (job.state == State.SCHEDULED and job.due_at < clock.now())

    def _take(self, job: Claimed, holder: int) -> None:
        self.jobs[job.id].become(State.RUNNING, holder=holder)
        self.held[job.id] = job

    def _settled(self, job: Known, ending: str) -> None:
        match ending:
            case "pending":
                return
            case "progress":
                job.attempt, job.alone, job.deaths = 0, False, 0
            case "released":
                job.become(State.AVAILABLE)
            case "done":
                job.become(State.COMPLETED, attempt=0, alone=False, deaths=0)
            case "cancelled":
                job.become(State.CANCELLED, alone=False, deaths=0)
            case _:
                can_heal = ending == "heals" and job.attempt + 1 < ATTEMPTS
                state = State.RETRYING if can_heal else State.FAILED
                job.become(State.CANCELLED if job.cancels else state, attempt=job.attempt + 1, alone=False, deaths=0)

    def _rescued(self, job: Known) -> None:
        deaths = job.deaths + 1 if job.alone else job.deaths
        is_deadly = job.alone and deaths >= DEATHS
        job.become(State.FAILED if is_deadly else State.AVAILABLE, alone=True, deaths=deaths)

    def _resting_first(self) -> list[int]:
        """All jobs; first, and so likelier, those that a person would resume."""
        return sorted(self.jobs, key=lambda id_: (self.jobs[id_].state not in (State.FAILED, State.RETRYING), id_))

    def _submission(self, job: Known) -> int | None:
        return Job.objects.values_list("submission_id", flat=True).filter(pk=job.id).first()


def _can_reach(start: State, end: State) -> bool:
    """By moves of the table; one step of the machine may be several."""
    seen, front = {start}, [start]
    while front:
        front = [target for state in front for target in TRANSITIONS[state] if target not in seen]
        seen.update(front)
    return end in seen


@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(12 * settings.default.max_examples)
def test_the_store_does_what_the_model_says() -> None:
    some = settings(max_examples=2 * settings.default.max_examples, stateful_step_count=50, deadline=None)
    run_state_machine_as_test(StoreMachine, settings=some)
