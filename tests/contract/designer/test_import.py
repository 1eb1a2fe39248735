"""CSV in: looked at first, saved row by row by the worker, refused rows told and given back."""

import csv
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from meanwhile.core import clock
from meanwhile.definitions.program import Program
from meanwhile.engine import operate
from meanwhile.engine.models import ImportRow, RecordImport, Run, Submission
from meanwhile.engine.performer import EnginePerformer
from meanwhile.engine.purge import purge
from meanwhile.queue import operators
from meanwhile.queue.models import Job
from meanwhile.queue.worker import Worker
from tests.contract.designer.records_site import HOME, SHOP, customer, order, orders
from tests.host.models import Customer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop(publish_yaml: Callable[[str], Program]) -> Program:
    return publish_yaml(SHOP)


def send(client: Client, text: str | bytes, home: str = HOME) -> Any:
    """The response to a file that is sent."""
    data = text if isinstance(text, bytes) else text.encode()
    return client.post(f"{home}import/", {"file": SimpleUploadedFile("things.csv", data, "text/csv")})


def looked_at(client: Client, text: str, home: str = HOME) -> str:
    """The address of an import that is not started."""
    response = send(client, text, home)
    assert response.status_code == 303, response.context["error"]
    return str(response["Location"])


def start(client: Client, address: str, **columns: str) -> None:
    """Start it with the columns as they were guessed, but for ``columns``."""
    chosen = {column.name: column.chosen for column in client.get(address).context["columns"]}
    assert client.post(address, chosen | columns | {"act": "start"}).status_code == 303


def work() -> None:
    Worker(EnginePerformer(), threads=0).drain()


def imported(client: Client, text: str, home: str = HOME, **columns: str) -> RecordImport:
    address = looked_at(client, text, home)
    start(client, address, **columns)
    work()
    return RecordImport.objects.latest("pk")


def reasons(found: RecordImport) -> dict[int, str]:
    return dict(found.rows.order_by("number").values_list("number", "reason"))


def test_columns_are_known_by_key_or_label_and_nothing_is_saved_yet(desk: Client, shop: Program) -> None:
    address = looked_at(desk, "Title,AMOUNT,is gift,colour\nLamp,3,yes,red\n,many,,\n")
    context = desk.get(address).context
    assert [column.chosen for column in context["columns"]] == ["title", "amount", "is_gift", ""]
    good, bad = context["preview"].first
    assert (good.number, good.plan, good.refusal) == (2, "New record", "")
    assert bad.refusal == "Amount: This must be a whole number."
    assert context["preview"].refusals == 1
    assert orders(shop) == []
    assert not Job.objects.exists()


def test_rows_are_saved_by_the_worker_and_each_fires_its_event(desk: Client, shop: Program, designer: User) -> None:
    ann = customer(shop, "Ann")
    rows = "".join(f"T{number},{number % 9},{ann}\n" for number in range(45))
    before = Submission.objects.count()
    found = imported(desk, f"title,amount,customer\n{rows}")
    assert (found.total, found.saved, found.refused) == (45, 45, 0)
    saved = orders(shop)
    assert [values["title"] for values in saved] == [f"T{number}" for number in range(45)]
    assert {(values["saves"], values["later"], values["created_by"]) for values in saved} == {(1, 1, designer.pk)}
    assert {values["status"] for values in saved} == {"new"}
    assert Submission.objects.count() - before == 45
    assert not ImportRow.objects.exists()
    assert Job.objects.get(pk=found.job_id).state == "completed"


def test_an_id_changes_that_record_and_leaves_other_fields_alone(desk: Client, shop: Program) -> None:
    id_ = order(shop, title="Lamp", amount=3, note="kept", status="paid")
    found = imported(desk, f"id,title,amount\n{id_},Lamps,\n,Chair,4\n999,Ghost,1\nx,Odd,1\n")
    lamp, chair = orders(shop)
    assert (lamp["title"], lamp["amount"], lamp["note"], lamp["status"], lamp["saves"]) == (
        "Lamps",
        None,
        "kept",
        "paid",
        2,
    )
    assert (chair["title"], chair["amount"]) == ("Chair", 4)
    assert reasons(found) == {4: "There is no record 999 to change.", 5: '"x" is no id of a record.'}


