"""The event tree in a browser: by mouse, by keyboard alone, without JavaScript, and by two people at once."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.browser.conftest import SCREENSHOTS, sign_in, watched
from tests.browser.site_process import Site

ADDRESS = "/designer/booking/events/booking.record_update/"
EVENT = "When a record of “Booking” is saved"

type Shoot = Callable[[Page, str], None]
type CheckAccessibility = Callable[[Page], None]


@pytest.fixture
def tree_page(as_owner: Page, fresh: None) -> Page:
    as_owner.goto(ADDRESS)
    return as_owner


@pytest.fixture
def plain_tree(plain_page: Page, site: Site, fresh: None) -> Page:
    sign_in(plain_page, "owner", site.password)
    plain_page.goto(ADDRESS)
    return plain_page


@pytest.fixture
def fresh(browser: Browser, base_url: str, site: Site) -> Iterator[None]:
    """The booking as it is published: whatever a test did to its draft is let go."""
    yield
    context = browser.new_context(base_url=base_url)
    page = context.new_page()
    sign_in(page, "owner", site.password)
    page.goto(ADDRESS)
    token = page.locator("[name=csrfmiddlewaretoken]").first.input_value()
    revision = page.locator("#tree-acts [name=revision]").input_value()
    form = {"csrfmiddlewaretoken": token, "revision": revision}
    page.request.post("/designer/booking/discard/", form=form, headers={"Referer": f"{base_url}{ADDRESS}"})
    context.close()


def item(page: Page, name: str, exact: bool = False) -> Locator:
    return page.get_by_role("treeitem", name=name, exact=exact)


def choose(page: Page, *names: str) -> None:
    """Choose from the menu that is open, through its submenus."""
    for name in names:
        page.get_by_role("menuitem", name=name, exact=True).click()


def new(page: Page, *names: str) -> None:
    page.get_by_role("button", name="New", exact=True).click()
    choose(page, *names)


def said(page: Page) -> Locator:
    return page.locator("#tree-said")


def value(page: Page) -> Locator:
    return page.get_by_label("Value", exact=True)


def lines(page: Page) -> list[str]:
    """The objects from top to bottom, as people read them."""
    return [" ".join(text.split()) for text in page.locator("#tree .mw-node-words").all_inner_texts()]


# --- by mouse -----------------------------------------------------------------------------------------------------


def test_an_object_is_made_with_the_mouse_and_set_up(tree_page: Page, shoot: Shoot) -> None:
    item(tree_page, "Ticket the booking").click()
    new(tree_page, "Action", "Update field")
    expect(said(tree_page)).to_have_text("Add Update field")
    expect(tree_page.get_by_label("Field", exact=True)).to_be_focused()
    expect(item(tree_page, "Update field")).to_contain_text("not set up yet")
    tree_page.get_by_label("Field", exact=True).select_option("reference")
    value(tree_page).fill("T-{{ record.seats }}")
    value(tree_page).press_sequentially("!")
    expect(tree_page.get_by_text(re.compile(r"^T-\d!$"))).to_be_visible()
    shoot(tree_page, "designer-tree-value")
    tree_page.get_by_role("button", name="Save", exact=True).click()
    expect(item(tree_page, "Update Reference to T-{{ record.seats }}!")).to_be_visible()
    expect(said(tree_page)).to_have_text("Saved.")
    tree_page.get_by_role("button", name="Undo").click()
    expect(item(tree_page, "Update field")).to_contain_text("not set up yet")


def test_new_execution_background(tree_page: Page) -> None:
    new(tree_page, "Execution", "Background")
    expect(item(tree_page, "Background in the background")).to_have_attribute("aria-selected", "true")
    expect(tree_page.get_by_label("Queue")).to_be_focused()


def test_the_right_button_opens_the_menu_of_the_object(tree_page: Page) -> None:
    item(tree_page, "If record.seats > 4").click(button="right")
    expect(item(tree_page, "If record.seats > 4")).to_have_attribute("aria-selected", "true")
    paste = tree_page.get_by_role("menuitem", name="Paste")
    expect(paste).to_be_disabled()
    expect(paste).to_contain_text("Nothing was cut or copied yet.")
    choose(tree_page, "Put into a Background")
    expect(said(tree_page)).to_have_text("Put “If record.seats > 4” into a Background")
    expect(item(tree_page, "If record.seats > 4")).to_be_focused()
    item(tree_page, "If record.seats > 4").click(button="right")
    choose(tree_page, "New", "Action", "Delete record")
    expect(item(tree_page, "Delete record")).to_be_visible()


def test_an_object_is_dragged_into_another_one(tree_page: Page) -> None:
    item(tree_page, "Update Status to Received").hover()
    tree_page.mouse.down()
    target = item(tree_page, "Update Reference to BK")
    for _ in range(20):  # objects make room while something is dragged over them
        for below in (-30, 6, 10):
            box = target.bounding_box()
            assert box
            tree_page.mouse.move(box["x"] + 60, box["y"] + below, steps=8)
        if target.evaluate("element => element.closest('ul').children.length > 1"):
            break
    tree_page.mouse.up()
    expect(said(tree_page)).to_have_text("Move “Update Status to Received”")
    expect(item(tree_page, "Update Status to Received")).to_have_attribute("aria-level", "4")


def test_what_was_typed_is_saved_before_something_else_is_done(tree_page: Page) -> None:
    item(tree_page, "Update Status to Ticketed").click()
    value(tree_page).fill("Received")
    item(tree_page, "Ticket the booking").click()
    expect(tree_page.get_by_label("Attempts")).to_be_visible()
    assert lines(tree_page).count("Update Status to Received") == 2


def test_a_name_is_inserted_where_the_caret_is(tree_page: Page, check_accessibility: CheckAccessibility) -> None:
    item(tree_page, "Update Reference to BK").click()
    value(tree_page).fill("A--Z")
    value(tree_page).evaluate("control => control.setSelectionRange(2, 2)")
    insert = tree_page.get_by_role("button", name="Insert").first
    insert.click()
    choose(tree_page, "Record")
    check_accessibility(tree_page)
    choose(tree_page, "Seats record.seats")
    expect(value(tree_page)).to_have_value("A-{{ record.seats }}-Z")
    expect(value(tree_page)).to_be_focused()
    expect(tree_page.get_by_text(re.compile(r"^A-\d-Z$"))).to_be_visible()


def test_what_is_wrong_with_an_expression_is_said_while_it_is_typed(tree_page: Page, shoot: Shoot) -> None:
    item(tree_page, "If record.seats > 4").click()
    expression = tree_page.get_by_label("Expression")
    expression.fill("record.seat > 4")
    expect(tree_page.get_by_text('Table "booking" has no field "seat". Did you mean "seats"?')).to_be_visible()
    expression.fill("record.seats >")
    expect(tree_page.locator(".mw-value[data-severity=error]")).to_contain_text("column")
    shoot(tree_page, "designer-tree-wrong")
    expression.fill("record.seats > 0")
    expect(tree_page.locator(".mw-value output")).to_have_text("yes")


# --- by keyboard --------------------------------------------------------------------------------------------------


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_the_tree_is_walked_with_the_arrow_keys(tree_page: Page) -> None:
    item(tree_page, EVENT).focus()
    press(tree_page, "ArrowDown", "ArrowDown")
    expect(item(tree_page, "Update Status to Received")).to_be_focused()
    press(tree_page, "ArrowLeft")
    expect(item(tree_page, "If the record is new")).to_be_focused()
    press(tree_page, "ArrowLeft")
    expect(item(tree_page, "If the record is new")).to_have_attribute("aria-expanded", "false")
    expect(item(tree_page, "Update Status to Received")).to_be_hidden()
    press(tree_page, "ArrowRight", "ArrowRight")
    expect(item(tree_page, "Update Status to Received")).to_be_focused()
    press(tree_page, "End", "Home")
    expect(item(tree_page, EVENT)).to_be_focused()
    press(tree_page, "t")
    expect(item(tree_page, "Ticket the booking")).to_be_focused()


def test_an_object_is_made_and_set_up_by_keyboard_alone(tree_page: Page) -> None:
    item(tree_page, EVENT).focus()
    press(tree_page, "t", "Insert")
    expect(tree_page.get_by_role("menuitem", name="Condition")).to_be_focused()
    press(tree_page, "ArrowDown", "ArrowRight")
    expect(tree_page.get_by_role("menuitem", name="Background")).to_be_focused()
    press(tree_page, "ArrowLeft", "ArrowDown", "ArrowRight", "u")
    expect(tree_page.get_by_role("menuitem", name="Update field")).to_be_focused()
    press(tree_page, "Enter")
    expect(said(tree_page)).to_have_text("Add Update field. Enter leads to its settings.")
    expect(item(tree_page, "Update field")).to_be_focused()
    press(tree_page, "Insert", "ArrowDown", "ArrowRight", "Enter")
    expect(item(tree_page, "Background in the background")).to_be_focused()
    press(tree_page, "Delete")
    expect(item(tree_page, "Update field")).to_be_focused()
    press(tree_page, "Enter")
    expect(tree_page.get_by_label("Field", exact=True)).to_be_focused()
    press(tree_page, "r", "Tab")
    tree_page.keyboard.type("By hand")
    press(tree_page, "Enter")
    expect(said(tree_page)).to_have_text("Saved.")
    expect(value(tree_page)).to_be_focused()
    expect(item(tree_page, "Update Reference to By hand")).to_be_visible()


def test_an_object_is_moved_copied_and_deleted_by_keyboard_and_the_focus_stays(tree_page: Page) -> None:
    first = item(tree_page, "Update Status to Received")
    first.focus()
    press(tree_page, "Alt+ArrowDown")
    expect(said(tree_page)).to_have_text("Move “Update Status to Received” down")
    expect(first).to_be_focused()
    press(tree_page, "Alt+ArrowRight")
    expect(first).to_have_attribute("aria-level", "4")
    press(tree_page, "Alt+ArrowLeft", "Alt+ArrowUp")
    expect(said(tree_page)).to_have_text("Move “Update Status to Received” up")
    expect(first).to_be_focused()
    press(tree_page, "Alt+ArrowUp")
    expect(said(tree_page)).to_have_text("It is the first one here.")
    press(tree_page, "Control+c", "Control+v")
    expect(said(tree_page)).to_have_text("Paste “Update Status to Received”")
    expect(first).to_have_count(2)
    expect(first.nth(1)).to_be_focused()
    press(tree_page, "Delete")
    expect(first).to_have_count(1)
    expect(item(tree_page, "Ticket the booking")).to_be_focused()
    press(tree_page, "Control+z")
    expect(said(tree_page)).to_have_text("Undone: Delete “Update Status to Received”")
    expect(first).to_have_count(2)
    press(tree_page, "Control+y")
    expect(first).to_have_count(1)
    expect(tree_page.locator("#tree :focus")).to_have_count(1)


def test_shift_f10_opens_the_menu_and_escape_goes_back(tree_page: Page) -> None:
    item(tree_page, "If record.seats > 4").focus()
    press(tree_page, "Shift+F10")
    expect(tree_page.get_by_role("menuitem", name="New", exact=True)).to_be_focused()
    press(tree_page, "ArrowRight", "ArrowRight", "Escape", "Escape")
    expect(tree_page.get_by_role("menuitem", name="New", exact=True)).to_be_focused()
    press(tree_page, "Escape")
    expect(item(tree_page, "If record.seats > 4")).to_be_focused()
    press(tree_page, "Enter")
    expect(tree_page.get_by_label("Expression")).to_be_focused()


# --- without JavaScript -------------------------------------------------------------------------------------------


def test_everything_goes_without_javascript(plain_tree: Page, shoot: Shoot) -> None:
    item(plain_tree, "Ticket the booking").click()
    plain_tree.locator("summary", has_text="New").first.click()
    menu = plain_tree.locator("[data-menu=new]")
    menu.locator("summary", has_text="Action").click()
    shoot(plain_tree, "designer-tree-plain")
    menu.get_by_role("button", name="Update field").click()
    plain_tree.get_by_label("Field", exact=True).select_option("reference")
    plain_tree.get_by_role("button", name="Save", exact=True).click()
    expect(plain_tree.get_by_text("This is needed.")).to_be_visible()
    value(plain_tree).fill("{{ record.seats }} seats")
    plain_tree.get_by_role("button", name="Save", exact=True).click()
    expect(plain_tree.get_by_text(re.compile(r"^\d seats$"))).to_be_visible()
    expect(item(plain_tree, "Update Reference to {{ record.seats }} seats")).to_be_visible()
    plain_tree.locator("summary", has_text="Change").first.click()
    plain_tree.locator("[data-menu=object]").get_by_role("button", name="Move up").click()
    assert lines(plain_tree).index("Update Reference to {{ record.seats }} seats") == 7
    plain_tree.get_by_role("button", name="Undo").click()
    assert lines(plain_tree).index("Update Reference to {{ record.seats }} seats") == 8
    plain_tree.get_by_text("Names that you can use").click()
    expect(plain_tree.get_by_text("record.passenger", exact=True)).to_be_visible()


def test_pages_whose_scripts_do_not_come_are_accessible(
    as_owner: Page, check_accessibility: CheckAccessibility
) -> None:
    page = as_owner  # axe is a script, and needs a browser that runs some
    page.route("**/*.js", lambda route: route.abort())
    page.goto(ADDRESS)
    item(page, "Ticket the booking").click()
    page.locator("summary", has_text="New").first.click()
    page.locator("[data-menu=new] summary", has_text="Action").click()
    check_accessibility(page)
    for path in ("/designer/booking/", "/designer/booking/forms/book/", "/forms/booking/book/"):
        page.goto(path)
        check_accessibility(page)


# --- two people ---------------------------------------------------------------------------------------------------


@pytest.fixture
def other_page(
    browser: Browser, browser_context_args: dict[str, object], base_url: str, site: Site, complaints: list[str]
) -> Iterator[Page]:
    """A second person's browser."""
    context: BrowserContext = watched(browser.new_context(**browser_context_args), complaints)  # type: ignore[arg-type]
    page = context.new_page()
    sign_in(page, "owner", site.password)
    yield page
    context.close()


