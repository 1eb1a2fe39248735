"""The monitor as somebody on duty meets it: what failed, why, and what to do, with and without JavaScript."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Look, sign_in
from tests.browser.site_process import Site
from tests.browser.test_booking import LONG, book


def on_duty(page: Page, site: Site) -> None:
    """The page of the monitor, signed in as the owner."""
    page.goto("/sign-in/")
    if page.get_by_role("button", name="Sign out").count() == 0:
        sign_in(page, "owner", site.password)
    page.goto("/monitor/")


def let_one_fail(page: Page, site: Site) -> str:
    """Make a booking whose job fails for good; returns the address of that job."""
    book(page, site, "fails for ever")
    expect(page.get_by_text("Our partner could not give us a fare.")).to_be_visible(timeout=LONG)
    on_duty(page, site)
    page.goto("/monitor/jobs/?state=failed")
    return page.get_by_role("link", name=re.compile("Ticket the booking")).first.get_attribute("href") or ""


def state_of(page: Page) -> str:
    return page.locator(".mw-head-side .mw-tag").inner_text()


def test_somebody_on_duty_finds_what_failed_and_skips_the_action(any_page: Page, site: Site) -> None:
    job = let_one_fail(any_page, site)
    any_page.goto("/monitor/")
    expect(any_page.get_by_role("heading", name=re.compile("failed"))).to_be_visible()
    any_page.locator(f".mw-failed a[href='{job}']").click()
    expect(any_page.get_by_text("503 Service Unavailable").first).to_be_visible()
    any_page.get_by_role("link", name="Skip this action…").click()
    expect(any_page.get_by_text("That action is not done; the journal says so.")).to_be_visible()
    any_page.get_by_role("button", name="Yes, skip it").click()
    expect(any_page.get_by_text("1 job goes on after the action that failed.")).to_be_visible()
    any_page.goto(job)
    expect(any_page.get_by_text("By owner.")).to_be_visible()


def test_all_that_a_filter_shows_are_cancelled_by_keyboard_alone(page: Page, site: Site) -> None:
    job = let_one_fail(page, site)
    page.goto("/monitor/jobs/")
    filters = page.locator(".mw-filter > summary")
    filters.focus()
    page.keyboard.press("Enter")
    page.get_by_label("State").focus()
    page.keyboard.type("Failed")
    page.get_by_label("Application").focus()
    page.keyboard.type("booking")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"state=failed&application=booking"))
    page.get_by_role("link", name="Cancel…").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=re.compile(r"Cancel: \d+ jobs?\?"))).to_be_visible()
    page.get_by_role("button", name="Yes, end it").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("No job matches")).to_be_visible()
    page.goto(job)
    assert state_of(page) == "Cancelled"


def test_a_run_is_followed_live_until_it_has_ended(page: Page, site: Site) -> None:
    on_duty(page, site)
    book(page, site, "fails once")
    page.goto("/monitor/runs/")
    page.get_by_role("link", name=re.compile("Record update")).first.click()
    expect(page.get_by_text("Live: read again every")).to_be_visible()
    expect(page.get_by_text("Here the person went on to the next page")).to_be_visible()
    details = page.locator(".mw-lane:not(.mw-lane-sync) .mw-detail").first
    details.wait_for(timeout=LONG)
    details.locator("summary").click()
    expect(page.locator(".mw-head-side .mw-tag")).to_have_text("Finished", timeout=LONG)
    expect(page.get_by_text("Live: read again every")).to_have_count(0)
    expect(details).to_have_attribute("open", "")
    assert page.locator("#live-poll").count() == 0


def test_a_run_is_told_without_javascript(plain_page: Page, site: Site) -> None:
    on_duty(plain_page, site)
    book(plain_page, site, "answers")
    expect(plain_page.get_by_role("heading", name="Your itinerary")).to_be_visible(timeout=LONG)
    plain_page.goto("/monitor/runs/")
    plain_page.get_by_role("link", name=re.compile("Record update")).first.click()
    journal = plain_page.locator(".mw-lane:not(.mw-lane-sync)")
    expect(journal.get_by_text("Ticketed").first).to_be_visible()
    journal.get_by_text(re.compile("The e-mail: Your booking")).click()
    expect(journal.get_by_text("Dear Mia Berger")).to_be_visible()


def test_every_page_of_the_monitor_looks_right_and_is_accessible(page: Page, site: Site, look: Look) -> None:
    job = let_one_fail(page, site)
    number = job.rstrip("/").rpartition("/")[2]
    book(page, site, "answers")
    expect(page.get_by_role("heading", name="Your itinerary")).to_be_visible(timeout=LONG)
    page.goto("/monitor/mail/")
    mail = page.locator("tbody a").first.get_attribute("href") or ""
    page.goto(job)
    run = page.get_by_role("link", name=re.compile("^run ")).get_attribute("href") or ""
    for name, address in [
        ("monitor", "/monitor/"),
        ("monitor-jobs", "/monitor/jobs/"),
        ("monitor-jobs-refused", "/monitor/jobs/?record=7&since=soon"),
        ("monitor-jobs-none", "/monitor/jobs/?queue=nowhere"),
        ("monitor-runs", "/monitor/runs/?application=booking"),
        ("monitor-job", job),
        ("monitor-run", run),
        ("monitor-restart", f"/monitor/jobs/restart/?job={number}"),
        ("monitor-cancel-all", "/monitor/jobs/cancel/?state=failed"),
        ("monitor-workers", "/monitor/workers/"),
        ("monitor-queues", "/monitor/queues/"),
        ("monitor-queue", "/monitor/queues/rules/?name=default"),
        ("monitor-mails", "/monitor/mail/"),
        ("monitor-mail", mail),
    ]:
        page.goto(address)
        look(page, name)


def test_the_rules_of_a_queue_are_set_and_forgotten(page: Page, site: Site, look: Look) -> None:
    on_duty(page, site)
    page.goto("/monitor/queues/rules/?name=reports")
    page.get_by_label("Jobs at a time").fill("2")
    page.get_by_role("button", name="Save").click()
    page.goto("/monitor/queues/rules/?name=reports")
    look(page, "monitor-queue-with-rules")
    page.get_by_role("button", name="Forget all its rules").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("reports")
    expect(page.get_by_role("main")).not_to_contain_text("2 at a time")
