"""From the annotation of a setting to its control."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeAliasType, Union, get_args, get_origin

from django.utils.translation import gettext as _
from pydantic.fields import FieldInfo

from meanwhile.core.spans import Offset
from meanwhile.designer.settings import controls
from meanwhile.designer.settings.choosing import Choosing, ChosenField
from meanwhile.designer.settings.controls import Control
from meanwhile.designer.settings.values import MISSING
from meanwhile.expressions import Expression, Template, ValueSetting
from meanwhile.plugins.choosing import Chooses, ValueFor

# Text of a document that is longer than this gets several lines.
_LONG = 70


@dataclass(frozen=True)
class Setting:
    """One setting of a model: its key in the document, and all that its control depends on."""

    key: str
    info: FieldInfo
    choosing: Choosing
    siblings: Mapping[str, Any]

    @property
    def present(self) -> Any:
        """What stands in the document; MISSING where nothing does."""
        return self.siblings.get(self.key, MISSING)

    @property
    def kinds(self) -> list[Any]:
        """The alternatives of its annotation, without names for types, marks and None."""
        return [kind for kind in _kinds(self.info.annotation) if kind is not NoneType]

    @property
    def can_be_none(self) -> bool:
        return NoneType in _kinds(self.info.annotation)

    def mark[M](self, kind: type[M]) -> M | None:
        """The mark of that class, wherever in the annotation it stands."""
        found = [*self.info.metadata, *_marks(self.info.annotation)]
        return next((each for each in found if isinstance(each, kind)), None)

    def choices(self) -> list[tuple[str, str]]:
        mark = self.mark(Chooses)
        return self.choosing.choices(mark.what, self.siblings) if mark else []


def control_of(setting: Setting) -> Control:
    """The control of a setting."""
    kinds = setting.kinds
    if ValueSetting in kinds:
        return _value_control(setting)
    if Expression in kinds:
        return controls.TextControl("expression", lines=_lines_for(setting, 1))
    if any(get_origin(kind) is dict for kind in kinds):
        return _mapping_control(setting)
    if any(get_origin(kind) in (list, tuple) for kind in kinds):
        is_text = Template in kinds
        return controls.LinesControl(
            "text" if is_text else "", or_text=is_text, is_list=isinstance(setting.present, list)
        )
    return _text_control(setting) if Template in kinds else _plain_control(setting)


def _plain_control(setting: Setting) -> Control:
    kinds = setting.kinds
    if bool in kinds:
        return controls.TruthControl() if setting.can_be_none else controls.CheckControl()
    if int in kinds or Decimal in kinds:
        return controls.NumberControl(int if int in kinds else Decimal)
    if words := [word for kind in kinds if get_origin(kind) is Literal for word in get_args(kind)]:
        return _words_control(setting, words)
    if timedelta in kinds or Offset in kinds:
        return controls.TextControl()
    if str in kinds:
        return _chosen_control(setting) if setting.mark(Chooses) else controls.TextControl()
    return controls.ValueControl()


def _words_control(setting: Setting, words: list[Any]) -> Control:
    listed = [(str(word), str(word).replace("_", " ").capitalize()) for word in words]
    return controls.ChoiceControl(listed, present=setting.present, empty="—" if setting.can_be_none else _("Choose…"))


def _chosen_control(setting: Setting) -> Control:
    mark = setting.mark(Chooses)
    if mark and mark.what == "queue":
        return controls.TextControl(words=[key for key, _label in setting.choices()])
    empty = "—" if setting.can_be_none else _("Choose…")
    return controls.ChoiceControl(setting.choices(), present=setting.present, empty=empty)


# Settings of an e-mail and of a page that are text of several lines, whatever stands there now.
_LONG_NAMES = frozenset({"body", "html", "text", "done", "failed", "message", "description"})


def _text_control(setting: Setting) -> Control:
    return controls.TextControl("text", lines=8 if setting.key in _LONG_NAMES else _lines_for(setting, 1))


def _lines_for(setting: Setting, least: int) -> int:
    text = setting.present if isinstance(setting.present, str) else ""
    return max(least, 3) if len(text) > _LONG or "\n" in text else least


def _value_control(setting: Setting) -> Control:
    mark = setting.mark(ValueFor)
    field = setting.choosing.field(setting.siblings.get(mark.setting)) if mark else None
    long = (field is not None and field.type in ("long_text", "json")) or _lines_for(setting, 1) > 1
    type_ = field.type if field else ""
    return controls.ValueControl(type_, _words(field), can_empty=mark is not None, long=long)


def _words(field: ChosenField | None) -> tuple[str, ...]:
    if field is None:
        return ()
    return ("true", "false") if field.type == "boolean" else field.words


def _mapping_control(setting: Setting) -> Control:
    values = [get_args(kind)[-1] for kind in setting.kinds if get_origin(kind) is dict]
    if ValueSetting not in values:
        return controls.WordsControl()
    mark = setting.mark(Chooses)

    def type_of(name: str) -> str:
        table = setting.siblings.get("table") if mark and mark.what == "linked_field" else None
        field = setting.choosing.field(name, str(table)) if table else None
        return field.type if field else ""

    return controls.RowsControl(setting.choices(), type_of)


def _kinds(annotation: Any) -> list[Any]:
    if annotation is ValueSetting:
        return [annotation]
    if isinstance(annotation, TypeAliasType):
        return _kinds(annotation.__value__)
    if get_origin(annotation) is Annotated:
        return _kinds(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return [kind for each in get_args(annotation) for kind in _kinds(each)]
    return [annotation]


def _marks(annotation: Any) -> list[Any]:
    if isinstance(annotation, TypeAliasType):
        return _marks(annotation.__value__)
    if get_origin(annotation) is Annotated:
        inner, *marks = get_args(annotation)
        return [*marks, *_marks(inner)]
    if get_origin(annotation) in (Union, UnionType):
        return [mark for each in get_args(annotation) for mark in _marks(each)]
    return []
