"""Template tags and filters that every template has at hand (a builtin library)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

import phonenumbers
from django import forms, template
from django.http import QueryDict
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.module_loading import import_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from core import clock, registry
from core import richtext as rich
from core.drawn_fields import field_html
from core.formatting import date_text, number_text
from core.html import html
from core.notices import Notice, notice_of
from core.permissions import allowed
from core.problems import Problem, problems_of

register = template.Library()

NBSP = "\N{NO-BREAK SPACE}"
DASH = "–"
PAGING = frozenset({"after", "before"})
MAIN_FILTERS = 6
CONTROL_CLASSES = {"checkbox": "form-check-input", "radio": "form-check-input", "select": "form-select"}


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """Draw an icon of ``static/img/icons.svg``; with ``label`` it has an accessible name, without it is decoration."""
    return _icon(str(name), str(label))


@lru_cache(1_024)
def _icon(name: str, label: str) -> SafeString:
    named = html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"')
    return html('<svg class="icon" {}><use href="{}#{}"/></svg>', named, static_url("img/icons.svg"), name)


@register.simple_tag(name="static")
@lru_cache(1_024)
def static_url(path: str) -> str:
    """Return the address of a static file, which is looked up once, in place of Django's tag of that name."""
    return static(path)


@register.simple_tag
def drawn_once(template_name: str) -> SafeString:
    """Draw a template that reads no data, once for each language."""
    return _drawn_once(template_name, get_language())


@lru_cache(64)
def _drawn_once(template_name: str, language: str | None) -> SafeString:
    return render_to_string(template_name)


@register.simple_tag
def cell(path: str, row: Any = None, value: Any = None) -> Any:
    """Draw the cell of a list elsewhere: ``{% cell "offers.offers.cells.status" offer %}``."""
    return import_string(path)(value, row)


@register.simple_tag
def table_rows(rows: Iterable[Any], bulk_actions: Any = None) -> SafeString:
    """Draw the rows of a list (``core.tables.Row``), with boxes that select them where there are actions for it."""
    tick = _("Select %(name)s") if bulk_actions else ""
    return SafeString("\n".join([row.html(tick) for row in rows]))


@register.simple_tag(takes_context=True)
def next_step(
    context: Any, label: Any, url_name: str, *args: Any, rule: str = "", query: str = "", dialog: bool = False
) -> SafeString:
    """Draw a link to what to do next where there is nothing to show, if ``rule`` allows it to the user."""
    if rule and not allowed(context["request"].user, rule):
        return SafeString("")
    url = reverse(url_name, args=args) + (f"?{query}" if query else "")
    return html('<a class="next-step" href="{}"{}>{}</a>', url, SafeString(" data-dialog") if dialog else "", label)


@register.simple_tag(takes_context=True)
def empty_picture(context: Any, name: str = "") -> SafeString:
    """Draw the picture of an empty place: an icon, else that of the page in the menu. It is decoration."""
    page = getattr(getattr(context["request"], "resolver_match", None), "view_name", "")
    own = next((item.icon for item in registry.nav.of("main") if item.url_name == page), "list")
    return html('<div class="empty-picture">{}</div>', _icon(name or own, ""))


@register.simple_tag
def status(kind: str, word: Any) -> SafeString:
    """Draw a dot and a word. ``kind`` is ok, warn, late or muted; the colour repeats what the word says."""
    return html('<span class="st {}">{}</span>', kind, word)


@register.simple_tag
def segment(letter: Any, name: Any = "", colour: str = "") -> SafeString:
    """Draw the code of a segment in a frame of its colour, one of the palette (default: that of ``name``).

    ``name`` is what a screen reader and the tooltip say: the segment, or its name.
    """
    if not letter:
        return SafeString("")
    colour = colour or getattr(name, "colour", "") or "none"
    title = html(' role="img" title="{0}" aria-label="{0}"', name) if name else ""
    return html('<span class="seg colour-{}"{}>{}</span>', colour, title, letter)