def test_refused_rows_say_why_and_the_others_are_saved(desk: Client, shop: Program) -> None:
    order(shop, title="First", code="taken")
    text = "title,code,amount,customer,price\nA,taken,,,\nB,,500,,\nC,,,77,\nD,,,,1.234\n,,1,,\nE,new,1,,1\n"
    found = imported(desk, text)
    assert (found.saved, found.refused) == (1, 5)
    told = reasons(found)
    assert told[2] == "Code: another record has this value already."
    assert told[3] == "Amount: This may be at most 99."
    assert "there is no record 77" in told[4]
    assert told[5].startswith("Price: ")
    assert told[6] == "Title: a value is required."
    assert [values["title"] for values in orders(shop)] == ["First", "E"]


def test_refused_rows_come_back_as_a_file_that_can_be_mended_and_sent_again(desk: Client, shop: Program) -> None:
    found = imported(desk, "Title,amount,colour\nLamp,500,red\n'=1+1,501,\nChair,5,blue\n")
    address = f"{HOME}import/{found.pk}/"
    page = desk.get(address)
    assert page.context["status"].state == "done"
    assert b"Download the rows that were not imported" in page.content
    text = b"".join(desk.get(f"{address}refused.csv").streaming_content).decode()  # type: ignore[attr-defined]
    rows = list(csv.reader(StringIO(text, newline="")))
    assert rows[0] == ["Title", "amount", "colour", "reason"]
    assert rows[1] == ["Lamp", "500", "red", "Amount: This may be at most 99."]
    assert rows[2][0] == "'=1+1"
    again = imported(desk, text.replace("500", "50").replace("501", "51"))
    assert (again.saved, again.refused) == (2, 0)
    assert [values["title"] for values in orders(shop)] == ["Chair", "Lamp", "=1+1"]


def test_what_goes_out_comes_back_in_the_same(desk: Client, shop: Program) -> None:
    ann = customer(shop, "Ann")
    order(
        shop,
        title="'=1+1",
        code="-x",
        amount=-3,
        price=Decimal("1.50"),
        is_gift=False,
        wanted=date(2026, 3, 1),
        sent=datetime(2026, 3, 1, 8, 30, 15, 250_000, tzinfo=UTC),
        note='@a,"b";\r\nc' + "long " * 40_000,
        extra={"a": [1, "=b"]},
        customer=ann,
    )
    order(shop, title="=2", note="\t'x")
    before = orders(shop)
    text = b"".join(desk.get(f"{HOME}export.csv").streaming_content).decode()  # type: ignore[attr-defined]
    shop.tables["order"].model._base_manager.update(title="x", code=None, amount=0, price=0, note="", extra=None)
    found = imported(desk, text, **{"column-13": "", "column-12": ""})
    assert (found.saved, found.refused) == (2, 0), reasons(found)
    fields = set(shop.tables["order"].fields) - {"saves", "later"}
    assert [{key: values[key] for key in fields} for values in orders(shop)] == [
        {key: values[key] for key in fields} for values in before
    ]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "name the columns"),
        (b"title\n", "no rows"),
        (b"title\nB\xe4r\n", "UTF-8"),
        (b"title\nA,B\n", "more cells"),
        (b"PK\x03\x04\0\0", "no CSV file"),
        (b"title\n" + b"A\n" * 10_001, "10,000 rows"),
        (b"title\n" + b"A" * 5_000_001, "larger than 5 MB"),
    ],
)
def test_a_file_that_cannot_be_taken_is_refused_with_a_sentence(
    desk: Client, shop: Program, data: bytes, said: str
) -> None:
    response = send(desk, data)
    assert response.status_code == 422
    assert said in response.context["error"]
    assert not RecordImport.objects.exists()


