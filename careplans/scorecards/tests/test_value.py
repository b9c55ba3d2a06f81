"""Goals that say what customers are worth follow the value mode: pages, files, history, API."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.services import api_token_create
from accounts.tests.factories import UserFactory
from careplans.scorecards.models import Perspective, ScoreLine
from careplans.scorecards.services.cards import card_add, line_delete, line_save
from careplans.scorecards.services.refreshing import scores_refresh
from careplans.scorecards.tests.world import card_of, line_of
from customers.models import Responsibility
from customers.scores import score_metrics
from offers.orders.tests.factories import OrderFactory
from segmentation.metrics.tests.world import value_mode_set

pytestmark = pytest.mark.django_db
#: Who sees value figures of a customer's card, and of the others, by mode.
TABLE = {
    "used": ({"owner", "management", "key_account_manager"}, {"management", "key_account_manager"}),
    "development": ({"management", "key_account_manager"}, {"management", "key_account_manager"}),
    "off": (set(), set()),
}
WORDS = ("Grow together", "Secret comment", "Ordered, €", "Margin", "Profitability", "123456")


@pytest.fixture
def users(owner, customer):
    Responsibility.objects.get_or_create(customer=customer, user=owner, role="owner", defaults={"start": "2020-01-01"})
    roles = ("management", "key_account_manager", "administrator", "read_only")
    return {"owner": owner, "colleague": UserFactory(role="account_manager"), **{r: UserFactory(role=r) for r in roles}}


@pytest.fixture
def cards(customer, owner, users):
    """A customer's card and that of the strategy: a metric in euros, a goal by hand, a plain goal."""
    found = (card_of(customer, owner), card_add(kind="strategy", year=2026, user=users["management"]))
    for card in found:
        line_of(card, owner, goal="Plain goal")
        line_of(card, owner, metric="ordered", goal="Grow together", comment="Secret comment", target=Decimal(123456))
        line_of(card, owner, "profitability", name="Margin", goal="Earn more")
    return found


def says(answer):
    text = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return text.decode()


def hidden(text):
    return [word for word in WORDS if word in text.replace("\N{NO-BREAK SPACE}", "").replace(",456", "456")]


@pytest.mark.parametrize("mode", TABLE)
def test_value_goals_are_seen_by_who_sees_the_value(mode, cards, users, client):
    value_mode_set(mode)
    for who, user in users.items():
        client.force_login(user)
        _row, key = api_token_create(user=user, name="key")
        for card, seers in zip(cards, TABLE[mode], strict=True):
            sees = who in seers
            for name in ("detail", "history"):
                text = says(client.get(reverse(f"scorecards:{name}", args=[card.pk])))
                assert bool(hidden(text)) == sees, (who, card, name, hidden(text))
            assert "Plain goal" in says(client.get(card.get_absolute_url()))
            values = client.get(reverse("scorecards:values", args=[card.pk]))
            assert values.status_code == 403 or bool(hidden(says(values))) == sees, (who, card)
            api = client.get(f"/api/v1/scorecards/{card.pk}/", headers={"Authorization": f"Token {key}"})
            assert bool(hidden(says(api))) == sees, (who, card)
            line = card.lines.get(metric="ordered")
            edit = client.get(reverse("scorecards:line_edit", args=[line.pk]))
            assert (edit.status_code == 404) == (not sees), (who, card, edit.status_code)


@pytest.mark.parametrize("mode", TABLE)
def test_value_metrics_are_offered_to_who_sees_the_value(mode, cards, users, client):
    value_mode_set(mode)
    client.force_login(users["administrator"])
    text = says(client.get(reverse("scorecards:line_add", args=[cards[1].pk])))
    assert hidden(text) == []
    client.force_login(users["management"])
    text = says(client.get(reverse("scorecards:line_add", args=[cards[1].pk])))
    assert ("Ordered, €" in text) == (mode != "off")


@pytest.mark.parametrize("mode", TABLE)
def test_a_metric_that_has_gone_is_seen_by_who_sees_the_value(mode, customer, owner, users, client, monkeypatch):
    """Nobody declares any more whether it says what customers are worth."""
    card = card_of(customer, owner)
    line = line_of(card, owner, metric="ordered", goal="Grow together", target=Decimal(123456))
    ScoreLine.objects.filter(pk=line.pk).update(kept=777)
    monkeypatch.delitem(score_metrics(), "ordered")
    value_mode_set(mode)
    for who in ("owner", "management", "read_only"):
        client.force_login(users[who])
        for name in ("detail", "history"):
            text = says(client.get(reverse(f"scorecards:{name}", args=[card.pk])))
            assert bool(hidden(text)) == (who in TABLE[mode][0]), (who, name)


def test_the_history_of_plain_goals_is_seen_where_the_value_is_not(cards, owner, client):
    """Of a goal that is a value figure now, or was before, nothing is shown of what it was then."""
    value_mode_set("off")
    card = cards[0]
    former = card.lines.get(metric="ordered")
    former.metric, former.name, former.goal, former.comment = "", "Plain now", "Then plain", ""
    line_save(line=former, user=owner)
    former.goal = "Plain later"
    line_save(line=former, user=owner)
    later = line_of(card, owner, goal="Plain at first")
    later.perspective = Perspective.objects.get(code="profitability")
    line_save(line=later, user=owner)
    line_delete(line=card.lines.get(name="Margin"), user=owner)
    client.force_login(owner)
    text = says(client.get(reverse("scorecards:history", args=[card.pk])))
    assert "Plain goal" in text
    assert "Plain later" in text
    assert "Plain at first" not in text
    assert "goal of a scorecard: removed" not in text
    assert hidden(text) == []


def test_off_computes_no_value_figure_and_takes_away_what_was_there(cards, customer):
    OrderFactory(customer=customer)
    scores_refresh()
    lines = ScoreLine.objects.filter(metric="ordered")
    assert all(line.value is not None for line in lines)
    value_mode_set("off")
    scores_refresh()
    assert all(line.value is None for line in lines.all())


def test_who_does_not_see_a_goal_does_not_enter_its_values(cards, users, client):
    value_mode_set("development")
    line = cards[0].lines.get(metric="ordered")
    _row, key = api_token_create(user=users["owner"], name="key", scope="write")
    body = {"lines": [{"id": line.pk, "target": "1.00"}]}
    answer = client.post(
        f"/api/v1/scorecards/{cards[0].pk}/values/", body, "application/json", headers={"Authorization": f"Token {key}"}
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "no_such_line")
