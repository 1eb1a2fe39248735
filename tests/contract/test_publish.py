"""Publishing changes the tables and puts the next version in force, all or nothing, and only ever widens."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from meanwhile.core.errors import MissingDefinition, PermanentError
from meanwhile.definitions import publish as publishing
from meanwhile.definitions.dropping import StillInUse, drop_data
from meanwhile.definitions.loading import load
from meanwhile.definitions.models import Application, Version
from meanwhile.definitions.problems import DocumentErrors
from meanwhile.definitions.program import applications, current_program, forget, program
from meanwhile.definitions.publish import Plan, PublishBusy, StalePlan, plan, publish
from meanwhile.queue.models import Job
from meanwhile.queue.states import State
from meanwhile.tables import records
from tests.contract.conftest import PublishYaml, run_time_tables

ONE = """\
application: shop
title: Shop
tables:
  article:
    fields:
      name: {type: text, max_length: 20}
      price: {type: integer}
    events:
      record_update:
        - update_field: {field: name, value: one}
        - background:
          do:
            - update_field: {field: name, value: two}
forms:
  article:
    table: article
    fields: [name]
    next: shown
    events:
      record_update:
        - update_field: {field: name, value: three}
pages:
  shown: {kind: content, table: article, text: "{{ record.name }}"}
