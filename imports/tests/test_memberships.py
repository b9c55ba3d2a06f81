"""Segments with dates: an initial import, held as a whole, with the decision of management (rules 6, 7 and 9)."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.management import call_command
from django.utils import timezone
from django.utils.translation import override

from accounts.tests.factories import UserFactory
from core import clock
from core.exceptions import BusinessRuleError
from customers.models import CustomerSummary
from customers.tests.factories import CustomerFactory
from imports.models import ImportRow, ImportRun
from imports.permissions import may_import_kind
from imports.problems import Problem
from imports.tests.helpers import codes, counts, run_import
from imports.tests.undoing import by, outcome, undo
from segmentation.membership.enums import MoveKind
from segmentation.membership.models import Membership, Proposal
from segmentation.membership.services.moves import segment_set
from segmentation.membership.services.past import midnight
from segmentation.membership.tests.factories import MembershipFactory, SchemeFactory, SegmentFactory, segment
from segmentation.schemes.models import Segment

pytestmark = pytest.mark.django_db
HEADER = "Asiakas;Segmentointimalli;Segmentti;Alkaen;Asti;Syy;Päätetty;Päättäjä\n"
NOKIA = "Nokian Konepaja"


@pytest.fixture(autouse=True)
def today():
    with clock.frozen(dt.date(2026, 11, 29)):
        yield


@pytest.fixture(autouse=True)
def customer(today):
    return CustomerFactory(name="Nokian Konepaja Oy")


@pytest.fixture
def director():
    return UserFactory(role="management", first_name="Disa", last_name="Rehtori")


def take(*lines, **options):
    return run_import(HEADER + "".join(f"{line}\n" for line in lines), "memberships", **options)


def history(customer):
    """(segment, first day, day of the end) of each membership."""
    rows = Membership.objects.filter(customer=customer).select_related("segment").order_by("period")
    days = [(row.segment.code, clock.day_of(row.start), row.end and clock.day_of(row.end)) for row in rows]
    return [(code, start.isoformat(), end and end.isoformat()) for code, start, end in days]


def now_in(customer):
    return CustomerSummary.objects.get(pk=customer.pk).segment


def test_rows_become_a_history_without_gaps_wherever_they_are_in_the_file(customer, monkeypatch):
    monkeypatch.setattr("imports.pipeline.memberships.MembershipHandler.batch_size", 1)
    run = take(
        f"{NOKIA};;C;1.7.2025;;merger;;",
        f"{NOKIA};omn;Kasvavat asiakkaat;1.1.2024;30.6.2025;Kasvaa;;",
        f"{NOKIA};;C;1.1.2023;31.12.2023;;;",
    )
    assert counts(run) == (3, 0, 0, 0, 0)
    assert history(customer) == [
        ("C", "2023-01-01", "2024-01-01"),
        ("B", "2024-01-01", "2025-07-01"),
        ("C", "2025-07-01", None),
    ]
    assert now_in(customer) == segment("C")
    first, second, third = Membership.objects.order_by("period")
    assert first.start == timezone.make_aware(dt.datetime(2023, 1, 1), timezone.get_default_timezone())
    assert (second.text, third.reason.code, third.kind) == ("Kasvaa", "merger", MoveKind.IMPORT)


def test_the_last_day_may_be_the_day_of_the_move(customer):
    assert counts(take(f"{NOKIA};;C;1.1.2024;1.5.2024;;;", f"{NOKIA};;B;1.5.2024;;;;"))[0] == 2
    assert history(customer) == [("C", "2024-01-01", "2024-05-01"), ("B", "2024-05-01", None)]


def test_the_same_file_again_changes_nothing_also_after_a_move(customer):
    lines = [f"{NOKIA};;C;1.1.2024;30.4.2024;;;", f"{NOKIA};;B;1.5.2024;;;;"]
    take(*lines)
    assert counts(take(*lines)) == (0, 0, 2, 0, 0)
    segment_set(customer=customer, segment=segment("C"), user=None)
    assert counts(take(*lines)) == (0, 0, 2, 0, 0)
    assert len(history(customer)) == 3


def test_the_segment_of_a_new_customer_gives_way_to_the_history_and_comes_back_with_the_undo(customer):
    MembershipFactory(customer=customer, segment=segment("C"), kind=MoveKind.DEFAULT)
    with by(UserFactory()):
        run = take(f"{NOKIA};;C;1.1.2024;31.12.2024;;;", f"{NOKIA};;B;1.1.2025;;;;")
    assert history(customer) == [("C", "2024-01-01", "2025-01-01"), ("B", "2025-01-01", None)]
    assert now_in(customer) == segment("B")
    undo(run)
    row = Membership.objects.get()
    assert (row.segment, row.kind, now_in(customer)) == (segment("C"), MoveKind.DEFAULT, segment("C"))
    assert outcome(run, 2) == ("undone", [])
    assert outcome(run, 3) == ("undone", [])


def test_an_undo_leaves_customers_that_people_have_moved_since():
    other = CustomerFactory(name="Toinen Oy")
    with by(UserFactory()):
        run = take(f"{NOKIA};;C;1.1.2024;;;;", "Toinen;;C;1.1.2024;;;;")
    with by(UserFactory()):
        segment_set(customer=other, segment=segment("B"), user=None)
    undo(run)
    assert (outcome(run, 2)[0], outcome(run, 3)[0]) == ("undone", "kept")
    assert [code for code, _first, _end in history(other)] == ["C", "B"]


def test_a_decision_of_people_stays_and_the_past_before_it_is_added(customer):
    moved_at = midnight(dt.date(2026, 3, 2)) + dt.timedelta(hours=10)
    MembershipFactory(customer=customer, segment=segment("B"), start=moved_at)
    assert counts(take(f"{NOKIA};;C;1.1.2024;1.3.2026;;;")) == (1, 0, 0, 0, 0)
    assert Membership.objects.get(segment=segment("C")).end == moved_at
    run = take(f"{NOKIA};;P;1.1.2023;;;;")
    assert codes(run, 2) == ["period_overlap"]
    with override("fi"):
        [problem] = [Problem.read(data) for data in run.rows.get().problems]
        assert str(problem).endswith("1.1.2024.")


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ((";;C;1.1.2024;31.12.2024;;;", ";;B;1.12.2024;;;;"), ["sibling_held", "period_overlap"]),
        ((";;C;1.1.2024;;;;", ";;B;1.12.2024;;;;"), ["sibling_held", "period_overlap"]),
        ((";;C;1.1.2024;31.12.2024;;;", ";;B;2.1.2025;;;;"), ["sibling_held", "period_gap"]),
        ((";;C;1.1.2024;31.12.2024;;;",), ["period_gap"]),
        ((";;C;1.1.2024;31.12.2024;;;", ";;B;1.1.2025;1.1.2024;;;"), ["sibling_held", "until_before_from"]),
        ((";;C;30.11.2026;;;;",), ["future_day"]),
        ((";;C;1.1.2026;31.12.2026;;;",), ["future_day"]),
        ((";;X;1.1.2026;;;;",), ["unknown_segment"]),
        ((";xyz;C;1.1.2026;;;;",), ["unknown_scheme"]),
        ((";;C;1.1.2026;;;;", ";;C;1.1.2026;;;;"), [None, "same_as"]),
        ((";;C;1.1.2026;;;;Nobody",), ["unknown_user"]),
    ],
)
def test_what_cannot_be_is_held_with_the_reason_and_the_customers_other_rows_with_it(lines, expected):
    run = take(*(NOKIA + line for line in lines))
    found = [(codes(run, number) or [None])[0] for number in range(2, len(lines) + 2)]
    assert found == expected
    assert Membership.objects.count() == expected.count(None)


def test_unknown_and_inactive_customers_and_a_missing_day():
    CustomerFactory(name="Loppunut Oy", passive=True)
    run = take("Nobody;;C;1.1.2024;;;;", "Loppunut Oy;;C;1.1.2024;;;;", f"{NOKIA};;C;;;;;")
    assert [codes(run, number) for number in (2, 3, 4)] == [["unknown_customer"], ["passive"], ["required"]]
    assert counts(run) == (0, 0, 0, 2, 1)


def test_a_retired_segment_is_history_only():
    Segment.objects.filter(pk=segment("P").pk).update(retired_at=clock.now())
    assert codes(take(f"{NOKIA};;P;1.1.2024;;;;"), 2) == ["retired_segment"]
    assert counts(take(f"{NOKIA};;P;1.1.2024;31.12.2024;;;", f"{NOKIA};;C;1.1.2025;;;;"))[0] == 2


def test_rule_7_an_approval_segment_needs_managements_decision(customer, director):
    assert codes(take(f"{NOKIA};;A;1.1.2024;;;;"), 2) == ["decision_missing"]
    assert codes(take(f"{NOKIA};;A;1.1.2024;;;15.12.2023;"), 2) == ["decision_missing"]
    assert codes(take(f"{NOKIA};;A;1.1.2024;;;30.11.2026;Disa Rehtori"), 2) == ["future_day"]
    seller = UserFactory(role="account_manager", first_name="Salla", last_name="Myyjä")
    assert codes(take(f"{NOKIA};;A;1.1.2024;;;15.12.2023;{seller.username}"), 2) == ["no_approver"]
    assert not Membership.objects.exists()
    assert not Proposal.objects.exists()
    type(director).objects.filter(pk=director.pk).update(is_active=False)
    assert counts(take(f"{NOKIA};;A;1.1.2024;;;15.12.2023;Disa Rehtori"))[0] == 1
    row = Membership.objects.get()
    assert (now_in(customer), row.decided_by, clock.day_of(row.decided_at)) == (
        segment("A"), director, dt.date(2023, 12, 15),
    )  # fmt: skip


def test_rule_7_leaving_an_approval_segment_needs_it_too(director):
    decision = "15.12.2023;Disa Rehtori"
    first = f"{NOKIA};;A;1.1.2024;31.12.2024;;{decision}"
    assert codes(take(first, f"{NOKIA};;C;1.1.2025;;;;"), 3) == ["decision_missing"]
    assert counts(take(first, f"{NOKIA};;C;1.1.2025;;;{decision}"))[0] == 2


def test_rule_6_the_limit_counts_the_members_of_today(director):
    names = [CustomerFactory().name for _number in range(6)]
    run = take(*(f"{name};;A;1.1.2024;;;15.12.2023;Disa Rehtori" for name in names))
    assert (counts(run), codes(run, 7)) == ((5, 0, 0, 1, 0), ["segment_full"])
    assert Membership.objects.present().filter(segment=segment("A")).count() == 5
    earlier = take(
        f"{NOKIA};;A;1.1.2023;31.12.2023;;15.12.2022;Disa Rehtori", f"{NOKIA};;C;1.1.2024;;;15.12.2023;Disa Rehtori"
    )
    assert counts(earlier)[0] == 2


def test_a_customer_with_an_open_proposal_is_held(customer):
    segment_set(customer=customer, segment=segment("A"), user=UserFactory(role="account_manager"))
    assert codes(take(f"{NOKIA};;B;1.1.2024;;;;"), 2) == ["proposal_open"]
    assert Proposal.objects.open().exists()


def test_a_scheme_with_several_segments_takes_gaps_and_refuses_a_segment_twice(customer):
    other = SchemeFactory(is_exclusive=False)
    one, two = (SegmentFactory(scheme=other) for _number in range(2))
    run = take(
        f"{NOKIA};{other.code};{one.code};1.1.2024;31.3.2024;;;",
        f"{NOKIA};{other.code};{one.code};1.5.2024;;;;",
        f"{NOKIA};{other.code};{two.code};1.2.2024;;;;",
    )
    assert counts(run)[0] == 3
    assert Membership.objects.filter(segment=one).order_by("period").first().ended_as == "left"
    assert now_in(customer) is None
    assert codes(take(f"{NOKIA};{other.code};{two.code};1.1.2024;31.3.2024;;;"), 2) == ["period_overlap"]


def test_a_check_writes_nothing_and_says_the_same():
    lines = [f"{NOKIA};;C;1.1.2024;31.12.2024;;;", f"{NOKIA};;B;1.1.2025;;;;"]
    assert counts(take(*lines, dry_run=True)) == (2, 0, 0, 0, 0)
    assert not Membership.objects.exists()


@pytest.mark.parametrize(("role", "may"), [("administrator", True), ("key_account_manager", False)])
def test_only_an_administrator_imports_them(role, may):
    user = UserFactory(role=role, grants=["imports.run_imports"])
    assert may_import_kind(user, "memberships") == may
    if not may:
        with pytest.raises(BusinessRuleError):
            take(f"{NOKIA};;C;1.1.2024;;;;", owner=user)
        assert not ImportRun.objects.exists()


def test_the_command_imports_and_names_what_is_held(tmp_path, capsys):
    path = tmp_path / "segments.csv"
    path.write_text(f"{HEADER}{NOKIA};;C;1.1.2024;;;;\nNobody;;C;1.1.2024;;;;\n")
    call_command("import_data", "memberships", str(path))
    answer = capsys.readouterr()
    assert "created=1 updated=0 unchanged=0 held=1 refused=0" in answer.out
    assert "Nobody" in answer.err


def test_many_rows_are_written_in_a_few_statements(django_assert_max_num_queries):
    names = [CustomerFactory().name for _number in range(40)]
    with django_assert_max_num_queries(90):
        take(*(f"{name};;C;1.1.2024;31.12.2024;;;" for name in names), *(f"{name};;B;1.1.2025;;;;" for name in names))
    assert ImportRow.objects.filter(fate="created").count() == 80
