"""What a deployment says in the environment becomes the settings that it means."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from meanwhile.config import environment
from meanwhile.core.conf import Conf


def test_secret_key_is_made_once_and_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    first = environment.secret_key(tmp_path)
    assert environment.secret_key(tmp_path) == first
    assert len(first) > 50
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


def test_processes_that_start_together_agree_on_the_secret_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(environment.secret_key, [tmp_path] * 64))
    assert len(keys) == 1
    assert os.listdir(tmp_path) == ["secret_key"]


@pytest.mark.parametrize(
    ("url", "port", "use_ssl", "use_tls"),
    [
        ("smtp://mail.example.org", 25, False, False),
        ("smtp://mail.example.org:587", 587, False, True),
        ("smtp://mail.example.org:587?tls=no", 587, False, False),
        ("smtp://mail.example.org:2525?tls=yes", 2525, False, True),
        ("smtps://mail.example.org", 465, True, False),
    ],
)
def test_mail_server_is_read_from_its_address(url: str, port: int, use_ssl: bool, use_tls: bool) -> None:
    options = environment.mailer(url)["OPTIONS"]
    assert (options["host"], options["port"]) == ("mail.example.org", port)
    assert (options["use_ssl"], options["use_tls"]) == (use_ssl, use_tls)


def test_name_and_password_of_the_mail_server_may_hold_any_character() -> None:
    options = environment.mailer("smtp://me%40example.org:p%2Fw%3Ad@mail")["OPTIONS"]
    assert (options["username"], options["password"]) == ("me@example.org", "p/w:d")


@pytest.mark.parametrize("url", ["mail.example.org", "http://mail.example.org", "smtp://"])
def test_an_address_that_is_no_mail_server_is_refused(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="EMAIL_URL"):
        environment.mailer(url)


@pytest.mark.parametrize("address", ["forms.example.org", "https://", "https://example.org/forms", "ftp://x"])
def test_an_address_that_is_no_site_is_refused(address: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="SITE_URL"):
        environment.origin(address)


def test_sqlite_keeps_its_options_when_it_is_named_by_an_address(tmp_path: Path) -> None:
    named = environment.database(f"sqlite:///{tmp_path}/other.sqlite3", tmp_path / "default.sqlite3")
    default = environment.database("", tmp_path / "default.sqlite3")
    assert named["OPTIONS"] == default["OPTIONS"]
    assert Path(named["NAME"]) == tmp_path / "other.sqlite3"


def test_postgresql_keeps_its_connections() -> None:
    given = environment.database("postgresql://me:secret@db/forms", Path("unused"))
    assert (given["HOST"], given["NAME"], given["CONN_HEALTH_CHECKS"]) == ("db", "forms", True)
    assert given["CONN_MAX_AGE"] > 0


def test_a_postgresql_that_vanishes_without_a_word_is_missed_within_a_lease() -> None:
    given = environment.database("postgresql://me:secret@db/forms?connect_timeout=3&sslmode=require", Path("unused"))
    options = given["OPTIONS"]
    silent = options["keepalives_idle"] + options["keepalives_interval"] * options["keepalives_count"]
    assert silent < Conf().lease_seconds
    assert options["tcp_user_timeout"] < Conf().lease_seconds * 1000
    assert (str(options["connect_timeout"]), options["sslmode"]) == ("3", "require"), "what is said counts"


@pytest.mark.parametrize(
    ("site", "address"),
    [
        ("https://forms.example.org", "meanwhile@forms.example.org"),
        ("http://127.0.0.1:8000", "meanwhile@localhost"),
        ("http://[::1]:8000", "meanwhile@localhost"),
        ("", "meanwhile@localhost"),
    ],
)
def test_mail_comes_from_the_host_of_the_site_where_it_has_a_name(site: str, address: str) -> None:
    assert environment.sender(site) == address
