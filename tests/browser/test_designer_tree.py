"""The event tree in a browser: by mouse, by keyboard alone, without JavaScript, and by two people at once."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import SCREENSHOTS

ADDRESS = "/designer/booking/events/booking.record_update/"

type Shoot = Callable[[Page, str], None]


@pytest.fixture
def tree_page(as_owner: Page) -> Page:
    as_owner.goto(ADDRESS)
    return as_owner


def item(page: Page, name: str) -> Locator:
    return page.get_by_role("treeitem", name=name)


def choose(page: Page, *names: str) -> None:
    """Choose from the menu that is open, through its submenus."""
    for name in names:
        page.get_by_role("menuitem", name=name).click()


def said(page: Page) -> Locator:
    return page.locator("#tree-said")


def test_an_object_is_made_with_the_mouse_and_set_up(tree_page: Page, shoot: Shoot) -> None:
    item(tree_page, "Ticket the booking").click()
    tree_page.get_by_role("button", name="New", exact=True).click()
    choose(tree_page, "Action", "Update field")
    expect(said(tree_page)).to_have_text("Add Update field")
    expect(tree_page.get_by_label("Field", exact=True)).to_be_focused()
    shoot(tree_page, "designer-tree-new")
    tree_page.get_by_label("Field", exact=True).select_option("reference")
    tree_page.get_by_label("Value", exact=True).fill("T-{{ record.seats }}")
    tree_page.get_by_label("Value", exact=True).press_sequentially("!")
    expect(tree_page.get_by_text("T-1!", exact=True)).to_be_visible()
    tree_page.get_by_role("button", name="Save", exact=True).click()
    expect(item(tree_page, "Update Reference to T-{{ record.seats }}!")).to_be_visible()
    expect(said(tree_page)).to_have_text("Saved.")
    shoot(tree_page, "designer-tree-value")


def test_the_page_looks_well(tree_page: Page, shoot: Shoot, check_accessibility: Callable[[Page], None]) -> None:
    shoot(tree_page, "designer-tree")
    check_accessibility(tree_page)
    item(tree_page, 'Send "Your booking').click()
    expect(tree_page.get_by_label("Subject")).to_be_visible()
    check_accessibility(tree_page)
    shoot(tree_page, "designer-tree-mail")
    item(tree_page, 'Send "Your booking').click(button="right")
    tree_page.get_by_role("menuitem", name="New").click()
    tree_page.get_by_role("menuitem", name="Execution").hover()
    check_accessibility(tree_page)
    tree_page.screenshot(path=SCREENSHOTS / "designer-tree-menu.png")
