"""What the examples and the documentation show is right."""

import re
from pathlib import Path

import pytest

from meanwhile.definitions.check import check
from meanwhile.definitions.loading import load, load_file
from meanwhile.plugins import function_files
from meanwhile.plugins.functions import function
from tests.docs.markdown import PAGES, ROOT, Block, blocks

EXAMPLES = sorted(ROOT.glob("examples/*/*.yaml"))
BLOCKS = [(page, block) for page in PAGES for block in blocks(page)]
DOCUMENTS = [each for each in BLOCKS if each[1].language == "yaml" and "application:" in each[1].text]
PYTHON = [each for each in BLOCKS if each[1].language == "python"]


pytestmark = pytest.mark.usefixtures("no_functions_left")


def _id(value: object) -> str:
    return str(value.relative_to(ROOT)) if isinstance(value, Path) else "block"


@pytest.mark.parametrize("path", EXAMPLES, ids=_id)
def test_example_checks_without_errors(path: Path) -> None:
    function_files.load_beside([path])
    assert [str(problem) for problem in check(load_file(path)) if problem.severity == "error"] == []


def test_examples_warn_of_nothing_but_the_race_that_the_fields_are_there_to_show() -> None:
    function_files.load_beside(EXAMPLES)
    warnings = [problem.message for path in EXAMPLES for problem in check(load_file(path))]
    assert len(warnings) == 2
    assert all(
        re.match(r'Page "sheet" shows "field_[bc]", which only the background writes', text) for text in warnings
    )


@pytest.mark.parametrize(("written", "block"), DOCUMENTS, ids=_id)
def test_document_in_the_documentation_checks_without_errors(written: Path, block: Block) -> None:
    for name in re.findall(r"function: (\w+)", block.text):
        function(name=name)(lambda **arguments: None)
    problems = check(load(block.text, written.name))
    host_model_is_made_up = "model: shop.Order" in block.text
    assert host_model_is_made_up or [str(problem) for problem in problems if problem.severity == "error"] == []


@pytest.mark.parametrize(("written", "block"), PYTHON, ids=_id)
def test_python_in_the_documentation_can_be_compiled(written: Path, block: Block) -> None:
    compile(block.text, str(written), "exec")


def test_functions_in_the_documentation_can_be_registered() -> None:
    for _page, block in PYTHON:
        if "@function" in block.text:
            exec(compile(block.text, "documentation", "exec"), {})
