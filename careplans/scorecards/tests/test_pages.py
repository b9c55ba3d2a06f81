"""The pages of scorecards and the customer strategy, from the list to management's approval."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from io import BytesIO

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse
from openpyxl import load_workbook

from accounts.models import Team, TeamMembership
from accounts.tests.factories import UserFactory
from careplans.scorecards.models import Scorecard, ScoreLine, StrategyVersion
from careplans.scorecards.services.cards import card_add, card_send
from careplans.scorecards.services.strategies import strategy_approve, strategy_change, strategy_draft, strategy_send
from careplans.scorecards.tests.world import approved, card_of, key_customer, line_of
from core import clock
from core.form_undo import content_of
from core.notices import notice_of
from customers.services.customers import customer_set_passive
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db


def url(name, *args):
    return reverse(f"scorecards:{name}", args=args)


def text(client, address, **query):
    answer = client.get(address, query)
    assert answer.status_code == 200, (address, answer.status_code)
    return answer.content.decode()


def test_a_scorecard_from_the_draft_to_the_approval(customer, owner, director, client):
    client.force_login(owner)
    year = clock.today().year
    answer = client.post(url("add"), {"kind": "customer", "customer": customer.pk, "year": year})
    card = Scorecard.objects.get()
    assert answer.url == card.get_absolute_url()
    goal = {"perspective": ScoreLine._meta.get_field("perspective").related_model.objects.get(code="customers").pk}
    goal |= {"goal": "Meet often", "expected": "up", "target": "12", "order": "10"}
    client.post(url("line_add", card.pk), {**goal, "metric": "meetings"})
    client.post(url("line_add", card.pk), {**goal, "metric": "", "name": "Share", "unit": "percent"})
    refused = client.post(url("line_add", card.pk), {**goal, "metric": "", "name": "", "unit": "percent"})
    assert list(refused.context["form"].errors) == ["name"]
    by_hand = card.lines.get(metric="")
    assert by_hand.unit == "percent"
    values = {f"target_{line.pk}": "5" for line in card.lines.all()}
    client.post(url("values", card.pk), {**values, f"entered_{by_hand.pk}": "4,5", f"comment_{by_hand.pk}": "Soon"})
    by_hand.refresh_from_db()
    assert (by_hand.entered, by_hand.comment) == (Decimal("4.5"), "Soon")
    client.post(url("send", card.pk), {"comment": "Please"})
    client.force_login(director)
    shown = text(client, card.get_absolute_url())
    assert url("approve", card.pk) in shown
    client.post(url("approve", card.pk), {})
    card.refresh_from_db()
    assert card.is_approved
    assert "nearly reached" in text(client, card.get_absolute_url())


def test_a_scorecard_is_made_by_who_may_change_the_care_plan(customer, owner, manager, client):
    form = {"kind": "customer", "customer": customer.pk, "year": "2026"}
    client.force_login(UserFactory(role="account_manager"))
    answer = client.post(url("add"), form)
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"customer"}
    client.force_login(manager)
    assert client.post(url("add"), {**form, "customer": CustomerFactory().pk}).status_code == 422
    assert client.post(url("add"), form).status_code == 302


def test_the_form_searches_the_customer(customer, owner, segment, client, django_assert_max_num_queries):
    """It names the customer that the address asks for and no other, in as many queries for any number of them."""
    others = [key_customer(segment, owner) for _number in range(3)]
    client.force_login(owner)
    with django_assert_max_num_queries(25):
        shown = text(client, url("add"), customer=customer.pk)
    assert reverse("customers:options") in shown
    assert str(customer) in shown
    assert not any(str(other) in shown for other in others)


def test_errors_are_at_the_goal_that_they_concern(customer, owner, client):
    card = card_of(customer, owner)
    good, bad = line_of(card, owner), line_of(card, owner, goal="Other")
    client.force_login(owner)
    answer = client.post(url("values", card.pk), {f"target_{good.pk}": "1", f"target_{bad.pk}": "much"})
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {f"target_{bad.pk}"}
    good.refresh_from_db()
    assert good.target == 10


def test_the_change_of_a_goal_is_undone(customer, owner, client):
    line = line_of(card_of(customer, owner), owner)
    client.force_login(owner)
    address = url("line_edit", line.pk)
    form = client.get(address).context["form"]
    answer = client.post(address, {**content_of(form), "seen": form["seen"].value(), "goal": "Another"})
    client.post(notice_of(list(get_messages(answer.wsgi_request))[-1]).undo)
    assert ScoreLine.objects.get().goal == line.goal


def test_values_of_a_card_that_has_changed_meanwhile_are_refused(customer, owner, client):
    card = card_of(customer, owner)
    line = line_of(card, owner)
    client.force_login(owner)
    answer = client.post(url("values", card.pk), {f"target_{line.pk}": "1", "seen": card.version})
    assert answer.status_code == 422


def test_the_list_is_filtered_and_exported(customer, owner, manager, client):
    team = Team.objects.create(name="Sales", leader=owner)
    card_of(customer, owner)
    card_add(kind="team", team=team, year=2024, user=manager)
    card_add(kind="strategy", year=2025, user=manager)
    client.force_login(UserFactory(role="read_only"))
    for query, wanted in (({"year": 2024}, team), ({"kind": "customer"}, customer), ({"kind": "strategy"}, None)):
        found = client.get(url("list"), query).context["view"].get_filterset().qs
        assert [card.team or card.customer for card in found] == [wanted]
    answer = client.get(url("list"), {"export": "xlsx"})
    sheet = load_workbook(BytesIO(b"".join(answer.streaming_content))).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    assert [row[0] for row in rows] == [str(customer), "Customer strategy", "Sales"]


def test_the_list_costs_the_same_for_any_number_of_rows(customer, owner, client, django_assert_max_num_queries):
    client.force_login(owner)
    for years in ((2024,), (2022, 2023)):
        for year in years:
            line_of(card_of(customer, owner, year=year), owner)
        with django_assert_max_num_queries(22):
            client.get(url("list"))


def test_a_scorecard_costs_the_same_for_any_number_of_goals(customer, owner, client, django_assert_max_num_queries):
    card = card_of(customer, owner, year=2024)
    line_of(card, owner, metric="orders")
    client.force_login(owner)
    for metrics in (("nps",), ("meetings", "hours", "hit_rate")):
        for metric in metrics:
            line_of(card, owner, metric=metric)
        with django_assert_max_num_queries(30):
            client.get(card.get_absolute_url())


def test_own_scorecards_wait_for_the_decision_of_others(customer, owner, director, client):
    card = card_of(customer, director)
    line_of(card, director)
    card_send(card=card, user=director)
    other = UserFactory(role="management")
    for user, waits in ((director, False), (other, True), (owner, False)):
        client.force_login(user)
        assert (str(customer) in text(client, url("list"), awaiting="true")) is waits
    client.force_login(director)
    assert "You have prepared this scorecard" in text(client, card.get_absolute_url())
    assert client.get(url("approve", card.pk)).status_code == 403


def test_a_team_makes_its_scorecard(owner, client):
    team = Team.objects.create(name="Sales")
    member, outsider = owner, UserFactory(role="account_manager")
    TeamMembership.objects.create(team=team, user=member)
    form = {"kind": "team", "team": team.pk, "year": "2026"}
    client.force_login(outsider)
    assert client.post(url("add"), form).status_code == 422
    client.force_login(member)
    assert client.post(url("add"), form).status_code == 302
    assert client.post(url("add"), {"kind": "strategy", "year": "2026"}).status_code == 422
    card = Scorecard.objects.get()
    client.force_login(outsider)
    assert client.get(url("edit", card.pk)).status_code == 403


def test_the_scorecard_of_an_inactive_customer_is_seen_by_who_manages_these(customer, owner, client):
    card = card_of(customer, owner)
    customer_set_passive(customer=customer, reason="bankruptcy")
    client.force_login(owner)
    assert client.get(card.get_absolute_url()).status_code == 404
    assert str(customer) not in text(client, url("list"))
    client.force_login(UserFactory(role="administrator"))
    text(client, card.get_absolute_url())


def test_the_care_plan_of_a_key_customer_shows_its_scorecards(customer, owner, director, client):
    card = card_of(customer, owner)
    client.force_login(owner)
    panel = text(client, url("customer", customer.pk))
    assert card.get_absolute_url() in panel
    assert f"{url('add')}?customer={customer.pk}" in panel
    assert "<html" not in client.get(url("customer", customer.pk), headers={"HX-Request": "true"}).content.decode()
    assert client.get(url("customer", CustomerFactory(owner=owner).pk)).status_code == 403


def test_a_scorecard_is_a_pdf(customer, owner, director, client):
    card = card_of(customer, owner)
    line_of(card, owner, metric="orders")
    client.force_login(director)
    answer = client.get(url("pdf", card.pk))
    assert (answer.status_code, answer.content[:4]) == (200, b"%PDF")


def test_the_history_tells_who_changed_what(customer, owner, director, client):
    card = card_of(customer, owner)
    line_of(card, owner)
    approved(card, owner, director)
    client.force_login(director)
    shown = text(client, url("history", card.pk))
    assert "goal of a scorecard" in shown
    assert str(director) in shown


def test_a_former_year_is_beside_the_actual(customer, owner, director, client):
    card = card_of(customer, owner, year=2024)
    line_of(card, owner, entered=Decimal(77))
    approved(card, owner, director)
    later = card_of(customer, owner, year=2025)
    client.force_login(owner)
    assert ">77<" in text(client, later.get_absolute_url())


# The customer strategy


@pytest.fixture
def draft(manager):
    version = strategy_draft(user=manager, justification="The first one")
    return strategy_change(version=version, changes={"principles": "Trust\nOpenness"}, user=manager)


def test_the_strategy_from_the_draft_to_the_next_version(manager, director, client):
    client.force_login(manager)
    client.post(url("strategy_add"), {"justification": "The first one"})
    first = StrategyVersion.objects.get()
    form = {"principles": "Trust", "focus_areas": "Key customers", "text": "Long", "justification": "The first one"}
    client.post(url("strategy_edit", first.pk), {**form, "version": first.version})
    client.post(url("strategy_send", first.pk), {})
    client.force_login(director)
    client.post(url("strategy_approve", first.pk), {})
    shown = text(client, url("strategy"))
    assert "Trust" in shown
    assert "Key customers" in shown
    client.force_login(manager)
    client.post(url("strategy_add"), {"justification": "A new focus"})
    second = StrategyVersion.objects.get(number=2)
    assert second.principles == "Trust"
    compared = text(client, url("strategy_compare", second.pk))
    assert "The first one" in compared
    assert "A new focus" in compared


def test_a_version_ends_the_day_before_the_next_one_and_never_before_its_own_first_day(draft, manager, director):
    first = clock.today()
    for days, version in ((0, draft), (0, None), (3, None)):
        with clock.frozen(first + dt.timedelta(days=days)):
            version = version or strategy_draft(user=manager, justification="Another one")
            strategy_approve(version=strategy_send(version=version, user=manager), user=director)
    third = first + dt.timedelta(days=3)
    days = StrategyVersion.objects.order_by("number").values_list("valid_from", "valid_to")
    assert list(days) == [(first, first), (first, first + dt.timedelta(days=2)), (third, None)]


def test_the_strategy_is_seen_by_all_and_changed_by_who_keeps_plans(draft, owner, client):
    client.force_login(UserFactory(role="read_only"))
    assert "Openness" in text(client, draft.get_absolute_url())
    client.force_login(owner)
    assert client.get(url("strategy_edit", draft.pk)).status_code == 403
    assert client.get(url("strategy_add")).status_code == 403


def test_a_version_of_the_strategy_is_a_pdf(draft, manager, client):
    client.force_login(manager)
    assert client.get(url("strategy_pdf", draft.pk)).content[:4] == b"%PDF"


def test_its_scorecards_hang_on_the_strategy(draft, manager, client):
    card = card_add(kind="strategy", year=2026, user=manager)
    client.force_login(manager)
    assert card.get_absolute_url() in text(client, url("strategy"))
