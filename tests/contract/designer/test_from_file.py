"""An application that starts from a file: whole or not at all, and what is wrong is told by line and column."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from meanwhile.definitions import drafts

GOOD = """\
application: club
title: Club
tables:
  member:
    fields: {name: {type: text}}
    events:
      record_update:
        - background:
          do:
            - update_field: {field: name, value: Ada}
"""


def send(desk: Client, text: str) -> tuple[int, str]:
    file = SimpleUploadedFile("club.yaml", text.encode())
    answer = desk.post(reverse("designer-from-file"), {"file": file}, follow=True)
    return answer.status_code, answer.content.decode()


def test_a_file_becomes_a_draft_whose_nodes_have_ids(desk: Client) -> None:
    status, page = send(desk, GOOD)
    assert (status, "Club is made" in page) == (200, True)
    working = drafts.working("club")
    (node,) = working.document["tables"]["member"]["events"]["record_update"]
    assert node["id"]
    assert node["do"][0]["id"]
    assert working.published is None


def test_a_file_that_is_wrong_makes_nothing_and_is_told_by_line(desk: Client) -> None:
    status, page = send(desk, GOOD.replace("type: text", "type: txt"))
    assert status == 422
    assert "Line 5, column" in page
    assert "Did you mean" in page
    assert drafts.application_keys() == []


def test_a_key_that_is_taken_is_told(desk: Client) -> None:
    send(desk, GOOD)
    status, page = send(desk, GOOD)
    assert status == 422
    assert "There is an application" in page


def test_no_file_is_told(desk: Client) -> None:
    answer = desk.post(reverse("designer-from-file"))
    assert answer.status_code == 422
    assert "Choose a file." in answer.content.decode()
