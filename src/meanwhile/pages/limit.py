"""Limits how often one address may do one thing. One atomic statement per use, so that no two processes miscount.

The minute begins with the first use and not on the clock, so that a limit of 10 is never 20 around its turn.
"""

from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address
from math import ceil

from django.db import connection
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from meanwhile.core import clock
from meanwhile.pages.models import Use
from meanwhile.queue import database

WINDOW = timedelta(minutes=1)
# Old rows are of no use to anyone; they go when somebody new comes.
_FORGET_AFTER = timedelta(hours=1)

_UPSERT = """
    INSERT INTO meanwhile_use (name, address, since, count) VALUES (%s, %s, %s, 1)
    ON CONFLICT (name, address) DO UPDATE SET
        count = CASE WHEN meanwhile_use.since > %s THEN meanwhile_use.count + 1 ELSE 1 END,
        since = CASE WHEN meanwhile_use.since > %s THEN meanwhile_use.since ELSE excluded.since END
    RETURNING count, since
"""


def take(request: HttpRequest, name: str, per_minute: int) -> int:
    """Count one use of ``name`` by the address of ``request``. Returns 0 where it is within the limit, else the
    seconds to wait. ``per_minute`` 0: there is no limit. Commits (a use that is then rolled back still counts)."""
    if per_minute <= 0:
        return 0
    now = clock.now()
    count, since = _count(name, _digest(request), now)
    if count == 1:
        Use.objects.filter(since__lt=now - _FORGET_AFTER).delete()
    return seconds_left(since, now) if count > per_minute else 0


def wait_seconds(request: HttpRequest, name: str, per_minute: int) -> int:
    """What ``take`` would return, without counting."""
    now = clock.now()
    spent = Use.objects.filter(
        name=name, address=_digest(request), since__gt=now - WINDOW, count__gte=per_minute
    ).first()
    return seconds_left(spent.since, now) if spent and per_minute > 0 else 0


def seconds_left(since: datetime, now: datetime) -> int:
    """Whole seconds until the minute that began at ``since`` is over; at least one."""
    return max(1, ceil((since + WINDOW - now).total_seconds()))


def _count(name: str, address: str, now: datetime) -> tuple[int, datetime]:
    adapt = connection.ops.adapt_datetimefield_value
    cutoff = adapt(now - WINDOW)
    ((count, since),) = database.fetch(_UPSERT, [name, address, adapt(now), cutoff, cutoff])
    return count, database.moment(since)


def _digest(request: HttpRequest) -> str:
    address = network_of(request.META.get("REMOTE_ADDR", ""))
    return salted_hmac("meanwhile.pages.limit", address, algorithm="sha256").hexdigest()


def network_of(address: str) -> str:
    """What counts as one address: an IPv4 address; of an IPv6 address the network, since one person has all of it.

    Behind a proxy, the server puts the person's address in its place (``TRUSTED_PROXIES``); a header that anybody
    can send is never looked at here.
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        return str(parsed.ipv4_mapped or parsed.exploded[:19])
    return str(parsed)
