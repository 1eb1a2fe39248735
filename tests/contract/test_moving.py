"""``meanwhile apply --move``; what moves and what stays is tested with the engine."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from meanwhile.cli import main
from meanwhile.engine import intake
from meanwhile.queue.models import Job
from tests.contract.conftest import PublishYaml
from tests.contract.designer.publishing import ONE

pytestmark = pytest.mark.django_db(transaction=True)


def apply(folder: Path, text: str, *options: str) -> str:
    """What the command prints."""
    file, output = folder / "shop.yaml", io.StringIO()
    file.write_text(text)
    assert main.perform(["apply", *options, str(file)], Console(file=output, width=200)) == 0
    return output.getvalue()


def test_apply_moves_jobs_only_where_it_is_asked_to(publish_yaml: PublishYaml, tmp_path: Path) -> None:
    old = publish_yaml(ONE)
    intake.submit(old, "item", {"a": "x"})
    assert "moved" not in apply(tmp_path, ONE.replace("value: one", "value: two"))
    assert Job.objects.get().version_id == old.version_id
    printed = apply(tmp_path, ONE.replace("value: one", "value: three"), "--move")
    assert "Shop: 1 job moved to version 3." in printed
    assert Job.objects.get().steps[-1]["note"] == "By the command line, from version 1 to 3."


def test_apply_says_why_a_job_stays(publish_yaml: PublishYaml, tmp_path: Path) -> None:
    intake.submit(publish_yaml(ONE), "item", {"a": "x"})
    without = ONE.replace("background:\n          do:\n            - update_field", "update_field")
    printed = apply(tmp_path, without, "--move")
    assert "1 job stays: The object at which it stands is gone" in printed
