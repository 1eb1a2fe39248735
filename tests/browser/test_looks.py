"""Every page on a phone and on a desktop, light and dark: pictures to look at, no serious finding of axe."""

import secrets

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Look
from tests.browser.site_process import Site
from tests.browser.test_booking import book
from tests.browser.test_forms import fill
from tests.browser.test_people import add_person
from tests.browser.test_waiting import LONG, send


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("home", "/"),
        ("form", "/forms/booking/book/"),
        ("form-many", "/forms/states/many/"),
        ("sign-in", "/sign-in/"),
        ("thanks", "/thanks/states/plain/"),
        ("error-404", "/nowhere/"),
        ("error-bad-address", "/pages/booking/itinerary/not-a-token/"),
    ],
)
def test_pages_of_a_visitor(page: Page, site: Site, look: Look, name: str, address: str) -> None:
    page.goto(address)
    look(page, name)


def test_a_form_with_mistakes(page: Page, site: Site, look: Look) -> None:
    fill(page, site, "many", Amount="400")
    page.get_by_role("button", name="Keep it").click()
    expect(page.get_by_role("alert")).to_be_visible()
    look(page, "form-mistakes")


def test_a_form_that_was_sent_already(page: Page, site: Site, look: Look) -> None:
    fill(page, site, "plain", Name="First")
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    page.go_back()
    page.get_by_label("Name").fill("Second")
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_role("heading", name="This was sent already")).to_be_visible()
    look(page, "form-sent-already")


def test_a_booking_from_wait_to_itinerary(page: Page, site: Site, look: Look) -> None:
    book(page, site, "answers")
    expect(page.get_by_role("heading", name="Your itinerary")).to_be_visible(timeout=LONG)
    look(page, "content")


def test_a_wait_that_counts(page: Page, site: Site, look: Look) -> None:
    name = send(page, site, "counted")
    site.release(f"{name}-first")
    expect(page.get_by_text("1 of 2 pieces of work are done")).to_be_visible(timeout=LONG)
    look(page, "wait-counted")
    site.release(f"{name}-second")


def test_a_wait_that_takes_long(page: Page, site: Site, look: Look) -> None:
    name = send(page, site, "slow")
    expect(page.get_by_role("heading", name="This takes longer than usual")).to_be_visible(timeout=LONG)
    look(page, "wait-too-long")
    site.release(name)


def test_a_wait_with_a_flag(page: Page, site: Site, look: Look) -> None:
    name = send(page, site, "flagged")
    expect(page.get_by_role("progressbar")).to_be_visible()
    look(page, "wait-flag")
    site.release(name)


def test_a_wait_that_failed(page: Page, site: Site, look: Look) -> None:
    send(page, site, "broken")
    expect(page.get_by_role("heading", name="Something did not work")).to_be_visible(timeout=LONG)
    look(page, "wait-failed")


def test_pages_of_the_owner(as_owner: Page, look: Look) -> None:
    for name, address in (
        ("home-owner", "/"),
        ("people", "/people/"),
        ("person-new", "/people/new/"),
        ("group-new", "/people/groups/new/"),
        ("password", "/password/"),
    ):
        as_owner.goto(address)
        look(as_owner, name)
    add_person(as_owner, f"look-{secrets.token_hex(3)}")
    look(as_owner, "person-password")


def test_keyboard_alone_reaches_the_content_and_sends_a_form(page: Page, site: Site) -> None:
    page.goto("/forms/states/plain/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Name")).to_be_focused()
    page.keyboard.type("By keys")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
