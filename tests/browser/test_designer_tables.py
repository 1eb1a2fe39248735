"""Tables and fields as a designer makes them: by mouse, by keyboard alone, and without JavaScript."""

import re
import secrets

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Look, sign_in
from tests.browser.site_process import Site

APPLICATION = "/designer/fields/"
PAGES_OF_A_DRAFT = [
    "",
    "start/",
    "dry-run/",
    "publish/",
    "versions/",
    "versions/compare/?from=1",
    "new-table/",
    "tables/booking/",
    "tables/booking/fields/fare/",
    "tables/booking/records/",
    "tables/booking/new-event/",
    "events/booking.record_update/",
    "new-form/",
    "forms/book/",
    "forms/book/fields/seats/",
    "pages/confirming/",
    "pages/confirming/delete/",
]


def designing(page: Page, site: Site) -> Page:
    sign_in(page, "owner", site.password)
    return page


def new_table(page: Page, label: str = "Parcels") -> str:
    """A table with a label of its own, on whose page the designer is then; the label."""
    name = f"{label} {secrets.token_hex(3)}"
    page.goto(f"{APPLICATION}new-table/")
    page.get_by_label("Label").fill(name)
    page.get_by_role("button", name="Add table").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    return name


def add_field(page: Page, label: str, type_: str) -> None:
    form = page.get_by_role("form", name="Add a field")
    form.get_by_label("Label", exact=True).fill(label)
    form.get_by_label("Type").select_option(label=type_)
    form.get_by_role("button", name="Add field").click()


def rows(page: Page) -> Locator:
    return page.locator("#fields > li .mw-field-name a")


def test_a_table_gets_its_fields_in_the_order_that_the_designer_wants(any_page: Page, site: Site) -> None:
    page = designing(any_page, site)
    new_table(page)
    expect(page.get_by_text("This table has no fields yet.")).to_be_visible()
    add_field(page, "Weight in kg", "Number")
    add_field(page, "Fragile", "Yes or no")
    add_field(page, "Kind", "Choice")
    expect(page.get_by_role("heading", name="Kind")).to_be_visible()
    page.get_by_label("Choices").fill("letter = Letter\nbox = Box")
    page.get_by_role("button", name="Save field").click()
    expect(rows(page)).to_have_text(["Weight in kg", "Fragile", "Kind"])
    page.get_by_role("button", name="Move Kind up").click()
    expect(rows(page)).to_have_text(["Weight in kg", "Kind", "Fragile"])
    page.get_by_role("button", name="Move Kind up").click()
    expect(rows(page)).to_have_text(["Kind", "Weight in kg", "Fragile"])
    page.get_by_role("button", name="Undo").click()
    expect(rows(page)).to_have_text(["Weight in kg", "Kind", "Fragile"])


def test_a_field_is_set_up_in_the_controls_of_its_type(any_page: Page, site: Site) -> None:
    page = designing(any_page, site)
    new_table(page)
    add_field(page, "Weight", "Number")
    page.get_by_role("link", name="Weight", exact=True).click()
    page.get_by_label("Required").check()
    page.get_by_label("Places").fill("3")
    page.get_by_label("Min").fill("9")
    page.get_by_label("Max").fill("1")
    page.get_by_role("button", name="Save field").click()
    expect(page.get_by_role("alert")).to_contain_text("min (9) is above max (1).")
    expect(page.get_by_label("Places")).to_have_value("3")
    page.get_by_label("Max").fill("30")
    page.get_by_label("Default").fill("9.5")
    page.get_by_role("button", name="Save field").click()
    expect(page.locator("#fields > li").first).to_contain_text("required")
    page.get_by_role("link", name="Weight", exact=True).click()
    expect(page.get_by_label("Default")).to_have_value("9.5")
    page.get_by_label("Type").select_option(label="Whole number")
    page.get_by_role("button", name="Save field").click()
    expect(page.get_by_label("Min")).to_have_value("9")
    expect(page.get_by_label("Default")).to_have_value("")


def test_deleting_says_what_uses_it(any_page: Page, site: Site) -> None:
    page = designing(any_page, site)
    name = new_table(page)
    add_field(page, "Weight", "Number")
    add_field(page, "Sender", "Text")
    page.get_by_role("link", name="Weight", exact=True).click()
    page.get_by_role("link", name="Delete field…").click()
    expect(page.get_by_text("Nothing else names it.")).to_be_visible()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(rows(page)).to_have_text(["Sender"])
    page.get_by_role("link", name="Delete table…").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page).to_have_url(re.compile(f"{APPLICATION}$"))
    expect(page.get_by_text(name, exact=True)).to_have_count(0)


def test_a_custom_event_is_added_with_what_it_gets(any_page: Page, site: Site) -> None:
    page = designing(any_page, site)
    new_table(page)
    address = page.url
    page.get_by_role("link", name="Add a custom event").click()
    page.get_by_label("Label").fill("It is late")
    page.get_by_label("Parameters").fill("days")
    page.get_by_role("button", name="Add event").click()
    page.goto(address)
    page.get_by_role("link", name="Set up It is late").click()
    expect(page.get_by_label("Parameters")).to_have_value("days")


