"""Documents for tests, and what is wrong with one, in short."""

import re
from pathlib import Path
from textwrap import dedent

from meanwhile.definitions.check import check
from meanwhile.definitions.loading import load
from meanwhile.definitions.problems import DocumentErrors, Located

ROOT = Path(__file__).parents[3]
EXAMPLES = sorted((ROOT / "examples").glob("*/*.yaml"))

BOOKING = """\
application: booking
title: Flight booking
tables:
  booking:
    fields:
      passenger: {type: text, required: true, max_length: 120}
      email:     {type: email, required: true}
      seats:     {type: integer, min: 1, max: 9, default: 1}
      status:    {type: choice, choices: [New, Received, Ticketed], default: New}
      reference: {type: text}
      fare:      {type: decimal, places: 2}
      confirmed: {type: boolean}            # the flag field
    events:
      record_update:
        - if_new_record:
          do:
            - update_field: {field: status, value: Received}
            - background:
              do:
                - call: {function: fare_quote, into: fare}
                - update_field: {field: status, value: Ticketed}
                - send_email:
                    to: "{{ record.email }}"
                    subject: "Your booking {{ record.reference }}"
                    body: "Dear {{ record.passenger }}, ..."
                - update_field: {field: confirmed, value: true}
            - if: "record.seats > 4"
              do:
                - update_field: {field: reference, value: "GROUP-{{ record.id }}"}
              otherwise:
                - update_field: {field: reference, value: "BK-{{ record.id }}"}
forms:
  book: {table: booking, fields: [passenger, email, seats], next: confirming}
pages:
  confirming: {kind: wait, table: booking, flag: confirmed, every: 2s, too_long: 2m, next: itinerary, text: "..."}
  itinerary:  {kind: content, table: booking, text: "Thank you {{ record.passenger }} ..."}
"""


def problems(text: str) -> list[Located]:
    """Everything that is wrong with a document, in its form or as a whole."""
    try:
        return check(load(dedent(text), "test.yaml"))
    except DocumentErrors as errors:
        return list(errors.problems)


def lines(text: str, severity: str = "error") -> list[str]:
    """The same as ``line:column message``, with the path and the suggestion."""
    return [
        f"{problem.line}:{problem.column} {problem.sentence}"
        for problem in problems(text)
        if problem.severity == severity
    ]


def changed(pattern: str, replacement: str) -> str:
    """The booking document with one place changed."""
    text, count = re.subn(pattern, lambda _match: replacement, BOOKING, count=1)
    assert count == 1, f"{pattern} is not in the document"
    return text