def test_files_of_spreadsheets_are_read(desk: Client, shop: Program) -> None:
    found = imported(desk, "\ufeffTitle;Amount\r\nLämp;3\r\n;\r\nChair;4\r\n;many\r\n")
    assert (found.total, found.saved) == (3, 2)
    assert list(reasons(found)) == [5]
    assert [values["title"] for values in orders(shop)] == ["Lämp", "Chair"]


def test_columns_can_be_chosen_and_a_wrong_choice_is_said(desk: Client, shop: Program) -> None:
    address = looked_at(desk, "what,how many\nLamp,3\n")
    response = desk.post(address, {"column-0": "", "column-1": "", "act": "start"})
    assert response.status_code == 422
    response = desk.post(address, {"column-0": "title", "column-1": "title", "act": "start"})
    assert "Two columns are both" in response.content.decode()
    response = desk.post(address, {"column-0": "", "column-1": "amount", "act": "look"})
    assert response.context["missing"] == ["Title"]
    assert response.context["preview"].refusals == 1
    assert not Job.objects.exists()
    start(desk, address, **{"column-0": "title", "column-1": "amount"})
    work()
    assert [(values["title"], values["amount"]) for values in orders(shop)] == [("Lamp", 3)]


def test_an_import_is_started_once_and_can_be_dropped_before(desk: Client, shop: Program) -> None:
    address = looked_at(desk, "title\nLamp\n")
    for _ in range(2):
        desk.post(address, {"column-0": "title", "act": "start"})
    assert Job.objects.count() == 1
    other = looked_at(desk, "title\nLamp\n")
    assert desk.post(other, {"act": "drop"})["Location"] == HOME
    assert desk.get(other).status_code == 404
    assert RecordImport.objects.count() == 1


def test_the_page_tells_how_far_it_is_with_and_without_javascript(desk: Client, shop: Program) -> None:
    address = looked_at(desk, "title\n" + "Lamp\n" * 30)
    start(desk, address)
    page = desk.get(address)
    assert page.context["status"].polls
    assert b'http-equiv="refresh"' in page.content
    assert b'hx-get="' in page.content
    work()
    look = desk.get(address, headers={"HX-Request": "true"})
    assert look["HX-Refresh"] == "true"
    done = desk.get(address)
    assert done.context["status"].state == "done"
    assert b'http-equiv="refresh"' not in done.content


def test_a_cancelled_import_keeps_what_is_saved_and_gives_the_rest_back(desk: Client, shop: Program) -> None:
    address = looked_at(desk, "title\n" + "".join(f"T{number}\n" for number in range(30)))
    start(desk, address)
    assert desk.post(f"{address}cancel/")["Location"] == address
    assert Job.objects.get().steps[-1]["note"] == f"By {User.objects.get().username}."
    work()
    page = desk.get(address)
    assert (page.context["status"].state, page.context["status"].left) == ("cancelled", 30)
    text = b"".join(desk.get(f"{address}refused.csv").streaming_content).decode()  # type: ignore[attr-defined]
    assert len(text.splitlines()) == 31
    assert orders(shop) == []


def test_a_running_import_stops_at_its_next_turn(desk: Client, shop: Program) -> None:
    address = looked_at(desk, "title\n" + "Lamp\n" * 50)
    start(desk, address)
    performer = CancellingPerformer()
    Worker(performer, threads=0).drain()
    found = RecordImport.objects.get()
    assert (found.saved, Job.objects.get(pk=found.job_id).state) == (20, "cancelled")
    assert "Rows saved: 20." in Job.objects.get(pk=found.job_id).steps[-1]["note"]


class CancellingPerformer(EnginePerformer):
    """Somebody presses Cancel while the first rows are saved."""

    def advance(self, ready: Any, *, careful: bool) -> Any:
        advances = super().advance(ready, careful=careful)
        if RecordImport.objects.filter(saved__gt=0).exists():
            operators.cancel([each.job.id for each in ready if "import" in each.job.payload])
        return advances


