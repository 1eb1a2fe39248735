"""Design 5, rule 13: nobody looks for the key before the tree is walked, and the key still decides."""

from collections.abc import Callable

import pytest

from meanwhile.engine import intake
from meanwhile.queue.models import Job
from tests.contract.engine.conftest import Partner, Site

pytestmark = pytest.mark.django_db(transaction=True)

TREE = (
    "record_update:\n"
    "  - call: {function: shout, arguments: {word: inside}, into: b}\n"
    "  - call: {function: ask, arguments: {word: outside}, into: c}\n"
    "  - background:\n"
    "    do: [{update_field: {field: d, value: later}}]"
)


@pytest.mark.parametrize("failures", [0, 1])
def test_what_is_sent_again_has_no_effect_even_where_its_tree_fails_now(
    site: Callable[..., Site], partner: Partner, failures: int
) -> None:
    shop = site(TREE)
    first = intake.submit(shop.program, "item", {"code": "one"}, key="k")
    partner.failures = failures
    again = intake.submit(shop.program, "item", {"code": "one"}, key="k")
    assert (again.submission_id, again.record_id, again.is_repeated) == (first.submission_id, first.record_id, True)
    assert (partner.calls.count("outside"), shop.count(), Job.objects.count()) == (1, 1, 2)
