"""The stand-alone site's settings, except that mail goes nowhere: what a mail server costs is not measured here."""

from meanwhile.config import settings as site

globals().update({name: getattr(site, name) for name in dir(site) if name.isupper()})

MAILERS = {"default": {"BACKEND": "django.core.mail.backends.dummy.EmailBackend"}}
MEANWHILE = {**site.MEANWHILE, "mail_folder": None}
