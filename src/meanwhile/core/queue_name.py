"""What a queue can be called: one rule for documents, for the rules that people set, and for the monitor."""

from django.utils.translation import gettext as _

# As wide as the columns that hold it.
LONGEST = 60


def checked(name: str) -> str:
    """``name`` as it is. ValueError with a sentence where no queue can have it."""
    if not is_name(name):
        raise ValueError(
            _(
                "The name of a queue has 1 to {most} characters: no comma, no line break or other control character,"
                " no blank at its ends."
            ).format(most=LONGEST)
        )
    return name


def is_name(text: str) -> bool:
    """Whether a queue can be called that. ``meanwhile worker --queues`` parts names by commas."""
    return 0 < len(text) <= LONGEST and text.isprintable() and text == text.strip() and "," not in text
