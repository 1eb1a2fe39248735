"""The browser and the site that the tests in the browser share.

``site``: a running site with the examples and ``site/states.yaml``. ``page`` (with JavaScript) and ``plain_page``
(without) fail their test when the browser reports a violation of the content security policy or an error.
``as_owner``: ``page``, signed in as the owner. ``shoot``: pictures of a page, light and dark,
on a phone and on a desktop.
``check_accessibility``: no serious finding of axe. ``look``: both.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.site_process import Site, start

type Look = Callable[[Page, str], None]

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
SCREENSHOTS = HERE / "screenshots"
DOCUMENTS = [ROOT / "examples/booking/booking.yaml", ROOT / "examples/fields/fields.yaml", HERE / "site/states.yaml"]
TAKES_PICTURES = bool(os.environ.get("MEANWHILE_PICTURES"))
WIDTHS = {"phone": 390, "desktop": 1280}
HEIGHT = 844
# Chromium looks for its vendor's hosts unless it is told not to; a test reaches nothing but this machine.
FLAGS = [
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_REPORT = """
document.addEventListener("securitypolicyviolation", (event) => {
  const place = `${event.sourceFile}:${event.lineNumber}`;
  console.error(`CSP: ${event.violatedDirective} refused ${event.blockedURI} at ${place}`);
});
"""


_SERIOUS = """
async (options) => {
  const { violations } = await axe.run({ resultTypes: ["violations"], ...options });
  const serious = violations.filter(({ impact }) => ["serious", "critical"].includes(impact));
  return serious.flatMap(({ id, nodes }) => nodes.map(({ html }) => [id, html]));
}
"""
# What a page of other colours can have other findings of.
_COLOURS = {"runOnly": ["color-contrast", "link-in-text-block"]}


def chromium() -> str:
    """The browser of this machine."""
    known = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    names = [os.environ.get("MEANWHILE_TEST_CHROMIUM"), *known]
    found = next((path for name in names if name and (path := shutil.which(name))), None)
    assert found, "No Chromium on this machine. Install one or name it in MEANWHILE_TEST_CHROMIUM."
    return found


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    return {**browser_type_launch_args, "executable_path": chromium(), "args": [*FLAGS, *root]}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    size = {"width": WIDTHS["desktop"], "height": HEIGHT}
    # Nothing is measured while it fades from one colour to another.
    return {**browser_context_args, "viewport": size, "locale": "en-GB", "reduced_motion": "reduce"}


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A running site on SQLite with a worker, stopped at the end."""
    # Each pause before another try is as long as the first, so that what fails for ever does so in four seconds.
    settings = '{"open_form_per_minute": 0, "backoff_factor": 1}'
    environment = {"BOOKING_PARTNER_SECONDS": "0.3", "MEANWHILE": settings}
    running = start(tmp_path_factory.mktemp("site") / "data", DOCUMENTS, **environment)
    yield running
    running.stop()


@pytest.fixture(scope="session")
def base_url(site: Site) -> str:
    """Where relative addresses of the tests lead."""
    return site.url


@pytest.fixture
def complaints() -> Iterator[list[str]]:
    """What the browser complained about; the test fails when there is anything."""
    found: list[str] = []
    yield found
    assert found == []


@pytest.fixture
def context(context: BrowserContext, complaints: list[str]) -> BrowserContext:
    return watched(context, complaints)


@pytest.fixture
def plain_page(browser: Browser, browser_context_args: dict[str, Any], complaints: list[str]) -> Iterator[Page]:
    """A page in a browser without JavaScript."""
    context = watched(browser.new_context(**browser_context_args, java_script_enabled=False), complaints)
    yield context.new_page()
    context.close()


def watched(context: BrowserContext, complaints: list[str]) -> BrowserContext:
    """``context``, with everything that its pages complain about added to ``complaints``.

    An answer with an error's status is no complaint: tests ask for such pages on purpose.
    """
    context.add_init_script(_REPORT)
    context.on("weberror", lambda error: complaints.append(str(error.error)))

    def listen(message: Any) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            complaints.append(message.text)

    context.on("console", listen)
    return context


@pytest.fixture
def as_owner(page: Page, site: Site) -> Page:
    sign_in(page, "owner", site.password)
    return page


def sign_in(page: Page, name: str, password: str) -> None:
    """Sign in as a person does."""
    page.goto("/sign-in/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Sign out").wait_for()


@pytest.fixture
def shoot() -> Callable[[Page, str], None]:
    """A page fits a phone and a desktop: ``shoot(page, "form")``. ``make pictures`` has it taken, too, light and dark.
    The pictures are not in git; look at them."""

    def take(page: Page, name: str) -> None:
        page.wait_for_load_state()  # a link may have just been followed
        before = page.viewport_size
        for device, width in WIDTHS.items():
            page.set_viewport_size({"width": width, "height": HEIGHT})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{name} is too wide on a {device}"
            for scheme in ("light", "dark") if TAKES_PICTURES else ():
                page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
                page.screenshot(path=SCREENSHOTS / f"{name}-{device}-{scheme}.png", full_page=True)
        if before:
            page.set_viewport_size(before)

    return take


@pytest.fixture
def check_accessibility() -> Callable[[Page], None]:
    """Fail on a serious finding of axe, light or dark."""

    def check(page: Page) -> None:
        page.wait_for_load_state()
        page.evaluate(Axe().axe_script)
        page.emulate_media(color_scheme="light")
        assert page.evaluate(_SERIOUS, {}) == []
        page.emulate_media(color_scheme="dark")
        assert page.evaluate(_SERIOUS, _COLOURS) == []

    return check


@pytest.fixture
def look(
    request: pytest.FixtureRequest, shoot: Callable[[Page, str], None], check_accessibility: Callable[[Page], None]
) -> Look:
    """``shoot`` and ``check_accessibility``; nothing in a test without JavaScript, since axe is a script."""

    def look(page: Page, name: str) -> None:
        if "without" in request.node.name:
            return
        shoot(page, name)
        check_accessibility(page)

    return look


@pytest.fixture(params=["with JavaScript", "without JavaScript"])
def any_page(request: pytest.FixtureRequest) -> Page:
    """A page with JavaScript, then one without: what a test does with it works either way."""
    page: Page = request.getfixturevalue("page" if request.param == "with JavaScript" else "plain_page")
    return page
