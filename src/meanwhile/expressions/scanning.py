"""Where quoted texts begin and end within an expression, so that what stands inside them is left alone."""

from collections.abc import Iterator


def outside_quotes(source: str, start: int = 0) -> Iterator[int]:
    """The places of the characters of ``source`` from ``start`` on that no quoted text holds."""
    quote = ""
    place = start
    while place < len(source):
        character = source[place]
        if not quote:
            if character in "'\"":
                quote = character
            else:
                yield place
        elif character == "\\":
            place += 1  # whatever follows a backslash does not end the text
        elif character == quote:
            quote = ""
        place += 1
