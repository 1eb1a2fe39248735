"""What a process has in memory that has just started: nothing that most of them never need."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

LOADED = """
import sys
import django
django.setup()
from meanwhile.cli import site, {command}
site.require_checks(addresses={serves})
print(*sys.modules)
"""


@pytest.mark.parametrize(
    ("command", "serves", "never"),
    [
        ("worker", False, {"psycopg", "django_tables2", "django_filters", "granian", "meanwhile.designer.urls"}),
        ("web", True, {"psycopg", "django_tables2", "django_filters"}),
    ],
)
def test_a_site_on_sqlite_loads_only_what_it_needs(tmp_path: Path, command: str, serves: bool, never: set[str]) -> None:
    own = {"DJANGO_SETTINGS_MODULE": "meanwhile.config.settings", "DATA": str(tmp_path), "DATABASE_URL": ""}
    words = [sys.executable, "-c", LOADED.format(command=command, serves=serves)]
    done = subprocess.run(words, env=os.environ | own, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "meanwhile.contrib" in loaded
    assert not never & loaded
