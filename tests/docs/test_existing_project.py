"""The how-to for an existing Django project works in a project that Django itself has just made."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.markdown import ROOT, Block, blocks

HOWTO = ROOT / "docs/howto/existing-django-project.md"
MODELS = """
from django.db import models


class Order(models.Model):
    email = models.EmailField()
"""
LOOK = """
from django.test import Client
client = Client(headers={"host": "localhost"})
answer = client.get("/")
print(answer.status_code, "Order" in answer.text)
print(client.get("/monitor/").status_code)
"""


class Project:
    """A project in an empty folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def manage(self, *words: str) -> str:
        return self._run(sys.executable, "manage.py", *words)

    def make(self) -> None:
        self._run(sys.executable, "-m", "django", "startproject", "site1", ".")
        self._run(sys.executable, "manage.py", "startapp", "shop")
        (self.folder / "shop/models.py").write_text(MODELS)

    def _run(self, *words: str) -> str:
        outside = {name: value for name, value in os.environ.items() if not name.startswith(("DJANGO_", "MEANWHILE"))}
        done = subprocess.run(words, cwd=self.folder, env=outside, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def _written(language: str, word: str) -> Block:
    return next(block for block in blocks(HOWTO) if block.language == language and word in block.text)


@pytest.mark.timeout(300)
def test_a_new_project_becomes_a_site_with_forms_by_the_steps_of_the_how_to(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.make()
    with (tmp_path / "site1/settings.py").open("a") as settings:
        settings.write(_written("python", "INSTALLED_APPS").text)
        settings.write('INSTALLED_APPS += ["shop"]\nALLOWED_HOSTS = ["localhost"]\n')
    (tmp_path / "site1/urls.py").write_text(_written("python", "urlpatterns").text)
    (tmp_path / "orders.yaml").write_text(_written("yaml", "shop.Order").text)
    project.manage("makemigrations", "shop", "--verbosity", "0")
    project.manage("migrate", "--verbosity", "0")

    assert "Orders: version 1" in project.manage("meanwhile", "apply", "orders.yaml")
    assert "orders.yaml: no errors." in project.manage("meanwhile", "check", "orders.yaml", "--settings=site1.settings")
    project.manage("meanwhile", "worker", "--drain")
    assert project.manage("shell", "--verbosity", "0", "-c", LOOK).split() == ["200", "True", "302"]
