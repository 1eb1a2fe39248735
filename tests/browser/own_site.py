"""A site of a test's own, without any application, and a page in it."""

from collections.abc import Iterator
from typing import Any

from playwright.sync_api import Browser, Page

from tests.browser.conftest import watched
from tests.browser.site_process import Site


def page_in(
    site: Site, browser: Browser, arguments: dict[str, Any], complaints: list[str], *, has_script: bool = True
) -> Iterator[Page]:
    """A page whose relative addresses lead to ``site``; for a fixture to yield from. ``complaints``: as everywhere."""
    context = browser.new_context(**{**arguments, "base_url": site.url}, java_script_enabled=has_script)
    watched(context, complaints)
    yield context.new_page()
    context.close()
