"""Tables that are models of the host project, through the whole engine: keys that are no numbers, its own ``save``."""

from collections.abc import Callable
from uuid import UUID

import pytest

from meanwhile.core.errors import ProtectedRecord
from meanwhile.definitions.program import Program
from meanwhile.engine import operate
from meanwhile.engine.models import Submission
from meanwhile.queue.models import Job
from tests.contract.engine.conftest import Partner, Site
from tests.host.models import Customer, Visit

pytestmark = pytest.mark.django_db(transaction=True)

DOCUMENT = """
application: shop
tables:
  place:
    model: host.Place
    events:
      record_update:
        - background:
          do:
            - call: {function: ask, arguments: {word: "{{ record.name }}"}, into: name}
  customer:
    model: host.Customer
    events:
      record_update:
        - update_field: {field: notes, value: "{{ record.id }}, {{ record.name }}"}
        - background:
          do:
            - update_field: {field: visits, value: "{{ record.visits + 1 }}"}
            - update_field: {field: name, value: "{{ record.name }} junior"}
  visit:
    model: host.Visit
    events:
      record_update:
        - background:
          do: [{update_field: {field: place, value: null}}, {delete_record: }]
"""


@pytest.fixture
def host(publish_yaml: Callable[[str], Program], partner: Partner) -> Site:
    return Site(publish_yaml(DOCUMENT))


def test_records_with_keys_that_are_no_numbers_are_locked_read_and_written_in_a_batch(
    host: Site, work: Callable[[], None]
) -> None:
    made = [host.submit("place", name=name) for name in ("rome", "oslo", "bern")]
    assert all(isinstance(each.record_id, UUID) for each in made)
    assert {job.line for job in Job.objects.all()} == {f"host_place:{each.record_id}" for each in made}
    assert {row.record_id for row in Submission.objects.all()} == {str(each.record_id) for each in made}
    work()
    assert set(Job.objects.values_list("state", "error")) == {("completed", None)}
    assert [host.read(each.record_id, "place")["name"] for each in made] == ["ROME", "OSLO", "BERN"]
    Job.objects.update(state="failed", finished_at=None)
    assert operate.restart(Job.objects.values_list("pk", flat=True), None) == 3


def test_the_hosts_own_save_happens_and_its_values_are_seen(host: Site, work: Callable[[], None]) -> None:
    # What a model's save changed was not seen by the tree that had inserted the record.
    made = host.submit("customer", name=" ada lovelace ", email="ada@example.org")
    customer = Customer.objects.get()
    assert (customer.name, customer.tier, customer.notes) == ("Ada Lovelace", "plain", f"{customer.pk}, Ada Lovelace")
    changed_at = customer.changed_at
    work()
    customer.refresh_from_db()
    assert (customer.name, customer.visits, made.record_id) == ("Ada Lovelace Junior", 1, customer.pk)
    assert customer.changed_at > changed_at


def test_a_host_record_is_deleted_by_a_tree_and_protected_by_its_own_links(
    host: Site, work: Callable[[], None]
) -> None:
    from meanwhile.tables import records

    customer = host.submit("customer", name="Ada", email="ada@example.org")
    place = host.submit("place", name="rome")
    visit = host.submit("visit", customer=customer.record_id, place=place.record_id)
    assert Visit.objects.get().place_id == place.record_id
    with pytest.raises(ProtectedRecord):
        records.delete(host.program.tables["place"], place.record_id, host.program.tables)
    work()
    assert host.read(visit.record_id, "visit") is None
    assert records.delete(host.program.tables["place"], place.record_id, host.program.tables)
