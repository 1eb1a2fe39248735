"""How long the supervisor waits before it starts a child again. Real children: contract/test_cli_run.py"""

from meanwhile.cli.supervisor import LONGEST_PAUSE_SECONDS, Child, _how_it_ended


def test_pauses_grow_with_each_death_up_to_a_limit() -> None:
    pauses = [Child("web", [], deaths=deaths).pause_seconds() for deaths in range(1, 12)]
    assert pauses[:4] == [0.5, 1.0, 2.0, 4.0]
    assert pauses == sorted(pauses)
    assert pauses[-1] == LONGEST_PAUSE_SECONDS


def test_the_end_of_a_child_is_said_in_words() -> None:
    assert _how_it_ended(-9) == "was ended by SIGKILL"
    assert _how_it_ended(1) == "ended with code 1"
