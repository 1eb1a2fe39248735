"""What the checks find is shown with its mend, and mended with one click, one key, or one form, and undone."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import HERE, sign_in
from tests.browser.own_site import page_in
from tests.browser.site_process import Site, start

SHAKY = HERE / "site/shaky.yaml"
MENDS = [
    "Move it into a Background",
    "Put a wait page in front",
    "Delete it",
    "Set it at the end of the background work",
    "Switch it off",
]


@pytest.fixture(scope="module")
def shaky_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with everything that the checks know how to mend. Each test undoes what it does."""
    running = start(tmp_path_factory.mktemp("shaky") / "data", [SHAKY])
    yield running
    running.stop()


@pytest.fixture(params=["with JavaScript", "without JavaScript"])
def shaky(
    request: pytest.FixtureRequest,
    shaky_site: Site,
    browser: Browser,
    browser_context_args: dict[str, Any],
    complaints: list[str],
) -> Iterator[Page]:
    """The home of its application."""
    has_script = request.param == "with JavaScript"
    for page in page_in(shaky_site, browser, browser_context_args, complaints, has_script=has_script):
        sign_in(page, "owner", shaky_site.password)
        page.goto("/designer/shaky/")
        yield page


def test_every_warning_is_mended_with_one_click_and_undone(
    shaky: Page,
    shoot: Callable[[Page, str], None],
    check_accessibility: Callable[[Page], None],
    request: pytest.FixtureRequest,
) -> None:
    page = shaky
    if "without" not in request.node.name:
        check_accessibility(page)
        shoot(page, "designer-problems")
    expect(page.get_by_text("which only the background writes")).to_be_visible()
    for label in MENDS:
        page.get_by_role("button", name=label).first.click()
        expect(page.get_by_role("button", name=re.compile(f"^Undo ?: {label}"))).to_be_visible()
    expect(page.get_by_text("Nothing is wrong with it.")).to_be_visible()
    for _ in MENDS:
        page.get_by_role("button", name=re.compile("^Undo")).click()
    expect(page.get_by_role("button", name="Delete it").first).to_be_visible()
    expect(page.get_by_text("Draft differs")).to_have_count(0)


def test_a_mend_is_pressed_by_keyboard_alone(shaky: Page) -> None:
    page = shaky
    mend = page.get_by_role("button", name="Delete it").first
    for _ in range(120):
        if mend.evaluate("element => element === document.activeElement"):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=re.compile("^Undo ?: Delete it"))).to_be_visible()
    page.get_by_role("button", name=re.compile("^Undo")).click()
    expect(mend).to_be_visible()
