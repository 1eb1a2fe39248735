"""The transition table is whole: every state is in it, and what it says of the ends holds."""

from meanwhile.queue.states import HOLDING, TERMINAL, TRANSITIONS, UNFINISHED, State, sources


def test_every_state_has_its_moves() -> None:
    assert set(TRANSITIONS) == set(State)


def test_completed_and_cancelled_are_final_and_nothing_else() -> None:
    assert {State.COMPLETED, State.CANCELLED} == TERMINAL
    assert TERMINAL.isdisjoint(HOLDING)
    assert set(State) == TERMINAL | UNFINISHED


def test_every_unfinished_job_can_be_cancelled() -> None:
    assert sources(State.CANCELLED) == UNFINISHED


def test_every_state_but_the_first_two_is_reached_from_another() -> None:
    reached = {target for moves in TRANSITIONS.values() for target in moves}
    assert reached == set(State) - {State.SCHEDULED}
