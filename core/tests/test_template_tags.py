"""What pages say of days, numbers and phone numbers, in both languages."""

from __future__ import annotations

import datetime as dt
import re
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import RequestFactory
from django.utils import timezone, translation

from core import clock
from core.formatting import signed_text
from core.templatetags import portaali

ROOT = Path(settings.BASE_DIR)
TODAY = dt.date(2026, 11, 21)
NBSP = "\N{NO-BREAK SPACE}"


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with clock.frozen(TODAY):
        yield


@pytest.fixture
def finnish() -> Iterator[None]:
    with translation.override("fi"):
        yield


@pytest.fixture
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


def words(html: str) -> str:
    return re.sub(r"<[^>]+>", "", html)


@pytest.mark.parametrize(
    ("days", "english", "finnish"),
    [
        (0, "today", "tänään"),
        (-1, "yesterday", "eilen"),
        (1, "tomorrow", "huomenna"),
        (-2, "2 days ago", "2 pv sitten"),
        (-212, "212 days ago", "212 pv sitten"),
        (3, "in 3 days", "3 pv päästä"),
    ],
)
def test_a_distance_is_said_in_days(days: int, english: str, finnish: str) -> None:
    value = TODAY + dt.timedelta(days=days)
    with translation.override("en"):
        assert words(portaali.ago(value)) == english
    with translation.override("fi"):
        assert words(portaali.ago(value)) == finnish


def test_a_distance_has_its_date_as_tooltip(finnish: None) -> None:
    assert 'title="19.11.2026"' in portaali.ago(dt.date(2026, 11, 19))


def test_a_time_late_in_the_evening_belongs_to_the_users_day(finnish: None) -> None:
    with timezone.override("Europe/Helsinki"):
        late = dt.datetime(2026, 11, 20, 22, 30, tzinfo=dt.UTC)  # 0.30 in Helsinki
        assert words(portaali.ago(late)) == "tänään"


@pytest.mark.parametrize("tag", [portaali.ago, portaali.day, portaali.number, portaali.euros])
def test_nothing_is_a_dash(tag: Any) -> None:
    assert tag(None) == "–"


def test_a_day_of_this_year_has_its_weekday_and_others_their_year() -> None:
    near, far = dt.date(2026, 11, 30), dt.date(2025, 10, 1)
    with translation.override("fi"):
        assert (portaali.day(near), portaali.day(far)) == ("ma 30.11.", "1.10.2025")
    with translation.override("en"):
        assert (portaali.day(near), portaali.day(far)) == ("Mon 30 Nov", "1 Oct 2025")


def test_numbers_have_the_separators_of_the_language() -> None:
    with translation.override("fi"):
        assert portaali.number(182400) == f"182{NBSP}400"
        assert portaali.number(Decimal("1234.5"), 2) == f"1{NBSP}234,50"
    with translation.override("en"):
        assert portaali.number(182400) == "182,400"


def test_a_change_has_its_sign_and_one_below_zero_a_minus() -> None:
    with translation.override("fi"):
        assert [signed_text(value) for value in (1200, 0, -1200)] == [f"+1{NBSP}200", "+0", f"−1{NBSP}200"]
        assert portaali.euros(Decimal("-5")) == f"−5,00{NBSP}€"


def test_numbers_are_rounded_and_not_cut_to_the_decimals_asked_for() -> None:
    with translation.override("fi"):
        assert portaali.number(Decimal("708.88"), 0) == "709"
        assert portaali.number(Decimal("332685.90"), 0) == f"332{NBSP}686"
        assert portaali.number(Decimal("-0.125"), 2) == "−0,13"
        assert portaali.number(0.5, 0) == "1"
        assert portaali.number(7, 1) == "7,0"


def test_euros_show_cents(finnish: None) -> None:
    assert portaali.euros(Decimal("1234.5")) == f"1{NBSP}234,50{NBSP}€"
    assert portaali.euros(0) == f"0,00{NBSP}€"


