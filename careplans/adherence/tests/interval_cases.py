"""Cases of intervals, counted from the last time it was done; see test_cases.py."""

from __future__ import annotations

from careplans.adherence.periods import Every, Unit
from careplans.adherence.tests.build import (
    Case,
    action,
    corrected,
    done,
    interval_key,
    postponed,
    record,
    skip,
    span,
    under,
    versions,
)

SIXTY = action(Every(60))
THIRTY = action(Every(30))  # 6 days before and after
FROM_NEW_YEAR = under(SIXTY, span("2026-01-01"))

CASES = [
    # A month: 30.4375 ÷ 5 = 6 days. 31 January + 1 month = 29 February 2024; window 23 February to 6 March. Missed:
    # counted from 29 February; 29 March, window 23 March to 4 April.
    Case(
        "a month from 31 January is due on the leap day",
        record(under(action(Every(1, Unit.MONTH)), span("2024-01-31"))),
        "2024-03-07",
        ("2024-02-23 2024-02-29 2024-03-06 missed", "2024-03-23 2024-03-29 2024-04-04 coming"),
    ),
    # 31 January + 1 month = 28 February 2026, window 22 February to 6 March; done on the 28th: window and due day end
    # there. The next month ends on 28 March, not on the 31st; window 22 March to 3 April.
    Case(
        "a clamped month end stays where it was done",
        record(under(action(Every(1, Unit.MONTH)), span("2026-01-31")), done("2026-02-28")),
        "2026-03-10",
        ("2026-02-22 2026-02-28 2026-02-28 done", "2026-03-22 2026-03-28 2026-04-03 coming"),
    ),
    # Skipped on 20 February: counted from its due day, 2 March. The activity of the 25th is before that and moves
    # nothing. Next: 2 March + 60 = 29 + 30 + 1: 1 May, window 19 April to 13 May.
    Case(
        "a skipped interval is counted from its due day",
        record(FROM_NEW_YEAR, done("2026-02-25"), decisions=[skip(interval_key("2026-01-01"), "2026-02-20")]),
        "2026-03-20",
        ("2026-02-18 2026-03-02 2026-03-14 skipped", "2026-04-19 2026-05-01 2026-05-13 coming"),
    ),
    # Away from 10 to 28 February: the open occurrence ends. From 1 March + 60 = 30 + 30: 30 April, window 18 April to
    # 12 May: missed on the 13th. Next: 30 April + 60 = 31 + 29: 29 June, window 17 June to 11 July.
    Case(
        "an interval starts again after days not under it",
        record(under(SIXTY, span("2026-01-01", "2026-02-09"), span("2026-03-01"))),
        "2026-05-13",
        ("2026-04-18 2026-04-30 2026-05-12 missed", "2026-06-17 2026-06-29 2026-07-11 coming"),
    ),
    # The window of 18 February to 14 March has 11 + 14 = 25 days. Until the due day: 11 + 2 = 13, twice that is 26.
    Case(
        "leaving after the due day with half of the window behind leaves a missed one",
        record(under(SIXTY, span("2026-01-01", "2026-03-02"))),
        "2026-03-15",
        ("2026-02-18 2026-03-02 2026-03-14 missed",),
    ),
    Case(
        "leaving before the due day leaves nothing",
        record(under(SIXTY, span("2026-01-01", "2026-03-01"))),
        "2026-03-15",
        (),
    ),
    # Done on 20 February: window and due day end there, all days under it; what comes later changes nothing.
    Case(
        "what was done before leaving stays done",
        record(under(SIXTY, span("2026-01-01", "2026-02-25")), done("2026-02-20")),
        "2026-03-15",
        ("2026-02-18 2026-02-20 2026-02-20 done",),
    ),
    # 31 January is before the window: due 31 January + 60 = 28 + 31 + 1: 1 April; the window still opens on 18 February
    # and ends on 13 April. Done on 20 February. Next: 20 February + 60 = 8 + 31 + 21: 21 April, 9 April to 3 May.
    Case(
        "something done before the window moves the due day only",
        record(FROM_NEW_YEAR, done("2026-01-31", "2026-02-20")),
        "2026-02-21",
        ("2026-02-18 2026-02-20 2026-02-20 done", "2026-04-09 2026-04-21 2026-05-03 coming"),
    ),
    # Missed on 14 March; the next would open on 19 April (1 May − 12). Done on 10 April: late, and counted from there:
    # 10 April + 60 = 20 + 31 + 9: 9 June, window 28 May to 21 June.
    Case(
        "late completion counts from its day",
        record(FROM_NEW_YEAR, done("2026-04-10")),
        "2026-04-15",
        ("2026-02-18 2026-03-02 2026-03-14 late", "2026-05-28 2026-06-09 2026-06-21 coming"),
    ),
    # On 20 April the next window is open: that one is done, the first stays missed. Next: 20 April + 60 = 10 + 31 + 19:
    # 19 June, window 7 June to 1 July.
    Case(
        "no late completion when the next window is open",
        record(FROM_NEW_YEAR, done("2026-04-20")),
        "2026-04-21",
        (
            "2026-02-18 2026-03-02 2026-03-14 missed",
            "2026-04-19 2026-04-20 2026-04-20 done",
            "2026-06-07 2026-06-19 2026-07-01 coming",
        ),
    ),
    # 60 → 30 days on 10 February: 1 January + 30 = 31 January is before it, so the old due day 2 March, or 10 February
    # + 30 = 12 March: 2 March. Window from 31 January − 6 = 25 January to 2 March + 6 = 8 March.
    Case(
        "a shorter cadence in the middle never asks for a day before it",
        record(versions(("2026-01-01", SIXTY), ("2026-02-10", THIRTY))),
        "2026-02-12",
        ("2026-01-25 2026-03-02 2026-03-08 coming",),
    ),
    # 30 → 60 days on 20 January, due day 31 January not past: 2 March, window 18 February to 14 March.
    Case(
        "a longer cadence computes the open one again",
        record(versions(("2026-01-01", THIRTY), ("2026-01-20", SIXTY))),
        "2026-02-20",
        ("2026-02-18 2026-03-02 2026-03-14 coming",),
    ),
    # 30 days: due 31 January, window to 6 February. On 3 February the due day is past: the window stays and is missed.
    # Then 31 January + 60 = 28 + 31 + 1: 1 April, window 20 March to 13 April.
    Case(
        "a change after the due day leaves the open one as it is",
        record(versions(("2026-01-01", THIRTY), ("2026-02-03", SIXTY))),
        "2026-02-07",
        ("2026-01-25 2026-01-31 2026-02-06 missed", "2026-03-20 2026-04-01 2026-04-13 coming"),
    ),
    # To 1 April on 14 March, the last day; then to 10 April on 13 April (1 April + 12), the last day again: until
    # 22 April. Counted from there: 10 April + 60 = 9 June, window 28 May to 21 June.
    Case(
        "an interval is postponed twice and counted from the new due day",
        record(
            FROM_NEW_YEAR,
            decisions=[
                postponed(interval_key("2026-01-01"), "2026-04-10", "2026-04-13"),
                postponed(interval_key("2026-01-01"), "2026-04-01", "2026-03-14"),
            ],
        ),
        "2026-04-23",
        ("2026-02-18 2026-04-10 2026-04-22 missed", "2026-05-28 2026-06-09 2026-06-21 coming"),
    ),
    # What a person excludes neither completes nor moves: due 2 March still.
    Case(
        "an excluded activity does nothing",
        record(FROM_NEW_YEAR, done("2026-01-31", "2026-02-20"), corrections=[corrected(1, None), corrected(2, None)]),
        "2026-02-21",
        ("2026-02-18 2026-03-02 2026-03-14 coming",),
    ),
    # A person says that 10 February counts, before the window of the 18th: window and due day end there, + 60 = 18 + 31
    # + 11: 11 April, window 30 March to 23 April.
    Case(
        "a person lets an early activity complete an interval",
        record(FROM_NEW_YEAR, done("2026-02-10"), corrections=[corrected(1, interval_key("2026-01-01"))]),
        "2026-02-11",
        ("2026-02-10 2026-02-10 2026-02-10 done", "2026-03-30 2026-04-11 2026-04-23 coming"),
    ),
    # Due day 31 January, on which 60 days begin to apply: not past, so it is computed again: 2 March.
    Case(
        "a change on the due day computes it again",
        record(versions(("2026-01-01", THIRTY), ("2026-01-31", SIXTY))),
        "2026-02-20",
        ("2026-02-18 2026-03-02 2026-03-14 coming",),
    ),
    # On 10 March, the due day past, every 3 days begins. The window is missed on 14 March; 2 March + 3 = 5 March is
    # before the change, so 10 March + 3 = 13 March, over as well (3 ÷ 5 = 0 days after). Then 16 March.
    Case(
        "nothing is due before the change that asks for it",
        record(versions(("2026-01-01", SIXTY), ("2026-03-10", action(Every(3))))),
        "2026-03-15",
        (
            "2026-03-05 2026-03-13 2026-03-13 missed",
            "2026-02-18 2026-03-02 2026-03-14 missed",
            "2026-03-16 2026-03-16 2026-03-16 coming",
        ),
    ),
    # The one of 1 May (19 April to 13 May) is skipped on 20 March: counted from 1 May, + 60 = 30 + 30: 30 June, window
    # 18 June to 12 July. 10 April is late for 2 March; the count never goes back behind the skipped day.
    Case(
        "late completion before a skipped one leaves the count",
        record(FROM_NEW_YEAR, done("2026-04-10"), decisions=[skip(interval_key("2026-03-02"), "2026-03-20")]),
        "2026-04-15",
        (
            "2026-02-18 2026-03-02 2026-03-14 late",
            "2026-04-19 2026-05-01 2026-05-13 skipped",
            "2026-06-18 2026-06-30 2026-07-12 coming",
        ),
    ),
    # 31 January + 60 = 1 April, but a person has set 20 April: it stays; + 12 = 2 May.
    Case(
        "something done early never brings a postponed due day back",
        record(
            FROM_NEW_YEAR,
            done("2026-01-31"),
            decisions=[postponed(interval_key("2026-01-01"), "2026-04-20", "2026-01-05")],
        ),
        "2026-02-01",
        ("2026-02-18 2026-04-20 2026-05-02 coming",),
    ),
    # Under until 3 March: 11 + 3 = 14 of 25 days. The window is open until 14 March: the skip of the 10th is in time.
    Case(
        "what outlives its days under the action can be skipped",
        record(
            under(SIXTY, span("2026-01-01", "2026-03-03")),
            decisions=[skip(interval_key("2026-01-01"), "2026-03-10")],
        ),
        "2026-03-15",
        ("2026-02-18 2026-03-02 2026-03-14 skipped",),
    ),
    # Likewise, done on 10 March: the window ends there, the due day was before.
    Case(
        "what outlives its days under the action can be done",
        record(under(SIXTY, span("2026-01-01", "2026-03-03")), done("2026-03-10")),
        "2026-03-15",
        ("2026-02-18 2026-03-02 2026-03-10 done",),
    ),
    Case(
        "a skipped one that is never due is not there",
        record(
            under(SIXTY, span("2026-01-01", "2026-02-25")),
            decisions=[skip(interval_key("2026-01-01"), "2026-02-20"), skip(interval_key("2026-01-01"), "2026-03-01")],
        ),
        "2026-03-01",
        (),
    ),
    # The count begins on 1 January: what was done on that day is not after it, whatever a person says.
    Case(
        "the day from which an interval is counted completes nothing",
        record(FROM_NEW_YEAR, done("2026-01-01", "2026-02-20"), corrections=[corrected(1, interval_key("2026-01-01"))]),
        "2026-02-21",
        ("2026-02-18 2026-02-20 2026-02-20 done", "2026-04-09 2026-04-21 2026-05-03 coming"),
    ),
    # A manager skips on 1 April what was done on 20 February: skipped when its window opens, counted from 2 March; the
    # activity is before the next window (19 April) and before 2 March: due 1 May still.
    Case(
        "a manager skips what was done",
        record(
            FROM_NEW_YEAR,
            done("2026-02-20"),
            decisions=[skip(interval_key("2026-01-01"), "2026-04-01", by_manager=True)],
        ),
        "2026-04-10",
        ("2026-02-18 2026-03-02 2026-03-14 skipped", "2026-04-19 2026-05-01 2026-05-13 coming"),
    ),
]
