"""Recurrence rules: the supported part of RFC 5545, read and written."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

MAX_LEFT_OUT = 1_000
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
WORKDAYS = (0, 1, 2, 3, 4)
FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
PARTS = {"FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY", "BYSETPOS", "BYMONTH", "COUNT", "UNTIL", "WKST"}
LONGEST = 300
MAX_COUNT = 9_999

_BYDAY = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)", re.ASCII)
_UNTIL = re.compile(r"\d{8}(T\d{6}Z?)?", re.ASCII)


class RuleError(ValueError):
    """The rule is invalid or not supported; the message is for users."""


@dataclass(frozen=True)
class Rule:
    """``byday`` has pairs of an ordinal (0: every) and a weekday (0: Monday); ``until`` is in RFC 5545 format."""

    freq: str
    interval: int = 1
    byday: tuple[tuple[int, int], ...] = ()
    bymonthday: tuple[int, ...] = ()
    bysetpos: tuple[int, ...] = ()
    bymonth: tuple[int, ...] = ()
    count: int | None = None
    until: str = ""
    wkst: int = 0

    @property
    def is_endless(self) -> bool:
        return self.count is None and not self.until

    @property
    def last_day(self) -> dt.date | None:
        """The day of ``until``; for a time in UTC, its day in UTC."""
        return dt.date.fromisoformat(self.until[:8]) if self.until else None

    @property
    def endless(self) -> Rule:
        """The rule without its end."""
        return replace(self, count=None, until="")

    def ending(self, day: dt.date) -> Rule:
        """Return the rule with ``day`` as its last possible day."""
        return replace(self, count=None, until=f"{day:%Y%m%d}")

    def __str__(self) -> str:
        """Return the rule in RFC 5545 format."""
        parts = {
            "FREQ": self.freq,
            "INTERVAL": str(self.interval) if self.interval > 1 else "",
            "BYDAY": ",".join(f"{nth or ''}{WEEKDAYS[day]}" for nth, day in self.byday),
            "BYMONTHDAY": _joined(self.bymonthday),
            "BYMONTH": _joined(self.bymonth),
            "BYSETPOS": _joined(self.bysetpos),
            "COUNT": str(self.count) if self.count else "",
            "UNTIL": self.until,
            "WKST": WEEKDAYS[self.wkst] if self.wkst else "",
        }
        return ";".join(f"{name}={value}" for name, value in parts.items() if value)


def parse_rule(text: str) -> Rule:
    """Read an RRULE, with or without its name. Raises :class:`RuleError`."""
    parts = _parts(text)
    if parts.get("FREQ") not in FREQUENCIES:
        raise RuleError(_("Only daily, weekly, monthly and yearly recurrence is supported."))
    if "COUNT" in parts and "UNTIL" in parts:
        raise RuleError(_("Give either an end date or a number of occurrences, not both."))
    rule = Rule(
        freq=parts["FREQ"],
        interval=_number(parts.get("INTERVAL", "1"), 1, 999),
        byday=_bydays(parts.get("BYDAY", "")),
        bymonthday=_numbers(parts.get("BYMONTHDAY", ""), 31),
        bysetpos=_numbers(parts.get("BYSETPOS", ""), 366),
        bymonth=_numbers(parts.get("BYMONTH", ""), 12, negative=False),
        count=_number(parts["COUNT"], 1, MAX_COUNT) if "COUNT" in parts else None,
        until=_until(parts["UNTIL"]) if "UNTIL" in parts else "",
        wkst=_weekday(parts.get("WKST", "MO")),
    )
    _check_supported(rule)
    return rule


def _parts(text: str) -> dict[str, str]:
    text = text.strip().upper().removeprefix("RRULE:").rstrip(";")
    if not text or len(text) > LONGEST:
        raise RuleError(_("The recurrence rule is empty or too long."))
    parts: dict[str, str] = {}
    for piece in text.split(";"):
        name, _equals, value = piece.partition("=")
        if not value or name in parts:
            raise RuleError(_("The recurrence rule cannot be read."))
        if name not in PARTS:
            raise RuleError(_("Unknown part of a recurrence rule: %s.") % name[:30])
        parts[name] = value
    return parts


def _check_supported(rule: Rule) -> None:
    """Raise :class:`RuleError` if RFC 5545 forbids the combination of parts."""
    ordinals = any(nth for nth, _day in rule.byday)
    if ordinals and rule.freq not in ("MONTHLY", "YEARLY"):
        raise RuleError(_("An ordinal weekday is allowed only in a monthly or yearly rule."))
    if rule.bymonthday and rule.freq == "WEEKLY":
        raise RuleError(_("Days of the month are not allowed in a weekly rule."))
    if rule.bysetpos and not (rule.byday or rule.bymonthday or rule.bymonth):
        raise RuleError(_("The recurrence rule cannot be read."))


def _joined(numbers: tuple[int, ...]) -> str:
    return ",".join(map(str, numbers))


def _number(text: str, least: int, most: int) -> int:
    if not re.fullmatch(r"[+-]?\d{1,5}", text, re.ASCII) or not least <= int(text) <= most:
        raise RuleError(
            _("A number in the recurrence rule is not between %(least)d and %(most)d.") % {"least": least, "most": most}
        )
    return int(text)


def _numbers(text: str, most: int, *, negative: bool = True) -> tuple[int, ...]:
    numbers = [_number(piece, -most if negative else 1, most) for piece in text.split(",")] if text else []
    if 0 in numbers:
        raise RuleError(_("The recurrence rule cannot be read."))
    return tuple(dict.fromkeys(numbers))


def _bydays(text: str) -> tuple[tuple[int, int], ...]:
    matches = [_BYDAY.fullmatch(piece) for piece in text.split(",")] if text else []
    if not all(matches):
        raise RuleError(_("The weekdays of the recurrence rule cannot be read."))
    return tuple(dict.fromkeys(_byday(match) for match in matches if match))


def _byday(match: re.Match[str]) -> tuple[int, int]:
    nth = _number(match[1], -53, 53) if match[1] else 0
    if match[1] and not nth:
        raise RuleError(_("The weekdays of the recurrence rule cannot be read."))
    return nth, WEEKDAYS.index(match[2])


def _weekday(text: str) -> int:
    if text not in WEEKDAYS:
        raise RuleError(_("The weekdays of the recurrence rule cannot be read."))
    return WEEKDAYS.index(text)


def _until(text: str) -> str:
    try:
        if _UNTIL.fullmatch(text):
            dt.datetime.fromisoformat(text)
            return text
    except ValueError:
        pass
    raise RuleError(_("The end date of the recurrence rule cannot be read."))
