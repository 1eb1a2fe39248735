"""The functions that the booking example calls. Loaded because this file lies beside the document."""

import os
import time
from decimal import Decimal

from meanwhile import ActionFailed, function

# What one seat costs; a real partner would know.
FARES = {"Lisbon": 120, "Nairobi": 640, "Reykjavik": 210, "Wellington": 1180}
# How long the stand-in for a slow partner takes.
SECONDS = float(os.environ.get("BOOKING_PARTNER_SECONDS", "4"))

_failed_already: set[int] = set()


@function
def fare_quote(booking: int, destination: str, seats: int, partner: str = "answers") -> Decimal:
    """The fare for ``seats`` to ``destination``, from a partner who takes his time.

    Asking twice for the same booking is harmless, which is what an effect has to be: it may happen again after a
    crash.
    """
    time.sleep(SECONDS)
    if partner == "fails for ever":
        raise ActionFailed("The fare partner answered: 503 Service Unavailable.")
    if partner == "fails once" and booking not in _failed_already:
        _failed_already.add(booking)
        raise ActionFailed("The fare partner did not answer in time.")
    return Decimal(FARES[destination]) * seats
