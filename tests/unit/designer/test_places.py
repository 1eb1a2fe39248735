"""Places of a document as a designer reads them: by labels, titles and what an object does, never by keys."""

import pytest

from meanwhile.definitions.problems import Loc
from meanwhile.designer.places import in_words, message_in_words

DOCUMENT = {
    "application": "shop",
    "tables": {
        "order": {
            "label": "Order of a customer",
            "fields": {"state": {"type": "text", "label": "Where it is"}, "total": {"type": "integer"}},
            "events": {
                "record_update": [
                    {
                        "background": None,
                        "id": "b",
                        "name": "Pack it",
                        "do": [
                            {"update_field": {"field": "state", "value": "packed"}, "id": "u"},
                            {"update_field": None},
                        ],
                    }
                ],
                "late": {"label": "It is late", "do": []},
            },
        },
    },
    "forms": {"buy": {"table": "order", "title": "Buy something", "fields": ["total"]}},
    "pages": {"thank_you": {"kind": "content", "table": "order", "text": "Thanks"}},
}
UPDATE = ("tables", "order", "events", "record_update", "do")
SAVED = "When a record of “Order of a customer” is saved"


@pytest.mark.parametrize(
    ("loc", "words"),
    [
        (("tables", "order"), "Table Order of a customer"),
        (("tables", "order", "fields", "state", "max_length"), "Table Order of a customer › Where it is"),
        (("tables", "order", "fields", "total"), "Table Order of a customer › Total"),
        ((*UPDATE, 0, "background"), f"{SAVED} › Pack it"),
        ((*UPDATE, 0, "do", 0, "update_field", "value"), f"{SAVED} › Update Where it is to packed"),
        ((*UPDATE, 0, "do", 1, "update_field"), f"{SAVED} › Update field"),
        (("tables", "order", "events", "late"), "When “It is late” of “Order of a customer” is triggered"),
        (("forms", "buy", "next"), "Form Buy something"),
        (("pages", "thank_you", "text"), "Page Thank you"),
        (("title",), ""),
        ((), ""),
    ],
)
def test_a_place_is_said_in_the_words_of_its_designer(loc: Loc, words: str) -> None:
    assert in_words(DOCUMENT, loc) == words


def test_what_is_gone_is_said_as_far_as_it_can_be() -> None:
    assert in_words(DOCUMENT, (*UPDATE, 7, "if")) == SAVED
    assert in_words({}, ("tables", "lost", "fields", "x")) == "Table Lost › X"


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ('"field" is missing.', "“Field” is missing."),
        ('"link_field" is missing.', "“Link field” is missing."),
        ('"text" is missing: a content page shows one.', '"text" is missing: a content page shows one.'),
        ("Nothing is missing.", "Nothing is missing."),
    ],
)
def test_what_is_missing_is_called_as_its_control_is(message: str, words: str) -> None:
    assert message_in_words(message) == words
