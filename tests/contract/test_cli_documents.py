"""Documents from the command line: checked, planned, published, and written out again."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from rich.console import Console

from meanwhile.cli import main
from meanwhile.core.clock import now
from meanwhile.definitions.loading import load
from meanwhile.definitions.models import Application, Version

pytestmark = pytest.mark.django_db(transaction=True)

SHELF = """
application: cli_shelf
title: Shelf
tables:
  book:
    fields:
      title: {type: text, required: true}
      pages: {type: integer}
    events:
      record_update:
        - update_field: {field: pages, value: 1}
forms:
  book: {table: book, fields: [title]}
"""
SMALLER = SHELF.replace("      pages: {type: integer}\n", "").replace("field: pages", "field: title")


class Terminal:
    """Runs commands in this process and keeps what they print."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capsys = capsys
        self.printed = ""
        self.complaint = ""

    def write(self, text: str, name: str = "shelf.yaml") -> str:
        (self.folder / name).write_text(text)
        return str(self.folder / name)

    def run(self, *words: str) -> int:
        self._capsys.readouterr()
        output = io.StringIO()
        code = main.perform(words, Console(file=output, width=200, soft_wrap=True))
        self.printed, self.complaint = output.getvalue(), self._capsys.readouterr().err
        return code


@pytest.fixture
def terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Terminal]:
    """A terminal; the tables that it makes are dropped at the end."""
    yield Terminal(tmp_path, capsys)
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table.startswith("mw_cli_"):
                cursor.execute(f"DROP TABLE {connection.ops.quote_name(table)}")


def with_something_to_lose(terminal: Terminal) -> str:
    """Publishes the shelf, with a record that has pages. Returns the file of a document without pages."""
    terminal.run("apply", terminal.write(SHELF))
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO mw_cli_shelf__book (title, pages, created_at, updated_at) VALUES ('Dune', 7, %s, %s)",
            [now(), now()],
        )
    return terminal.write(SMALLER)


def test_check_names_every_error_with_its_place_and_a_suggestion(terminal: Terminal) -> None:
    wrong = SHELF.replace("update_field", "update_feild").replace("fields: [title]", "fields: [titel]")
    path = terminal.write(wrong)
    assert terminal.run("check", path) == 1
    assert f'{path}:11:11: error: Unknown node type "update_feild"' in terminal.printed
    assert 'Did you mean "update_field"?' in terminal.printed
    assert "error" in terminal.complaint


def test_check_reads_every_file_before_it_ends(terminal: Terminal) -> None:
    first = terminal.write("application: [", "first.yaml")
    second = terminal.write("tables: 7", "second.yaml")
    assert terminal.run("check", first, second) == 1
    assert "first.yaml:2:1: error" in terminal.printed
    assert "second.yaml:1:9: error" in terminal.printed


def test_two_files_of_one_application_are_refused(terminal: Terminal) -> None:
    assert terminal.run("check", terminal.write(SHELF, "a.yaml"), terminal.write(SHELF, "b.yaml")) == 1
    assert 'are both the application "cli_shelf"' in terminal.complaint


def test_apply_prints_the_plan_and_publishes(terminal: Terminal) -> None:
    assert terminal.run("apply", terminal.write(SHELF), "--note", "the first") == 0
    assert "Shelf: version 1" in terminal.printed
    assert "book" in terminal.printed
    version = Version.objects.get(application__key="cli_shelf")
    assert (version.number, version.note) == (1, "the first")


def test_apply_of_the_same_document_publishes_nothing(terminal: Terminal) -> None:
    path = terminal.write(SHELF)
    terminal.run("apply", path)
    assert terminal.run("apply", path) == 0
    assert "Shelf: nothing changes" in terminal.printed
    assert Version.objects.filter(application__key="cli_shelf").count() == 1


