"""The designer's start and an application's home, as people see them."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import ROOT, sign_in
from tests.browser.own_site import page_in
from tests.browser.site_process import Site, start

BOOKING = ROOT / "examples/booking/booking.yaml"
Shoot = Callable[[Page, str], None]
Check = Callable[[Page], None]


@pytest.fixture(scope="module")
def empty_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site without any application."""
    running = start(tmp_path_factory.mktemp("empty") / "data", [])
    yield running
    running.stop()


@pytest.fixture
def page(
    empty_site: Site, browser: Browser, browser_context_args: dict[str, Any], complaints: list[str]
) -> Iterator[Page]:
    yield from page_in(empty_site, browser, browser_context_args, complaints)


@pytest.fixture
def published_page(
    tmp_path: Path, browser: Browser, browser_context_args: dict[str, Any], complaints: list[str]
) -> Iterator[Page]:
    """A page of a site of its own with the booking example published, signed in as the owner."""
    running = start(tmp_path / "data", [BOOKING])
    for page in page_in(running, browser, browser_context_args, complaints):
        sign_in(page, "owner", running.password)
        yield page
    running.stop()


def test_the_designer_begins_and_an_application_has_its_home(
    page: Page, empty_site: Site, shoot: Shoot, check_accessibility: Check
) -> None:
    sign_in(page, "owner", empty_site.password)
    page.goto("/")
    # The site is there a moment before its last words are.
    assert f"{empty_site.url}/designer/" in empty_site.log.read_text()
    check_accessibility(page)
    shoot(page, "designer-empty-site")
    page.get_by_role("link", name="Open the designer").click()
    check_accessibility(page)
    shoot(page, "designer-empty")
    page.get_by_role("link", name="New application").click()
    page.get_by_label("Name of the application").press_sequentially("Gäste-Buch 2")
    expect(page.get_by_label("Key")).to_have_attribute("placeholder", "gaste_buch_2")
    check_accessibility(page)
    shoot(page, "designer-new")
    page.goto("/designer/")
    page.get_by_role("button", name="Start from the booking example").click()
    expect(page.get_by_role("heading", name="Flight booking is made")).to_be_visible()
    check_accessibility(page)
    shoot(page, "designer-start")
    page.get_by_role("navigation", name="Application").get_by_role("link", name="Home").click()
    drawing = page.get_by_role("img", name="How a submission of “Book a flight” flows")
    expect(drawing).to_be_visible()
    check_accessibility(page)
    shoot(page, "designer-home")
    page.get_by_text("The same in words").click()
    expect(
        page.get_by_role("listitem").filter(has_text="Meanwhile, in the background, “Ticket the booking”")
    ).to_be_visible()
    page.get_by_role("link", name="Designer").first.click()
    expect(page.get_by_text("Not published yet")).to_be_visible()
    check_accessibility(page)
    shoot(page, "designer-index")


def test_the_home_of_a_published_application_says_what_differs_and_what_is_wrong(
    published_page: Page, shoot: Shoot, check_accessibility: Check
) -> None:
    page = published_page
    page.goto("/designer/booking/")
    expect(page.get_by_text("The draft is what version 1 is.")).to_be_visible()
    page.get_by_role("link", name="Booking", exact=True).click()
    page.get_by_label("Label of the table").fill("Flight")
    page.get_by_role("button", name="Save label").click()
    page.get_by_role("link", name="Home", exact=True).click()
    page.get_by_role("link", name="Flight: record update").click()
    page.get_by_role("treeitem", name="Ticket the booking").click()
    page.get_by_role("button", name="New", exact=True).click()
    page.get_by_role("menuitem", name="Action", exact=True).click()
    page.get_by_role("menuitem", name="Send e-mail", exact=True).click()
    expect(page.get_by_role("treeitem", name="Send e-mail not set up yet")).to_be_visible()

    page.get_by_role("link", name="Home", exact=True).click()
    expect(page.get_by_role("listitem").filter(has_text="Table Flight")).to_contain_text("changed")
    expect(page.get_by_role("listitem").filter(has_text="Object Send e-mail")).to_contain_text("added")
    check_accessibility(page)
    shoot(page, "designer-home-changed")
    page.get_by_role("region", name="Problems").get_by_role("link").first.click()
    expect(page.get_by_role("treeitem", name="Send e-mail not set up yet")).to_have_attribute("aria-selected", "true")

    page.get_by_role("link", name="Home", exact=True).click()
    page.get_by_text("Discard draft…").click()
    page.get_by_role("button", name="Discard the draft").click()
    expect(page.get_by_text("The draft is what version 1 is.")).to_be_visible()


def test_the_owner_makes_somebody_a_designer(page: Page, empty_site: Site, check_accessibility: Check) -> None:
    sign_in(page, "owner", empty_site.password)
    page.goto("/people/")
    page.get_by_role("link", name="Add a person").click()
    page.get_by_label("Name for signing in").fill("dana")
    page.get_by_label("Designer: may build and publish applications").check()
    page.get_by_role("button", name="Add the person").click()
    password = page.get_by_test_id("password").inner_text()
    page.goto("/people/")
    expect(page.get_by_role("row", name=re.compile("dana"))).to_contain_text("Designer")
    check_accessibility(page)
    page.get_by_role("button", name="Sign out").click()
    sign_in(page, "dana", password)
    page.get_by_role("navigation", name="Site").get_by_role("link", name="Designer").click()
    expect(page.get_by_role("link", name="New application")).to_be_visible()
