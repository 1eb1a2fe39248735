"""Forms and pages as a designer makes them: by mouse, by keyboard alone, and without JavaScript."""

import re
import secrets

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Look, sign_in
from tests.browser.site_process import Site
from tests.browser.test_designer_tables import tab_to

APPLICATION = "/designer/booking/"


def designing(page: Page, site: Site) -> Page:
    sign_in(page, "owner", site.password)
    return page


def new_form(page: Page, *, all_fields: bool = False) -> str:
    """A form with a title of its own, on whose page the designer is then; the title."""
    title = f"Quick {secrets.token_hex(3)}"
    page.goto(f"{APPLICATION}new-form/")
    page.get_by_label("Title").fill(title)
    page.get_by_label("Table", exact=True).select_option(label="Booking")
    page.get_by_label("Start with all fields").set_checked(all_fields)
    page.get_by_role("button", name="Add form", exact=True).click()
    expect(page.get_by_role("heading", name=title).first).to_be_visible()
    return title


def new_page(page: Page, kind: str) -> str:
    title = f"Seen {secrets.token_hex(3)}"
    page.goto(f"{APPLICATION}new-page/")
    page.get_by_label("Title").fill(title)
    page.get_by_label("Kind of page").select_option(label=kind)
    page.get_by_label("Table", exact=True).select_option(label="Booking")
    page.get_by_role("button", name="Add page", exact=True).click()
    expect(page.get_by_role("heading", name=title).first).to_be_visible()
    return title


def add(page: Page, label: str) -> None:
    page.get_by_label("Field to add").select_option(label=label)
    page.get_by_role("button", name="Add field", exact=True).click()
    expect(rows(page).filter(has_text=label)).to_have_count(1)


def rows(page: Page) -> Locator:
    return page.locator("#fields > li .mw-field-name a")


def preview(page: Page) -> Locator:
    return page.locator("#preview")


def test_a_form_gets_its_fields_settings_and_rules(any_page: Page, site: Site) -> None:
    page = designing(any_page, site)
    new_form(page)
    expect(page.get_by_text("This form shows no fields yet.")).to_be_visible()
    for label in ("Passenger", "Seats", "Status"):
        add(page, label)
    page.get_by_role("button", name="Move Seats up").click()
    expect(rows(page)).to_have_text(["Seats", "Passenger", "Status"])
    page.get_by_role("button", name="Take Status off the form").click()
    expect(rows(page)).to_have_text(["Seats", "Passenger"])
    page.get_by_label("Words on the button").fill("Book it")
    page.get_by_label("Next page").select_option(label="Confirming your booking")
    page.get_by_label("People who have signed in").check()
    page.get_by_label("Rule 1").fill("record.seats < 5")
    page.get_by_label("Message 1").fill("Ask us for groups.")
    page.get_by_role("button", name="Save form", exact=True).click()
    expect(page.get_by_label("Rule 1")).to_have_value("record.seats < 5")
    expect(page.get_by_label("People who have signed in")).to_be_checked()
    expect(preview(page)).to_contain_text("Book it")
    expect(preview(page)).to_contain_text("Passenger")


def test_a_field_is_set_up_for_one_form(any_page: Page, site: Site) -> None:
    page = designing(any_page, site)
    new_form(page, all_fields=True)
    page.get_by_role("link", name="Seats", exact=True).click()
    page.get_by_label("Label").fill("How many")
    page.get_by_label("Preset value").fill("2")
    page.get_by_role("button", name="Save field", exact=True).click()
    expect(rows(page).filter(has_text="How many")).to_have_count(1)
    expect(preview(page)).to_contain_text("How many")
    page.get_by_role("link", name="Status", exact=True).click()
    page.get_by_label("Hidden").check()
    page.get_by_role("button", name="Save field", exact=True).click()
    expect(page.locator("#field-status")).to_contain_text("hidden")
    expect(preview(page)).not_to_contain_text("Status")


def test_what_is_wrong_is_said_at_its_control_and_kept(any_page: Page, site: Site) -> None:
    page = designing(any_page, site)
    new_form(page)
    page.get_by_label("Rule 1").fill("record.gone < 5")
    page.get_by_label("Message 1").fill("Why")
    page.get_by_label("Words on the button").fill("Kept")
    page.get_by_role("button", name="Save form", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Rule 1")
    expect(page.get_by_label("Rule 1")).to_have_value("record.gone < 5")
    expect(page.get_by_label("Words on the button")).to_have_value("Kept")


def test_a_wait_page_is_made_and_deleted(any_page: Page, site: Site) -> None:
    page = designing(any_page, site)
    title = new_page(page, "Wait page")
    page.get_by_label("Done when").select_option(label="“Confirmed (confirmed)” is yes")
    page.get_by_label("How often it looks").fill("3s")
    page.get_by_label("Text", exact=False).first.fill("Thank you, {{ record.passenger }}.")
    page.get_by_label("Text when it has failed").fill("Call us.")
    page.get_by_role("button", name="Save page", exact=True).click()
    for words in ("While the work goes on", "When it takes too long", "Call us."):
        expect(preview(page)).to_contain_text(words)
    page.get_by_role("link", name="Delete page…").click()
    expect(page.get_by_text("Nothing else names it.")).to_be_visible()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page).to_have_url(re.compile(f"{APPLICATION}#pages$"))
    expect(page.get_by_role("link", name=title)).to_have_count(0)


def test_names_that_can_be_used_are_listed_without_javascript(plain_page: Page, site: Site) -> None:
    page = designing(plain_page, site)
    new_page(page, "Content page")
    page.get_by_text("Names that you can use").click()
    expect(page.get_by_text("record.passenger", exact=True)).to_be_visible()


def test_the_preview_follows_while_somebody_types(as_owner: Page) -> None:
    page = as_owner
    new_form(page, all_fields=True)
    page.get_by_label("Title").fill("Typed just now")
    expect(preview(page).locator("h1")).to_have_text("Typed just now")
    page.reload()
    expect(page.get_by_label("Title")).not_to_have_value("Typed just now")


def test_settings_stay_as_typed_while_fields_are_put_in_order(as_owner: Page) -> None:
    page = as_owner
    new_form(page)
    add(page, "Passenger")
    page.get_by_label("Words on the button").fill("Typed before")
    add(page, "Seats")
    page.get_by_role("button", name="Move Seats up").click()
    expect(rows(page)).to_have_text(["Seats", "Passenger"])
    expect(page.get_by_label("Words on the button")).to_have_value("Typed before")
    expect(preview(page)).to_contain_text("Typed before")
    page.get_by_role("button", name="Save form", exact=True).click()
    expect(page.get_by_label("Words on the button")).to_have_value("Typed before")
    expect(rows(page)).to_have_text(["Seats", "Passenger"])


def test_a_placeholder_is_inserted_where_the_caret_is(as_owner: Page) -> None:
    page = as_owner
    new_page(page, "Content page")
    text = page.locator("#id_text")
    text.fill("Dear , bye")
    text.evaluate("element => element.setSelectionRange(5, 5)")
    page.get_by_role("button", name="Insert", exact=True).click()
    page.get_by_role("menuitem", name="Record", exact=True).click()
    page.get_by_role("menuitem", name=re.compile("^Passenger")).first.click()
    expect(text).to_have_value("Dear {{ record.passenger }}, bye")
    expect(preview(page)).to_contain_text("Dear")


def test_another_sample_record_leaves_what_was_typed(as_owner: Page) -> None:
    page = as_owner
    page.goto("/forms/booking/book/")
    page.get_by_label("Passenger").fill("Ada Sample")
    page.get_by_label("E-mail address").fill("ada@example.org")
    page.get_by_label("Destination").select_option(label="Lisbon")
    page.get_by_role("button", name="Book").click()
    page.get_by_role("heading", name="Confirming your booking").or_(
        page.get_by_role("heading", name="Your itinerary")
    ).first.wait_for()
    new_page(page, "Content page")
    page.locator("#id_text").fill("Dear {{ record.passenger }}")
    expect(preview(page)).to_contain_text("Dear Ada Sample")
    page.get_by_label("Sample record").select_option(label="A new record with its defaults")
    expect(preview(page)).to_contain_text("Dear Passenger")
    expect(page.locator("#id_text")).to_have_value("Dear {{ record.passenger }}")


def test_fields_are_dragged_into_their_order(as_owner: Page) -> None:
    page = as_owner
    new_form(page)
    for label in ("Passenger", "Seats", "Status"):
        add(page, label)
    first, last = page.locator("#fields > li").nth(0), page.locator("#fields > li").nth(2)
    first.scroll_into_view_if_needed()
    start, end = last.locator("[data-grip]").bounding_box(), first.bounding_box()
    assert start
    assert end
    x, target = start["x"] + 5, end["y"] + 4
    wanted = ["Status", "Passenger", "Seats"]
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
    page.reload()
    expect(rows(page)).to_have_text(wanted)


def test_everything_goes_by_keyboard_alone(as_owner: Page) -> None:
    page = as_owner
    new_form(page)
    for count in (1, 2):
        tab_to(page, page.get_by_role("button", name="Add field", exact=True))
        page.keyboard.press("Enter")
        expect(rows(page)).to_have_count(count)
    tab_to(page, rows(page).first)
    first, second = rows(page).all_inner_texts()
    page.keyboard.press("Alt+ArrowDown")
    expect(rows(page)).to_have_text([second, first])
    expect(page.get_by_role("link", name=first, exact=True)).to_be_focused()
    tab_to(page, page.get_by_label("Words on the button"))
    page.keyboard.type("Go")
    page.keyboard.press("Enter")
    expect(preview(page)).to_contain_text("Go")
    expect(page.get_by_label("Words on the button")).to_have_value("Go")


def test_looks(as_owner: Page, look: Look) -> None:
    page = as_owner
    page.goto(f"{APPLICATION}new-form/")
    look(page, "designer-form-new")
    page.goto(f"{APPLICATION}forms/book/")
    look(page, "designer-form")
    page.get_by_role("link", name="Seats", exact=True).click()
    look(page, "designer-form-field")
    page.goto(f"{APPLICATION}pages/confirming/")
    look(page, "designer-page-wait")
    page.goto(f"{APPLICATION}pages/itinerary/")
    look(page, "designer-page-content")
    page.get_by_role("link", name="Delete page…").click()
    look(page, "designer-page-delete")
