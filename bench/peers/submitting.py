"""``python -m bench.peers.submitting``: the web side of a peer, told what to do by lines of JSON on standard input.

Each line is a list of a name below and its arguments; the answer is a line of JSON.
"""

import json
import sys
from collections.abc import Callable
from typing import Any

import django

from bench import pace, peers

ADDRESS = "someone@example.org"


def main() -> None:
    """Answer until the input ends."""
    django.setup()
    from django.db import connection, transaction

    from bench.peers.models import Record

    queue = peers.queue()

    def one(number: int) -> int:
        """What a view does: the record with its two synchronous fields, and its job."""
        word = f"word {number}"
        with transaction.atomic():
            record = Record.objects.create(word=word, email=ADDRESS, a=f"Received {word}", d="Queued")
            queue.submit(record.pk)
        return record.pk

    def submit(count: int, per_second: float) -> list[pace.Submitted]:
        return pace.submit(one, count, per_second)

    def clear() -> None:
        queue.clear()
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {Record._meta.db_table}")

    def fill(body: str, count: int) -> None:
        words = [f"word {number}" for number in range(count)]
        records = [Record(word=word, email=ADDRESS, a=f"Received {word}", d="Queued") for word in words]
        queue.fill([record.pk for record in Record.objects.bulk_create(records, batch_size=500)], body)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")

    def left() -> int:
        # Redis does not tell what a worker has in its hands.
        return int(queue.left()) + Record.objects.filter(done=False).count()

    def done() -> int:
        return Record.objects.filter(done=True, c="Filed", b__startswith="Checked word ").count()

    commands: dict[str, Callable[..., Any]] = {
        "submit": submit,
        "clear": clear,
        "fill": fill,
        "left": left,
        "done": done,
    }
    for line in sys.stdin:
        name, *arguments = json.loads(line)
        print(json.dumps(commands[name](*arguments)), flush=True)


if __name__ == "__main__":
    main()
