"""Whatever a person can set, name or type is documented, and what is documented is there."""

import re
from argparse import ArgumentParser, _SubParsersAction
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from urllib.parse import unquote

import pytest

from meanwhile.cli.main import parser
from meanwhile.core import failpoints
from meanwhile.core.conf import ALLOWED, Conf
from scripts.reference import pages
from tests.docs.markdown import PAGES, ROOT, first_cells, links

SETTINGS = ROOT / "docs/reference/settings.md"
COMMANDS = ROOT / "docs/reference/commands.md"
SOURCE = ROOT / "src/meanwhile"
# Between a supervisor and its children only.
INTERNAL = {"MEANWHILE_PARENT", "DJANGO_SETTINGS_MODULE"}


def test_every_setting_is_documented_with_its_default() -> None:
    rows = re.findall(r"^\| `([a-z_]+)` \| `([^`]*)` \|", SETTINGS.read_text(), re.M)
    written: dict[str, str] = dict(rows)
    actual = {field.name: str(field.default) for field in fields(Conf)}
    assert {name: default.replace('""', "") for name, default in written.items()} == actual


def test_every_setting_is_documented_with_what_it_may_be() -> None:
    rows = re.findall(r"^\| `([a-z_]+)` \| `[^`]*` \| ([^|]+) \|", SETTINGS.read_text(), re.M)
    assert dict(rows) == {name: str(allowed) for name, allowed in ALLOWED.items()}


def test_every_environment_variable_is_documented() -> None:
    written = {name for name in first_cells(SETTINGS) if name.isupper()}
    assert written == set(_variables()) - INTERNAL


def test_every_failpoint_is_documented() -> None:
    written = {name for name in first_cells(SETTINGS) if "." in name and not name.startswith("meanwhile.")}
    assert written == set(failpoints.NAMES)


def test_every_system_check_is_documented() -> None:
    written = {name for name in first_cells(SETTINGS) if name.startswith("meanwhile.")}
    assert written == set(re.findall(r'id="(meanwhile\.\w+)"', (SOURCE / "checks.py").read_text()))


def test_every_command_is_documented() -> None:
    text = COMMANDS.read_text()
    written = set(re.findall(r"^### `meanwhile ([\w-]+)", text, re.M))
    assert written == set(_choices(parser()))


def test_every_option_is_documented() -> None:
    text = COMMANDS.read_text()
    missing = [f"{name} {option}" for name, option in _options(parser()) if f"`{option}`" not in text]
    assert [option for option in missing if not option.startswith("jobs ")] == []


def test_every_documented_option_exists() -> None:
    actual = {option for _name, option in _options(parser())}
    written = set(re.findall(r"`(--[a-z-]+)`", COMMANDS.read_text()))
    assert written - actual - {"--help"} == set()


def test_generated_pages_say_what_the_code_says() -> None:
    stale = [path.name for path, text in pages().items() if path.read_text() != text]
    assert stale == [], "Run make docs."


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(path: Path) -> None:
    inside = [link for link in links(path) if not re.match(r"https?:|/|#", link)]
    broken = [link for link in inside if not (path.parent / unquote(link.partition("#")[0])).exists()]
    assert broken == []


def _variables() -> Iterator[str]:
    for path in SOURCE.rglob("*.py"):
        text = path.read_text()
        yield from re.findall(r'\benv\.\w+\(\s*"([A-Z_]+)"', text)
        yield from re.findall(r'environ(?:\.\w+\(|\[)"([A-Z_]+)"', text)
        if "environ" in text:
            yield from re.findall(r'^VARIABLE = "([A-Z_]+)"', text, re.M)


def _choices(whole: ArgumentParser) -> dict[str, ArgumentParser]:
    found = [action for action in whole._actions if isinstance(action, _SubParsersAction)]
    return dict(found[0].choices) if found else {}


def _options(whole: ArgumentParser) -> Iterator[tuple[str, str]]:
    for name, command in _choices(whole).items():
        for one in [command, *_choices(command).values()]:
            for action in one._actions:
                for option in action.option_strings:
                    if option.startswith("--") and option != "--help":
                        yield name, option
