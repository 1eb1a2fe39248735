"""The versions of an application: compared, restored, taken out and in as files, and rid of what they left."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from meanwhile.definitions import drafts
from meanwhile.definitions.left_behind import left_behind
from meanwhile.definitions.loading import load
from meanwhile.engine import intake
from tests.contract.conftest import PublishYaml
from tests.contract.designer.publishing import ONE, address, edit, send

pytestmark = pytest.mark.django_db(transaction=True)
TWO = ONE.replace("value: one", "value: two")


def file(text: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("shop.yaml", text.encode())


def test_the_history_says_which_is_in_force_and_how_many_jobs_each_has(desk: Client, publish_yaml: PublishYaml) -> None:
    intake.submit(publish_yaml(ONE), "item", {"a": "x"})
    publish_yaml(TWO)
    page = desk.get(address("designer-versions")).content.decode()
    assert page.index("In force") < page.index("1 job in flight")
    answer = send(desk, "designer-versions-move")
    assert "1 job was moved to version 2." in desk.get(answer["Location"]).content.decode()


def test_two_versions_stand_side_by_side(desk: Client, publish_yaml: PublishYaml) -> None:
    publish_yaml(ONE)
    publish_yaml(TWO)
    page = desk.get(address("designer-compare") + "?from=1&to=2").content.decode()
    assert "removed:" in page
    assert "added:" in page
    assert "<summary>" in page
    assert "They are the same." in desk.get(address("designer-compare") + "?from=2&to=draft").content.decode()
    assert desk.get(address("designer-compare") + "?from=7&to=draft").status_code == 404


def test_a_version_is_restored_with_its_ids_as_one_change(desk: Client, publish_yaml: PublishYaml) -> None:
    first = publish_yaml(ONE)
    publish_yaml(TWO)
    assert send(desk, "designer-restore", 1).status_code == 303
    working = drafts.working("shop")
    assert working.document == first.document.plain
    assert working.undo == "Restore version 1"
    assert drafts.undo("shop", working.revision).document != first.document.plain


def test_a_file_goes_out_and_comes_back_with_the_same_ids(desk: Client, publish_yaml: PublishYaml) -> None:
    publish_yaml(ONE)
    before = drafts.working("shop").document
    out = desk.get(address("designer-download", "draft"))
    assert out["Content-Disposition"] == 'attachment; filename="shop-draft.yaml"'
    assert load(out.content).plain == before
    assert send(desk, "designer-upload", file=file(ONE)).status_code == 303
    assert drafts.working("shop").document == before
    edit("one", "three")
    assert send(desk, "designer-upload", file=file(TWO)).status_code == 303
    assert drafts.working("shop").undo == "Take over the file shop.yaml"


def test_a_file_that_is_wrong_is_told_by_line_and_changes_nothing(desk: Client, publish_yaml: PublishYaml) -> None:
    publish_yaml(ONE)
    before = drafts.working("shop")
    for text, word in [
        (ONE.replace("update_field", "update_fild"), "Line 13, column 15"),
        (ONE.replace("application: shop", "application: other"), "the draft is of"),
        ("a: b: c", "Line 1, column"),
    ]:
        answer = send(desk, "designer-upload", file=file(text))
        assert answer.status_code == 422
        assert word in answer.content.decode()
    assert send(desk, "designer-upload").status_code == 422
    assert drafts.working("shop") == before


def test_the_data_of_a_dropped_field_is_deleted_for_good(desk: Client, publish_yaml: PublishYaml) -> None:
    intake.submit(publish_yaml(ONE), "item", {"b": "kept"})
    publish_yaml(ONE.replace("      b: {type: text}\n", ""))
    assert [(left.field, left.values) for left in left_behind("shop")] == [("b", 1)]
    answer = send(desk, "designer-delete-data", table="item", field="b")
    assert "unfinished job" in desk.get(answer["Location"]).content.decode()
    send(desk, "designer-versions-move")
    send(desk, "designer-delete-data", table="item", field="b")
    assert left_behind("shop") == []
