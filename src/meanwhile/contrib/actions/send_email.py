"""Send an e-mail, plain or with HTML."""

import hashlib
import html
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import nh3
from django.conf import settings as django_settings
from django.core.mail import EmailMultiAlternatives
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import ConfigDict, Field

from meanwhile.contrib.actions.addresses import addresses, problem_of
from meanwhile.contrib.actions.delivery import deliver
from meanwhile.contrib.actions.wording import in_words
from meanwhile.contrib.time_limit_setting import TimeLimitSetting, in_seconds
from meanwhile.core.errors import PermanentError
from meanwhile.expressions import Template, TextSetting
from meanwhile.plugins.contracts import Action, Checking, Context, NodeSettings, Outcome, Problem
from meanwhile.plugins.registry import register

type Recipients = TextSetting | list[TextSetting]


class SendEmailSettings(NodeSettings):
    model_config = ConfigDict(serialize_by_alias=True)

    to: Recipients = Field(description="Addresses, separated by commas or as a list.")
    cc: Recipients | None = Field(None, description="Who gets a copy.")
    bcc: Recipients | None = Field(None, description="Who gets a copy that the others do not see.")
    reply_to: Recipients | None = Field(None, description="Where answers go.")
    from_: TextSetting | None = Field(None, alias="from", description="The sender; by default the site's.")
    subject: TextSetting = Field(description="One line.")
    body: TextSetting = Field(description="The text.")
    html: TextSetting | None = Field(None, description="The same as HTML; values that are put in are escaped.")
    time_limit: TimeLimitSetting | None = Field(
        None, description="How long one try may take; by default the site's setting."
    )


@register
class SendEmail(Action):
    """An effect: the message is rendered and journalled with the record, then sent."""

    type = "send_email"
    label = gettext_lazy("Send e-mail")
    description = gettext_lazy("Sends an e-mail with fields of the record in it.")
    Settings = SendEmailSettings

    def check(self, settings: SendEmailSettings, checking: Checking) -> Iterable[Problem]:
        for name in ("to", "cc", "bcc", "reply_to", "from_"):
            for index, text in enumerate(_as_list(getattr(settings, name))):
                if text.is_plain and (problem := problem_of(text.source)):
                    place = (index,) if isinstance(getattr(settings, name), list) else ()
                    yield Problem(problem, (name.rstrip("_"), *place))
        if not any(part.source.strip() for part in _as_list(settings.to)):
            yield Problem(_("The e-mail has no recipient."), ("to",))

    def summary(self, settings: SendEmailSettings) -> str:
        words = {"subject": in_words(settings.subject), "to": in_words(settings.to)}
        return _('Send "%(subject)s" to %(to)s') % words

    def has_effect(self, settings: SendEmailSettings) -> bool:
        return True

    def timeout_seconds(self, settings: SendEmailSettings) -> float | None:
        return in_seconds(settings.time_limit)

    def prepare(self, settings: SendEmailSettings, context: Context) -> Mapping[str, Any]:
        scope = context.scope
        request = {
            "from": _sender(settings, scope),
            "to": addresses(settings.to, scope),
            "cc": addresses(settings.cc, scope),
            "bcc": addresses(settings.bcc, scope),
            "reply_to": addresses(settings.reply_to, scope),
            "subject": _one_line(settings.subject.render(scope)),
            "body": settings.body.render(scope),
            "html": nh3.clean(settings.html.render(scope, escape=html.escape)) if settings.html else None,
        }
        if not request["to"]:
            raise PermanentError(_('The e-mail has no recipient: "%s" is empty.') % in_words(settings.to))
        return request

    def perform(self, request: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        message = _message(request, key)
        return {"message_id": message.extra_headers["Message-ID"], "recipients": deliver(message)}

    def rehearse(self, settings: SendEmailSettings, request: Mapping[str, Any], context: Context) -> Mapping[str, Any]:
        everybody = [*request["to"], *request["cc"], *request["bcc"]]
        return {
            "message_id": message_id(context.key, request["from"]),
            "recipients": [{"address": address, "outcome": "sent"} for address in everybody],
        }

    def conclude(
        self, settings: SendEmailSettings, request: Mapping[str, Any], answer: Mapping[str, Any], context: Context
    ) -> Outcome:
        entries: Sequence[Mapping[str, Any]] = answer.get("recipients", ())
        refused = [entry["address"] for entry in entries if entry["outcome"] != "sent"]
        note = _("Refused: %s") % ", ".join(refused) if refused else ""
        return Outcome(detail=dict(answer), note=note)


def message_id(key: str, sender: str) -> str:
    """The Message-ID of the e-mail with that key: the same at every try, so that a mail server sees a repetition."""
    domain = sender.rpartition("@")[2].rstrip("> ") or "localhost"
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@{domain.encode('idna').decode()}>"


def _message(request: Mapping[str, Any], key: str) -> EmailMultiAlternatives:
    message = EmailMultiAlternatives(
        request["subject"],
        request["body"],
        request["from"],
        list(request["to"]),
        cc=list(request["cc"]),
        bcc=list(request["bcc"]),
        reply_to=list(request["reply_to"]),
        headers={"Message-ID": message_id(key, request["from"])},
    )
    if request["html"]:
        message.attach_alternative(request["html"], "text/html")
    return message


def _sender(settings: SendEmailSettings, scope: Mapping[str, Any]) -> str:
    given = addresses(settings.from_, scope)
    if len(given) > 1:
        raise PermanentError(_("An e-mail has one sender."))
    return given[0] if given else django_settings.DEFAULT_FROM_EMAIL


def _one_line(text: str) -> str:
    """``text`` without line breaks and other control characters: a header is one line, and only the one meant."""
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())


def _as_list(setting: Template | list[Template] | None) -> list[Template]:
    if setting is None:
        return []
    return setting if isinstance(setting, list) else [setting]
