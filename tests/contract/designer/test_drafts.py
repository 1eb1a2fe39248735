"""Drafts: every change can be undone, two designers do not overwrite each other, and whatever is wrong is said."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from hypothesis import given, settings
from hypothesis import strategies as st

from meanwhile.core.errors import MissingDefinition, PermanentError
from meanwhile.definitions import drafts
from meanwhile.definitions.drafts import DraftChanged
from meanwhile.definitions.editing import tree
from meanwhile.definitions.identity import with_ids
from meanwhile.definitions.inspection import inspect
from meanwhile.definitions.loading import load_file
from meanwhile.definitions.models import Draft
from tests.contract.conftest import PublishYaml
from tests.contract.designer.operations import EVENT, Operation, operations

BOOKING = Path(__file__).parents[3] / "examples/booking/booking.yaml"


@pytest.fixture
def booking(db: None) -> dict[str, Any]:
    """The booking application as a draft that was never published."""
    plain = with_ids(load_file(BOOKING).plain, None)
    drafts.create(plain, "New application")
    return plain


def _add(type_: str) -> drafts.Change:
    return lambda plain: tree.insert(plain, EVENT, tree.Spot(), tree.new_node(type_))


def test_a_change_is_one_step_that_undo_takes_back_and_redo_does_again(booking: dict[str, Any]) -> None:
    changed = drafts.change("booking", 0, "Add Background", _add("background"))
    assert (changed.revision, changed.undo, changed.redo) == (1, "Add Background", "")
    undone = drafts.undo("booking", 1)
    assert undone.document == booking
    assert (undone.revision, undone.undo, undone.redo) == (2, "", "Add Background")
    assert drafts.redo("booking", 2).document == changed.document


def test_a_change_after_undo_replaces_what_was_undone(booking: dict[str, Any]) -> None:
    drafts.change("booking", 0, "Add Background", _add("background"))
    drafts.undo("booking", 1)
    drafts.change("booking", 2, "Add Delay", _add("delay"))
    now = drafts.working("booking")
    assert (now.undo, now.redo) == ("Add Delay", "")
    with pytest.raises(PermanentError, match="nothing to do again"):
        drafts.redo("booking", now.revision)


def test_the_second_of_two_designers_is_told_and_nothing_is_written(booking: dict[str, Any]) -> None:
    mia = get_user_model().objects.create_user("mia")
    first = drafts.change("booking", 0, "Add Background", _add("background"), mia)
    with pytest.raises(DraftChanged) as told:
        drafts.change("booking", 0, "Add Delay", _add("delay"))
    assert [(change.label, change.made_by) for change in told.value.changes] == [("Add Background", mia)]
    assert drafts.working("booking").document == first.document
    with pytest.raises(DraftChanged):
        drafts.undo("booking", 0)


def test_a_change_that_is_refused_or_changes_nothing_leaves_no_step(booking: dict[str, Any]) -> None:
    with pytest.raises(PermanentError):
        drafts.change("booking", 0, "Delete", lambda plain: tree.remove(plain, EVENT, "nowhere"))
    drafts.change("booking", 0, "Nothing", lambda plain: dict(plain))
    assert (drafts.working("booking").revision, drafts.working("booking").undo) == (0, "")


def test_only_so_many_changes_are_kept(booking: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafts, "KEPT", 3)
    for revision in range(6):
        drafts.change("booking", revision, f"Change {revision}", _add("background"))
    assert len(drafts.history("booking")) <= 4
    revision = 6
    while drafts.working("booking").undo:
        revision = drafts.undo("booking", revision).revision
    assert revision >= 9


def test_a_key_that_is_taken_is_refused(booking: dict[str, Any]) -> None:
    with pytest.raises(PermanentError, match="already"):
        drafts.create(booking, "New application")


def test_what_is_published_becomes_a_draft_with_the_first_change_and_can_be_let_go(publish_yaml: PublishYaml) -> None:
    plain = publish_yaml("{application: small, tables: {t: {fields: {a: {type: text}}}}}").document.plain
    assert (drafts.working("small").draft, drafts.working("small").is_changed) == (None, False)
    drafts.change("small", 0, "New title", lambda document: {**document, "title": "Small"})
    now = drafts.working("small")
    assert now.is_changed
    assert not now.is_behind
    assert drafts.undo("small", now.revision).is_changed is False
    drafts.discard("small", now.revision + 1)
    assert not Draft.objects.exists()
    assert drafts.working("small").document == plain
    with pytest.raises(MissingDefinition):
        drafts.working("unknown")


@settings(max_examples=settings().max_examples // 2)
@given(steps=st.lists(operations(), min_size=1, max_size=8))
def test_any_sequence_of_changes_says_what_is_wrong_and_undo_gives_the_same_documents_back(
    booking: dict[str, Any], steps: list[Operation]
) -> None:
    documents = list(_done(steps))
    assert drafts.working("booking").document == documents[-1]
    for before in reversed(documents[:-1]):
        assert drafts.undo("booking", drafts.working("booking").revision).document == before
    for after in documents[1:]:
        assert drafts.redo("booking", drafts.working("booking").revision).document == after
    while drafts.working("booking").undo:
        drafts.undo("booking", drafts.working("booking").revision)


def _done(steps: list[Operation]) -> Iterator[dict[str, Any]]:
    """The documents from the first to the last, one per change that changed something."""
    present = drafts.working("booking").document
    yield present
    for step in steps:
        now = drafts.working("booking")
        after = drafts.change("booking", now.revision, "Step", step).document
        _assert_it_says_what_is_wrong(after)
        if after != present:
            yield after
        present = after


def _assert_it_says_what_is_wrong(plain: dict[str, Any]) -> None:
    found = inspect(plain)
    ids = [each.node["id"] for each in tree.walk(tree.roots(plain, EVENT))]
    assert len(ids) == len(set(ids))
    assert all(problem.message and problem.loc for problem in found.errors)
    assert found.document is not None
    assert found.is_whole or found.errors
