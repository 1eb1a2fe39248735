"""The first time: a site without an application, and a few minutes later a form whose work is done in the background.

Everything is found by the words that a person reads, with JavaScript and without. Each test has a site of its own.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import sign_in
from tests.browser.own_site import page_in
from tests.browser.site_process import Site, start

# A job is done in well under a second; the worker of a busy machine may take its time.
DONE_MS = 30_000


@pytest.fixture
def own_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site without any application."""
    running = start(tmp_path_factory.mktemp("first") / "data", [], MEANWHILE='{"open_form_per_minute": 0}')
    yield running
    running.stop()


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def has_script(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def designer(
    own_site: Site, has_script: bool, browser: Browser, browser_context_args: dict[str, Any], complaints: list[str]
) -> Iterator[Page]:
    """A page of the empty site, signed in as its owner, who follows the way from the start page to the designer."""
    for page in page_in(own_site, browser, browser_context_args, complaints, has_script=has_script):
        sign_in(page, "owner", own_site.password)
        page.goto("/")
        page.get_by_role("link", name="Open the designer").click()
        yield page


def add(page: Page, has_script: bool, *names: str) -> None:
    """New > ... in the event tree: a menu, or, without JavaScript, lists that open."""
    if has_script:
        page.get_by_role("button", name="New", exact=True).click()
        for name in names:
            page.get_by_role("menuitem", name=name, exact=True).click()
    else:
        menu = page.locator("details").filter(has=page.get_by_text("New", exact=True)).first
        for name in ("New", *names[:-1]):
            menu.locator("summary").get_by_text(name, exact=True).click()
        menu.get_by_role("button", name=names[-1], exact=True).click()


def publish(page: Page) -> None:
    """What the Publish tab leads to, and the button there."""
    page.get_by_role("navigation", name="Application").get_by_role("link", name="Publish").click()
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Published, version 1").first).to_be_visible()


def test_a_new_application_has_a_working_form_with_a_background(
    designer: Page, has_script: bool, shoot: Callable[[Page, str], None]
) -> None:
    page = designer
    page.get_by_role("link", name="New application").click()
    page.get_by_label("Name of the application").fill("Guest book")
    page.get_by_label("What one record is").fill("Guest")
    page.get_by_role("button", name="Make the application").click()
    expect(page.get_by_role("heading", name="Guest book is made")).to_be_visible()

    page.get_by_role("link", name="Open the event tree").click()
    add(page, has_script, "Execution", "Background")
    expect(page.get_by_role("treeitem", name="Background")).to_have_attribute("aria-selected", "true")
    add(page, has_script, "Action", "Update field")
    page.get_by_label("Field", exact=True).select_option(label="Done (done)")
    page.get_by_label("Value", exact=True).fill("true")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("treeitem", name="Update Done to yes")).to_be_visible()
    if has_script:
        shoot(page, "designer-first-tree")

    publish(page)
    page.goto("/designer/guest_book/start/")
    page.get_by_role("link", name="Open “Guest”").click()
    page.get_by_label("Name").fill("Ada")
    page.get_by_label("E-mail").fill("ada@example.org")
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible(timeout=DONE_MS)
    expect(page.get_by_text("Name: Ada")).to_be_visible()

    page.goto("/designer/guest_book/")
    page.get_by_role("link", name="1 record").click()
    row = page.get_by_role("row", name="Ada")
    expect(row).to_contain_text("yes")


def test_the_booking_example_is_published_and_books(designer: Page, has_script: bool) -> None:
    page = designer
    page.get_by_role("button", name="Start from the booking example").click()
    expect(page.get_by_role("heading", name="Flight booking is made")).to_be_visible()
    publish(page)
    page.goto("/")
    page.get_by_role("link", name="Book a flight").click()
    page.get_by_label("Passenger").fill("Ada")
    page.get_by_label("E-mail").fill("ada@example.org")
    page.get_by_label("Destination").select_option("Nairobi")
    page.get_by_label("Seats").fill("2")
    page.get_by_role("button", name="Book").click()
    expect(page.get_by_role("heading", name="Your itinerary")).to_be_visible(timeout=DONE_MS)
    expect(page.get_by_text("Fare: 1280.00 EUR")).to_be_visible()
