"""The owner lets people in; the people come in."""

import re
import secrets

from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import sign_in
from tests.browser.site_process import Site


def add_person(page: Page, name: str) -> str:
    page.goto("/people/")
    page.get_by_role("link", name="Add a person").click()
    page.get_by_label("Name for signing in").fill(name)
    page.get_by_role("button", name="Add the person").click()
    return page.get_by_test_id("password").inner_text()


def test_a_new_person_signs_in_with_the_password_that_was_shown_once(as_owner: Page, site: Site) -> None:
    name = f"mia-{secrets.token_hex(3)}"
    password = add_person(as_owner, name)
    as_owner.get_by_role("button", name="Sign out").click()
    sign_in(as_owner, name, password)
    expect(as_owner.get_by_text("Please choose one of your own")).to_be_visible()
    as_owner.get_by_role("link", name="change the password").click()
    as_owner.get_by_label("Old password").fill(password)
    as_owner.get_by_label("New password", exact=True).fill("a-longer-one-of-mine")
    as_owner.get_by_label("New password confirmation").fill("a-longer-one-of-mine")
    as_owner.get_by_role("button", name="Change the password").click()
    expect(as_owner.get_by_text("Your password is changed.")).to_be_visible()
    expect(as_owner.get_by_role("link", name="People")).to_have_count(0)


def test_a_member_of_a_group_uses_its_form_and_others_are_told(as_owner: Page, site: Site) -> None:
    name = f"jon-{secrets.token_hex(3)}"
    password = add_person(as_owner, name)
    as_owner.get_by_role("button", name="Sign out").click()
    sign_in(as_owner, name, password)
    as_owner.goto("/forms/states/members/")
    expect(as_owner.get_by_role("heading", name="This form is for other people")).to_be_visible()
    as_owner.get_by_role("button", name="Sign out").click()

    sign_in(as_owner, "owner", site.password)
    as_owner.goto("/people/")
    if as_owner.get_by_role("link", name="Desk").count():
        as_owner.get_by_role("link", name="Desk").click()
    else:
        as_owner.get_by_role("link", name="Add a group").click()
        as_owner.get_by_label("Name", exact=True).fill("Desk")
    as_owner.get_by_label(name).check()
    as_owner.get_by_role("button", name="Save").click()
    expect(as_owner.get_by_text("The group Desk is saved.")).to_be_visible()
    as_owner.get_by_role("button", name="Sign out").click()

    sign_in(as_owner, name, password)
    as_owner.get_by_role("link", name="For members").click()
    expect(as_owner.get_by_role("heading", name="For members")).to_be_visible()


def test_a_person_who_was_shut_out_cannot_sign_in(as_owner: Page, site: Site, browser: Browser) -> None:
    name = f"kim-{secrets.token_hex(3)}"
    password = add_person(as_owner, name)
    as_owner.goto("/people/")
    as_owner.get_by_role("link", name=name).click()
    as_owner.get_by_label("May sign in").uncheck()
    as_owner.get_by_role("button", name="Save").click()
    as_owner.get_by_role("button", name="Sign out").click()
    as_owner.goto("/sign-in/")
    as_owner.get_by_label("Username").fill(name)
    as_owner.get_by_label("Password").fill(password)
    as_owner.get_by_role("button", name="Sign in").click()
    expect(as_owner.get_by_role("alert")).to_contain_text(re.compile("correct username and password"))
