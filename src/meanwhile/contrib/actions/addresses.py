"""Who an e-mail goes to: texts of the document and values of the record as checked addresses.

Commas and angle brackets separate addresses only where the designer wrote them. What a placeholder puts in is one
address or one name, so that nobody who fills in a form can add recipients.
"""

import re
from collections.abc import Mapping, Sequence
from email.headerregistry import Address
from functools import lru_cache
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from meanwhile.core.errors import PermanentError
from meanwhile.expressions import Template

# Characters that mean something in a list of addresses, and what stands for them while they come out of a value:
# private characters of Unicode, which no address has.
_SPECIAL = ',;<>"\r\n'
_HIDDEN = {ord(special): chr(0xE000 + index) for index, special in enumerate(_SPECIAL)}
_SHOWN = {0xE000 + index: special for index, special in enumerate(_SPECIAL)}
_NAMED = re.compile(r"(?s)(.*)<([^<>]*)>\s*")
# Above what a person would put in by hand, below what makes a server refuse.
MOST = 100


def addresses(setting: Template | Sequence[Template] | None, scope: Mapping[str, Any]) -> list[str]:
    """The addresses that a setting names, each checked, in order and without repetition. PermanentError names a bad
    one. A placeholder whose value is a list gives one address per item."""
    found: dict[str, None] = {}
    for text in _texts(setting, scope):
        for piece in re.split("[,;\n]", text):
            if piece.strip():
                found.setdefault(_address(piece))
    if len(found) > MOST:
        raise PermanentError(_("The e-mail has more than %d recipients.") % MOST)
    return list(found)


def problem_of(text: str) -> str | None:
    """Why a text without placeholders is no list of addresses, as a sentence; None when it is one."""
    try:
        addresses(Template(text), {})
    except PermanentError as error:
        return error.message
    return None


def _texts(setting: Template | Sequence[Template] | None, scope: Mapping[str, Any]) -> list[str]:
    if setting is None:
        return []
    if not isinstance(setting, Template):
        return [text for each in setting for text in _texts(each, scope)]
    value = setting.value(scope)
    if isinstance(value, (list, tuple)):
        return [_hidden(str(each)) for each in value if each is not None]
    return [setting.render(scope, escape=_hidden)]


def _hidden(text: str) -> str:
    return text.strip().translate(_HIDDEN)


@lru_cache(maxsize=1024)
def _address(piece: str) -> str:
    """One address, with or without a name, as a header takes it. The same people are written to again and again, and
    holding an address against all that it may be costs more than the rest of the e-mail."""
    match = _NAMED.fullmatch(piece)
    name, bare = (match[1], match[2]) if match else ("", piece)
    name, bare = (part.strip().translate(_SHOWN) for part in (name.replace('"', ""), bare))
    _check(bare)
    user, _at, domain = bare.rpartition("@")
    clean_name = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    return str(Address(display_name=clean_name, username=user, domain=domain))


def _check(bare: str) -> None:
    try:
        validate_email(bare)
        is_valid = bare.rpartition("@")[0].isascii()
    except ValidationError:
        is_valid = False
    if not is_valid:
        shown = " ".join(bare.split())[:100]
        raise PermanentError(_('"%s" is not an e-mail address.') % shown, address=shown)
