"""Every ending of a wait page, with and without JavaScript."""

import secrets

from playwright.sync_api import Page, expect

from tests.browser.site_process import Site
from tests.browser.test_forms import fill

LONG = 30_000


def send(page: Page, site: Site, form: str) -> str:
    name = f"T{secrets.token_hex(4)}"
    fill(page, site, form, Name=name)
    page.get_by_role("button", name="Submit").click()
    return name


def test_it_shows_how_many_pieces_are_done_and_goes_on_by_itself(any_page: Page, site: Site) -> None:
    name = send(any_page, site, "counted")
    expect(any_page.get_by_text("0 of 2 pieces of work are done")).to_be_visible()
    site.release(f"{name}-first")
    expect(any_page.get_by_text("1 of 2 pieces of work are done")).to_be_visible(timeout=LONG)
    bar = any_page.get_by_role("progressbar", name="Progress of the work")
    expect(bar).to_have_attribute("value", "1")
    any_page.reload()
    expect(any_page.get_by_text("1 of 2 pieces of work are done")).to_be_visible()
    site.release(f"{name}-second")
    expect(any_page.get_by_role("heading", name="What you sent")).to_be_visible(timeout=LONG)


def test_past_too_long_it_is_safe_to_leave_and_it_goes_on_looking(any_page: Page, site: Site) -> None:
    name = send(any_page, site, "slow")
    expect(any_page.get_by_role("heading", name="This takes longer than usual")).to_be_visible(timeout=LONG)
    expect(any_page.get_by_text("It is safe to leave this page")).to_be_visible()
    site.release(name)
    expect(any_page.get_by_role("heading", name="What you sent")).to_be_visible(timeout=LONG)


def test_it_says_that_the_work_failed_and_stops_looking(any_page: Page, site: Site) -> None:
    send(any_page, site, "broken")
    expect(any_page.get_by_role("heading", name="Something did not work")).to_be_visible(timeout=LONG)
    expect(any_page.get_by_role("progressbar")).to_have_count(0)
    any_page.get_by_role("link", name="Look again").click()
    expect(any_page.get_by_role("heading", name="Something did not work")).to_be_visible()


def test_with_nothing_to_wait_for_it_is_done_at_once(any_page: Page, site: Site) -> None:
    name = send(any_page, site, "nothing")
    expect(any_page.get_by_text(f"All is well, {name}.")).to_be_visible()


def test_the_back_button_and_a_second_visit_find_it_done(any_page: Page, site: Site) -> None:
    name = send(any_page, site, "slow")
    address = any_page.url
    site.release(name)
    expect(any_page.get_by_role("heading", name="What you sent")).to_be_visible(timeout=LONG)
    any_page.goto(address)
    expect(any_page.get_by_role("heading", name="What you sent")).to_be_visible()


def test_its_words_are_announced_only_when_they_change(page: Page, site: Site) -> None:
    name = send(page, site, "slow")
    expect(page.get_by_role("heading", name="This takes longer than usual")).to_be_visible(timeout=LONG)
    page.evaluate(
        """() => {
          window.changes = 0;
          const words = document.querySelector("#wait-words");
          new MutationObserver((list) => (window.changes += list.length)).observe(
            words, {childList: true, subtree: true, characterData: true});
        }"""
    )
    for _ in range(2):
        with page.expect_response(lambda response: "/pages/states/patient/" in response.url):
            pass
    assert page.evaluate("window.changes") == 0
    site.release(name)
