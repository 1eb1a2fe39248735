"""Shared by the tests on a real database: publish a document and have its tables dropped at the end."""

from collections.abc import Callable, Iterator
from textwrap import dedent

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from meanwhile.definitions.loading import load
from meanwhile.definitions.program import Program, forget, program
from meanwhile.definitions.publish import plan, publish
from tests.contract.making_jobs import forget_versions

PublishYaml = Callable[[str], Program]


@pytest.fixture
def publish_yaml(transactional_db: None) -> Iterator[PublishYaml]:
    """``publish_yaml(text)`` publishes a document and gives its program. The next text of the same application becomes
    its next version. Tables made at run time are dropped at the end of the test."""

    def publish_text(text: str) -> Program:
        (version,) = publish(plan([load(dedent(text), "test.yaml")]))
        return program(version.pk)

    forget()
    yield publish_text
    drop_run_time_tables()
    forget()


@pytest.fixture
def no_cached_versions() -> Iterator[None]:
    """A version of another test may have had the same number."""
    forget_versions()
    yield
    forget_versions()


@pytest.fixture
def staff(client: Client) -> Client:
    """The browser of somebody on duty, signed in."""
    client.force_login(User.objects.create_user("ann", is_staff=True))
    return client


def run_time_tables() -> list[str]:
    """The names of the tables that documents made."""
    return [name for name in connection.introspection.table_names() if name.startswith("mw_")]


def drop_run_time_tables() -> None:
    """Drop them all. Before the rows of other tables are removed, since these refer to them."""
    names = [connection.ops.quote_name(name) for name in run_time_tables()]
    if not names:
        return
    with connection.constraint_checks_disabled(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"DROP TABLE {', '.join(names)} CASCADE")
        else:
            for name in names:
                cursor.execute(f"DROP TABLE {name}")
