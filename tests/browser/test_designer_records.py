"""Records as a designer looks after them: by mouse, by keyboard alone, and without JavaScript."""

import re
import secrets
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import SCREENSHOTS, Look, sign_in
from tests.browser.site_process import Site

HOME = "/designer/booking/tables/booking/records/"
# A table without background work, which would change a record that was just saved once more.
THINGS = "/designer/states/tables/thing/records/"
LONG = 60_000


@pytest.fixture
def word() -> str:
    """By it a test knows its own records again; the site is shared."""
    return f"Zoe{secrets.token_hex(3)}"


def designing(page: Page, site: Site) -> Page:
    sign_in(page, "owner", site.password)
    page.goto(HOME)
    return page


def write(folder: Path, word: str, count: int, *, wrong: int = 0) -> Path:
    """A file of bookings, the last ``wrong`` of which do not fit."""
    lines = [f"{word} {number},{word.lower()}@example.org,Lisbon,2" for number in range(count - wrong)]
    lines += [f"{word} wrong {number},{word.lower()}@example.org,Atlantis,12" for number in range(wrong)]
    path = folder / f"{word}.csv"
    path.write_text("\n".join(["passenger,E-mail address,destination,seats", *lines]), encoding="utf-8")
    return path


def import_file(page: Page, path: Path, home: str = HOME) -> None:
    page.goto(home)
    page.get_by_role("link", name=re.compile("Import")).first.click()
    page.get_by_label("CSV file").set_input_files(path)
    page.get_by_role("button", name="Look at it first").click()


def search(page: Page, word: str, home: str = HOME) -> None:
    page.goto(home)
    page.get_by_role("searchbox").fill(word)
    page.get_by_role("button", name="Show").first.click()


def titles(page: Page) -> Locator:
    return page.locator(".mw-records tbody th a")


def make(page: Page, name: str) -> None:
    page.goto(f"{THINGS}new/")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Amount").fill("1")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The record is saved.")).to_be_visible()


def test_a_record_is_made_found_changed_and_deleted(any_page: Page, site: Site, word: str) -> None:
    page = designing(any_page, site)
    page.goto(THINGS)
    page.get_by_role("link", name=re.compile("New record|Make the first record")).first.click()
    page.get_by_label("Amount").fill("500")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("Please look at 2 things again")
    expect(page.get_by_label("Amount")).to_have_value("500")
    make(page, word)
    search(page, word, THINGS)
    expect(titles(page)).to_have_text([word])
    titles(page).click()
    page.get_by_label("Amount").fill("3")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The record is saved.")).to_be_visible()
    expect(page.get_by_label("Amount")).to_have_value("3")
    page.get_by_role("link", name="Its runs").click()
    expect(page.locator(".mw-table tbody tr")).to_have_count(2)
    search(page, word, THINGS)
    page.get_by_label(f"Choose {word}").check()
    page.get_by_role("button", name=re.compile("Delete chosen")).click()
    expect(page.get_by_role("heading", name="Delete this record?")).to_be_visible()
    page.get_by_role("button", name="Yes, delete").click()
    expect(page.get_by_text("1 record is deleted.")).to_be_visible()
    search(page, word, THINGS)
    expect(page.get_by_text("No record matches")).to_be_visible()


def test_the_list_is_sorted_and_filtered_by_keyboard_alone(page: Page, site: Site, word: str, look: Look) -> None:
    designing(page, site)
    for name in (f"{word} B", f"{word} A"):
        make(page, name)
    page.goto(THINGS)
    page.get_by_role("searchbox").focus()
    page.keyboard.type(word)
    page.keyboard.press("Enter")
    expect(titles(page)).to_have_text([f"{word} A", f"{word} B"])
    head = page.get_by_role("columnheader", name="Name")
    head.get_by_role("link").focus()
    page.keyboard.press("Enter")
    expect(head).to_have_attribute("aria-sort", "ascending")
    head.get_by_role("link").focus()
    page.keyboard.press("Enter")
    expect(titles(page)).to_have_text([f"{word} B", f"{word} A"])
    page.locator(".mw-records-more > summary").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Colour").focus()
    page.keyboard.type("green")
    page.get_by_label("Amount from").focus()
    page.keyboard.type("2")
    look(page, "records-filter")
    page.get_by_label("Amount from").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("No record matches")).to_be_visible()
    expect(page.locator(".mw-chip")).to_have_text(["Amount from: 2", "Colour: green"])
    page.get_by_role("link", name="Show all records").focus()
    page.keyboard.press("Enter")
    page.get_by_label(f"Choose {word} A").focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Delete chosen (1)…")).to_be_visible()


