"""``python -m bench.peers.preparing``: make the tables of the queue that ``BENCH_PEER`` names, and the records'."""

import django
from django.core.management import call_command

from bench import peers


def main() -> None:
    django.setup()
    call_command("migrate", run_syncdb=True, verbosity=0)
    peers.queue().prepare()


if __name__ == "__main__":
    main()
