"""The booking example as a passenger meets it, with and without JavaScript."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.site_process import Site

# The partner of the demo fails three times, with two pauses of two seconds each.
LONG = 60_000


def book(page: Page, site: Site, partner: str, seats: str = "2") -> None:
    page.goto(site.url)
    page.get_by_role("link", name="Book a flight").click()
    page.get_by_label("Passenger").fill("Mia Berger")
    page.get_by_label("E-mail address").fill("mia@example.org")
    page.get_by_label("Destination").select_option("Lisbon")
    page.get_by_label("Seats").fill(seats)
    page.get_by_label("What the fare partner does").select_option(partner)
    page.get_by_role("button", name="Book").click()


def test_a_passenger_gets_the_reference_at_once_and_the_fare_after_a_wait(any_page: Page, site: Site) -> None:
    book(any_page, site, "answers")
    expect(any_page.get_by_role("heading", name="Your itinerary")).to_be_visible(timeout=LONG)
    expect(any_page.get_by_text(re.compile(r"Reference: BK-\d+"))).to_be_visible()
    expect(any_page.get_by_text(re.compile(r"Fare: 240(\.00)? EUR"))).to_be_visible()


def test_a_passenger_does_not_notice_that_the_partner_failed_once(
    any_page: Page, site: Site, shoot: Callable[[Page, str], None]
) -> None:
    book(any_page, site, "fails once", seats="5")
    expect(any_page.get_by_role("progressbar")).to_be_visible()
    shoot(any_page, "booking-confirming")
    expect(any_page.get_by_role("heading", name="Your itinerary")).to_be_visible(timeout=LONG)
    expect(any_page.get_by_text(re.compile(r"Reference: GROUP-\d+"))).to_be_visible()
    expect(any_page.get_by_text(re.compile(r"Fare: 600(\.00)? EUR"))).to_be_visible()


def test_a_passenger_is_told_when_the_partner_fails_for_ever(any_page: Page, site: Site) -> None:
    book(any_page, site, "fails for ever")
    expect(any_page.get_by_text("Our partner could not give us a fare.")).to_be_visible(timeout=LONG)
    expect(any_page.get_by_role("progressbar")).to_have_count(0)
