"""The application of ``site.yaml``, which is measured as a whole site: in force, and its tables empty."""

from pathlib import Path

from django.core.management import call_command

from bench import work
from meanwhile.definitions.loading import load
from meanwhile.definitions.program import Program, program
from meanwhile.definitions.publish import plan, publish

APPLICATION, FORM = "bench_site", "enquire"
ENQUIRY, LETTER, SLOW_CALL = "enquiry", "letter", "slow_call"
_DOCUMENT = Path(__file__).with_name("site.yaml")


def prepare() -> Program:
    """Bring the database up to date and publish the document; the program in force."""
    call_command("migrate", verbosity=0)
    (version,) = publish(plan([load(_DOCUMENT.read_text(), _DOCUMENT.name)]))
    site = program(version.pk)
    work.clear(site)
    return site
