"""``python -m bench.peers.working``: one worker of the queue that ``BENCH_PEER`` names, until SIGTERM."""

import django

from bench import peers


def main() -> None:
    django.setup()
    peers.queue().work()


if __name__ == "__main__":
    main()
