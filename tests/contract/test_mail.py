"""Mail for real: through SMTP servers on the loopback that accept, refuse, stall and break off, and into a folder."""

import socket
from email import message_from_bytes, policy
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.core.mail import EmailMultiAlternatives, mailers

from meanwhile.contrib.actions import mail_line
from meanwhile.core.errors import ActionFailed, OutcomeUnknown, PermanentError
from meanwhile.core.mail_folder import read_folder, read_mail
from meanwhile.plugins import registry
from tests.ports import free_port

REQUEST = {
    "from": "Site <site@example.org>",
    "to": ["Ada Lovelace <ada@example.org>", "grace@example.org"],
    "cc": [],
    "bcc": ["hidden@example.org"],
    "reply_to": ["desk@example.org"],
    "subject": "Grüße",
    "body": "Dear Ada,\nthe fare is 10 €.\n",
    "html": "<p>Dear <b>Ada</b></p>",
}


class Server:
    """Keeps what arrives; ``refuse`` maps an address to the answer it gets, ``at_data`` is the answer to the body."""

    def __init__(self, refuse: dict[str, str] | None = None, at_data: str | None = None) -> None:
        self.refuse = refuse or {}
        self.at_data = at_data
        self.arrived: list[Any] = []
        self.connections = 0

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server, session, envelope, address, options):
        if answer := self.refuse.get(address):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.at_data == "cut":
            server.transport.abort()
            return "421 gone"
        if self.at_data:
            return self.at_data
        self.arrived.append(envelope)
        return "250 OK"


@pytest.fixture
def smtp(settings):
    """Starts a server and makes it Django's mailer."""
    running = []

    def start(**behaviour):
        server = Server(**behaviour)
        controller = Controller(server, hostname="127.0.0.1", port=free_port())
        controller.start()
        running.append(controller)
        _use(settings, controller.port)
        return server

    yield start
    for controller in running:
        controller.stop()


def _use(settings, port, **options):
    settings.MEANWHILE = {**settings.MEANWHILE, "mail_folder": None}
    settings.MAILERS = {
        "default": {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {"host": "127.0.0.1", "port": port, **options},
        }
    }


def perform(key="run-1/n-1", **changed):
    return registry.node("send_email").perform({**REQUEST, **changed}, key)


def test_an_email_arrives_whole_with_its_stable_message_id(smtp):
    server = smtp()
    first, second = perform(), perform()
    assert first == second
    assert [entry["outcome"] for entry in first["recipients"]] == ["sent"] * 3
    (envelope, again) = server.arrived
    assert envelope.rcpt_tos == ["ada@example.org", "grace@example.org", "hidden@example.org"]
    mail = message_from_bytes(envelope.content, policy=policy.default)
    assert mail["Message-ID"] == first["message_id"]
    assert message_from_bytes(again.content)["Message-ID"] == first["message_id"]
    assert mail["Subject"] == "Grüße"
    assert mail["Reply-To"] == "desk@example.org"
    assert "hidden@example.org" not in envelope.content.decode()
    assert mail.get_body(("plain",)).get_content().replace("\r\n", "\n") == REQUEST["body"]
    assert "<b>Ada</b>" in mail.get_body(("html",)).get_content()


def test_a_recipient_that_is_refused_has_an_entry_with_the_reason(smtp):
    smtp(refuse={"grace@example.org": "550 no such person"})
    sent, refused, hidden = perform()["recipients"]
    assert sent["outcome"] == hidden["outcome"] == "sent"
    assert refused == {"address": "grace@example.org", "outcome": "refused", "reason": "550 no such person"}


def test_what_was_refused_in_part_is_told_in_the_journal(smtp):
    smtp(refuse={"grace@example.org": "550 no such person"})
    outcome = registry.node("send_email").conclude(None, REQUEST, perform(), None)
    assert outcome.note == "Refused: grace@example.org"
    assert len(outcome.detail["recipients"]) == 3


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        ({"refuse": dict.fromkeys(["ada@example.org"], "550 no")}, PermanentError),
        ({"refuse": dict.fromkeys(["ada@example.org"], "451 later")}, ActionFailed),
        ({"at_data": "554 spam"}, PermanentError),
        ({"at_data": "451 try again later"}, ActionFailed),
    ],
)
def test_a_refusal_for_good_is_not_tried_again_and_another_is(smtp, behaviour, error):
    smtp(**behaviour)
    with pytest.raises(error, match="refuses") as caught:
        perform(to=["ada@example.org"], bcc=[])
    assert type(caught.value) is error
    (entry,) = caught.value.data["recipients"]
    assert entry["outcome"] == "refused"


def test_a_connection_cut_after_the_body_leaves_the_outcome_unknown(smtp):
    smtp(at_data="cut")
    with pytest.raises(OutcomeUnknown, match="broke off") as caught:
        perform(to=["ada@example.org"], bcc=[])
    assert caught.value.data["recipients"] == [{"address": "ada@example.org", "outcome": "unknown"}]


