"""Phone numbers: stored as E.164, shown as people dial them here."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import Any

import phonenumbers
from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.text import visible

HOME_REGION = "FI"
_CODE, _TRUNK = "+358", "0"
#: Stored numbers with the country code of home, and how many of their characters tell how they are grouped.
_HOME = re.compile(r"\+358[1-9][0-9]{4,11}")
_TELLING = 10
#: More than one number: an extension, or a remark after the digits, whose digits would become part of the number.
_REMARK = re.compile(r"\d.*[^\W\d_]", re.DOTALL)
#: Ordinary Finnish numbers, which need no library: a trunk prefix or the country code, digits, spaces and hyphens.
_ORDINARY = re.compile(r"(?:0|\+358 ?)([1-9](?:[ -]?[0-9]){5,9})")
#: How people write a number to look for: a label, signs between digits, and the trunk prefix after a country code.
_LABEL = re.compile(r"^(?:puh(?:elin)?|p|gsm|matkap(?:uhelin)?|tel|tfn|phone|mob(?:ile)?)[.:\s]+", re.IGNORECASE)
_WRITTEN = re.compile(r"[(\s]*\+?[(\s]*(?:\d[\s()./‐-―−-]*){6,20}")
_TRUNK_TOO = re.compile(r"(?<=\d)[\s)-]*\(0\)")
_ABROAD, _NATIONAL = re.compile("00[1-9]"), re.compile("0[1-9]")


def phone_part(text: str) -> str:
    """Return what to look for in numbers as E.164, whole or in part; empty if the text is no phone number.

    Digits without a trunk prefix or country code may be any part of a number.
    """
    written = unicodedata.normalize("NFKC", _LABEL.sub("", visible(text).strip()))
    if not _WRITTEN.fullmatch(written):
        return ""
    number = re.sub(r"[^\d+]", "", _TRUNK_TOO.sub("", written))
    if _ABROAD.match(number):
        number = f"+{number[2:]}"
    if number.startswith(_CODE):
        return _CODE + number.removeprefix(_CODE).removeprefix(_TRUNK)
    return _CODE + number[1:] if _NATIONAL.match(number) else number


def clean_phone(text: str) -> str:
    """Return a phone number as E.164 (``+358401234567``); numbers without a country code are Finnish.

    Raises ``ValidationError`` when it is not a possible number, or not a number alone (an extension, a remark).
    """
    if ordinary := _ORDINARY.fullmatch(text):
        return f"+358{ordinary[1].replace(' ', '').replace('-', '')}"
    try:
        number = phonenumbers.parse(visible(text), HOME_REGION)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        message = _("“%(value)s” is not a phone number. For example, enter 040 123 4567 or +46 8 123 456.")
        raise ValidationError(message, code="phone", params={"value": text})
    if number.extension or _REMARK.search(visible(text)):
        message = _("“%(value)s” has more than a phone number, such as an extension. Enter the number alone.")
        raise ValidationError(message, code="phone", params={"value": text})
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def show_phone(value: str) -> str:
    """Return a stored number as people read it: national at home, international elsewhere."""
    if not _HOME.fullmatch(value):
        return _shown(value)
    trunk, groups = _groups(value[:_TELLING], len(value))
    return trunk + " ".join(value[begin:end] for begin, end in groups)


@lru_cache(maxsize=10_000)
def _groups(head: str, length: int) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Return what is written before a home number of this ``head`` and ``length``, and where its groups of digits are.

    How a number is grouped depends on its first digits and its length: the library is asked once for each.
    """
    first, *others = _shown(head.ljust(length, "0")).split(" ")
    is_abroad = first.startswith("+")  # Åland and numbers of no known kind: with the country code
    trunk = "" if is_abroad else _TRUNK
    begin = 0 if is_abroad else len(_CODE)
    ends = list(accumulate([len(first) - len(trunk), *map(len, others)], initial=begin))
    return trunk, tuple(pairwise(ends))


def _shown(value: str) -> str:
    try:
        number = phonenumbers.parse(value, None)
    except phonenumbers.NumberParseException:
        return value
    home = phonenumbers.region_code_for_number(number) == HOME_REGION
    national = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
    if home and national.startswith(_TRUNK):  # the library leaves it out where it does not know the kind of number
        return national
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


class PhoneFormField(forms.CharField):
    """Shows the stored number as people read it."""

    def prepare_value(self, value: Any) -> Any:
        return show_phone(value) if isinstance(value, str) and value else value


class PhoneTextField(models.CharField):
    """A text column; forms and serializers convert typed numbers to the stored form. Empty stays empty."""

    def clean(self, value: Any, model_instance: Any) -> Any:
        return super().clean(clean_phone(value) if value else value, model_instance)

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**({"form_class": PhoneFormField} | kwargs))

    def deconstruct(self) -> Any:
        """In migrations it is the plain column that it is."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs
