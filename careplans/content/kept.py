"""What versions of plans keep, and how two of them differ."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from careplans.content.composing import PlanPage, euros, plan_page
from careplans.content.models import Charge
from customers.models import Customer

GOALS = "goals"
Part = dict[str, Any]
LANGUAGES = tuple(code for code, _name in settings.LANGUAGES)


def kept_content(customer: Customer, day: dt.date, languages: Iterable[str] = LANGUAGES) -> dict[str, Any]:
    """Return the plan of a customer as JSON, by language."""
    charges = list(Charge.objects.filter(customer=customer))
    found = {}
    for language in languages:
        with translation.override(language):
            found[language] = _content(plan_page(customer, day), charges)
    return found


def _content(page: PlanPage, charges: Iterable[Charge]) -> Part:
    goals = page.content.goals if page.content else ""
    return {
        "header": [
            *(_text(one.part.code, one.part.title, one.text) for one in page.header),
            _text(GOALS, _("Goals"), goals),
        ],
        "sections": [*(_section(one) for one in page.sections), _charges(charges)],
        "texts": [_text(one.part.code, one.part.title, one.text) for one in page.blocks],
    }


def _text(code: str, title: str, text: str) -> Part:
    return {"code": code, "title": str(title), "text": str(text)}


def _section(shown: Any) -> Part:
    rows = [{"key": shown.section.key(one.row), "cells": one.cells} for one in shown.rows]
    return {"code": shown.section.code, "title": str(shown.part.title), "labels": shown.labels, "rows": rows}


def _charges(charges: Iterable[Charge]) -> Part:
    rows = [{"key": str(one.pk), "cells": [one.service, str(one.year), euros(one.amount)]} for one in charges]
    labels = [_("Service"), _("Year"), _("Charges, €")]
    return {"code": "charges", "title": _("Charges"), "labels": labels, "rows": rows}


# Comparing


@dataclass(frozen=True)
class ComparedText:
    """A field of the header or a text, in both versions."""

    title: str
    left: str
    right: str

    @property
    def is_changed(self) -> bool:
        return self.left != self.right


@dataclass(frozen=True)
class ComparedRow:
    """A row of a section: its cells by their labels on each side, empty where it is not there."""

    left: dict[str, str]
    right: dict[str, str]

    @property
    def name(self) -> str:
        return next(iter((self.right or self.left).values()), "")

    @property
    def kind(self) -> str:
        """``added``, ``removed``, ``changed`` or ``same``."""
        if not self.left:
            return "added"
        if not self.right:
            return "removed"
        return "same" if self.left == self.right else "changed"

    @property
    def lines(self) -> list[tuple[str, str, str]]:
        """Label, left and right: all where the row is on one side, else those that differ."""
        labels = dict.fromkeys([*self.left, *self.right])
        found = [(label, self.left.get(label, ""), self.right.get(label, "")) for label in labels]
        return [line for line in found if self.kind != "changed" or line[1] != line[2]]

    @property
    def summary(self) -> str:
        """What an unchanged row says."""
        return " · ".join(list(self.right.values())[1:])


@dataclass(frozen=True)
class ComparedSection:
    title: str
    rows: list[ComparedRow] = field(default_factory=list)

    @property
    def is_changed(self) -> bool:
        return any(row.kind != "same" for row in self.rows)


@dataclass(frozen=True)
class Comparison:
    """Two versions of a plan side by side."""

    header: list[ComparedText]
    sections: list[ComparedSection]
    texts: list[ComparedText]

    @property
    def is_changed(self) -> bool:
        parts: list[ComparedText | ComparedSection] = [*self.header, *self.sections, *self.texts]
        return any(one.is_changed for one in parts)


def compare(left: Mapping[str, Any], right: Mapping[str, Any]) -> Comparison:
    """Return two contents in one language side by side, in the order of the right one."""
    header = [ComparedText(*one) for one in _texts(left.get("header", ()), right.get("header", ()))]
    texts = [ComparedText(*one) for one in _texts(left.get("texts", ()), right.get("texts", ()))]
    sections = [
        ComparedSection((after or before)["title"], _rows(before, after))
        for before, after in _pairs(left.get("sections", ()), right.get("sections", ()), "code")
    ]
    return Comparison(header, [one for one in sections if one.rows], [one for one in texts if one.left or one.right])


def _texts(left: Iterable[Part], right: Iterable[Part]) -> Iterable[tuple[str, str, str]]:
    for before, after in _pairs(left, right, "code"):
        yield (after or before)["title"], before.get("text", ""), after.get("text", "")


def _rows(left: Part, right: Part) -> list[ComparedRow]:
    pairs = _pairs(left.get("rows", ()), right.get("rows", ()), "key")
    return [ComparedRow(_cells(left, before), _cells(right, after)) for before, after in pairs]


def _cells(section: Part, row: Part) -> dict[str, str]:
    return dict(zip(section["labels"], row["cells"], strict=False)) if row else {}


def _pairs(left: Iterable[Part], right: Iterable[Part], name: str) -> list[tuple[Part, Part]]:
    """Return the parts of both sides by what names them, those of the right side first; ``{}`` where there is none."""
    before, after = ({one[name]: one for one in side} for side in (left, right))
    return [(before.get(key, {}), after.get(key, {})) for key in dict.fromkeys([*after, *before])]