@register.simple_tag
def target_bar(value: Any, target: Any, expected: Any, label: Any, kind: str = "ok", before: Any = None) -> SafeString:
    """Draw a bar of ``value`` out of ``target`` with a mark at ``expected``, where one should be by today.

    A thin lighter bar below it is the value ``before``, of the former period.
    """
    whole = max(Decimal(str(part or 0)) for part in (target, value, before)) or Decimal(1)
    done, end, mark, old = (
        format(min(Decimal(str(part or 0)) / whole, Decimal(1)) * 100, ".2f")
        for part in (value, target, expected, before)
    )
    text = html(
        '<svg class="target-bar {}" viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<rect class="track" y="2" width="{}" height="6"/><rect class="done" y="2" width="{}" height="6"/>',
        kind, label, end, done,
    )  # fmt: skip
    line = html('<rect class="mark" x="{}" width="0.8" height="10"/>', mark) if expected else SafeString("")
    former = html('<rect class="former" y="8.5" width="{}" height="1.5"/>', old) if before else SafeString("")
    return html("{}{}{}</svg>", text, former, line)


@register.simple_tag
def bar(value: Any, maximum: Any, label: Any, kind: str = "ok") -> SafeString:
    """Draw a thin bar of ``value`` out of ``maximum``."""
    return format_html(
        '<progress class="bar {}" value="{}" max="{}" aria-label="{}"></progress>',
        kind,
        *(format(Decimal(str(number or 0)), "f") for number in (value, maximum)),
        label,
    )


@register.filter
def ago(value: dt.date | dt.datetime | None) -> SafeString | str:
    """Return days from now in words: "2 days ago", "today", "in 3 days"; the date itself is the tooltip."""
    if not value:
        return DASH
    day = timezone.localtime(value).date() if isinstance(value, dt.datetime) else value
    return _ago(day, clock.user_today(), get_language())


@lru_cache(4_096)
def _ago(day: dt.date, today: dt.date, language: str | None) -> SafeString:
    words = _distance((day - today).days)
    return html('<time datetime="{}" title="{}">{}</time>', day.isoformat(), date_text(day), words)


def _distance(days: int) -> str:
    near = {0: _("today"), -1: _("yesterday"), 1: _("tomorrow")}
    if days in near:
        return near[days]
    if days < 0:
        return ngettext("%(days)d day ago", "%(days)d days ago", -days) % {"days": -days}
    return ngettext("in %(days)d day", "in %(days)d days", days) % {"days": days}


@register.filter
def day(value: dt.date | dt.datetime | None) -> str:
    """Return a date in a list: weekday and day within this year, the whole date outside it."""
    if not value:
        return DASH
    local = timezone.localtime(value).date() if isinstance(value, dt.datetime) else value
    this_year = local.year == clock.user_today().year
    return date_text(local, "WEEKDAY_FORMAT" if this_year else "SHORT_DATE_FORMAT")


@register.filter
def number(value: Any, decimals: int | None = None) -> str:
    """Return a number with the separators of the language: 182 400."""
    if value is None or value == "":
        return DASH
    return number_text(value, decimals)


