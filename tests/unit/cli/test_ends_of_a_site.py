"""A whole site ends whole, however it is ended. Real processes; what its children do is in contract/test_cli_run.py."""

import signal
from pathlib import Path

import psutil

from tests.browser.site_process import Site, start
from tests.contract.test_cli_run import DEADLINE_SECONDS, FIELDS, until


def family(site: Site) -> list[psutil.Process]:
    return psutil.Process(site.process.pid).children(recursive=True)


def test_a_site_stops_whole_and_starts_again_without_publishing_and_without_password(tmp_path: Path) -> None:
    first = start(tmp_path / "data", [FIELDS])
    everybody = family(first)
    assert "Four fields: version 1" in first.log.read_text()
    assert stopped_by(first, signal.SIGTERM) == 0
    assert not [one for one in everybody if one.is_running()]

    again = start(tmp_path / "data", [FIELDS], is_new=False)
    assert "version" not in again.log.read_text()
    assert "Password" not in again.log.read_text()
    assert stopped_by(again, signal.SIGINT) == 0


def test_nobody_outlives_a_site_that_was_killed(tmp_path: Path) -> None:
    site = start(tmp_path / "data", [FIELDS])
    everybody = family(site)
    assert stopped_by(site, signal.SIGKILL) == -signal.SIGKILL
    until(lambda: not any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in everybody))


def stopped_by(site: Site, number: signal.Signals) -> int:
    """The exit code of the site after that signal."""
    site.process.send_signal(number)
    return site.process.wait(DEADLINE_SECONDS)