def test_the_second_of_two_people_is_told_and_nothing_is_lost(tree_page: Page, other_page: Page, shoot: Shoot) -> None:
    item(tree_page, "Update Status to Ticketed").click()
    value(tree_page).fill("New")
    other_page.goto(ADDRESS)
    item(other_page, "If record.seats > 4").click()
    other_page.keyboard.press("Delete")
    expect(said(other_page)).to_have_text("Delete “If record.seats > 4”")
    tree_page.get_by_role("button", name="Save", exact=True).click()
    expect(tree_page.get_by_role("heading", name="This was changed in another window")).to_be_visible()
    expect(tree_page.get_by_text("Delete “If record.seats > 4”")).to_be_visible()
    shoot(tree_page, "designer-tree-conflict")
    tree_page.get_by_role("button", name="Save mine on top of it").click()
    expect(item(tree_page, "Update Status to New")).to_be_visible()
    expect(item(tree_page, "If record.seats > 4")).to_have_count(0)


def test_of_two_who_set_up_the_same_object_one_value_is_chosen(
    tree_page: Page, other_page: Page, shoot: Shoot, check_accessibility: CheckAccessibility
) -> None:
    for page, typed in ((other_page, "New"), (tree_page, "Received")):
        if page is other_page:
            page.goto(ADDRESS)
        item(page, "Update Status to Ticketed").click()
        value(page).fill(typed)
    tree_page.get_by_label("Note").fill("Mine alone")
    other_page.get_by_role("button", name="Save", exact=True).click()
    expect(said(other_page)).to_have_text("Saved.")
    tree_page.get_by_role("button", name="Save", exact=True).click()
    both = tree_page.get_by_role("group", name=re.compile("Update .*: Value"))
    expect(both).to_contain_text("It was: Ticketed")
    expect(both.get_by_label("In this one: Received")).to_be_checked()
    shoot(tree_page, "designer-tree-conflict-values")
    check_accessibility(tree_page)
    both.get_by_label("In the other window: New").check()
    tree_page.get_by_role("button", name="Save mine on top of it").click()
    expect(item(tree_page, "Update Status to New")).to_be_visible()
    item(tree_page, "Update Status to New").click()
    expect(tree_page.get_by_label("Note")).to_have_value("Mine alone")


