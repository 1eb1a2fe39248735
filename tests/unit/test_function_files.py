"""The module beside a document is loaded from the command line, and its mistakes are named."""

import os
from pathlib import Path

import pytest

from meanwhile.plugins import function_files
from meanwhile.plugins import functions as registered
from meanwhile.plugins.function_files import FunctionsNotLoaded

pytestmark = pytest.mark.usefixtures("no_functions_left")


def _write(folder: Path, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "functions.py").write_text(text)
    return folder / "app.yaml"


GREET = "from meanwhile import function\n\n@function\ndef greet_{0}() -> str:\n    return 'hello'\n"


def test_functions_beside_a_document_can_be_called(tmp_path: Path) -> None:
    function_files.load_beside([_write(tmp_path, GREET.format("beside"))])
    assert registered.find("greet_beside")({}) == "hello"


def test_children_are_told_where_the_functions_are(tmp_path: Path) -> None:
    first, second = _write(tmp_path / "a", GREET.format("a")), _write(tmp_path / "b", GREET.format("b"))
    function_files.load_beside([first])
    function_files.load_beside([first, second])
    told = os.environ[function_files.VARIABLE].split(os.pathsep)
    assert told == [str(tmp_path / "a" / "functions.py"), str(tmp_path / "b" / "functions.py")]


def test_a_document_without_functions_is_fine(tmp_path: Path) -> None:
    function_files.load_beside([tmp_path / "app.yaml"])
    assert os.environ[function_files.VARIABLE] == ""


def test_what_the_environment_names_is_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _write(tmp_path, GREET.format("told")).with_name("functions.py")
    monkeypatch.setenv(function_files.VARIABLE, str(path))
    function_files.load_from_environment()
    assert registered.find("greet_told")({}) == "hello"


def test_a_module_that_fails_is_named_with_its_error(tmp_path: Path) -> None:
    with pytest.raises(FunctionsNotLoaded, match=r"functions\.py cannot be imported: ZeroDivisionError"):
        function_files.load_beside([_write(tmp_path, "1 / 0")])


def test_two_modules_cannot_register_the_same_name(tmp_path: Path) -> None:
    first, second = _write(tmp_path / "a", GREET.format("twice")), _write(tmp_path / "b", GREET.format("twice"))
    with pytest.raises(
        FunctionsNotLoaded, match=r'registers the function "greet_twice", which .* has registered already'
    ):
        function_files.load_beside([first, second])