def test_fields_are_dragged_into_their_order(as_owner: Page) -> None:
    page = as_owner
    new_table(page)
    for label in ("One", "Two", "Three"):
        add_field(page, label, "Text")
    expect(rows(page)).to_have_text(["One", "Two", "Three"])
    drag(page, 2, 0, ["Three", "One", "Two"])
    drag(page, 0, 1, ["One", "Three", "Two"])
    page.reload()
    expect(rows(page)).to_have_text(["One", "Three", "Two"])


def drag(page: Page, from_: int, to: int, wanted: list[str]) -> None:
    """Drag a row by its grip onto another one, and let go when it shows the order that is wanted."""
    row, onto = (page.locator("#fields > li").nth(index) for index in (from_, to))
    onto.scroll_into_view_if_needed()
    start, end = row.locator("[data-grip]").bounding_box(), onto.bounding_box()
    assert start
    assert end
    x, target = start["x"] + 5, end["y"] + (4 if to < from_ else end["height"] - 4)
    page.mouse.move(x, start["y"] + 10)
    page.mouse.down()
    page.mouse.move(x, target, steps=12)
    for move in range(100):
        page.mouse.move(x, target + move % 2)
        if rows(page).all_inner_texts() == wanted:
            break
    with page.expect_response("**/move/"):
        page.mouse.up()
    expect(rows(page)).to_have_text(wanted)
    # The order shows while it is dragged; it is said once the page has come back, and then a row can be taken again.
    told = f"{wanted[to]} is now number {to + 1} of {len(wanted)}."
    expect(page.get_by_role("status").filter(has_text=told)).to_have_count(1)


def test_everything_goes_by_keyboard_alone(as_owner: Page) -> None:
    page = as_owner
    new_table(page)
    for label in ("One", "Two"):
        tab_to(page, page.get_by_role("form", name="Add a field").get_by_label("Label", exact=True))
        page.keyboard.type(label)
        page.keyboard.press("Enter")
        expect(page.get_by_role("link", name=label, exact=True)).to_be_visible()
    tab_to(page, page.get_by_role("link", name="One", exact=True))
    page.keyboard.press("Alt+ArrowDown")
    expect(rows(page)).to_have_text(["Two", "One"])
    expect(page.get_by_role("link", name="One", exact=True)).to_be_focused()
    expect(page.get_by_role("status").filter(has_text="One is now number 2 of 2.")).to_have_count(1)
    page.keyboard.press("Alt+ArrowUp")
    expect(rows(page)).to_have_text(["One", "Two"])
    expect(page.get_by_role("link", name="One", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_label("Help"))
    page.keyboard.type("The first")
    page.keyboard.press("Enter")
    expect(rows(page)).to_have_text(["One", "Two"])


def test_undo_and_redo_by_keys_on_the_pages_of_a_draft(as_owner: Page) -> None:
    page = as_owner
    new_table(page)
    add_field(page, "One", "Text")
    label = page.get_by_role("form", name="Add a field").get_by_label("Label", exact=True)
    label.press_sequentially("Two")
    page.keyboard.press("Control+z")  # the browser's own, in a text
    expect(label).not_to_have_value("Two")
    expect(rows(page)).to_have_text(["One"])
    label.fill("Three")
    page.get_by_role("combobox", name="Type").focus()
    page.keyboard.press("Control+z")  # what is typed is not thrown away
    expect(page.get_by_role("button", name="Undo")).to_be_focused()
    expect(label).to_have_value("Three")
    label.fill("")
    page.get_by_role("link", name="One", exact=True).focus()
    page.keyboard.press("Control+z")
    expect(page.get_by_text("Undone: Add field “One”")).to_be_visible()
    expect(rows(page)).to_have_count(0)
    page.keyboard.press("Control+Shift+z")
    expect(page.get_by_text("Done again: Add field “One”")).to_be_visible()
    expect(rows(page)).to_have_text(["One"])
    page.keyboard.press("Meta+z")
    expect(rows(page)).to_have_count(0)
    page.keyboard.press("Control+y")
    expect(rows(page)).to_have_text(["One"])
    for path in PAGES_OF_A_DRAFT:
        assert page.request.get(f"/designer/booking/{path}").text().count('data-shortcut="') == 2, path


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until ``wanted`` has the focus."""
    for _press in range(80):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError("Tab does not lead there")


def test_looks(as_owner: Page, look: Look) -> None:
    page = as_owner
    page.goto(f"{APPLICATION}new-table/")
    look(page, "designer-table-new")
    new_table(page)
    look(page, "designer-table-empty")
    for label, type_ in (("Name of the sender", "Text"), ("Weight in kg", "Number"), ("Picked up at", "Date and time")):
        add_field(page, label, type_)
    add_field(page, "Kind", "Choice")
    look(page, "designer-field-choice")
    page.get_by_role("link", name=re.compile("^Table ")).first.click()
    look(page, "designer-table")
    page.get_by_role("link", name="Add a custom event").click()
    look(page, "designer-event-new")
    page.goto("/designer/booking/tables/booking/")
    look(page, "designer-table-booking")
    page.get_by_role("link", name="Status", exact=True).click()
    look(page, "designer-field")
    page.get_by_role("link", name="Delete field…").click()
    look(page, "designer-field-delete")
