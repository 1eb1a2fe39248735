"""The dry run in the browser: by mouse, by keyboard alone, without JavaScript; what it shows is never saved."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import HEIGHT, WIDTHS, sign_in
from tests.browser.site_process import Site

HERE = "/designer/booking/dry-run/"


@pytest.fixture
def designer(any_page: Page, site: Site) -> Page:
    """A designer's page, with JavaScript and then without."""
    sign_in(any_page, "owner", site.password)
    any_page.goto(HERE)
    return any_page


def run(page: Page) -> None:
    page.get_by_role("button", name="Run it dry").click()
    expect(page.get_by_role("heading", name="A new record of Booking would be made")).to_be_visible()


def test_a_booking_is_seen_from_the_form_to_the_itinerary(designer: Page) -> None:
    expect(designer.get_by_label("Passenger")).to_have_value("Ada Lovelace")
    designer.get_by_label("Passenger").fill("Grace Hopper")
    designer.get_by_label("Seats").fill("5")
    designer.get_by_label("fare_quote answers").fill("600")
    run(designer)
    told = designer.get_by_role("region", name="What would happen")
    first = told.get_by_role("region", name="Before the next page")
    expect(first.get_by_text("Update status to Received")).to_be_visible()
    expect(first.get_by_text("GROUP-", exact=False).first).to_be_visible()
    now = told.get_by_role("region", name="What the person sees now")
    expect(now.get_by_text("Thank you, Grace Hopper.")).to_be_visible()
    background = told.get_by_role("region", name="Ticket the booking")
    expect(background.get_by_text("after: 600.00")).to_be_visible()
    expect(background.get_by_role("article").get_by_text("Dear Grace Hopper,")).to_be_visible()
    then = told.get_by_role("region", name="What the person sees then")
    expect(then.get_by_text("Fare: 600.00 EUR")).to_be_visible()
    expect(designer.get_by_label("Passenger")).to_have_value("Grace Hopper")


def test_what_a_person_may_not_enter_is_said_at_its_field(designer: Page) -> None:
    designer.get_by_label("Seats").fill("50")
    designer.get_by_role("button", name="Run it dry").click()
    expect(designer.get_by_role("alert")).to_contain_text("This may be at most 9.")
    expect(designer.get_by_text("Nothing was tried yet")).to_be_visible()


def test_a_function_that_fails_shows_what_that_means(designer: Page) -> None:
    designer.get_by_label("fare_quote fails").check()
    run(designer)
    background = designer.get_by_role("region", name="Ticket the booking")
    expect(background.get_by_text("It is tried 3 times in all")).to_be_visible()
    expect(designer.get_by_text("Our partner could not give us a fare.")).to_be_visible()


def test_a_record_is_changed_without_changing_it(designer: Page, site: Site) -> None:
    designer.goto("/forms/booking/book/")
    designer.get_by_label("Passenger").fill("Katherine Johnson")
    designer.get_by_label("E-mail address").fill("katherine@example.org")
    designer.get_by_label("Destination").select_option("Lisbon")
    designer.get_by_role("button", name="Book").click()
    expect(designer.get_by_role("heading", name="Your itinerary")).to_be_visible(timeout=30_000)
    designer.goto(HERE)
    designer.get_by_label("What is saved").select_option("Form: Change a booking")
    designer.get_by_label("A changed record").check()
    option = designer.get_by_label("Begin with").locator("option", has_text="Katherine Johnson").first
    designer.get_by_label("Begin with").select_option(option.get_attribute("value"))
    designer.get_by_role("button", name="Show the fields").click()
    expect(designer.get_by_label("Destination")).to_have_value("Lisbon")
    designer.get_by_label("Destination").select_option("Nairobi")
    designer.get_by_role("button", name="Run it dry").click()
    end = designer.get_by_role("region", name="The record in the end")
    expect(end).to_contain_text("Nairobi")
    designer.goto(designer.url.partition("#")[0])
    expect(designer.get_by_label("Destination")).to_have_value("Lisbon")


def test_by_keyboard_alone(as_owner: Page) -> None:
    as_owner.goto(HERE)
    as_owner.get_by_label("What is saved").focus()
    button = as_owner.get_by_role("button", name="Run it dry")
    for _press in range(40):
        as_owner.keyboard.press("Tab")
        if button.evaluate("element => element === document.activeElement"):
            break
    as_owner.keyboard.press("Enter")
    expect(as_owner.get_by_role("heading", name="A new record of Booking would be made")).to_be_visible()


def test_it_is_readable_for_everybody(
    as_owner: Page, check_accessibility: Callable[[Page], None], shoot: Callable[[Page, str], None]
) -> None:
    as_owner.goto(HERE)
    check_accessibility(as_owner)
    shoot(as_owner, "designer-dry-run-empty")
    run(as_owner)
    check_accessibility(as_owner)
    shoot(as_owner, "designer-dry-run")
    as_owner.set_viewport_size({"width": WIDTHS["phone"], "height": HEIGHT})
    assert as_owner.evaluate("document.documentElement.scrollWidth") <= WIDTHS["phone"]
    as_owner.get_by_label("fare_quote fails").check()
    run(as_owner)
    shoot(as_owner, "designer-dry-run-failed")