def test_a_loss_is_refused_where_nobody_can_be_asked(terminal: Terminal) -> None:
    smaller = with_something_to_lose(terminal)
    assert terminal.run("apply", smaller) == 1
    assert "--yes" in terminal.complaint
    assert Application.objects.get(key="cli_shelf").versions.count() == 1


def test_a_loss_is_accepted_with_yes(terminal: Terminal) -> None:
    smaller = with_something_to_lose(terminal)
    assert terminal.run("apply", smaller, "--yes") == 0
    assert "pages" in terminal.printed
    assert Application.objects.get(key="cli_shelf").versions.count() == 2


@pytest.mark.parametrize(("answer", "versions"), [("n", 1), ("", 1), ("y", 2)])
def test_a_person_is_asked_before_a_loss(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, answer: str, versions: int
) -> None:
    smaller = with_something_to_lose(terminal)
    monkeypatch.setattr("sys.stdin", _Keyboard(f"{answer}\n"))
    terminal.run("apply", smaller)
    assert Application.objects.get(key="cli_shelf").versions.count() == versions


class _Keyboard(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_export_gives_a_document_that_applies_to_the_same_again(terminal: Terminal) -> None:
    terminal.run("apply", terminal.write(SHELF))
    assert terminal.run("export", "cli_shelf") == 0
    assert _plain(terminal.printed) == Application.objects.get(key="cli_shelf").current.document
    assert terminal.run("apply", terminal.write(terminal.printed, "again.yaml")) == 0
    assert "nothing changes" in terminal.printed


def _plain(text: str) -> Any:
    return load(text).plain


def test_export_of_an_unknown_application_suggests_the_nearest(terminal: Terminal) -> None:
    terminal.run("apply", terminal.write(SHELF))
    assert terminal.run("export", "cli_shlef") == 1
    assert 'Did you mean "cli_shelf"?' in terminal.complaint


def test_owner_gets_a_new_password_each_time(terminal: Terminal, django_user_model: Any) -> None:
    terminal.run("owner", "mia")
    first = terminal.printed.split()[terminal.printed.split().index("Password") + 1]
    terminal.run("owner", "mia")
    owner = django_user_model.objects.get(username="mia")
    assert owner.is_superuser
    assert not owner.check_password(first)


def test_owner_says_whether_the_person_was_there_before(terminal: Terminal) -> None:
    terminal.run("owner", "mia")
    assert "mia is new, and has all rights." in terminal.printed
    terminal.run("owner", "mia")
    assert "mia has a new password and all rights." in terminal.printed


@pytest.mark.parametrize("name", ["", "mia berger", "m" * 151, "mia\n"])
def test_a_name_that_nobody_can_have_makes_no_owner(terminal: Terminal, django_user_model: Any, name: str) -> None:
    # An empty name made a person with all rights whom no list shows and nobody can sign in as.
    assert terminal.run("owner", name) == 1
    assert "Nobody can be named" in terminal.complaint
    assert not django_user_model.objects.exists()


def test_whoever_has_an_odd_name_already_gets_a_new_password(terminal: Terminal, django_user_model: Any) -> None:
    django_user_model.objects.create(username="mia berger")
    assert terminal.run("owner", "mia berger") == 0
    assert "For a new one: meanwhile owner 'mia berger'" in terminal.printed


def test_migrate_says_that_nothing_is_left_to_do(terminal: Terminal) -> None:
    assert terminal.run("migrate") == 0
    assert "Everything is up to date." in terminal.printed


def test_purge_says_how_much_it_removed(terminal: Terminal) -> None:
    assert terminal.run("purge", "--days", "0") == 0
    assert "0 submissions removed." in terminal.printed


@pytest.mark.parametrize("days", ["-1", "nan", "1e9"])
def test_purge_of_the_future_or_of_no_time_at_all_is_refused(terminal: Terminal, days: str) -> None:
    assert terminal.run("purge", "--days", days) == 1
    assert "--days has to be a number from 0 to 36,500." in terminal.complaint
