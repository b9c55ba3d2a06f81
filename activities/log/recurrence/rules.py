"""Reading calendars that come from outside: each event by itself, whatever else is broken around it."""

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
MOST = 9_999

_BYDAY = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)", re.ASCII)
_UNTIL = re.compile(r"\d{8}(T\d{6}Z?)?", re.ASCII)


class RuleError(ValueError):
    """The rule is not one that activities know; the message says why, for people."""


@dataclass(frozen=True)
class Rule:
    """``byday`` has pairs of an ordinal (0: every) and a weekday (0: Monday). ``until`` is as RFC 5545 writes it."""

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
        """The day of ``until``; of a time in UTC, the day there."""
        return dt.date.fromisoformat(self.until[:8]) if self.until else None

    @property
    def endless(self) -> Rule:
        """This rule without its end."""
        return replace(self, count=None, until="")

    def ending(self, day: dt.date) -> Rule:
        """Return this rule with ``day`` as the last one that may recur."""
        return replace(self, count=None, until=f"{day:%Y%m%d}")

    def __str__(self) -> str:
        """As RFC 5545 writes it."""
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
        raise RuleError(_("Only what recurs by days, weeks, months or years is known."))
    if "COUNT" in parts and "UNTIL" in parts:
        raise RuleError(_("A rule ends on a day or after a number of times, not both."))
    rule = Rule(
        freq=parts["FREQ"],
        interval=_number(parts.get("INTERVAL", "1"), 1, 999),
        byday=_bydays(parts.get("BYDAY", "")),
        bymonthday=_numbers(parts.get("BYMONTHDAY", ""), 31),
        bysetpos=_numbers(parts.get("BYSETPOS", ""), 366),
        bymonth=_numbers(parts.get("BYMONTH", ""), 12, negative=False),
        count=_number(parts["COUNT"], 1, MOST) if "COUNT" in parts else None,
        until=_until(parts["UNTIL"]) if "UNTIL" in parts else "",
        wkst=_weekday(parts.get("WKST", "MO")),
    )
    _check(rule)
    return rule


def _parts(text: str) -> dict[str, str]:
    text = text.strip().upper().removeprefix("RRULE:").rstrip(";")
    if not text or len(text) > LONGEST:
        raise RuleError(_("The rule of recurrence is empty or too long."))
    parts: dict[str, str] = {}
    for piece in text.split(";"):
        name, _equals, value = piece.partition("=")
        if not value or name in parts:
            raise RuleError(_("The rule of recurrence cannot be read."))
        if name not in PARTS:
            raise RuleError(_("This part of a rule is not known: %s.") % name[:30])
        parts[name] = value
    return parts


def _check(rule: Rule) -> None:
    """Refuse what RFC 5545 forbids: it has no meaning that two programs would share."""
    ordinals = any(nth for nth, _day in rule.byday)
    if ordinals and rule.freq not in ("MONTHLY", "YEARLY"):
        raise RuleError(_("The n-th weekday belongs to a month or a year."))
    if rule.bymonthday and rule.freq == "WEEKLY":
        raise RuleError(_("Days of the month do not belong to a rule of weeks."))
    if rule.bysetpos and not (rule.byday or rule.bymonthday or rule.bymonth):
        raise RuleError(_("The rule of recurrence cannot be read."))


def _joined(numbers: tuple[int, ...]) -> str:
    return ",".join(map(str, numbers))


def _number(text: str, least: int, most: int) -> int:
    if not re.fullmatch(r"[+-]?\d{1,5}", text, re.ASCII) or not least <= int(text) <= most:
        raise RuleError(
            _("A figure of the rule is not between %(least)d and %(most)d.") % {"least": least, "most": most}
        )
    return int(text)


def _numbers(text: str, most: int, *, negative: bool = True) -> tuple[int, ...]:
    found = [_number(piece, -most if negative else 1, most) for piece in text.split(",")] if text else []
    if 0 in found:
        raise RuleError(_("The rule of recurrence cannot be read."))
    return tuple(dict.fromkeys(found))


def _bydays(text: str) -> tuple[tuple[int, int], ...]:
    found = [_BYDAY.fullmatch(piece) for piece in text.split(",")] if text else []
    if not all(found):
        raise RuleError(_("The weekdays of the rule cannot be read."))
    return tuple(dict.fromkeys(_byday(match) for match in found if match))


def _byday(match: re.Match[str]) -> tuple[int, int]:
    nth = _number(match[1], -53, 53) if match[1] else 0
    if match[1] and not nth:
        raise RuleError(_("The weekdays of the rule cannot be read."))
    return nth, WEEKDAYS.index(match[2])


def _weekday(text: str) -> int:
    if text not in WEEKDAYS:
        raise RuleError(_("The weekdays of the rule cannot be read."))
    return WEEKDAYS.index(text)


def _until(text: str) -> str:
    try:
        if _UNTIL.fullmatch(text):
            dt.datetime.fromisoformat(text)
            return text
    except ValueError:
        pass
    raise RuleError(_("The last day of the rule cannot be read."))
