"""Problems of rows: a code and its parameters are stored; the sentence is made when they are shown."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
import time
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core import import_kinds

SENTENCES: dict[str, Any] = {
    # one value
    "required": _("The value is missing."),
    "too_long": _("The text is longer than %(limit)s characters."),
    "number": _("“%(value)s” is not a number."),
    "ambiguous_number": _(
        "“%(value)s” can be read in two ways: choose the decimal mark in the column's options, or write it without "
        "separators of thousands."
    ),
    "more_values": _("“%(value)s” was left out: there is room for one value."),
    "note_left_out": _("“%(value)s” beside the value was left out."),
    "beside_name": _("“%(value)s” is not part of the name and was left out."),
    "whole_number": _("“%(value)s” is not a whole number."),
    "range": _("“%(value)s” is not between %(low)s and %(high)s."),
    "date": _("“%(value)s” is not a date."),
    "boolean": _("“%(value)s” is neither yes nor no."),
    "choice": _("“%(value)s” is not one of the choices."),
    "email": _("“%(value)s” is not an e-mail address."),
    "url": _("“%(value)s” is not a web address."),
    "phone": _("“%(value)s” is not a phone number."),
    "business_id": _("“%(value)s” is not a business ID: the check digit or the format (1234567-1) is wrong."),
    "municipality": _("“%(value)s” is not the name of a municipality."),
    "unknown_class": _("There is no class “%(value)s” in this branch."),
    "ambiguous_class": _("There are several classes “%(value)s” in this branch: use the code."),
    "retired_class": _("The class “%(value)s” has been retired."),
    "forbidden_class": _("You may not assign the class “%(value)s”."),
    "unknown_segment": _("There is no segment “%(value)s”."),
    "retired_segment": _("The segment “%(value)s” has been retired."),
    "forbidden_segment": _("Your group may not set the segment “%(value)s”."),
    "segment_proposed": _("The segment “%(value)s” needs approval: it was proposed."),
    "segment_full": _("The segment “%(value)s” is full."),
    "segment_refused": _("The segment “%(value)s” was not set: another proposal is open."),
    "unknown_user": _("There is no user “%(value)s”."),
    "ambiguous_user": _("There are several users “%(value)s”: use the user name."),
    "may_not_own": _("“%(value)s” may not edit customers and cannot be responsible for one."),
    "unknown_role": _("There is no user group “%(value)s”."),
    "extra_cells": _("The row has more cells than the header."),
    # the row as a whole
    "same_as": _("This is a duplicate of row %(number)s of the file."),
    "ambiguous": _("Several match: %(names)s. Add a customer number or a business ID to the row."),
    "ambiguous_person": _("Several match: %(names)s."),
    "required_class": _("A new customer needs a class here: add a column, or a value for new rows to the mapping."),
    "namesake": _("“%(name)s” has another e-mail address and another phone number: it may be someone else."),
    "passive": _("“%(name)s” is inactive: activate it first."),
    "inactive": _("“%(name)s” has been deactivated."),
    "other_number": _("“%(name)s” has another number in this system: %(number)s."),
    "business_id_taken": _("The business ID belongs to another customer: “%(name)s”."),
    "number_taken": _("The number belongs to another customer: “%(name)s”."),
    "email_taken": _("The e-mail address belongs to another user: “%(name)s”."),
    "other_person": _("“%(name)s” has the same e-mail address but another name."),
    "unknown_customer": _("The customer “%(value)s” was not found."),
    "ambiguous_customer": _("Several customers match “%(value)s”: use a number or a business ID."),
    "unknown_parent": _("The parent organisation “%(value)s” was not found."),
    "ambiguous_parent": _("Several customers match the parent organisation “%(value)s”."),
    "parent_loop": _("“%(value)s” cannot be the parent organisation: it is itself below this one."),
    # products
    "unknown_unit": _("There is no unit “%(value)s”."),
    "unknown_vat_class": _("There is no VAT class “%(value)s”."),
    "ambiguous_group": _("There are several product groups “%(value)s”: use the code."),
    "ambiguous_product": _("There are several products “%(value)s”: use the code."),
    "unknown_product": _("There is no product “%(value)s”."),
    "retired_product": _("The product “%(name)s” has been retired."),
    "other_code": _("“%(name)s” has another product code: %(code)s."),
    # offers and leads
    "no_customer": _("The row has no customer."),
    "unknown_offer_type": _("There is no offer type “%(value)s”."),
    "unknown_lost_reason": _("There is no lost reason “%(value)s”."),
    "no_lead_type": _("No activity type is set up for leads."),
    "no_value": _("The deal is won but has no value."),
    "dates_reversed": _("The decision date is before the start date."),
    "other_stage": _("It is “%(here)s” in Portaali but “%(stage)s” in the file."),
    "other_sum": _("Its total is %(here)s in Portaali but %(value)s in the file."),
    # segments with dates
    "unknown_scheme": _("There is no segmentation scheme “%(value)s”."),
    "until_before_from": _("The last day is before the first one."),
    "period_overlap": _("The time overlaps with “%(segment)s”, which begins on %(day)s."),
    "period_gap": _("From %(day)s on the customer would be without a segment: no day may be left out."),
    "sibling_held": _("Row %(number)s of the same customer needs review: its rows are imported together."),
    "decision_missing": _("“%(segment)s” needs management's decision: give its day and who decided."),
    "no_approver": _("“%(name)s” is not among those who approve “%(segment)s”."),
    "proposal_open": _("A proposal about the customer is open: decide or withdraw it first."),
    # values of metrics and costs of orders
    "unknown_metric": _("There is no own metric “%(value)s”."),
    "unknown_order": _("There is no order “%(value)s”."),
    "newer_value": _("There is a newer value already, from %(day)s."),
    "future_day": _("The day is in the future."),
    # absences
    "unknown_absence_kind": _("There is no type of absence “%(value)s”."),
    "charge_year": _("This is no year from 2000 to 2100."),
    "refused": "%(reason)s",
    "clash": _("Someone else saved the same data at the same time: run the import again."),
}


@dataclasses.dataclass(frozen=True)
class Problem:
    """A problem of a row, or of its ``field`` if set."""

    code: str
    params: dict[str, Any] = dataclasses.field(default_factory=dict)
    field: str = ""

    @classmethod
    def read(cls, data: dict[str, Any]) -> Problem:
        return cls(data["code"], data.get("params", {}), data.get("field", ""))

    @classmethod
    def of(cls, error: ValidationError, field: str) -> Problem:
        params = {name: str(value)[:80] for name, value in (error.params or {}).items()}
        return cls(error.code or "choice", params, field)

    def data(self) -> dict[str, Any]:
        return {"code": self.code, "params": self.params, "field": self.field}

    def __str__(self) -> str:
        sentence = str(SENTENCES.get(self.code, self.code))
        text = sentence % _shown(self.params) if self.params else sentence
        return f"{label_of(self.field)}: {text}" if self.field else text


def _shown(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters with their day, which is stored as ISO, as people read days."""
    try:
        return {**params, "day": date_format(dt.date.fromisoformat(params["day"]), "SHORT_DATE_FORMAT")}
    except (KeyError, ValueError, TypeError):
        return dict(params)


def general_sentence(code: str) -> str:
    """Return a problem's sentence without the parameters of a row."""
    return re.sub(r"%\(\w+\)s", "…", str(SENTENCES.get(code, code)))


def invalid(code: str, value: Any = "", **params: Any) -> ValidationError:
    """Return the error of a value parser."""
    return ValidationError(SENTENCES[code], code=code, params={"value": str(value), **params})


KEPT = 60  # seconds


def label_of(name: str) -> str:
    """Return the label of a field; of several kinds that share the name, the first one's."""
    for kind in import_kinds.kinds():
        for field in kind.fixed_fields:
            if field.name == name:
                return str(field.label)
    return _changing(int(time.monotonic() / KEPT), get_language()).get(name, name.partition(":")[2] or name)


@lru_cache(maxsize=2)
def _changing(_moment: int, _language: str | None) -> dict[str, str]:
    """Return the labels of fields that users add and remove, cached because a page shows hundreds of rows."""
    return {field.name: str(field.label) for kind in import_kinds.kinds() for field in kind.changing_fields()}