def test_emails_one_after_the_other_share_a_connection_until_nobody_comes_back_for_it(smtp, monkeypatch):
    server = smtp()
    for number in range(3):
        perform(f"run-1/n-{number}")
    assert (len(server.arrived), server.connections) == (3, 1)
    monkeypatch.setattr(mail_line, "IDLE_SECONDS", 0.0)
    mail_line.close_idle()
    perform("run-1/n-4")
    assert (len(server.arrived), server.connections) == (4, 2)


def test_a_connection_that_was_cut_meanwhile_is_opened_anew(smtp):
    server = smtp()
    perform("run-1/n-1")
    (line,) = [line for line in mail_line._idle if line.key == mail_line._key()]
    line.backend.connection.sock.shutdown(socket.SHUT_RDWR)
    perform("run-1/n-2")
    assert (len(server.arrived), server.connections) == (2, 2)


def test_a_connection_carries_only_so_many(smtp, monkeypatch):
    monkeypatch.setattr(mail_line, "MESSAGES", 2)
    server = smtp()
    for number in range(5):
        perform(f"run-1/n-{number}")
    assert (len(server.arrived), server.connections) == (5, 3)


def test_a_refused_recipient_of_one_email_is_not_told_of_the_next(smtp):
    smtp(refuse={"grace@example.org": "550 no such person"})
    perform("run-1/n-1")
    recipients = perform("run-1/n-2", to=["ada@example.org"], cc=[])["recipients"]
    assert {entry["outcome"] for entry in recipients} == {"sent"}


def test_a_server_that_is_down_is_tried_again(settings):
    _use(settings, free_port())
    with pytest.raises(ActionFailed, match="cannot be reached") as caught:
        perform()
    assert {entry["outcome"] for entry in caught.value.data["recipients"]} == {"not sent"}


def test_a_server_that_says_nothing_is_given_up(settings):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        _use(settings, silent.getsockname()[1], timeout=0.2)
        with pytest.raises(ActionFailed):
            perform()


def test_without_a_server_mail_goes_into_the_folder_and_can_be_read_there(settings, tmp_path):
    folder = tmp_path / "mail"
    settings.MEANWHILE = {**settings.MEANWHILE, "mail_folder": str(folder)}
    assert read_folder() == []
    answer = perform()
    perform("run-2/n-1", subject="Second", html=None)
    second, first = read_folder()
    assert (second.subject, second.html) == ("Second", "")
    assert first.subject == "Grüße"
    assert first.message_id == answer["message_id"]
    assert first.to == "Ada Lovelace <ada@example.org>, grace@example.org, hidden@example.org"
    assert first.text.strip() == REQUEST["body"].strip()
    assert "<b>Ada</b>" in first.html
    assert read_mail(first.name) == first
    assert read_folder(limit=1, offset=1) == [first]
    assert not [path for path in folder.iterdir() if path.suffix != ".eml"]


def test_the_folder_is_a_mail_backend_of_django(settings, tmp_path):
    settings.MAILERS = {
        "default": {"BACKEND": "meanwhile.core.mail_folder.EmailBackend", "OPTIONS": {"folder": str(tmp_path)}}
    }
    message = EmailMultiAlternatives("Hello", "there", "site@example.org", ["ada@example.org"])
    assert mailers.default.send_messages([message, EmailMultiAlternatives("To", "nobody")]) == 1
    (mail,) = read_folder(tmp_path)
    assert (mail.subject, mail.to, mail.sender) == ("Hello", "ada@example.org", "site@example.org")


def test_foreign_files_in_the_folder_are_passed_over(tmp_path):
    (tmp_path / "note.txt").write_text("Subject: no")
    (tmp_path / "binary.eml").write_bytes(bytes(range(256)) * 10)
    (tmp_path / "empty.eml").write_bytes(b"")
    (tmp_path / ".hidden.eml").write_text("Subject: half written\n\n")
    (tmp_path / "folder.eml").mkdir()
    (tmp_path / "broken.eml").write_bytes(
        b"Subject: =?utf-9?x?\xff?=\nDate: soon\nContent-Type: text/plain; charset=no\n\n\xff"
    )
    (tmp_path / "link.eml").symlink_to(tmp_path / "note.txt")
    (tmp_path / "good.eml").write_text("Subject: Good\nFrom: a@example.org\n\nText\n")
    assert "Good" in [mail.subject for mail in read_folder(tmp_path)]
    assert len(read_folder(tmp_path)) <= 2


@pytest.mark.parametrize("name", ["../secret.eml", "/etc/passwd", ".hidden.eml", "gone.eml", "note.txt", ""])
def test_only_messages_of_the_folder_can_be_read(tmp_path, name):
    (tmp_path / "secret.eml").write_text("Subject: secret\n\n")
    folder = tmp_path / "mail"
    folder.mkdir()
    assert read_mail(name, folder) is None