@register.filter
def euros(value: Any, decimals: int = 2) -> str:
    """Return euros with cents, or with as many decimals as asked for: 1 234,50 €; ``euros:0`` gives 1 235 €."""
    if value is None or value == "":
        return DASH
    amount = Decimal(str(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return f"{number(amount, decimals)}{NBSP}€"


@register.filter
def phone(value: str | None) -> str:
    """Return a phone number as one dials it here: Finnish ones in national form, others in international form."""
    if not value:
        return ""
    try:
        parsed = phonenumbers.parse(value, "FI")
    except phonenumbers.NumberParseException:
        return value
    home = parsed.country_code == phonenumbers.country_code_for_region("FI")
    form = phonenumbers.PhoneNumberFormat.NATIONAL if home else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(parsed, form)


@register.filter
def richtext(value: str | None) -> SafeString:
    """Return rich text as HTML, cleaned."""
    return rich.show(value or "")


@register.filter
def notice(message: Any) -> Notice:
    """Return the link and the undo of a message."""
    return notice_of(message)


@register.filter
def initials(value: Any) -> str:
    """Return at most two letters of a name."""
    words = str(value or "").replace(".", " ").split()
    return "".join(word[0] for word in (words if len(words) < 2 else [words[0], words[-1]])).upper()


@register.simple_tag
def control(field: forms.BoundField) -> SafeString:
    """Return a form field's widget with the look's classes, and its error state."""
    widget = field.field.widget
    base = CONTROL_CLASSES.get(getattr(widget, "input_type", ""), "form-control")
    classes = [base, widget.attrs.get("class", ""), "is-invalid" if field.errors else ""]
    return field.as_widget(attrs={"class": " ".join(filter(None, classes))})


@register.simple_tag
def form_problems(form: Any) -> list[Problem]:
    """Return the errors of a refused form with the ids of their fields."""
    return problems_of(form)


@register.simple_tag
def form_sections(form: forms.BaseForm) -> list[tuple[Any, list[forms.BoundField]]]:
    """Return a form's visible fields by its ``fieldsets`` (title, names); fields that none of them names come last."""
    fieldsets = getattr(form, "fieldsets", None) or []
    named = {name for _title, names in fieldsets for name in names}
    visible = {field.name: field for field in form.visible_fields()}
    sections = [(title, [visible[name] for name in names if name in visible]) for title, names in fieldsets]
    sections.append(("", [field for name, field in visible.items() if name not in named]))
    return [(title, fields) for title, fields in sections if fields]


@dataclass(frozen=True)
class Chip:
    """A filter of a list: its field, its value when it is in use, and the address that puts an on-or-off one on."""

    field: forms.BoundField
    active: Any = None
    on_url: str = ""


@register.simple_tag(takes_context=True)
def filter_chips(
    context: template.Context, form: forms.BaseForm, active: Iterable[Any], main: Iterable[str] = ()
) -> dict[str, list[Chip]]:
    """Sort a filter form's fields into ``main`` chips (named or the first few, and all in use) and ``more``.

    Their ids are their own: a form in a dialog above the list may have fields of the same names.
    """
    form.auto_id = "filter_%s"
    in_use = {str(item.label): item for item in active or ()}
    fields = [field for field in form.visible_fields() if field.name != "q"]
    names = set(main or [field.name for field in fields[:MAIN_FILTERS]])
    query = context["request"].GET
    chips = [Chip(field, in_use.get(str(field.field.label)), _on_url(field, query)) for field in fields]
    return {
        "main": [chip for chip in chips if chip.active or chip.field.name in names],
        "more": [chip for chip in chips if not chip.active and chip.field.name not in names],
    }


def _on_url(field: forms.BoundField, query: QueryDict) -> str:
    """Return the address that puts a filter of one choice on; other filters have none."""
    choices = [value for value, _label in getattr(field.field, "choices", ()) if value] if _is_switch(field) else []
    if len(choices) != 1:
        return ""
    changed = query.copy()
    for name in PAGING:
        changed.pop(name, None)
    changed[field.html_name] = choices[0]
    return f"?{changed.urlencode()}"


def _is_switch(field: forms.BoundField) -> bool:
    plain = isinstance(field.field, forms.ChoiceField) and not isinstance(field.field, forms.ModelChoiceField)
    return plain and not isinstance(field.field, forms.MultipleChoiceField)


@register.simple_tag
def filter_field(field: forms.BoundField) -> SafeString:
    """Draw a filter's field with its label."""
    return field_html(field)


@register.simple_tag(takes_context=True)
def kept_params(context: template.Context, form: forms.BaseForm | None = None, drop: str = "") -> SafeString:
    """Return hidden inputs that carry the address's other parameters through a GET form, back to page one."""
    own = set(form.fields) if form else set()
    gone = own | PAGING | set(drop.split())
    pairs = [(key, value) for key, values in context["request"].GET.lists() for value in values if key not in gone]
    return format_html_join("", '<input type="hidden" name="{}" value="{}">', pairs)
