"""The tutorial does what it says: its files are written and its commands are run, from top to bottom."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.docs.markdown import ROOT, Block, blocks
from tests.ports import free_port

TUTORIAL = ROOT / "docs/tutorial/first-application.md"
SECONDS = 60


class Reader:
    """Somebody who follows the tutorial in an empty folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._port = free_port()
        self._environment = {
            **{name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "MEANWHILE")},
            "DJANGO_SETTINGS_MODULE": "meanwhile.config.settings",
            "DATA": str(folder / "data"),
            "PYTHONUNBUFFERED": "1",
        }

    def follow(self, block: Block) -> None:
        if block.file:
            (self.folder / block.file).write_text(block.text)
        for command, expected in _commands(block):
            printed = self._run(command.replace("meanwhile run", f"meanwhile run --port {self._port}"))
            for line in expected:
                assert line.replace("8000", str(self._port)) in printed, f"{command}\n{printed}"

    def _run(self, command: str) -> str:
        words = [sys.executable, "-m", *command.split()]
        with subprocess.Popen(
            words,
            cwd=self.folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            assert process.stdout is not None
            lines = []
            for line in process.stdout:
                lines.append(line)
                if "Ctrl-C" in line:
                    self._look()
                    process.terminate()
        assert process.returncode == 0, "".join(lines)
        return "".join(lines)

    def _look(self) -> None:
        with closing(socket.create_connection(("127.0.0.1", self._port), SECONDS)):
            pass


def _commands(block: Block) -> Iterator[tuple[str, list[str]]]:
    """Each command of a console block, with the lines that it prints."""
    if block.language == "console":
        for part in block.text.split("$ ")[1:]:
            command, *expected = part.strip().splitlines()
            yield command, expected


@pytest.mark.timeout(300)
def test_the_tutorial_does_what_it_says(tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    for block in blocks(TUTORIAL):
        reader.follow(block)
    assert (tmp_path / "functions.py").exists()
