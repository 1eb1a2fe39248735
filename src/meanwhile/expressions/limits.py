"""What an expression may cost at most. Whoever writes one is not trusted with the server's time and memory."""

# An expression is read by a person; the longest sensible ones have a few hundred characters.
SOURCE_LENGTH = 2_000
# A text with placeholders can be a whole e-mail.
TEMPLATE_LENGTH = 100_000
# Parentheses, calls and operators inside each other; each level costs a few frames of Python's stack.
NESTING = 40
# The longest text that an expression makes, and that a text with placeholders becomes.
TEXT_LENGTH = 100_000
RENDERED_LENGTH = 1_000_000
# Digits of a number, before and after the point together: far beyond money and counts, cheap to multiply.
DIGITS = 100
# Digits of a quotient that does not come out even; the same as Python's decimals by default.
QUOTIENT_DIGITS = 28
# The highest exponent of ``**``; the result keeps to DIGITS as well.
POWER = 100
# A regular expression: its length, and the memory that its automaton may take.
PATTERN_LENGTH = 1_000
PATTERN_BYTES = 1 << 20
