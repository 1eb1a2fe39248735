"""Sign-in, people, groups and the pages of what went wrong."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import OperationalError
from django.test import Client
from django.urls import path, reverse

from meanwhile.config import urls as site_urls
from meanwhile.pages import accounts

pytestmark = pytest.mark.django_db

handler400, handler403 = site_urls.handler400, site_urls.handler403
handler404, handler500 = site_urls.handler404, site_urls.handler500


def _fail(error: Exception) -> Callable[..., Any]:
    def view(request: Any) -> Any:
        raise error

    return view


urlpatterns = [
    *site_urls.urlpatterns,
    path("broken/", _fail(RuntimeError("a secret of the inside"))),
    path("database-gone/", _fail(OperationalError("disk is full"))),
]


@pytest.fixture
def owner() -> User:
    return User.objects.create_superuser("owner", password="a-good-password")


@pytest.fixture
def as_owner(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


def sign_in(client: Client, password: str, **data: str) -> Any:
    return client.post(reverse("sign-in"), {"username": "owner", "password": password, **data})


# --- sign-in ------------------------------------------------------------------------------------------------------


def test_signing_in_leads_to_where_one_wanted_to_go(client: Client, owner: User) -> None:
    response = sign_in(client, "a-good-password", next="/people/")
    assert (response.status_code, response["Location"]) == (302, "/people/")


def test_signing_in_never_leads_to_another_site(client: Client, owner: User) -> None:
    assert sign_in(client, "a-good-password", next="https://evil.example/")["Location"] == "/"


def test_a_wrong_password_keeps_the_name_and_says_so(client: Client, owner: User) -> None:
    response = sign_in(client, "wrong")
    assert response.status_code == 422
    assert 'value="owner"' in response.text
    assert "correct username and password" in response.text


def test_a_guesser_of_passwords_is_stopped_even_with_the_right_one(client: Client, owner: User) -> None:
    for _ in range(accounts.WRONG_PER_MINUTE):
        assert sign_in(client, "wrong").status_code == 422
    response = sign_in(client, "a-good-password")
    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= 60


def test_signing_out_takes_a_button_and_not_a_link(as_owner: Client) -> None:
    assert as_owner.get(reverse("sign-out")).status_code == 405
    assert as_owner.post(reverse("sign-out"))["Location"] == "/"
    assert "_auth_user_id" not in as_owner.session


# --- people and groups --------------------------------------------------------------------------------------------


def test_people_are_the_owners_to_manage(client: Client) -> None:
    assert client.get(reverse("people"))["Location"] == "/sign-in/?next=%2Fpeople%2F"
    client.force_login(User.objects.create_user("mia", is_staff=True))
    assert client.get(reverse("people")).status_code == 403
    assert client.post(reverse("person-new"), {"username": "jon"}).status_code == 403
    assert not User.objects.filter(username="jon").exists()


def test_the_owner_adds_a_person_and_sees_the_password_once(as_owner: Client, client: Client) -> None:
    response = as_owner.post(reverse("person-new"), {"username": "mia", "is_active": "on", "is_staff": "on"})
    assert "no-store" in response["Cache-Control"]
    password = response.context["password"]
    assert password in response.text
    mia = User.objects.get(username="mia")
    assert (mia.check_password(password), mia.is_staff, mia.is_superuser) == (True, True, False)
    assert password not in as_owner.get(reverse("person", args=[mia.pk])).text


def test_a_new_password_ends_the_old_one_and_its_sign_ins(as_owner: Client) -> None:
    mia = User.objects.create_user("mia", password="the-old-password")
    theirs = Client()
    theirs.force_login(mia)
    response = as_owner.post(reverse("person-password", args=[mia.pk]))
    mia.refresh_from_db()
    assert mia.check_password(response.context["password"])
    assert "mia" not in theirs.get("/").text


def test_an_owner_cannot_shut_themselves_out(as_owner: Client, owner: User) -> None:
    as_owner.post(reverse("person", args=[owner.pk]), {"username": "owner"})
    owner.refresh_from_db()
    assert (owner.is_active, owner.is_staff, owner.is_superuser) == (True, True, True)


def test_nobody_becomes_owner_through_the_page(as_owner: Client) -> None:
    as_owner.post(reverse("person-new"), {"username": "mia", "is_active": "on", "is_superuser": "on"})
    assert not User.objects.get(username="mia").is_superuser


def test_groups_are_added_renamed_filled_and_deleted(as_owner: Client) -> None:
    mia = User.objects.create_user("mia")
    as_owner.post(reverse("group-new"), {"name": "Desk", "members": [mia.pk]})
    desk = Group.objects.get(name="Desk")
    assert list(desk.user_set.all()) == [mia]
    as_owner.post(reverse("group", args=[desk.pk]), {"name": "Front desk"})
    desk.refresh_from_db()
    assert (desk.name, desk.user_set.count()) == ("Front desk", 0)
    as_owner.post(reverse("group-delete", args=[desk.pk]))
    assert not Group.objects.exists()


def test_a_name_that_is_taken_is_said_at_its_field(as_owner: Client) -> None:
    response = as_owner.post(reverse("person-new"), {"username": "owner"})
    assert response.status_code == 422
    assert "already exists" in response.text


# --- what went wrong ----------------------------------------------------------------------------------------------


@pytest.mark.urls(__name__)
def test_a_failure_of_the_site_shows_nothing_of_its_inside(client: Client) -> None:
    client.raise_request_exception = False
    response = client.get("/broken/")
    assert response.status_code == 500
    assert "Something went wrong on our side" in response.text
    assert "secret" not in response.text


@pytest.mark.urls(__name__)
def test_a_database_that_does_not_answer_is_503_with_a_time_to_come_back(client: Client) -> None:
    client.raise_request_exception = False
    response = client.get("/database-gone/")
    assert response.status_code == 503
    assert int(response["Retry-After"]) > 0


def test_pages_of_a_failure_need_no_query(client: Client, django_assert_num_queries: Any) -> None:
    from meanwhile.pages import errors

    with django_assert_num_queries(0):
        assert errors.unavailable().status_code == 503


def test_an_unknown_address_is_404_in_our_look(client: Client) -> None:
    response = client.get("/nowhere/")
    assert response.status_code == 404
    assert "There is no such page" in response.text
    assert "mw-header" in response.text


def test_an_unknown_application_is_404(client: Client) -> None:
    assert client.get("/forms/nothing/here/").status_code == 404


def test_a_missing_proof_of_origin_is_explained(owner: User) -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post(reverse("sign-in"), {"username": "owner", "password": "a-good-password"})
    assert response.status_code == 403
    assert "Please send that once more" in response.text


def test_every_page_has_the_strict_policy(client: Client) -> None:
    for address in ("/", "/sign-in/", "/nowhere/", "/healthz"):
        policy = client.get(address)["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
        assert "unsafe" not in policy
