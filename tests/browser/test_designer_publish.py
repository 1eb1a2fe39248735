"""Publishing and versions, as people see them: by mouse, by keyboard alone, and without JavaScript."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import ROOT, Look, sign_in
from tests.browser.own_site import page_in
from tests.browser.site_process import start

BOOKING = ROOT / "examples/booking/booking.yaml"


@pytest.fixture(params=["with JavaScript", "without JavaScript"])
def own_page(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    browser: Browser,
    browser_context_args: dict[str, Any],
    complaints: list[str],
) -> Iterator[Page]:
    """A page of a site of its own with the booking example published, signed in as the owner."""
    running = start(tmp_path / "data", [BOOKING])
    has_script = request.param == "with JavaScript"
    for page in page_in(running, browser, browser_context_args, complaints, has_script=has_script):
        sign_in(page, "owner", running.password)
        yield page
    running.stop()


def relabel(page: Page) -> None:
    page.goto("/designer/booking/tables/booking/")
    page.get_by_label("Label of the table").fill("Flight")
    page.get_by_role("button", name="Save label").click()


def test_a_change_is_published_compared_and_restored(own_page: Page, look: Look, tmp_path: Path) -> None:
    page = own_page
    relabel(page)
    page.get_by_role("navigation", name="Application").get_by_role("link", name="Publish").click()
    expect(page.get_by_role("button", name="Publish version 2")).to_be_visible()
    look(page, "designer-publish")
    page.get_by_label("Note").fill("People call it a flight.")
    page.get_by_role("button", name="Publish version 2").click()
    expect(page.get_by_role("heading", name="Version 2 is live")).to_be_visible()
    look(page, "designer-published")
    page.get_by_role("link", name="All versions").click()
    expect(page.get_by_text("People call it a flight.")).to_be_visible()
    look(page, "designer-versions")
    page.get_by_label("Compare", exact=True).select_option("1")
    page.get_by_role("button", name="Side by side").click()
    expect(page.get_by_role("heading", name="Version 1 and Draft")).to_be_visible()
    look(page, "designer-compare")
    page.get_by_role("link", name="All versions").click()
    page.get_by_role("button", name="Restore version 1").click()
    expect(page.get_by_role("button", name="Publish version 3")).to_be_visible()

    page.goto("/designer/booking/versions/")
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("application: booking\ntables: {booking: {fields: {a: {type: txt}}}}\n")
    page.get_by_label("YAML file").set_input_files(wrong)
    page.get_by_role("button", name="Take it over").click()
    expect(page.get_by_role("alert")).to_contain_text("Line 2, column")
    look(page, "designer-upload-wrong")


def test_publishing_works_by_keyboard_alone(own_page: Page) -> None:
    page = own_page
    relabel(page)
    page.goto("/designer/booking/publish/")
    tab_to(page, "note")
    page.keyboard.type("By keyboard")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Version 2 is live")).to_be_visible()


def tab_to(page: Page, id_: str) -> None:
    """Press Tab until the control has the focus."""
    for _press in range(80):
        page.keyboard.press("Tab")
        if page.locator(f"#{id_}:focus").count():
            return
    pytest.fail(f"{id_} is never reached")
