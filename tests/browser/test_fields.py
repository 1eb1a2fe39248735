"""The four fields of the second example: A and D stand on the next page, B and C follow."""

from playwright.sync_api import Page, expect

from tests.browser.site_process import Site


def test_a_and_d_stand_on_the_next_page_and_b_and_c_follow(any_page: Page, site: Site) -> None:
    any_page.goto(f"{site.url}/forms/fields/sheet/")
    any_page.get_by_label("Title").fill("Sheet")
    any_page.get_by_label("E-mail address").fill("mia@example.org")
    any_page.get_by_role("button", name="Submit").click()
    expect(any_page.get_by_text("A: A of Sheet")).to_be_visible()
    expect(any_page.get_by_text("D: D of Sheet")).to_be_visible()

    def others_are_there() -> None:
        any_page.reload()
        expect(any_page.get_by_text("B: B of Sheet")).to_be_visible(timeout=500)
        expect(any_page.get_by_text("C: C of Sheet")).to_be_visible(timeout=500)

    retry(others_are_there)


def retry(claim: object, times: int = 40) -> None:
    """Hold ``claim`` until it is true; its own expectations wait."""
    assert callable(claim)
    for _ in range(times - 1):
        try:
            return claim()
        except AssertionError:
            continue
    return claim()