def test_euros_round_half_a_cent_away_from_zero(finnish: None) -> None:
    assert portaali.euros(Decimal("0.125")) == f"0,13{NBSP}€"


def test_euros_without_cents_are_rounded(finnish: None) -> None:
    assert portaali.euros(Decimal("182400.50"), 0) == f"182{NBSP}401{NBSP}€"


def test_euros_keep_sums_of_any_size_whole(finnish: None) -> None:
    assert portaali.euros(Decimal("999999999999.99")) == f"999{NBSP}999{NBSP}999{NBSP}999,99{NBSP}€"


@pytest.mark.parametrize(
    ("stored", "shown"),
    [("+358401234567", "040 1234567"), ("+46812345678", "+46 8 123 456 78"), ("", ""), ("ei ole", "ei ole")],
)
def test_phone_numbers_are_shown_as_one_dials_them(stored: str, shown: str) -> None:
    assert portaali.phone(stored) == shown


def test_a_segment_is_a_letter_with_a_name_and_escaped() -> None:
    assert portaali.segment("") == ""
    assert portaali.segment("A", "Key <customers>") == (
        '<span class="seg colour-none" role="img" title="Key &lt;customers&gt;" '
        'aria-label="Key &lt;customers&gt;">A</span>'
    )
    assert portaali.segment("A", colour="red") == '<span class="seg colour-red">A</span>'


def test_a_status_is_told_by_a_word_that_is_escaped() -> None:
    assert portaali.status("late", "<b>") == '<span class="st late">&lt;b&gt;</span>'


@pytest.mark.parametrize(
    ("name", "shown"), [("Mari Virtanen", "MV"), ("Anna Maria Salo", "AS"), ("m.virtanen", "MV"), ("X", "X"), ("", "")]
)
def test_initials_are_of_the_first_and_the_last_word(name: str, shown: str) -> None:
    assert portaali.initials(name) == shown


def test_an_icon_is_decoration_unless_it_has_a_label() -> None:
    assert 'aria-hidden="true"' in portaali.icon("phone")
    assert 'role="img" aria-label="Call &amp; talk"' in portaali.icon("phone", "Call & talk")


def test_parameters_of_the_address_stay_but_the_page_does_not() -> None:
    request = RequestFactory().get("/", {"sort": "name", "after": "x", "q": "<nokia>"})
    inputs = portaali.kept_params({"request": request})

    assert 'name="sort" value="name"' in inputs
    assert "after" not in inputs
    assert "&lt;nokia&gt;" in inputs


def sprite() -> set[str]:
    return set(re.findall(r'symbol id="([^"]+)"', (ROOT / "static/img/icons.svg").read_text(encoding="utf-8")))


def icons_in_use() -> set[str]:
    """Names that templates, registrations and default data give to icons."""
    found: set[str] = set()
    for path in (ROOT / "templates").rglob("*.html"):
        found |= set(re.findall(r"{% icon \"([\w-]+)\"", path.read_text(encoding="utf-8")))
    for app in ("core", "crm", "accounts", "customers", "activities", "offers", "imports"):
        for path in (ROOT / app).rglob("*.py"):
            if "tests" not in path.parts:
                found |= set(re.findall(r"\bicon(?:\"\s*:|=)\s*\"([\w-]+)\"", path.read_text(encoding="utf-8")))
        for path in (ROOT / app).rglob("default_data/*.json"):
            found |= set(re.findall(r"\"icon\"\s*:\s*\"([\w-]+)\"", path.read_text(encoding="utf-8")))
    return found


def test_every_icon_in_use_is_in_the_sprite() -> None:
    used = icons_in_use()

    assert len(used) > 30
    assert used <= sprite()


def test_icons_to_choose_for_activity_types_are_in_the_sprite() -> None:
    from activities.log.forms.types import ICONS

    assert set(ICONS) <= sprite()


def test_vendored_files_are_those_whose_hashes_are_recorded() -> None:
    run = subprocess.run([sys.executable, ROOT / "bin" / "vendor", "--check"], capture_output=True, text=True)

    assert run.returncode == 0, run.stdout + run.stderr
