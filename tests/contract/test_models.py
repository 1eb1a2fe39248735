"""The tables of the application exist on the database at hand and are what the models say."""

import pytest
from django.core.management import call_command

from meanwhile.queue.models import Job


@pytest.mark.django_db
def test_models_and_migrations_agree() -> None:
    call_command("makemigrations", "meanwhile", check=True, dry_run=True, verbosity=0)
    assert Job.objects.count() == 0
