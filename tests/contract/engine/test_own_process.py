"""Functions in processes of their own: what hangs is killed, what dies has failed, and everything else is as always."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from meanwhile.core.errors import ActionFailed, EffectTimedOut, PermanentError
from meanwhile.plugins import child, function_files
from meanwhile.plugins import functions as registered
from meanwhile.queue.models import Job
from tests.contract.engine.conftest import Site

pytestmark = pytest.mark.django_db(transaction=True)

FILE = Path(__file__).with_name("hanging_functions.py")


@pytest.fixture(autouse=True)
def hanging_functions(no_functions_left: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(function_files.VARIABLE, str(FILE))
    function_files.load_from_environment()


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_function_that_hangs_is_killed_when_its_time_is_up(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    with pytest.raises(EffectTimedOut, match="its process was ended"):
        child.call("hang", {"note": str(note)}, 1.0)
    assert not is_alive(int(note.read_text()))


def test_a_process_that_dies_is_a_failed_try() -> None:
    with pytest.raises(ActionFailed, match='process of function "die" died'):
        child.call("die", {}, 30)


def test_what_it_raises_arrives_as_it_was() -> None:
    with pytest.raises(PermanentError, match="Rain is refused") as raised:
        child.call("refuse", {"word": "Rain"}, 30)
    assert raised.value.data == {"word": "Rain"}
    with pytest.raises(ActionFailed, match="LocalError: cannot be pickled"):
        child.call("raise_something_local", {}, 30)


def test_arguments_that_do_not_fit_are_refused_there_too() -> None:
    with pytest.raises(PermanentError, match='argument "word"'):
        child.call("refuse", {"word": [1]}, 30)


def test_a_function_without_an_effect_cannot_have_one() -> None:
    with pytest.raises(TypeError, match="inside the transaction"):
        registered.function(effect=False, own_process=True)


def test_a_tree_calls_it_like_any_other(site: Callable[..., Site], work: Callable[[], None]) -> None:
    shop = site("record_update:\n  - background:\n    do:\n      - call: {function: refuse, arguments: {word: x}}")
    shop.submit(a="x")
    work()
    job = Job.objects.get()
    assert (job.state, job.error["message"]) == ("failed", "x is refused.")


def test_it_may_use_the_database_on_its_own() -> None:
    pid, one = child.call("ask_the_database", {}, 30)
    assert pid != os.getpid()
    assert one == 1
