"""The stand-alone site's settings, with the bench's own function, and except that mail goes nowhere: what a mail server
costs is not measured here."""

from meanwhile.config import settings as site

globals().update({name: getattr(site, name) for name in dir(site) if name.isupper()})

INSTALLED_APPS = [*site.INSTALLED_APPS, "bench"]
MAILERS = {"default": {"BACKEND": "django.core.mail.backends.dummy.EmailBackend"}}
MEANWHILE = {**site.MEANWHILE, "mail_folder": None}
