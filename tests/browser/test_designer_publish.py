"""Publishing and versions, as people see them: by mouse, by keyboard alone, and without JavaScript."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import ROOT, Look, sign_in
from tests.browser.own_site import page_in
from tests.browser.site_process import Site, start

BOOKING = ROOT / "examples/booking/booking.yaml"
# An order with a job that stays in flight, and a colour that can be dropped with what was typed into it.
SHOP = """
application: {key}
title: Shop
tables:
  item:
    label: Item
    fields:
      name: {{type: text, required: true}}
      colour: {{type: text}}
      reminded: {{type: boolean}}
    events:
      record_update:
        - delay: {{for: 3d}}
          do:
            - update_field: {{field: reminded, value: true}}
forms:
  order: {{table: item, fields: [name, colour]}}
"""
# One of its own for each test and each way, so that none sees what another published.
SHOPS = ["restored", "lost", "lost_plain", "moved", "moved_plain"]


@dataclass(frozen=True)
class Desk:
    """A designer's page, and the application that a test has for itself. ``table``: its only one."""

    page: Page
    key: str
    table: str = "item"

    def goto(self, path: str) -> None:
        self.page.goto(f"/designer/{self.key}/{path}")

    def relabel(self) -> None:
        self.goto(f"tables/{self.table}/")
        self.page.get_by_label("Label of the table").fill("Flight")
        self.page.get_by_role("button", name="Save label").click()


@pytest.fixture(scope="module")
def publishing_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with the booking example and the shops, each published once."""
    folder = tmp_path_factory.mktemp("publishing")
    shops = [folder / f"{key}.yaml" for key in SHOPS]
    for path in shops:
        path.write_text(SHOP.format(key=path.stem))
    running = start(folder / "data", [BOOKING, *shops])
    yield running
    running.stop()


@pytest.fixture(params=["with JavaScript", "without JavaScript"])
def own_page(
    request: pytest.FixtureRequest,
    publishing_site: Site,
    browser: Browser,
    browser_context_args: dict[str, Any],
    complaints: list[str],
) -> Iterator[Page]:
    """A page of the site, signed in as the owner."""
    has_script = request.param == "with JavaScript"
    for page in page_in(publishing_site, browser, browser_context_args, complaints, has_script=has_script):
        sign_in(page, "owner", publishing_site.password)
        yield page


def is_plain(request: pytest.FixtureRequest) -> bool:
    return "without" in request.node.name


def test_a_change_is_published_compared_and_restored(
    own_page: Page, look: Look, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    page = own_page
    desk = Desk(page, "restored") if is_plain(request) else Desk(page, "booking", "booking")
    desk.relabel()
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

    desk.goto("versions/")
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(f"application: {desk.key}\ntables: {{booking: {{fields: {{a: {{type: txt}}}}}}}}\n")
    page.get_by_label("YAML file").set_input_files(wrong)
    page.get_by_role("button", name="Take it over").click()
    expect(page.get_by_role("alert")).to_contain_text("Line 2, column")
    look(page, "designer-upload-wrong")


def order(page: Page, key: str) -> None:
    """A person orders; the job that reminds them waits for three days."""
    page.goto(f"/forms/{key}/order/")
    page.get_by_label("Name").fill("Lamp")
    page.get_by_label("Colour").fill("Amber")
    page.get_by_role("button", name="Submit").click()
    page.wait_for_url("**/thanks/**")


def test_a_loss_is_agreed_to_jobs_stay_and_then_the_data_is_deleted(
    own_page: Page, look: Look, request: pytest.FixtureRequest
) -> None:
    page = own_page
    desk = Desk(page, "lost_plain" if is_plain(request) else "lost")
    order(page, desk.key)
    desk.goto("tables/item/fields/colour/delete/")
    expect(page.get_by_label("Take it out of these forms, too: Order")).to_be_checked()
    page.get_by_role("button", name="Delete", exact=True).click()

    desk.goto("publish/")
    expect(page.get_by_role("heading", name="What would be lost")).to_be_visible()
    expect(page.get_by_text("1 record of item has a value in colour, which nobody sees any more")).to_be_visible()
    expect(page.get_by_text("Version 1: 1 job (Scheduled)")).to_be_visible()
    expect(page.get_by_label("They stay on theirs")).to_be_checked()
    look(page, "designer-publish-loss")
    page.get_by_label("Note").fill("Nobody asks for the colour.")
    page.get_by_role("button", name="Publish version 2").click()
    expect(page.get_by_role("alert")).to_contain_text("agree first to what would be lost")
    expect(page.get_by_label("Note")).to_have_value("Nobody asks for the colour.")
    page.get_by_label("I agree to this loss").check()
    page.get_by_role("button", name="Publish version 2").click()
    expect(page.get_by_role("heading", name="Version 2 is live")).to_be_visible()

    page.get_by_role("link", name="All versions").click()
    expect(page.get_by_text("1 job in flight")).to_be_visible()
    expect(page.get_by_text("1 value, last in version 1")).to_be_visible()
    page.get_by_text("Delete… Colour").click()
    look(page, "designer-left-behind")
    page.get_by_role("button", name="Delete the data for good").click()
    expect(page.get_by_text('1 unfinished job runs under a version that has "colour"')).to_be_visible()
    page.get_by_role("button", name="Move them to the version in force").click()
    expect(page.get_by_text("1 job was moved to version 2.")).to_be_visible()
    page.get_by_text("Delete… Colour").click()
    page.get_by_role("button", name="Delete the data for good").click()
    expect(page.get_by_text("The data of colour in item is deleted.")).to_be_visible()
    expect(page.get_by_role("heading", name="Data of dropped fields")).to_have_count(0)


def test_jobs_move_and_a_version_is_published_by_keyboard_alone(own_page: Page, request: pytest.FixtureRequest) -> None:
    page = own_page
    desk = Desk(page, "moved_plain" if is_plain(request) else "moved")
    order(page, desk.key)
    desk.relabel()
    desk.goto("publish/")
    expect(page.get_by_text("1 job can move.")).to_be_visible()
    tab_to(page, "jobs-stay")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("They move where the object at which they stand still exists")).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.type("By keyboard")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Version 2 is live")).to_be_visible()
    expect(page.get_by_text("1 job was moved to version 2.")).to_be_visible()
    desk.goto("versions/")
    expect(page.get_by_role("listitem").filter(has_text="In force")).to_contain_text("1 job in flight")
    expect(page.get_by_role("heading", name="Jobs on older versions")).to_have_count(0)


def tab_to(page: Page, id_: str) -> None:
    """Press Tab until the control has the focus."""
    for _press in range(80):
        page.keyboard.press("Tab")
        if page.locator(f"#{id_}:focus").count():
            return
    pytest.fail(f"{id_} is never reached")