def test_the_monitor_shows_an_import_by_its_file(desk: Client, shop: Program) -> None:
    found = imported(desk, "title,amount\nLamp,\n\n,\n")
    for address in ("/monitor/", "/monitor/jobs/", f"/monitor/jobs/{found.job_id}/", "/monitor/workers/"):
        assert desk.get(address).status_code == 200, address
    assert "Import of things.csv" in desk.get("/monitor/jobs/").content.decode()
    content = desk.get(f"/monitor/jobs/{found.job_id}/").content.decode()
    assert "1 in the file, 1 saved, 0 refused" in content
    assert "Rows saved: 1. Refused: 0." in content
    assert f"{HOME}import/{found.pk}/" in content


def test_a_failed_import_can_be_resumed_and_not_skipped(desk: Client, shop: Program, designer: User) -> None:
    address = looked_at(desk, "title\nLamp\n")
    start(desk, address)
    job = Job.objects.get()
    Job.objects.update(state="failed", error={"message": "Out of luck", "type": "X", "node": "", "trace": ""})
    page = desk.get(address)
    assert page.context["status"].state == "failed"
    assert b"Out of luck" in page.content
    content = desk.get(f"/monitor/jobs/{job.pk}/").content.decode()
    assert "Resume with the rows that are left" in content
    assert "Skip this action" not in content
    assert operate.skip([job.pk], designer) == operate.restart([job.pk], designer) == 0
    assert operate.resume([job.pk], designer) == 1
    work()
    assert len(orders(shop)) == 1


def test_old_imports_are_purged_with_their_jobs_and_unfinished_ones_are_not(desk: Client, shop: Program) -> None:
    done = imported(desk, "title,amount\nLamp,1\nChair,many\n")
    unstarted = looked_at(desk, "title\nLamp\n")
    waiting = looked_at(desk, "title\nLamp\n")
    start(desk, waiting)
    RecordImport.objects.update(created_at=clock.now() - timedelta(days=900))
    purge(clock.now() - timedelta(days=800))
    assert not Job.objects.filter(pk=done.job_id).exists()
    assert desk.get(unstarted).status_code == 404
    assert RecordImport.objects.get().job_id is not None
    assert len(orders(shop)) == 1


def test_who_imported_may_be_deleted_meanwhile(desk: Client, shop: Program, designer: User) -> None:
    start(desk, looked_at(desk, "title\nLamp\n"))
    designer.delete()
    work()
    assert [values["created_by"] for values in orders(shop)] == [None]


def test_an_import_goes_on_under_the_version_it_was_started_with(
    desk: Client, shop: Program, publish_yaml: Callable[[str], Program]
) -> None:
    start(desk, looked_at(desk, "title,amount\nLamp,50\n"))
    publish_yaml(SHOP.replace("max: 99", "max: 199"))
    work()
    found = RecordImport.objects.get()
    assert (found.saved, found.version_id) == (1, shop.version_id)
    assert set(Run.objects.values_list("version_id", flat=True)) == {shop.version_id}


def test_imports_of_other_tables_are_not_shown_here(desk: Client, shop: Program) -> None:
    address = looked_at(desk, "title\nLamp\n")
    assert desk.get(address.replace("/order/", "/customer/")).status_code == 404


def test_rows_of_a_host_model_are_saved_through_it(desk: Client, publish_yaml: Callable[[str], Program]) -> None:
    publish_yaml("application: clinic\ntables:\n  customer: {model: host.Customer}")
    home = "/designer/clinic/tables/customer/records/"
    found = imported(desk, "full name,email\n ann ,ann@example.org\nbob,ann@example.org\n", home)
    assert (found.saved, found.refused) == (1, 1)
    assert Customer.objects.get().name == "Ann"
    assert "another record has this value already" in reasons(found)[3]