def test_who_was_overtaken_is_told(any_page: Page, site: Site, word: str, look: Look) -> None:
    page = designing(any_page, site)
    make(page, word)
    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_label("Amount").fill("4")
    other.get_by_role("button", name="Save").click()
    expect(other.get_by_text("The record is saved.")).to_be_visible()
    page.get_by_label("Name").fill(f"{word} Smith")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("This record is not as you opened it")
    expect(page.get_by_role("alert")).to_contain_text("Amount: now “4”")
    expect(page.get_by_label("Name")).to_have_value(f"{word} Smith")
    expect(page.get_by_label("Amount")).to_have_value("4")
    look(page, "records-overtaken")
    page.get_by_role("link", name="Leave mine, look at theirs").click()
    expect(page.get_by_label("Name")).to_have_value(word)


def test_a_file_is_looked_at_imported_and_its_refused_rows_are_mended(
    any_page: Page, site: Site, word: str, tmp_path: Path, look: Look
) -> None:
    page = designing(any_page, site)
    import_file(page, write(tmp_path, word, 12, wrong=2))
    expect(page.get_by_label("E-mail address")).to_have_value("email")
    expect(page.get_by_text("2 of 12 rows would be refused as they stand")).to_be_visible()
    look(page, "records-import-columns")
    page.get_by_role("button", name="Import 12 rows").click()
    expect(page.get_by_role("heading", name="The import is done")).to_be_visible(timeout=LONG)
    expect(page.get_by_role("row", name=re.compile("Row 12"))).to_contain_text("Atlantis")
    look(page, "records-import-report")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the rows that were not imported").click()
    text = Path(download.value.path()).read_text(encoding="utf-8")
    assert text.splitlines()[0] == "passenger,E-mail address,destination,seats,reason"
    mended = tmp_path / "mended.csv"
    mended.write_text(text.replace("Atlantis,12", "Reykjavik,2"), encoding="utf-8")
    import_file(page, mended)
    page.get_by_role("button", name="Import 2 rows").click()
    expect(page.get_by_role("heading", name="The import is done")).to_be_visible(timeout=LONG)
    search(page, word)
    expect(page.get_by_text("12 records")).to_be_visible()
    look(page, "records")


def test_the_progress_is_seen_and_an_import_can_be_cancelled(
    any_page: Page, site: Site, word: str, tmp_path: Path
) -> None:
    page = designing(any_page, site)
    path = tmp_path / f"{word}.csv"
    path.write_text("name\n" + f"{word}\n" * 9000, encoding="utf-8")
    import_file(page, path, THINGS)
    page.get_by_role("button", name=re.compile("Import 9,?000 rows")).click()
    expect(page.get_by_role("progressbar", name="Progress of the import")).to_be_visible()
    expect(page.locator("progress:not([value='0'])")).to_be_visible(timeout=LONG)
    page.screenshot(path=SCREENSHOTS / "records-import-progress.png", full_page=True)
    page.get_by_role("button", name="Cancel the import").click()
    expect(page.get_by_role("heading", name="The import was cancelled")).to_be_visible(timeout=LONG)
    page.get_by_role("link", name="Its job in the monitor").click()
    expect(page.get_by_role("heading", name=f"Import of {word}.csv")).to_be_visible()


def test_a_table_that_is_only_in_the_draft_says_so(page: Page, site: Site, look: Look) -> None:
    designing(page, site)
    page.goto("/designer/states/new-table/")
    page.get_by_label("Label").fill(f"Ideas {secrets.token_hex(3)}")
    page.get_by_role("button", name="Add table").click()
    page.get_by_role("link", name="Records", exact=True).last.click()
    expect(page.get_by_role("heading", name="Not published yet")).to_be_visible()
    look(page, "records-unpublished")