"""
NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


def plan_of(text: str) -> Plan:
    return plan([load(text, "test.yaml")])


def columns(table: str) -> list[str]:
    with connection.cursor() as cursor:
        return [column.name for column in connection.introspection.get_table_description(cursor, table)]


def ids(text: str) -> list[str]:
    """The node ids that the current version has, in the order of the walk."""
    return [node.id or "" for tree in current_program(text).document.trees() for _loc, node in tree.nodes()]


# --- the program -------------------------------------------------------------------------------------------------


def test_a_published_document_is_a_program_with_tables(publish_yaml: PublishYaml) -> None:
    shop = publish_yaml(ONE)
    assert (shop.application, shop.number, shop.title) == ("shop", 1, "Shop")
    assert {"id", "name", "price", "created_at", "updated_by"} <= set(columns(shop.tables["article"].db_table))
    assert list(shop.trees) == ["article.record_update", "form:article"]
    tree = shop.trees["article.record_update"]
    assert [node.type for node in tree.nodes] == ["update_field", "background"]
    (child,) = tree.nodes[1].do
    assert (child.parent, child.following, child.kind) == (tree.nodes[1], None, "action")
    assert tree.nodes[0].following is tree.nodes[1]
    assert tree.by_id[child.id] is child
    following = shop.next_page("article")
    assert following is not None
    assert following.kind == "content"


def test_what_is_published_is_in_force(publish_yaml: PublishYaml) -> None:
    shop = publish_yaml(ONE)
    assert current_program("shop") is shop
    assert applications() == [shop]
    assert program(shop.version_id) is shop


def test_the_document_of_the_current_program_is_read_once(publish_yaml: PublishYaml) -> None:
    publish_yaml(ONE)
    forget()
    with CaptureQueriesContext(connection) as queries:
        first = current_program("shop")
        assert current_program("shop") is first
    assert len(queries) == 1


def test_all_programs_cost_two_queries_the_first_time(publish_yaml: PublishYaml) -> None:
    publish_yaml(ONE)
    publish_yaml(ONE.replace("application: shop", "application: other"))
    forget()
    with CaptureQueriesContext(connection) as queries:
        assert len(applications()) == 2
    assert len(queries) == 2


def test_what_was_never_published_is_missing(publish_yaml: PublishYaml) -> None:
    with pytest.raises(MissingDefinition, match="no published application"):
        current_program("shop")
    with pytest.raises(MissingDefinition, match="no published version"):
        program(10_000_000)
    shop = publish_yaml(ONE)
    for ask in (shop.table, shop.form, shop.page):
        with pytest.raises(MissingDefinition, match='"nothing"'):
            ask("nothing")


def test_fields_keep_their_order(publish_yaml: PublishYaml) -> None:
    fields = ["zebra", "a", "longer_than_the_others", "bb", "c"]
    text = ", ".join(f"{field}: {{type: text}}" for field in fields)
    publish_yaml(f"application: order\ntables: {{t: {{fields: {{{text}}}}}}}")
    forget()
    assert list(current_program("order").tables["t"].fields) == fields


def test_a_version_keeps_exact_numbers(publish_yaml: PublishYaml) -> None:
    text = "application: exact\ntables: {t: {fields: {a: {type: decimal, places: 2, default: 1.10}}}}"
    published = publish_yaml(text)
    forget()
    assert program(published.version_id).document.plain == published.document.plain
    assert str(published.document.plain["tables"]["t"]["fields"]["a"]["default"]) == "1.10"


# --- versions ----------------------------------------------------------------------------------------------------


def test_the_next_document_is_the_next_version_and_the_one_before_stays(publish_yaml: PublishYaml) -> None:
    first = publish_yaml(ONE)
    second = publish_yaml(ONE.replace("title: Shop", "title: Better shop"))
    assert (second.number, second.title) == (2, "Better shop")
    assert Application.objects.get().title == "Better shop"
    assert program(first.version_id).title == "Shop"


def test_the_same_document_makes_no_version(publish_yaml: PublishYaml) -> None:
    first = publish_yaml(ONE)
    again = plan_of("# only a remark\n" + ONE)
    assert (again.is_empty, again.changes, again.losses) == (True, [], [])
    assert publish(again)[0].pk == first.version_id
    assert Version.objects.count() == 1


def test_an_exported_document_is_the_same_document(publish_yaml: PublishYaml) -> None:
    from meanwhile.definitions.writer import dump_yaml

    first = publish_yaml(ONE)
    assert "id: n-" in dump_yaml(first.document)
    assert plan_of(dump_yaml(first.document)).is_empty


def test_the_order_of_fields_is_part_of_the_document(publish_yaml: PublishYaml) -> None:
    publish_yaml(ONE)
    name, price = "      name: {type: text, max_length: 20}\n", "      price: {type: integer}\n"
    assert not plan_of(ONE.replace(name + price, price + name)).is_empty


def test_nodes_keep_their_ids_from_version_to_version(publish_yaml: PublishYaml) -> None:
    publish_yaml(ONE)
    before = ids("shop")
    publish_yaml(ONE.replace("value: two", "value: 2nd"))
    assert ids("shop") == before
    assert len(set(before)) == 4


def test_who_published_and_why_is_kept(publish_yaml: PublishYaml) -> None:
    owner = User.objects.create_user("owner")
    (version,) = publish(plan_of(ONE), owner, "The first one.")
    version.refresh_from_db()
    assert (version.published_by, version.note) == (owner, "The first one.")


# --- what the plan says ------------------------------------------------------------------------------------------


def test_the_plan_says_what_is_added(publish_yaml: PublishYaml) -> None:
    assert plan_of(ONE).changes == ["Table article is added."]
    publish_yaml(ONE)
    wider = ONE.replace("      price:", "      stock: {type: integer}\n      price:")
    assert plan_of(wider).changes == ["Field stock is added to article."]


def test_a_dropped_field_is_a_loss_and_its_column_stays(publish_yaml: PublishYaml) -> None:
    shop = publish_yaml(ONE)
    records.insert(shop.tables["article"], {"name": "Hat", "price": 5}, user_id=None, now=NOW)
    less = plan_of(ONE.replace("      price: {type: integer}\n", ""))
    assert less.changes == ["Field price is dropped from article."]
    (loss,) = less.losses
    assert "1 record of article has a value in price" in loss
    publish(less)
    assert "price" in columns(shop.tables["article"].db_table)


def test_a_field_that_comes_back_has_its_data(publish_yaml: PublishYaml) -> None:
    shop = publish_yaml(ONE)
    id_ = records.insert(shop.tables["article"], {"name": "Hat", "price": 5}, user_id=None, now=NOW)
    publish_yaml(ONE.replace("      price: {type: integer}\n", ""))
    again = publish_yaml(ONE)
    assert records.read(again.tables["article"], [id_])[id_]["price"] == 5


def test_a_narrower_type_is_refused_at_its_place(publish_yaml: PublishYaml) -> None:
    publish_yaml(ONE)
    narrower = plan_of(ONE.replace("price: {type: integer}", "price: {type: boolean}"))
    (error,) = narrower.errors
    assert (error.line, error.path) == (7, "tables > article > fields > price")
    with pytest.raises(DocumentErrors):
        publish(narrower)
    assert Version.objects.count() == 1


def test_a_document_with_errors_is_not_published(publish_yaml: PublishYaml) -> None:
    wrong = plan_of(ONE.replace("{{ record.name }}", "{{ record.nam }}"))
    assert [error.suggestion for error in wrong.errors] == ["name"]
    with pytest.raises(DocumentErrors, match="has no field"):
        publish(wrong)
    assert not Application.objects.exists()
    assert run_time_tables() == []


def test_two_applications_whose_keys_read_alike_have_tables_of_their_own(publish_yaml: PublishYaml) -> None:
    publish_yaml("application: a_b\ntables: {c: {fields: {x: {type: text}}}}")
    planned = plan_of("application: a\ntables: {b_c: {fields: {x: {type: text}}}}")
    assert (planned.errors, planned.changes) == ([], ["Table b_c is added."])


# --- all or nothing ----------------------------------------------------------------------------------------------


def test_several_documents_are_published_together(publish_yaml: PublishYaml) -> None:
    other = ONE.replace("application: shop", "application: other")
    versions = publish(plan([load(ONE), load(other)]))
    assert [version.application.key for version in versions] == ["shop", "other"]


def test_a_failure_leaves_neither_tables_nor_versions(
    publish_yaml: PublishYaml, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: Any) -> None:
        raise RuntimeError("the process fails here")

    monkeypatch.setattr(publishing, "_put_in_force", fail)
    with pytest.raises(RuntimeError):
        publish(plan_of(ONE))
    assert run_time_tables() == []
    assert not Application.objects.exists()


def test_a_plan_that_somebody_overtook_is_refused(publish_yaml: PublishYaml) -> None:
    publish_yaml(ONE)
    mine = plan_of(ONE.replace("title: Shop", "title: Mine"))
    publish_yaml(ONE.replace("title: Shop", "title: Theirs"))
    with pytest.raises(StalePlan, match="somebody else"):
        publish(mine)
    assert current_program("shop").title == "Theirs"


def test_of_two_first_publishes_the_second_is_told(publish_yaml: PublishYaml) -> None:
    first, second = plan_of(ONE), plan_of(ONE)
    publish(first)
    with pytest.raises(StalePlan):
        publish(second)


def test_publishing_at_the_same_time_makes_one_version_and_one_refusal(publish_yaml: PublishYaml) -> None:
    publish_yaml(ONE)
    plans = [plan_of(ONE.replace("price:", f"{word}: {{type: text}}\n      price:")) for word in ("left", "right")]
    start, outcomes = threading.Barrier(2), []

    def go(mine: Plan) -> None:
        start.wait(30)
        try:
            publish(mine)
            outcomes.append("published")
        except StalePlan:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=go, args=[mine]) for mine in plans]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(outcomes) == ["published", "refused"]
    assert Version.objects.count() == 2


@contextmanager
def held(table: str) -> Iterator[None]:
    """Another connection has written to ``table`` and not committed."""
    is_held, done = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"UPDATE {connection.ops.quote_name(table)} SET price = 1")
                is_held.set()
                done.wait(60)
        finally:
            connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    assert is_held.wait(30)
    yield
    done.set()
    thread.join(30)


def test_a_table_in_use_makes_publishing_give_up_and_change_nothing(
    publish_yaml: PublishYaml, monkeypatch: pytest.MonkeyPatch
) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time; it waits for the file, not for a table.")
    shop = publish_yaml(ONE)
    monkeypatch.setattr(publishing, "LOCK_SECONDS", 1)
    wider = plan_of(ONE.replace("price:", "stock: {type: integer}\n      price:"))
    with held(shop.tables["article"].db_table), pytest.raises(PublishBusy):
        publish(wider)
    assert Version.objects.count() == 1
    assert "stock" not in columns(shop.tables["article"].db_table)


def test_publishing_inside_a_transaction_is_refused_where_it_cannot_be(publish_yaml: PublishYaml) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("Only SQLite cannot.")
    with pytest.raises(PermanentError, match="inside another transaction"), transaction.atomic():
        publish(plan_of(ONE))


# --- the data of dropped fields ----------------------------------------------------------------------------------


def job(version: int, state: State) -> Job:
    finished = NOW if state in (State.COMPLETED, State.CANCELLED) else None
    return Job.objects.create(
        version_id=version, state=state, due_at=NOW, created_at=NOW, finished_at=finished, payload={}
    )


def test_data_of_a_dropped_field_is_deleted_on_request(publish_yaml: PublishYaml) -> None:
    shop = publish_yaml(ONE)
    publish_yaml(ONE.replace("      price: {type: integer}\n", ""))
    job(shop.version_id, State.COMPLETED)
    drop_data("shop", "article", "price")
    assert "price" not in columns(shop.tables["article"].db_table)


def test_data_of_a_field_in_force_cannot_be_deleted(publish_yaml: PublishYaml) -> None:
    publish_yaml(ONE)
    with pytest.raises(PermanentError, match="version in force"):
        drop_data("shop", "article", "price")


@pytest.mark.parametrize("state", [State.SCHEDULED, State.AVAILABLE, State.FAILED])
def test_data_of_a_dropped_field_stays_while_unfinished_jobs_pin_it(publish_yaml: PublishYaml, state: State) -> None:
    shop = publish_yaml(ONE)
    publish_yaml(ONE.replace("      price: {type: integer}\n", ""))
    job(shop.version_id, state)
    with pytest.raises(StillInUse, match="1 unfinished job"):
        drop_data("shop", "article", "price")
    assert "price" in columns(shop.tables["article"].db_table)


def test_data_that_never_was_cannot_be_deleted(publish_yaml: PublishYaml) -> None:
    publish_yaml(ONE)
    with pytest.raises(MissingDefinition):
        drop_data("shop", "article", "colour")


def test_the_database_itself_refuses_a_second_version_of_a_number(publish_yaml: PublishYaml) -> None:
    shop = publish_yaml(ONE)
    version = Version.objects.get(pk=shop.version_id)
    version.pk = None
    with pytest.raises(DatabaseError):
        version.save(force_insert=True)
