"""The designer by keyboard alone: from an empty site to a form with work in the background, and back a version."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import sign_in
from tests.browser.own_site import page_in
from tests.browser.site_process import Site, start

# More stops than any page has; a control that is not among them cannot be reached.
STOPS = 120
DONE_MS = 30_000


@pytest.fixture(scope="module")
def empty_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    running = start(tmp_path_factory.mktemp("keyboard") / "data", [], MEANWHILE='{"open_form_per_minute": 0}')
    yield running
    running.stop()


@pytest.fixture
def designer(
    empty_site: Site, browser: Browser, browser_context_args: dict[str, Any], complaints: list[str]
) -> Iterator[Page]:
    for page in page_in(empty_site, browser, browser_context_args, complaints, has_script=True):
        sign_in(page, "owner", empty_site.password)
        page.goto("/designer/")
        yield page


def reach(page: Page, wanted: Locator) -> None:
    """Press Tab until ``wanted`` has the focus; AssertionError where it never does."""
    wanted.wait_for()
    for _ in range(STOPS):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{wanted} cannot be reached by Tab")


def press(page: Page, wanted: Locator) -> None:
    reach(page, wanted)
    page.keyboard.press("Enter")


def write(page: Page, wanted: Locator, text: str) -> None:
    reach(page, wanted)
    page.keyboard.type(text)


def go(page: Page, name: str) -> None:
    press(page, page.get_by_role("navigation", name="Application").get_by_role("link", name=name, exact=True))


def test_an_application_is_made_published_and_taken_back_without_a_mouse(designer: Page) -> None:
    page = designer
    press(page, page.get_by_role("link", name="New application"))
    write(page, page.get_by_label("Name of the application"), "Guest book")
    write(page, page.get_by_label("What one record is"), "Guest")
    press(page, page.get_by_role("button", name="Make the application"))
    press(page, page.get_by_role("link", name="Open the event tree"))

    reach(page, page.get_by_role("treeitem").first)
    for keys, item in [("Insert", "Condition"), ("ArrowDown", "Execution"), ("ArrowRight", "Background")]:
        page.keyboard.press(keys)
        expect(page.get_by_role("menuitem", name=item, exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("treeitem", name="Background")).to_be_focused()

    page.keyboard.press("Insert")
    page.keyboard.type("A")
    page.keyboard.press("ArrowRight")
    page.keyboard.type("U")
    page.keyboard.press("Enter")
    expect(page.get_by_role("treeitem", name="Update field")).to_be_focused()
    page.keyboard.press("Enter")
    field = page.get_by_label("Field", exact=True)
    expect(field).to_be_focused()
    page.keyboard.type("Done")
    write(page, page.get_by_label("Value", exact=True), "true")
    press(page, page.get_by_role("button", name="Save", exact=True))
    expect(page.get_by_role("treeitem", name="Update Done to yes")).to_be_visible()

    go(page, "Publish")
    press(page, page.get_by_role("button", name="Publish version 1"))
    expect(page.get_by_role("heading", name="Version 1 is live")).to_be_visible()

    go(page, "Home")
    press(page, page.get_by_role("link", name="Guest", exact=True).first)
    label = page.get_by_label("Label of the table")
    reach(page, label)
    page.keyboard.press("Control+a")
    page.keyboard.type("Visitor")
    press(page, page.get_by_role("button", name="Save label"))
    go(page, "Publish")
    press(page, page.get_by_role("button", name="Publish version 2"))
    go(page, "Versions")
    press(page, page.get_by_role("button", name="Restore version 1"))
    press(page, page.get_by_role("button", name="Publish version 3"))
    expect(page.get_by_role("heading", name="Version 3 is live")).to_be_visible()

    page.goto("/designer/guest_book/start/")
    press(page, page.get_by_role("link", name="Open “Guest”"))
    write(page, page.get_by_label("Name"), "Ada")
    write(page, page.get_by_label("E-mail"), "ada@example.org")
    press(page, page.get_by_role("button", name="Submit"))
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible(timeout=DONE_MS)
