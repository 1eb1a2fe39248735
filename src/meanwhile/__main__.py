"""``python -m meanwhile``, the same as the console command; ``meanwhile run`` starts its children this way."""

from meanwhile.cli.main import main

if __name__ == "__main__":
    main()
