"""The zone in which people of the site read and write times. Times are kept in UTC."""

from zoneinfo import ZoneInfo

from django.conf import settings

from meanwhile.core.conf import conf


def site_zone() -> ZoneInfo:
    """The zone that ``MEANWHILE["zone"]`` names, else Django's own."""
    return ZoneInfo(conf().zone or settings.TIME_ZONE)
