"""What an e-mail says and who gets it, before it is sent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meanwhile.contrib.actions.send_email import message_id
from meanwhile.core.errors import PermanentError
from tests.unit.nodes.samples import context, node, problems

LETTER = {"to": "{{ record.email }}", "subject": "Your booking", "body": "Dear {{ record.passenger }},"}


def prepared(*, at=None, **settings):
    plugin, parsed = node("send_email", **{**LETTER, **settings})
    return plugin.prepare(parsed, at or context())


def test_everything_is_rendered_when_it_is_prepared(settings):
    settings.DEFAULT_FROM_EMAIL = "site@example.org"
    assert prepared() == {
        "from": "site@example.org",
        "to": ["ada@example.org"],
        "cc": [],
        "bcc": [],
        "reply_to": [],
        "subject": "Your booking",
        "body": "Dear Ada Lovelace,",
        "html": None,
    }


@pytest.mark.parametrize(
    ("to", "expected"),
    [
        ("a@example.org, b@example.org;c@example.org", ["a@example.org", "b@example.org", "c@example.org"]),
        (["a@example.org", "{{ record.email }}", "{{ record.fare }}"], ["a@example.org", "ada@example.org"]),
        ("a@example.org, a@example.org", ["a@example.org"]),
        ("{{ record.passenger }} <{{ record.email }}>", ["Ada Lovelace <ada@example.org>"]),
        ("{{ ['a@example.org', record.email] }}", ["a@example.org", "ada@example.org"]),
        ('"Lovelace, Ada" <a@example.org>', None),
    ],
)
def test_recipients_are_a_text_with_commas_or_a_list(to, expected):
    if expected is None:
        with pytest.raises(PermanentError):
            prepared(to=to)
    else:
        assert prepared(to=to)["to"] == expected


@pytest.mark.parametrize(
    "value",
    [
        "a@example.org, evil@example.net",
        "a@example.org;evil@example.net",
        "a@example.org\nBcc: evil@example.net",
        "a@example.org\r\nBcc: evil@example.net",
        "Eve <evil@example.net>",
        "not an address",
        "ä@example.org",
        "a@" + "x" * 300 + ".org",
    ],
)
def test_a_value_is_one_address_and_a_bad_one_is_named(value):
    with pytest.raises(PermanentError, match="is not an e-mail address") as caught:
        prepared(at=context(email=value))
    assert caught.value.data["address"] == " ".join(value.split())[:100]


def test_a_value_in_a_name_cannot_add_an_address():
    at = context(passenger='Eve" <evil@example.net>, "x\r\nBcc: y')
    (address,) = prepared(at=at, to="{{ record.passenger }} <{{ record.email }}>")["to"]
    assert address.endswith("<ada@example.org>")
    assert "\n" not in address
    assert address.startswith('"')


def test_without_a_recipient_it_fails_and_says_which_value_is_empty():
    with pytest.raises(PermanentError, match=r"record.email .* is empty"):
        prepared(at=context(email=None))


def test_there_is_a_limit_to_the_number_of_recipients():
    with pytest.raises(PermanentError, match="more than 100"):
        prepared(to=", ".join(f"a{n}@example.org" for n in range(101)))


@given(st.text())
def test_a_subject_is_one_line_whatever_a_person_typed(text):
    subject = prepared(at=context(passenger=text), subject="For {{ record.passenger }}")["subject"]
    assert subject.isprintable()
    assert "\n" not in subject


def test_html_is_cleaned_and_values_in_it_are_escaped():
    at = context(passenger="<script>alert(1)</script>")
    source = "<p onclick='x'>Dear <b>{{ record.passenger }}</b><script>x</script> <a href=\"{{ link('next') }}\">on</a>"
    html = prepared(at=at, html=source)["html"]
    assert "<script" not in html
    assert "onclick" not in html
    assert "<b>&lt;script&gt;alert(1)&lt;/script&gt;</b>" in html
    assert 'href="https://example.org/pages/next/?a=1&amp;b=2"' in html


def test_the_message_id_is_stable_for_a_key():
    first = message_id("run-1/n-1", "Site <site@example.org>")
    assert first == message_id("run-1/n-1", "site@example.org")
    assert first != message_id("run-1/n-2", "site@example.org")
    assert first.endswith("@example.org>")


@pytest.mark.parametrize(
    ("settings", "path"),
    [
        ({"to": "nobody"}, ("to",)),
        ({"to": ["a@example.org", "nobody"]}, ("to", 1)),
        ({"to": " "}, ("to",)),
        ({"from": "nobody"}, ("from",)),
        ({"bcc": "a@example.org, nobody"}, ("bcc",)),
    ],
)
def test_addresses_in_the_document_are_checked(settings, path):
    assert path in problems("send_email", **{**LETTER, **settings})
    assert not problems("send_email", **LETTER)


def test_it_says_in_words_what_it_does():
    plugin, settings = node("send_email", **LETTER)
    assert plugin.summary(settings) == 'Send "Your booking" to {{ record.email }}'
