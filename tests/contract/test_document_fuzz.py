"""Any document that checks clean publishes, and so does any next version of which the plan has nothing bad to say."""

from collections.abc import Iterator

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from meanwhile.definitions.check import check
from meanwhile.definitions.document import Document
from meanwhile.definitions.loading import load
from meanwhile.definitions.models import Application, Version
from meanwhile.definitions.problems import DocumentErrors
from meanwhile.definitions.program import current_program, forget
from meanwhile.definitions.publish import plan, publish
from meanwhile.definitions.writer import dump_plain, dump_yaml
from tests.contract.conftest import drop_run_time_tables
from tests.contract.generated_documents import EDITS, Edit, Plain, documents, edited

# Each example makes real tables; as many as fit into a few seconds on either database.
PUBLISHING = settings(max_examples=max(10, settings().max_examples // 2))


@pytest.fixture
def database(transactional_db: None) -> Iterator[None]:
    yield
    start_again()


def start_again() -> None:
    """Nothing is published, and there are no tables; between examples, which share one test."""
    Application.objects.update(current=None)
    Version.objects.all().delete()
    Application.objects.all().delete()
    drop_run_time_tables()
    forget()


def usable(plain: Plain) -> Document | None:
    """The document, when it is right; its errors are not what is tested here."""
    try:
        document = load(dump_plain(plain), "fuzz.yaml")
    except DocumentErrors as errors:
        note(str(errors))
        return None
    errors = [problem for problem in check(document) if problem.severity == "error"]
    note("\n".join(map(str, errors)))
    return None if errors else document


@PUBLISHING
@given(documents())
def test_a_document_that_checks_clean_publishes(database: None, plain: Plain) -> None:
    start_again()
    document = usable(plain)
    if document is None:
        return
    published = plan([document])
    assert published.errors == []
    publish(published)
    program = current_program("fuzz")
    assert set(program.tables) == set(document.tables)
    assert set(program.trees) == {tree.event for tree in document.trees()}
    for table in program.tables.values():
        list(table.model._base_manager.all())
    assert plan([load(dump_yaml(program.document))]).is_empty


@PUBLISHING
@given(documents(), st.lists(EDITS, min_size=1, max_size=3))
def test_whatever_the_plan_allows_publishes_version_after_version(
    database: None, plain: Plain, versions: list[list[Edit]]
) -> None:
    start_again()
    for edits in ([], *versions):
        plain = edited(plain, edits)
        document = usable(plain)
        if document is None:
            continue
        step = plan([document])
        note(f"{step.changes} {step.losses} {step.errors}")
        if not step.errors:
            publish(step)
            for table in current_program("fuzz").tables.values():
                list(table.model._base_manager.all())
