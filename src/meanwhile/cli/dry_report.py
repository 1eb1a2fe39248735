"""A dry run on the terminal, to be read from top to bottom."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rich.console import Console
from rich.text import Text

from meanwhile.core.zone import site_zone
from meanwhile.engine.dry.told import DryRun, Line, PageShown, Part
from meanwhile.engine.steps import Outcome

_STYLES = {Outcome.FAILED: "bold red", Outcome.FALSE: "dim", Outcome.DISABLED: "dim", Outcome.QUEUED: "yellow"}
_STATES = {
    "waiting": gettext_lazy("it waits"),
    "failed": gettext_lazy("it says that something did not work"),
    "done": gettext_lazy("it is done"),
}


def write(told: DryRun, console: Console) -> None:
    """Print all of it."""
    record = f"{told.table.label} #{told.record_id}" if told.record_id is not None else str(told.table.label)
    words = _("A new record, {record}.") if told.is_new else _("A changed record, {record}.")
    _say(console, f"{words.format(record=record)} {_('Nothing is saved, sent or called.')}", "bold")
    for scene in told.scenes:
        if isinstance(scene, Part):
            _part(scene, console)
        else:
            now = _("What the person sees now")
            _page(now if scene is told.page else _("What the person sees then"), scene, console)
    _end(told, console)


def _part(part: Part, console: Console) -> None:
    titles = {
        "background": _("In the background: {title}"),
        "delay": _("Later: {title}"),
        "event": _("In the background, an event: {title}"),
    }
    title = titles.get(part.kind, "{title}").format(title=part.title)
    when = f", {part.due_at.astimezone(site_zone()):%Y-%m-%d %H:%M}" if part.due_at else ""
    console.print()
    _say(console, f"{title} ({part.record}{when})", "bold cyan" if part.kind == "now" else "bold yellow")
    for line in part.lines:
        _line(line, console)
    if not part.lines:
        _say(console, "  " + _("Nothing to do."), "dim")
    if part.failure:
        _say(console, "  " + part.failure, "red")


def _line(line: Line, console: Console) -> None:
    indent = "  " * (line.depth + 1)
    text = Text(indent + line.title)
    text.append(f"  {line.label}", _STYLES.get(line.outcome, "green"))
    console.print(text)
    for detail in _details(line):
        _say(console, f"{indent}    {detail}", "red" if detail == line.error else "dim" if detail == line.note else "")


def _details(line: Line) -> Iterator[str]:
    nothing = _("empty")
    for change in line.changes:
        yield f"{change.label}: {change.was or nothing} → {change.becomes or nothing}"
    for made in line.made:
        values = ", ".join(f"{label}: {value}" for label, value in made.shown)
        yield _("Makes {table} #{id}: {values}").format(table=made.label, id=made.id, values=values or nothing)
    if line.waits:
        yield _("The person waits for this.")
    yield from _request(line)
    yield from filter(None, (line.note, line.error))


def _request(line: Line) -> Iterator[str]:
    if email := line.email:
        yield _("Would be sent:")
        for name, key in ((_("From"), "from"), (_("To"), "to"), (_("Copy"), "cc"), (_("Subject"), "subject")):
            value = email.get(key)
            if value:
                yield f"  {name}: {value if isinstance(value, str) else ', '.join(value)}"
        yield from (f"  | {row}" for row in str(email["body"]).splitlines())
    elif line.request is not None:
        arguments = ", ".join(f"{name}={value}" for name, value in line.facts)
        yield _("Would be performed: {what}").format(what=f"{line.call}({arguments})" if line.call else arguments)
    if line.answered:
        yield _("Assumed answer: {answer}").format(answer=line.answered)


def _page(heading: str, page: PageShown, console: Console) -> None:
    console.print()
    state = f" ({_STATES[page.state]})" if page.state in _STATES else ""
    _say(console, f"{heading}: {page.title}{state}", "bold magenta")
    if page.flag:
        value = _("yes") if page.flag_value else _("no")
        _say(console, "  " + _("It waits for “{flag}”, which is: {value}").format(flag=page.flag_label, value=value))
    for row in str(page.text).strip().splitlines():
        _say(console, f"  | {row}")


def _end(told: DryRun, console: Console) -> None:
    console.print()
    for problem in told.problems:
        _say(console, problem, "bold red")
    if told.refused:
        return
    _say(console, _("The record in the end"), "bold")
    for change in told.changes:
        _say(console, f"  {change.label}: {change.was or _('empty')} → {change.becomes or _('empty')}")


def _say(console: Console, words: str, style: str = "") -> None:
    console.print(words, style=style or None, markup=False, highlight=False)
