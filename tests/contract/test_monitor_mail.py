"""The mail folder in the monitor."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site_settings
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from django.urls import reverse

from meanwhile.core.mail_folder import EmailBackend

pytestmark = pytest.mark.django_db

EVIL = (
    '<h1 style="color:red" onclick="x()">Hello</h1><script>alert(1)</script><img src="https://spy.example/1.gif">'
    '<a href="javascript:alert(1)">a</a><a href="https://example.org/">b</a><form action="/"><input></form>'
    '<style>body{display:none}</style><iframe src="/"></iframe>'
)


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.MEANWHILE = {**site_settings.MEANWHILE, "mail_folder": str(tmp_path)}
    return tmp_path


def send(folder: Path, subject: str, html: str = "") -> str:
    message = EmailMultiAlternatives(subject, "Dear Ann,\n<b>plain</b>", "us@example.org", ["ann@example.org"])
    if html:
        message.attach_alternative(html, "text/html")
    EmailBackend(folder).send_messages([message])
    return max(path.name for path in folder.iterdir())


def test_the_newest_email_comes_first_and_can_be_read(staff: Client, folder: Path) -> None:
    send(folder, "The first one")
    name = send(folder, "The <i>second</i> one")
    listed = staff.get(reverse("monitor-mails")).content.decode()
    assert listed.index("The &lt;i&gt;second&lt;/i&gt; one") < listed.index("The first one")
    text = staff.get(reverse("monitor-mail", args=[name])).content.decode()
    assert "ann@example.org" in text
    assert "&lt;b&gt;plain&lt;/b&gt;" in text


def test_html_is_shown_as_structure_alone(staff: Client, folder: Path) -> None:
    text = staff.get(reverse("monitor-mail", args=[send(folder, "Hello", EVIL)])).content.decode()
    assert "<h1>Hello</h1>" in text
    assert 'href="https://example.org/"' in text
    for part in ("alert(1)", "spy.example", "onclick", "color:red", "<form action", "display:none", "<iframe"):
        assert part not in text


@pytest.mark.parametrize("name", ["nothing.eml", "..eml", ".hidden.eml", "%2e%2e%2fsecret_key", "secret_key"])
def test_a_name_cannot_lead_out_of_the_folder(staff: Client, folder: Path, name: str) -> None:
    assert staff.get(f"/monitor/mail/{name}/").status_code == 404


def test_an_empty_folder_and_no_folder_say_so(staff: Client, folder: Path, settings: Any) -> None:
    assert "No e-mail yet" in staff.get(reverse("monitor-mails")).content.decode()
    settings.MEANWHILE = {**site_settings.MEANWHILE, "mail_folder": None}
    assert "E-mails go to a mail server" in staff.get(reverse("monitor-mails")).content.decode()
    assert staff.get(reverse("monitor-mail", args=["a.eml"])).status_code == 404