def test_what_is_typed_just_before_its_panel_goes_is_asked_about_no_more(tree_page: Page) -> None:
    # The question went out a moment after the panel had gone, and looked for its form in vain.
    tree_page.clock.install()
    item(tree_page, "Update Status to Ticketed").click()
    value(tree_page).fill("Received")
    tree_page.evaluate("document.getElementById('node-settings').remove()")
    tree_page.clock.run_for(1000)


def test_who_is_told_may_go_back_to_the_tree_as_it_is_now(tree_page: Page, other_page: Page) -> None:
    item(tree_page, "If record.seats > 4").focus()
    other_page.goto(ADDRESS)
    item(other_page, "If record.seats > 4").focus()
    other_page.keyboard.press("Control+d")
    expect(item(other_page, "If record.seats > 4")).to_have_count(2)
    tree_page.keyboard.press("Delete")
    tree_page.get_by_role("link", name="Leave mine, look at theirs").click()
    expect(item(tree_page, "If record.seats > 4")).to_have_count(2)


# --- looks --------------------------------------------------------------------------------------------------------


def test_the_page_looks_well(tree_page: Page, shoot: Shoot, check_accessibility: CheckAccessibility) -> None:
    shoot(tree_page, "designer-tree")
    check_accessibility(tree_page)
    tree_page.get_by_text("Keys", exact=True).click()
    expect(tree_page.get_by_text("Cut, copy, paste, also in another tree")).to_be_visible()
    check_accessibility(tree_page)
    shoot(tree_page, "designer-tree-keys")
    item(tree_page, 'Send "Your booking').click()
    expect(tree_page.get_by_label("Subject")).to_be_visible()
    check_accessibility(tree_page)
    shoot(tree_page, "designer-tree-mail")
    item(tree_page, 'Send "Your booking').click(button="right")
    choose(tree_page, "New", "Execution")
    check_accessibility(tree_page)
    for scheme in ("light", "dark"):
        tree_page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        tree_page.screenshot(path=Path(SCREENSHOTS) / f"designer-tree-menu-{scheme}.png")
