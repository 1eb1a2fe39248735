"""Warnings about races: what only the background writes, and who looks at it too early. They stop nothing."""

import pytest

from tests.unit.definitions.documents import BOOKING, changed, lines, problems

TREE = """
application: x
tables:
  t:
    fields: {{a: {{type: text}}, b: {{type: text}}, done: {{type: boolean}}}}
    events:
      record_update:
{nodes}
forms:
  f: {{table: t, fields: [{fields}], next: {next}}}
pages:
  shown: {{kind: content, table: t, text: "{text}"}}
  waiting: {{kind: wait, table: t, flag: done, next: shown}}
"""


def warnings(
    nodes: str, fields: str = "a", next_: str = "shown", text: str = "Thanks", *, set_flag: bool = True
) -> list[str]:
    """The warnings about a tree. Unless said otherwise, something sets the flag in good time."""
    if set_flag:
        nodes += "\n- background:\n  do:\n    - update_field: {field: done, value: true}\n"
    indented = "\n".join(" " * 8 + line for line in nodes.strip("\n").splitlines()) or " " * 8 + "[]"
    document = TREE.format(nodes=indented, fields=fields, next=next_, text=text)
    assert lines(document) == [], "The document is wrong, not only racy."
    return lines(document, "warning")


def test_the_booking_document_has_no_warning() -> None:
    assert problems(BOOKING) == []


def test_a_page_that_shows_what_only_the_background_writes_is_warned_about() -> None:
    nodes = "- background:\n  do:\n    - update_field: {field: b, value: x}"
    (warning,) = warnings(nodes, text="{{ record.b }}")
    assert 'Page "shown" shows "b", which only the background writes' in warning


@pytest.mark.parametrize(
    ("nodes", "fields", "next_"),
    [
        ("- background:\n  do:\n    - update_field: {field: b, value: x}", "a, b", "shown"),
        ("- background:\n  do:\n    - update_field: {field: b, value: x}", "a", "waiting"),
        (
            "- update_field: {field: b, value: y}\n- background:\n  do:\n    - update_field: {field: b, value: x}",
            "a",
            "shown",
        ),
        ("- background:\n  do:\n    - {update_field: {field: b, value: x}, disabled: true}", "a", "shown"),
    ],
)
def test_a_page_that_shows_what_is_there_in_time_is_fine(nodes: str, fields: str, next_: str) -> None:
    found = warnings(nodes, fields=fields, next_=next_, text="{{ record.b }}")
    assert [line for line in found if "shows" in line] == []


def test_a_flag_that_nothing_sets_is_warned_about() -> None:
    (warning,) = warnings("- update_field: {field: a, value: x}", set_flag=False)
    assert 'Nothing sets the flag "done"' in warning
    (warning,) = warnings("- update_field: {field: done, value: false}", set_flag=False)
    assert "Nothing sets the flag" in warning


def test_a_flag_set_before_its_work_is_done_is_warned_about() -> None:
    before = (
        "- background:\n  do:\n    - update_field: {field: done, value: true}\n    - update_field: {field: b, value: x}"
    )
    (warning,) = warnings(before, set_flag=False)
    assert 'The flag "done" is set before its work is done' in warning
    in_front = (
        "- update_field: {field: done, value: true}\n- background:\n  do:\n    - update_field: {field: b, value: x}"
    )
    (warning,) = warnings(in_front, set_flag=False)
    assert "set before its work is done" in warning


def test_a_flag_that_is_made_ready_in_front_and_set_last_is_fine() -> None:
    nodes = (
        "- update_field: {field: done, value: false}\n"
        "- background:\n  do:\n    - update_field: {field: b, value: x}\n    - update_field: {field: done, value: true}"
    )
    assert warnings(nodes, set_flag=False) == []


def test_an_effect_in_front_is_warned_about() -> None:
    mail = "send_email: {to: a@example.org, subject: Hello, body: Hello}"
    (warning,) = warnings(f"- {mail}")
    assert 'People wait for “Send "Hello" to a@example.org”' in warning
    assert warnings(f"- background:\n  do:\n    - {mail}") == []


def test_two_branches_that_write_one_field_are_warned_about() -> None:
    branch = "- background:\n  do:\n    - update_field: {field: b, value: x}\n"
    (warning,) = warnings(branch + branch)
    assert 'Two branches write "b"' in warning


def test_branches_of_which_only_one_runs_may_write_one_field() -> None:
    nodes = (
        '- if: record.a == "x"\n'
        "  do:\n    - background:\n      do:\n        - update_field: {field: b, value: x}\n"
        "  otherwise:\n    - background:\n      do:\n        - update_field: {field: b, value: y}\n"
    )
    assert warnings(nodes) == []


def test_a_branch_within_a_branch_comes_after_it_and_may_write_the_same() -> None:
    nodes = (
        "- background:\n  do:\n    - update_field: {field: b, value: x}\n"
        "    - background:\n      do:\n        - update_field: {field: b, value: y}\n"
    )
    assert warnings(nodes) == []


def test_a_synchronous_node_that_reads_what_the_background_writes_later_is_warned_about() -> None:
    nodes = (
        "- background:\n  do:\n    - update_field: {field: b, value: x}\n"
        '- update_field: {field: a, value: "{{ record.b }}"}\n'
    )
    (warning,) = warnings(nodes)
    assert '“Update a to {{ record.b }}” reads "b", which only the background writes' in warning
    assert warnings(nodes, fields="a, b") == []


def test_an_object_without_children_is_warned_about() -> None:
    assert any('"background" has no children' in line for line in warnings("- background:"))
    assert any('"if" has no children' in line for line in warnings('- if: record.a == "x"'))


def test_warnings_know_their_place() -> None:
    text = changed('text: "Thank you', 'text: "{{ record.fare }} Thank you').replace(
        "next: confirming", "next: itinerary"
    )
    assert [line.partition(" ")[0] for line in lines(text, "warning")] == ["33:67"]
