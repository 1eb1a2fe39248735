"""The shipped conditions."""

import pytest

from meanwhile.core.errors import PermanentError
from tests.unit.nodes.samples import context, node


@pytest.mark.parametrize(
    ("wanted", "is_new", "holds"), [(True, True, True), (True, False, False), (False, False, True)]
)
def test_new_record_holds_when_the_submission_made_it(wanted, is_new, holds):
    plugin, settings = node("if_new_record", is_new=wanted)
    assert plugin.holds(settings, context(is_new=is_new)) is holds


def test_new_record_needs_no_settings():
    plugin, settings = node("if_new_record")
    assert plugin.holds(settings, context())
    assert plugin.shorthand == "is_new"
    assert plugin.summary(settings) == "If the record is new"
    assert plugin.summary(node("if_new_record", is_new=False)[1]) == "If the record is not new"


@pytest.mark.parametrize(
    ("expression", "holds"),
    [("record.seats > 4", True), ("record.fare > 4", False), ("record.status", True), ("record.fare", False)],
)
def test_record_criteria_hold_when_the_expression_is_true(expression, holds):
    plugin, settings = node("if", expression=expression)
    assert plugin.holds(settings, context()) is holds
    assert plugin.summary(settings) == f"If {expression}"


def test_criteria_that_cannot_be_judged_do_not_heal():
    plugin, settings = node("if", expression="record.passenger > 4")
    with pytest.raises(PermanentError, match="no order"):
        plugin.holds(settings, context())
