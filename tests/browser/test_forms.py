"""Forms as a person fills them in: mistakes, second presses, the back button."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.site_process import Site


def fill(page: Page, site: Site, form: str, **values: str) -> None:
    page.goto(f"{site.url}/forms/states/{form}/")
    for label, value in values.items():
        page.get_by_label(label).fill(value)


def test_a_mistake_is_named_at_its_field_and_the_input_is_kept(any_page: Page, site: Site) -> None:
    fill(any_page, site, "many", Amount="400", Remark="Please\nkeep me")
    any_page.get_by_role("button", name="Keep it").click()
    summary = any_page.get_by_role("alert")
    expect(summary.get_by_role("listitem")).to_have_count(2)
    expect(any_page.get_by_label("What is it called?")).to_be_focused()
    expect(any_page.get_by_label("What is it called?")).to_have_attribute("aria-invalid", "true")
    expect(any_page.get_by_label("Amount")).to_have_value("400")
    expect(any_page.get_by_label("Remark")).to_have_value("Please\nkeep me")
    summary.get_by_role("link", name="Amount").click()
    expect(any_page.get_by_label("Amount")).to_be_focused()


def test_presets_stand_in_the_form_and_hidden_ones_are_saved(any_page: Page, site: Site) -> None:
    fill(any_page, site, "many")
    expect(any_page.get_by_label("Amount")).to_have_value("3")
    any_page.get_by_label("What is it called?").fill("Lamp")
    any_page.get_by_role("button", name="Keep it").click()
    expect(any_page.get_by_text("Lamp from the form of")).to_be_visible()
    expect(any_page.get_by_text("Amount: 3")).to_be_visible()
    expect(any_page.get_by_text("Colour: red")).to_be_visible()


def test_a_rule_of_the_form_says_its_message(any_page: Page, site: Site) -> None:
    fill(any_page, site, "many", Amount="13")
    any_page.get_by_label("What is it called?").fill("Lamp")
    any_page.get_by_role("button", name="Keep it").click()
    expect(any_page.get_by_text("Thirteen is not allowed here.")).to_be_visible()
    expect(any_page.get_by_label("What is it called?")).to_have_value("Lamp")


def test_a_failing_action_gives_the_form_again(any_page: Page, site: Site) -> None:
    fill(any_page, site, "refused", Name="Lamp")
    any_page.get_by_role("button", name="Submit").click()
    expect(any_page.get_by_text("The stock is empty. Try again tomorrow.")).to_be_visible()
    expect(any_page.get_by_label("Name")).to_have_value("Lamp")


def test_a_form_without_a_next_page_says_thank_you(any_page: Page, site: Site) -> None:
    fill(any_page, site, "plain", Name="Lamp")
    any_page.get_by_role("button", name="Submit").click()
    expect(any_page.get_by_role("heading", name="Thank you")).to_be_visible()


def test_a_corrected_form_from_the_back_button_was_sent_already(any_page: Page, site: Site) -> None:
    fill(any_page, site, "many", Amount="1")
    any_page.get_by_label("What is it called?").fill("First")
    any_page.get_by_role("button", name="Keep it").click()
    expect(any_page.get_by_text("First from")).to_be_visible()
    any_page.go_back()
    any_page.get_by_label("What is it called?").fill("Second")
    any_page.get_by_role("button", name="Keep it").click()
    expect(any_page.get_by_role("heading", name="This was sent already")).to_be_visible()
    expect(any_page.get_by_label("What is it called?")).to_have_value("Second")
    any_page.get_by_role("link", name="Open the first").click()
    expect(any_page.get_by_text("First from")).to_be_visible()
    any_page.go_back()
    any_page.get_by_role("button", name="Send as new").click()
    expect(any_page.get_by_text("Second from")).to_be_visible()


def test_the_same_form_sent_again_leads_to_the_first(any_page: Page, site: Site) -> None:
    fill(any_page, site, "many", Amount="1")
    any_page.get_by_label("What is it called?").fill("Once")
    any_page.get_by_role("button", name="Keep it").click()
    expect(any_page.get_by_text("Once from")).to_be_visible()
    any_page.go_back()
    any_page.get_by_role("button", name="Keep it").click()
    expect(any_page.get_by_text("Once from")).to_be_visible()


def test_a_button_pressed_twice_sends_once(page: Page, site: Site) -> None:
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method) if request.method == "POST" else None)
    fill(page, site, "plain", Name="Lamp")
    page.evaluate(
        "() => { const button = document.querySelector('main [type=submit]'); button.click(); button.click(); }"
    )
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    assert sent == ["POST"]


def test_a_record_is_changed_by_the_address_on_its_page(any_page: Page, site: Site) -> None:
    fill(any_page, site, "many", Amount="1")
    any_page.get_by_label("What is it called?").fill("Before")
    any_page.get_by_role("button", name="Keep it").click()
    any_page.get_by_role("link", name="Change it").click()
    expect(any_page.get_by_label("Name")).to_have_value("Before")
    any_page.get_by_label("Name").fill("After")
    any_page.get_by_role("button", name="Submit").click()
    expect(any_page.get_by_text("After from")).to_be_visible()


@pytest.mark.parametrize(("form", "title"), [("signed", "For who has signed in"), ("members", "For members")])
def test_a_visitor_signs_in_first_and_comes_back_to_the_form(page: Page, site: Site, form: str, title: str) -> None:
    page.goto(f"{site.url}/forms/states/{form}/")
    page.get_by_label("Username").fill("owner")
    page.get_by_label("Password").fill(site.password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name=title)).to_be_visible()
