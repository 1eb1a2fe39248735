"""The Django application: loads the shipped plugins and every installed app's ``meanwhile_functions`` module."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class MeanwhileConfig(AppConfig):
    name = "meanwhile"
    label = "meanwhile"
    verbose_name = _("Meanwhile")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        import_module("meanwhile.contrib")
        import_module("meanwhile.checks")
        autodiscover_modules("meanwhile_functions")
