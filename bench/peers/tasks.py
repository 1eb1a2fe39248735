"""The two bodies as tasks of Django's own framework, for the peers that are backends of it."""

from django.tasks import task

from bench.peers import bodies


@task()
def natural(record_id: int) -> None:
    bodies.natural(record_id)


@task()
def merged(record_id: int) -> None:
    bodies.merged(record_id)


TASKS = {bodies.NATURAL: natural, bodies.MERGED: merged}


def submit(record_id: int) -> None:
    natural.enqueue(record_id)
