"""Mends: each of them makes the problem go away that it was offered for, and nothing else."""

from typing import Any

import pytest

from meanwhile.definitions.editing import EditRefused
from meanwhile.definitions.editing.mending import mend
from meanwhile.definitions.identity import with_ids
from meanwhile.definitions.inspection import inspect
from meanwhile.definitions.loading import load
from meanwhile.definitions.problems import Located, Mend

MAIL = "send_email: {to: a@example.org, subject: Hello, body: Hello}"
BACKGROUND_B = "background:\ndo:\n  - update_field: {field: b, value: x}"
DOCUMENT = """
application: x
tables:
  t:
    fields: {{a: {{type: text}}, b: {{type: text}}, done: {{type: boolean, default: null}}}}
    events:
      record_update:
{nodes}
      again:
        - trigger_event: {again}
forms:
  f: {{table: t, fields: [a], next: {next}}}
pages:
  shown: {{kind: content, table: t, text: "{text}"}}
  waiting: {{kind: wait, table: t, flag: done, next: shown}}
"""


def document(*nodes: str, again: str = "other", next_: str = "shown", text: str = "Thanks") -> dict[str, Any]:
    """A document whose tree is ``nodes``, each a YAML mapping of its own."""
    listed = "\n".join("- " + node.replace("\n", "\n  ") for node in nodes)
    indented = "\n".join(" " * 8 + line for line in listed.splitlines())
    whole = DOCUMENT.format(nodes=indented, again=again, next=next_, text=text)
    return with_ids(load(whole, "x.yaml").plain, None)


def about(plain: dict[str, Any], words: str) -> list[Located]:
    return [problem for problem in inspect(plain).problems if words in problem.message]


@pytest.mark.parametrize(
    ("plain", "words", "name"),
    [
        (document(MAIL), "People wait for", "into_background"),
        (document(MAIL, "if: record.a == 'x'\ndo:\n  - " + MAIL), "People wait for", "into_background"),
        (
            document(BACKGROUND_B, 'update_field: {field: a, value: "{{ record.b }}"}'),
            "which only the background writes, later",
            "into_background",
        ),
        (document("background:"), "has no children", "remove"),
        (document("if: record.a == 'x'\notherwise:\n  - background:"), '"background" has no children', "remove"),
        (document(BACKGROUND_B), "Nothing sets the flag", "set_flag"),
        (document(BACKGROUND_B), "Nothing sets the flag", "no_flag"),
        (
            document("update_field: {field: done, value: true}", BACKGROUND_B),
            "is set before its work",
            "flag_last",
        ),
        (
            document(
                "background:\ndo:\n  - update_field: {field: done, value: true}\n  - update_field: {field: b, value: x}"
            ),
            "is set before its work",
            "flag_last",
        ),
        (
            document(
                "background:\ndo:\n  - update_field: {field: done, value: true}",
                next_="waiting",
                text="{{ link('f') }}",
            ),
            "is never set back",
            "reset_flag",
        ),
        (document(BACKGROUND_B, text="{{ record.b }}"), "shows", "wait_page"),
        (document("trigger_event: again", again="again"), "starts the event again", "switch_off"),
        (
            document("update_field: {field: a, value: x, fires_event: true}"),
            "starts the event again",
            "switch_off",
        ),
        (document("update_field: {field: bb, value: x}"), 'no field "bb"', "use_word"),
        (document("trigger_event: agan"), 'no custom event "agan"', "use_word"),
        (document(next_="show"), 'no page "show"', "use_word"),
    ],
)
def test_a_mend_makes_its_problem_go_away(plain: dict[str, Any], words: str, name: str) -> None:
    (problem, *_others) = about(plain, words)
    chosen = next(offered for offered in problem.mends if offered.name == name)
    before = inspect(plain)
    mended = mend(plain, chosen)
    assert len(about(mended, words)) == len(about(plain, words)) - 1
    assert len(inspect(mended).errors) <= len(before.errors)


def test_an_action_that_writes_takes_along_what_follows() -> None:
    plain = document("call: {function: quote, into: b}", 'update_field: {field: a, value: "{{ record.b }}"}')
    chosen = about(plain, "People wait for")[0].mends[0]
    (node,) = mend(plain, chosen)["tables"]["t"]["events"]["record_update"]
    assert [next(iter(child)) for child in node["do"]] == ["call", "update_field"]


def test_an_event_that_starts_itself_says_by_which_way() -> None:
    plain = document("update_field: {field: a, value: x}", again="again")
    (problem,) = about(plain, "starts the event again")
    assert "t.again > t.again" in problem.message


def test_what_is_no_longer_there_is_refused() -> None:
    plain = document(MAIL)
    chosen = about(plain, "People wait for")[0].mends[0]
    with pytest.raises(EditRefused, match="not there any more"):
        mend(document("update_field: {field: a, value: x}") | {"tables": {"t": {}}}, chosen)
    with pytest.raises(EditRefused):
        mend({"application": "x"}, Mend("", "use_word", ("forms", "f", "next"), "x"))
