"""The zone in which people of the site read and write times. Times are kept in UTC."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from meanwhile.core.conf import conf


def site_zone() -> ZoneInfo:
    """The zone that ``MEANWHILE["zone"]`` names, else Django's own."""
    return ZoneInfo(conf().zone or settings.TIME_ZONE)


def written(at: datetime) -> str:
    """A moment for people, in that zone: the same on every screen, to be sorted and searched as it stands."""
    return f"{timezone.localtime(at, site_zone()):%Y-%m-%d %H:%M:%S}"
