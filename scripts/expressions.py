"""The page about expressions; its list of functions is made from the functions themselves."""

from itertools import groupby

from meanwhile.expressions import functions_reference

INTRODUCTION = """# Expressions and placeholders

A condition is a bare expression: `record.seats > 4`. A text may hold placeholders: `Dear {{ record.passenger }}`. A
value that is one placeholder and nothing else keeps its type: `"{{ record.seats * 2 }}"` is a number.

Expressions are a small part of Python's syntax. Whatever is not listed here is refused when the document is checked,
with the place and the reason.

## Names

| name | what it is |
| --- | --- |
| `record` | the record as it is now, with what this walk has already changed: `record.seats`, `record.id`, `record.created_at`; links are followed: `record.customer.name` |
| `old` | the record as it was before this save; empty for a new one |
| `event` | `event.is_new`, and the parameters of a custom event |
| `user` | who saved it: `user.id`, `user.email`, `user.name`, `user.username`, `user.is_signed_in` |
| `now` | the present moment |
| `true`, `false`, `empty` | constants; `null` and `none` are other words for `empty` |

## Operators

`+ - * / // % **`, `== != < <= > >=` (also chained: `1 < record.seats < 5`), `and or not`, `in` and `not in` with a list
`[1, 2]`, and `a if condition else b`.

Numbers are exact: `0.1 + 0.2 == 0.3`, and `record.fare * 2` of a decimal is a decimal. Ordering against an empty value
is false, arithmetic with one gives empty, a placeholder shows nothing for it. An empty text equals empty.

## Limits

An expression has at most 2,000 characters and 40 levels; a number 100 digits; a text that it makes 100,000 characters.

## Functions
"""


def expressions_markdown() -> str:
    """The page in full."""
    parts = [INTRODUCTION]
    for group, functions in groupby(functions_reference(), key=lambda each: each.group):
        parts.append(f"### {str(group)[:1].upper()}{str(group)[1:]}\n\n| function | what it gives |\n| --- | --- |")
        parts.append("\n".join(f"| `{each.signature}` | {_cell(each.summary)} |" for each in functions) + "\n")
    return "\n".join(parts)


def _cell(text: object) -> str:
    return " ".join(str(text).split()).replace("``", "`").replace("|", "\\|")
