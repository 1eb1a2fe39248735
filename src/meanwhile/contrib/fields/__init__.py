"""The shipped field types, one per module. Importing this package makes them known."""

from meanwhile.contrib.fields.boolean import Boolean
from meanwhile.contrib.fields.choice import Choice
from meanwhile.contrib.fields.date import Date
from meanwhile.contrib.fields.datetime import DateTime
from meanwhile.contrib.fields.decimal import DecimalNumber
from meanwhile.contrib.fields.email import Email
from meanwhile.contrib.fields.integer import Integer
from meanwhile.contrib.fields.json import Json
from meanwhile.contrib.fields.link import Link
from meanwhile.contrib.fields.long_text import LongText
from meanwhile.contrib.fields.text import Text
from meanwhile.contrib.fields.url import Url
from meanwhile.contrib.fields.user import User

__all__ = [
    "Boolean",
    "Choice",
    "Date",
    "DateTime",
    "DecimalNumber",
    "Email",
    "Integer",
    "Json",
    "Link",
    "LongText",
    "Text",
    "Url",
    "User",
]
