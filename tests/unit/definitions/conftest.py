"""The function that the booking document calls."""

from decimal import Decimal

import pytest

from meanwhile.plugins import functions


@pytest.fixture(autouse=True)
def fare_quote(monkeypatch: pytest.MonkeyPatch) -> None:
    """``fare_quote`` is registered for the test, and for it alone."""

    def fare_quote() -> Decimal:
        return Decimal("1.00")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(functions, "_functions", {})
        functions.function(fare_quote)
        made = functions._functions["fare_quote"]
    monkeypatch.setitem(functions._functions, "fare_quote", made)
