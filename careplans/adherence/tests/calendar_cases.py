"""Cases by the calendar, once and on events, and of changes between kinds; see test_cases.py."""

from __future__ import annotations

from careplans.adherence.periods import Every, Months, NamedMonths, Once, OnEvent, Terms, Weeks
from careplans.adherence.tests.build import (
    Case,
    action,
    calendar_key,
    corrected,
    done,
    event,
    interval_key,
    postponed,
    record,
    skip,
    span,
    under,
    versions,
)

WEEKLY = action(Weeks(1))
QUARTER = action(Months(3))
SIXTY = action(Every(60))
WEEKLY_FROM_5 = under(WEEKLY, span("2026-01-05"))
ALWAYS = span("2020-01-01")

CASES = [
    # First quarter: 31 + 28 + 31 = 90 days. Under from 20 February: 9 + 31 = 40 days, twice that is 80 < 90.
    Case(
        "a quarter with less than half of its days does not exist",
        record(under(QUARTER, span("2026-02-20"))),
        "2026-07-01",
        ("2026-04-01 2026-06-30 2026-06-30 missed", "2026-07-01 2026-09-30 2026-09-30 coming"),
    ),
    # Under from 15 February: 14 + 31 = 45 days, exactly half of 90.
    Case(
        "exactly half of the days is enough",
        record(under(QUARTER, span("2026-02-15"))),
        "2026-04-01",
        ("2026-01-01 2026-03-31 2026-03-31 missed", "2026-04-01 2026-06-30 2026-06-30 coming"),
    ),
    # 29 December 2025 is day 9128 = 1304 weeks after 1 January 2001, and 1304 is even: a block of two weeks begins.
    # Under from 5 January: 5 to 11 January are 7 of its 14 days.
    Case(
        "blocks of two weeks are counted from 2001",
        record(under(action(Weeks(2)), span("2026-01-05"))),
        "2026-01-12",
        ("2025-12-29 2026-01-11 2026-01-11 missed", "2026-01-12 2026-01-25 2026-01-25 coming"),
    ),
    # Saturday 2 January 2027 is in week 53 of 2026. Week 52 was missed: its next window ended on the 3rd, nothing late.
    Case(
        "week 53 is a week like the others",
        record(under(WEEKLY, span("2026-12-21")), done("2027-01-02")),
        "2027-01-11",
        (
            "2026-12-21 2026-12-27 2026-12-27 missed",
            "2026-12-28 2027-01-03 2027-01-03 done",
            "2027-01-04 2027-01-10 2027-01-10 missed",
            "2027-01-11 2027-01-17 2027-01-17 coming",
        ),
    ),
    # 2024 is a leap year: the block is 1 to 29 February, and the 29th is inside.
    Case(
        "the leap day is the last day of February",
        record(under(action(NamedMonths((2,))), span("2023-06-01", "2025-01-31")), done("2024-02-29")),
        "2024-03-01",
        ("2024-02-01 2024-02-29 2024-02-29 done",),
    ),
    # The skip of week 3 (12 to 18 January) is in time. The activity of the 15th then finds no window; week 2 is over
    # and its next occurrence is week 4: late.
    Case(
        "a skipped week takes no activity and closes no late one",
        record(WEEKLY_FROM_5, done("2026-01-15"), decisions=[skip(calendar_key("2026-01-18"), "2026-01-14")]),
        "2026-01-26",
        (
            "2026-01-05 2026-01-11 2026-01-11 late",
            "2026-01-12 2026-01-18 2026-01-18 skipped",
            "2026-01-19 2026-01-25 2026-01-25 missed",
            "2026-01-26 2026-02-01 2026-02-01 coming",
        ),
    ),
    # Done on the 13th, skip entered on the 14th (and on the same day as it is done, likewise): not before completion.
    Case(
        "a skip after the completion has no effect",
        record(
            under(WEEKLY, span("2026-01-12")),
            done("2026-01-13", "2026-01-19"),
            decisions=[
                skip(calendar_key("2026-01-18"), "2026-01-14"),
                skip(calendar_key("2026-01-25"), "2026-01-19"),
            ],
        ),
        "2026-01-26",
        (
            "2026-01-12 2026-01-18 2026-01-18 done",
            "2026-01-19 2026-01-25 2026-01-25 done",
            "2026-01-26 2026-02-01 2026-02-01 coming",
        ),
    ),
    # Week 2 ends on 11 January: a skip of the 12th is too late, that of week 3 without an accepted reason counts never.
    # Week 4 was done, but a manager skips it later; the activity of the 20th then completes week 3, late.
    Case(
        "only a manager skips after the window",
        record(
            WEEKLY_FROM_5,
            done("2026-01-20"),
            decisions=[
                skip(calendar_key("2026-01-11"), "2026-01-12"),
                skip(calendar_key("2026-01-18"), "2026-01-13", is_accepted=False),
                skip(calendar_key("2026-01-25"), "2026-02-20", by_manager=True),
            ],
        ),
        "2026-01-26",
        (
            "2026-01-05 2026-01-11 2026-01-11 missed",
            "2026-01-12 2026-01-18 2026-01-18 late",
            "2026-01-19 2026-01-25 2026-01-25 skipped",
            "2026-01-26 2026-02-01 2026-02-01 coming",
        ),
    ),
    # Weekly until 10 February: week 6 ends on the 8th, week 7 on the 15th is not made. First quarter: under from
    # 26 January, 6 + 28 + 31 = 65 of 90 days. The 5th goes to week 6 (ends first), the 6th to the quarter (in a window
    # before late), not to week 5.
    Case(
        "weeks become quarters in the middle",
        record(versions(("2026-01-26", WEEKLY), ("2026-02-11", QUARTER)), done("2026-02-05", "2026-02-06")),
        "2026-04-01",
        (
            "2026-01-26 2026-02-01 2026-02-01 missed",
            "2026-02-02 2026-02-08 2026-02-08 done",
            "2026-01-01 2026-03-31 2026-03-31 done",
            "2026-04-01 2026-06-30 2026-06-30 coming",
        ),
    ),
    # From 10 February the count begins: + 60 = 18 + 31 + 11: 11 April, window 30 March to 23 April. No first quarter:
    # on 31 March another kind applies. 15 January: the last quarter of 2025 is over, nothing else is open: late.
    Case(
        "a change between kinds starts again",
        record(versions(("2025-10-01", QUARTER), ("2026-02-10", SIXTY)), done("2026-01-15")),
        "2026-04-01",
        ("2025-10-01 2025-12-31 2025-12-31 late", "2026-03-30 2026-04-11 2026-04-23 coming"),
    ),
    # April: 1 April to 30 April + 14 = 14 May; May: 1 May to 14 June. 5 May is in both; April ends first.
    Case(
        "one activity and two occurrences: the one that ends first",
        record(under(action(NamedMonths((4, 5)), after=14), span("2026-01-01", "2026-12-31")), done("2026-05-05")),
        "2026-06-15",
        ("2026-04-01 2026-04-30 2026-05-14 done", "2026-05-01 2026-05-31 2026-06-14 missed"),
    ),
    # Two on Wednesday of week 3: one counts, and the other is not late for week 2.
    Case(
        "of one day one activity counts",
        record(WEEKLY_FROM_5, done("2026-01-14", "2026-01-14")),
        "2026-01-19",
        (
            "2026-01-05 2026-01-11 2026-01-11 missed",
            "2026-01-12 2026-01-18 2026-01-18 done",
            "2026-01-19 2026-01-25 2026-01-25 coming",
        ),
    ),
    # Week 3: the first on Monday, the second is late for week 2, the third is extra and does not help week 1 or 4.
    Case(
        "extra contacts make good for one missed week at most",
        record(under(WEEKLY, span("2025-12-29")), done("2026-01-12", "2026-01-13", "2026-01-14")),
        "2026-01-26",
        (
            "2025-12-29 2026-01-04 2026-01-04 missed",
            "2026-01-05 2026-01-11 2026-01-11 late",
            "2026-01-12 2026-01-18 2026-01-18 done",
            "2026-01-19 2026-01-25 2026-01-25 missed",
            "2026-01-26 2026-02-01 2026-02-01 coming",
        ),
    ),
    # 1 March − 10 = 19 February; 31 March + 5 = 5 April.
    Case(
        "a calendar window is longer before and after",
        record(under(action(NamedMonths((3,)), 10, 5), span("2026-01-01", "2026-12-31")), done("2026-02-19")),
        "2026-04-05",
        ("2026-02-19 2026-03-31 2026-04-05 coming*",),
    ),
    # December + 10 days: until 10 January 2027.
    Case(
        "a window over the end of the year",
        record(under(action(NamedMonths((12,)), after=10), span("2026-01-01", "2027-06-30")), done("2027-01-05")),
        "2027-01-11",
        ("2026-12-01 2026-12-31 2027-01-10 done",),
    ),
    # Entered on the last day, to 20 April: 15 April is in both windows and the postponed one ends first.
    Case(
        "a postponement on the window's last day counts",
        record(
            under(QUARTER, span("2026-01-01")),
            done("2026-04-15"),
            decisions=[postponed(calendar_key("2026-03-31"), "2026-04-20", "2026-03-31")],
        ),
        "2026-05-01",
        ("2026-01-01 2026-04-20 2026-04-20 done", "2026-04-01 2026-06-30 2026-06-30 coming"),
    ),
    Case(
        "a postponement a day later does not",
        record(
            under(QUARTER, span("2026-01-01")),
            done("2026-04-15"),
            decisions=[postponed(calendar_key("2026-03-31"), "2026-04-20", "2026-04-01")],
        ),
        "2026-05-01",
        ("2026-01-01 2026-03-31 2026-03-31 missed", "2026-04-01 2026-06-30 2026-06-30 coming*"),
    ),
    # Two deliveries on 4 May are one: 4 to 18 May; the one of the 5th: 5 to 19 May. They are completed in that order.
    Case(
        "an event twice a day is one",
        record(
            under(action(OnEvent(frozenset({"order_delivered"}), 14)), ALWAYS),
            done("2026-05-11", "2026-05-12"),
            events=[event("order_delivered", f"2026-05-0{number}") for number in (5, 4, 4)]
            + [event("negative_feedback", "2026-05-04")],
        ),
        "2026-05-19",
        ("2026-05-04 2026-05-18 2026-05-18 done", "2026-05-05 2026-05-19 2026-05-19 coming*"),
    ),
    # 14 days from 1 March: 15 March. Nothing comes after it: late without limit.
    Case(
        "once is late without limit",
        record(under(action(Once(14)), span("2026-03-01")), done("2026-08-01")),
        "2026-08-02",
        ("2026-03-01 2026-03-15 2026-03-15 late",),
    ),
    # Away on 18 March: not without a break since the due day, and back it is not asked again.
    Case(
        "a break ends what can be late, and once stays once",
        record(under(action(Once(14)), span("2026-03-01", "2026-03-17"), span("2026-03-19")), done("2026-04-01")),
        "2026-08-02",
        ("2026-03-01 2026-03-15 2026-03-15 missed",),
    ),
    # Without the correction 15 April would be for the second quarter; the window of the first is over: late.
    Case(
        "a person gives an activity to the earlier quarter",
        record(
            under(QUARTER, span("2026-01-01")),
            done("2026-04-15"),
            corrections=[corrected(1, calendar_key("2026-03-31"))],
        ),
        "2026-05-01",
        ("2026-01-01 2026-03-31 2026-03-31 late", "2026-04-01 2026-06-30 2026-06-30 coming"),
    ),
    # The correction is first: the week is kept for the activity of Friday, so Tuesday's is late for the week before.
    Case(
        "a corrected activity goes before an earlier one",
        record(
            WEEKLY_FROM_5,
            done("2026-01-13", "2026-01-16"),
            corrections=[corrected(2, calendar_key("2026-01-18"))],
        ),
        "2026-01-19",
        (
            "2026-01-05 2026-01-11 2026-01-11 late",
            "2026-01-12 2026-01-18 2026-01-18 done",
            "2026-01-19 2026-01-25 2026-01-25 coming",
        ),
    ),
    # 7 January to 31 May; under from 1 March: 31 + 30 + 31 = 92 days of 25 + 28 + 92 = 145. Half is 72.5.
    Case(
        "a term has its own dates",
        record(under(action(Terms((span("2026-01-07", "2026-05-31"),))), span("2026-03-01")), done("2026-05-31")),
        "2026-06-01",
        ("2026-01-07 2026-05-31 2026-05-31 done",),
    ),
    # On the last day of a window it is not over yet, though done; what is done on the day after is not known.
    Case(
        "on its last day a window is not over",
        record(WEEKLY_FROM_5, done("2026-01-07", "2026-01-12")),
        "2026-01-11",
        ("2026-01-05 2026-01-11 2026-01-11 coming*",),
    ),
    # The 19th completes week 4, the 20th then week 2: week 3 between them is skipped and takes no part.
    Case(
        "a skipped week ends no late completion",
        record(
            WEEKLY_FROM_5,
            done("2026-01-19", "2026-01-20"),
            decisions=[skip(calendar_key("2026-01-18"), "2026-01-18")],
        ),
        "2026-01-26",
        (
            "2026-01-05 2026-01-11 2026-01-11 late",
            "2026-01-12 2026-01-18 2026-01-18 skipped",
            "2026-01-19 2026-01-25 2026-01-25 done",
            "2026-01-26 2026-02-01 2026-02-01 coming",
        ),
    ),
    # The skip of the 14th is not before the completion of the 14th.
    Case(
        "a corrected activity of the day of a skip comes before it",
        record(
            under(WEEKLY, span("2026-01-12")),
            done("2026-01-14"),
            decisions=[skip(calendar_key("2026-01-18"), "2026-01-14")],
            corrections=[corrected(1, calendar_key("2026-01-18"))],
        ),
        "2026-01-19",
        ("2026-01-12 2026-01-18 2026-01-18 done", "2026-01-19 2026-01-25 2026-01-25 coming"),
    ),
    # Both kinds of events have the window of 4 to 18 May: neither is the next one of the other, and both can be late.
    Case(
        "two windows that end on one day are both late",
        record(
            under(action(OnEvent(frozenset("pq"), 14)), ALWAYS),
            done("2026-05-20", "2026-05-21"),
            events=[event("p", "2026-05-04"), event("q", "2026-05-04")],
        ),
        "2026-05-22",
        ("2026-05-04 2026-05-18 2026-05-18 late", "2026-05-04 2026-05-18 2026-05-18 late"),
    ),
    # January + 20 days: until 20 February. From 1 February every 10 days, 9 before, 0 after: 11 February, window 2 to
    # 11 February, ends first. Next: 5 February + 10 = 15 February, window 6 to 15 February; the 6th completes it, then
    # 16 February, 7 to 16 February.
    Case(
        "a window of the calendar and one of an interval: the one that ends first",
        record(
            versions(("2026-01-01", action(Months(1), after=20)), ("2026-02-01", action(Every(10), 9, 0))),
            done("2026-02-05", "2026-02-06"),
        ),
        "2026-02-08",
        (
            "2026-02-02 2026-02-05 2026-02-05 done",
            "2026-02-06 2026-02-06 2026-02-06 done",
            "2026-02-07 2026-02-16 2026-02-16 coming",
            "2026-01-01 2026-01-31 2026-02-20 coming",
        ),
    ),
    # A correction may name a week that is beyond the horizon; the activity is then for nothing else.
    Case(
        "a person gives an activity to a coming week",
        record(
            WEEKLY_FROM_5,
            done("2026-01-06"),
            corrections=[corrected(1, calendar_key("2026-01-25"))],
        ),
        "2026-01-12",
        ("2026-01-05 2026-01-11 2026-01-11 missed", "2026-01-12 2026-01-18 2026-01-18 coming"),
    ),
    # 30 days from 1 January: 31 January, window to 20 February; the due day is past when weeks begin on 2 February.
    # The 3rd completes week 6 (2 to 8 February), the 4th what is left of the interval, which ends there.
    Case(
        "an interval whose due day is past outlives a change to weeks",
        record(
            versions(("2026-01-01", action(Every(30), 0, 20)), ("2026-02-02", WEEKLY)),
            done("2026-02-03", "2026-02-04"),
        ),
        "2026-02-09",
        (
            "2026-01-31 2026-01-31 2026-02-04 done",
            "2026-02-02 2026-02-08 2026-02-08 done",
            "2026-02-09 2026-02-15 2026-02-15 coming",
        ),
    ),
    # 30 days: 31 January, window to 20 February, missed; 2 March, window to 22 March, its due day past when weeks begin
    # on 9 March. The 10th completes week 11, the 11th the second, which ends there: the 12th is too late for the first.
    Case(
        "what was completed after the change ends late completion",
        record(
            versions(("2026-01-01", action(Every(30), 0, 20)), ("2026-03-09", WEEKLY)),
            done("2026-03-10", "2026-03-11", "2026-03-12"),
        ),
        "2026-03-12",
        (
            "2026-01-31 2026-01-31 2026-02-20 missed",
            "2026-03-02 2026-03-02 2026-03-11 done",
            "2026-03-09 2026-03-15 2026-03-15 coming*",
        ),
    ),
    # December until 20 January, missed: the activity of 3 January is given to January (until 20 February). From 1
    # February every 30 days: 3 March, window 11 February to 12 March, kept for the 25th. On 12 February January's
    # window ends next: December is late. Next: 25 February + 30 = 27 March, window 7 March to 5 April.
    Case(
        "late until the next window ends, whatever else is open",
        record(
            versions(("2025-12-01", action(Months(1), after=20)), ("2026-02-01", action(Every(30), 20, 9))),
            done("2026-01-03", "2026-02-12", "2026-02-25"),
            corrections=[corrected(1, calendar_key("2026-01-31")), corrected(3, interval_key("2026-02-01"))],
        ),
        "2026-02-26",
        (
            "2025-12-01 2025-12-31 2026-01-20 late",
            "2026-01-01 2026-01-31 2026-02-20 done",
            "2026-02-11 2026-02-25 2026-02-25 done",
            "2026-03-07 2026-03-27 2026-04-05 coming",
        ),
    ),
]
