"""NPS: the boundaries of rule 15, asking, the personal link, the figures."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core import mail
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from accounts.models import Notification
from accounts.tests.factories import UserFactory
from activities.feedback.models import Feedback, NpsQuestion
from activities.feedback.nps_figures import Nps, default_period, nps_answers, nps_compared, nps_overall, nps_tables
from activities.feedback.services.nps import VALID_FOR, nps_answer, nps_ask, nps_send, secret_of, tone
from activities.log.enums import ActivityStatus
from activities.log.models import Activity
from activities.log.tests.factories import activity_type
from core import clock
from core.exceptions import BusinessRuleError
from customers.enums import Channel
from customers.models import Consent, Customer
from customers.tests.factories import ContactFactory, CustomerFactory
from segmentation.membership.services.moves import segment_set
from segmentation.membership.tests.factories import segment

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _types_and_limits():
    activity_type("feedback")
    cache.clear()


def ask(customer=None, contact=None, **kwargs):
    customer = customer or CustomerFactory(owner=UserFactory(username="owner", role="account_manager"))
    contact = contact or ContactFactory(customer=customer, email="maija@example.fi", first_name="Maija")
    return nps_ask(contacts=[contact], customer=customer, user=kwargs.pop("user", None) or UserFactory(), **kwargs)[0]


def url_of(question):
    return reverse("feedback:nps_answer", args=[secret_of(question)])


@pytest.mark.parametrize(
    ("score", "word"), [(0, "negative"), (6, "negative"), (7, ""), (8, ""), (9, "positive"), (10, "positive")]
)
def test_rule_15_boundaries_of_promoters_neutrals_and_detractors(score, word):
    assert tone(score) == word


@pytest.mark.parametrize(("score", "part"), [(6, "detractors"), (7, "neutrals"), (8, "neutrals"), (9, "promoters")])
def test_rule_15_the_figures_count_each_score_where_it_belongs(score, part):
    nps_answer(question=ask(), score=score)
    overall = nps_overall(nps_answers(*default_period()))
    parts = {"detractors": overall.detractors, "neutrals": overall.neutrals, "promoters": overall.promoters}
    assert parts == {"detractors": 0, "neutrals": 0, "promoters": 0} | {part: 1}


def test_rule_15_nps_is_promoters_less_detractors():
    assert Nps("", n=10, promoters=5, detractors=2).nps == 30


def test_a_half_is_rounded_as_in_the_metrics_of_the_customer():
    # 100 · (4 − 3) ÷ 8 = 12.5, and the same below zero.
    assert Nps("", n=8, promoters=4, detractors=3).nps == 13
    assert Nps("", n=8, promoters=3, detractors=4).nps == -13


def test_without_answers_there_is_no_figure():
    assert nps_overall(nps_answers(*default_period())).nps is None


@pytest.mark.parametrize(("score", "words"), [(6, ["negative"]), (7, []), (9, ["positive"])])
def test_an_answer_becomes_feedback_under_its_contact(score, words):
    question = ask()
    nps_answer(question=question, score=score, comment="Good\n<b>trainer</b>")
    feedback = Activity.objects.get()
    assert [word.code for word in feedback.keywords.all()] == words
    assert (feedback.customer, list(feedback.contacts.all())) == (question.customer, [question.contact])
    assert "&lt;b&gt;" in feedback.memo
    assert feedback.created_by is None


def test_rule_12_a_detractors_answer_is_open_and_owed_an_answer():
    nps_answer(question=ask(), score=3)
    feedback = Activity.objects.get()
    assert (feedback.status, feedback.feedback.answer_due is not None) == (ActivityStatus.OPEN, True)


@pytest.mark.parametrize(("score", "comment", "owed"), [(9, "Thanks", False), (7, "", False), (8, "Call me", True)])
def test_thanks_and_a_middling_score_without_words_need_no_answer(score, comment, owed):
    nps_answer(question=ask(), score=score, comment=comment)
    assert (Activity.objects.get().feedback.answer_due is not None) is owed


def test_the_owner_is_told():
    nps_answer(question=ask(), score=10)
    told = Notification.objects.get(kind="nps_answer")
    assert (told.user.username, told.data["score"]) == ("owner", 10)


def test_an_answer_reaches_a_key_account_manager_where_the_owner_may_not_answer():
    manager = UserFactory(role="key_account_manager")
    question = ask(CustomerFactory(owner=UserFactory(role="read_only")))
    nps_answer(question=question, score=2)
    assert Feedback.objects.get().responsible == manager


def test_one_link_one_answer():
    question = ask()
    nps_answer(question=question, score=10)
    with pytest.raises(BusinessRuleError) as error:
        nps_answer(question=question, score=0)
    assert error.value.code == "already_answered"
    assert (NpsQuestion.objects.get().score, Activity.objects.count()) == (10, 1)


def test_an_answer_counts_also_when_the_type_is_retired():
    kind = activity_type("feedback")
    kind.retired_at = timezone.now()
    kind.save()
    assert nps_answer(question=ask(), score=10).score == 10


def test_a_contact_without_an_address_is_not_asked():
    with pytest.raises(BusinessRuleError) as error:
        ask(contact=ContactFactory())
    assert error.value.code == "no_email"


def test_a_contact_who_has_refused_email_is_not_asked():
    contact = ContactFactory(email="a@example.fi")
    Consent.objects.create(contact=contact, channel=Channel.EMAIL, is_given=False, source="phone")
    with pytest.raises(BusinessRuleError) as error:
        ask(contact=contact)
    assert error.value.code == "email_refused"


@pytest.mark.parametrize(("days", "is_asked"), [(89, False), (91, True)])
def test_the_same_contact_is_asked_once_in_90_days(days, is_asked):
    question = ask()
    NpsQuestion.objects.update(asked_at=timezone.now() - days * DAY)
    if is_asked:
        ask(question.customer, question.contact)
    else:
        with pytest.raises(BusinessRuleError) as error:
            ask(question.customer, question.contact)
        assert error.value.code == "asked_recently"
    assert NpsQuestion.objects.count() == 1 + is_asked


def test_all_are_asked_or_none():
    customer = CustomerFactory()
    contacts = [ContactFactory(customer=customer, email="a@example.fi"), ContactFactory(customer=customer)]
    with pytest.raises(BusinessRuleError):
        nps_ask(contacts=contacts, customer=customer, user=UserFactory())
    assert not NpsQuestion.objects.exists()


def test_rule_2_nobody_at_a_passive_customer_is_asked():
    with pytest.raises(BusinessRuleError) as error:
        ask(CustomerFactory(passive=True), ContactFactory(email="a@example.fi"))
    assert error.value.code == "customer_passive"


@pytest.mark.parametrize(("language", "subject"), [("fi", "fi"), ("sv", "fi"), ("en", "en"), ("other", "en")])
def test_the_mail_is_in_the_contacts_language(language, subject):
    question = ask(contact=ContactFactory(email="a@example.fi", language=language))
    assert question.language == subject


def test_the_mail_has_the_link_and_goes_once():
    question = ask()
    nps_send(question.pk)
    nps_send(question.pk)
    [sent] = mail.outbox
    assert (sent.to, sent.body.count("http")) == (["maija@example.fi"], 1)
    assert url_of(question) in sent.body


def test_only_the_digest_of_the_secret_is_kept():
    question = ask()
    assert secret_of(question) not in str(NpsQuestion.objects.values())


def test_anybody_with_the_link_answers_without_signing_in(client):
    question = ask()
    assert client.get(url_of(question)).status_code == 200
    response = client.post(url_of(question), {"score": "9", "comment": "Good"})
    assert "Kiitos" in response.content.decode()
    assert NpsQuestion.objects.get().score == 9


def test_the_public_page_is_for_no_search_engine_and_no_cache(client):
    response = client.get(url_of(ask()))
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert "no-store" in response["Cache-Control"]
    assert response["Referrer-Policy"] == "same-origin"


def test_the_public_page_tells_nothing_of_the_customer(client):
    question = ask(CustomerFactory(name="Salainen Oy"))
    page = client.get(url_of(question)).content.decode()
    assert "Salainen" not in page
    assert "Maija" not in page


def test_the_form_is_guarded_against_other_sites():
    from django.test import Client

    question = ask()
    assert Client(enforce_csrf_checks=True).post(url_of(question), {"score": "9"}).status_code == 403
    assert NpsQuestion.objects.get().score is None


def test_a_second_visit_says_already_answered(client):
    question = ask()
    nps_answer(question=question, score=9)
    response = client.post(url_of(question) + "?lang=en", {"score": "0"})
    assert "Already answered" in response.content.decode()
    assert NpsQuestion.objects.get().score == 9


@pytest.mark.parametrize("how", ["forged", "expired", "passive", "nul", "long"])
def test_links_that_do_not_work_are_all_the_same_404(client, how):
    question = ask()
    url = url_of(question)
    if how == "expired":
        NpsQuestion.objects.update(expires_at=timezone.now() - DAY)
    elif how == "passive":
        Customer.objects.update(state="passive", passive_reason="closed", passive_since=timezone.localdate())
    else:
        url = {"forged": f"/nps/{'A' * 32}/", "nul": "/nps/a%00b/", "long": f"/nps/{'a' * 3000}/"}[how]
    responses = [client.get(f"{url}?lang=en"), client.post(f"{url}?lang=en", {"score": "9"})]
    assert [response.status_code for response in responses] == [404, 404]
    assert all("This link does not work" in response.content.decode() for response in responses)
    assert NpsQuestion.objects.get().score is None


@pytest.mark.parametrize("score", ["", "11", "-1", "x", "1.5", "\x00"])
def test_a_score_that_is_none_shows_its_message(client, score):
    question = ask()
    response = client.post(url_of(question) + "?lang=en", {"score": score})
    assert response.status_code == 422
    assert "Choose a number from 0 to 10." in response.content.decode()
    assert NpsQuestion.objects.get().answered_at is None


def test_a_comment_that_is_too_long_shows_its_message(client):
    question = ask()
    response = client.post(url_of(question), {"score": "9", "comment": "a" * 2_001})
    assert response.status_code == 422
    assert NpsQuestion.objects.get().answered_at is None


def test_who_asks_too_often_waits(client):
    url = url_of(ask())
    statuses = [client.get(url).status_code for _n in range(31)]
    assert (statuses[29], statuses[30]) == (200, 429)


def test_the_link_works_for_sixty_days():
    question = ask()
    assert question.expires_at - question.asked_at == VALID_FOR == 60 * DAY


def test_an_answer_belongs_to_the_segment_at_the_time_of_asking(defaults):
    customer = CustomerFactory(segment=segment("B"))
    question = ask(customer)
    segment_set(customer=customer, segment=segment("C"), user=None)
    nps_answer(question=question, score=10)
    tables = {table.name: table.rows for table in nps_tables(*default_period())}
    assert [(row.label, row.nps, row.is_few) for row in tables["segment"]] == [(segment("B").name_en, 100, True)]


@pytest.mark.parametrize("count", [1, 3])
def test_the_figures_cost_the_same_for_any_number_of_answers(count, django_assert_num_queries):
    for n in range(count):
        customer = CustomerFactory(owner=UserFactory(role="account_manager"))
        contact = ContactFactory(customer=customer, email=f"c{n}@example.fi")
        nps_answer(question=ask(customer, contact), score=n * 4)
    with django_assert_num_queries(6):
        nps_compared(*default_period())
        nps_tables(*default_period(), most=20)


def answered(score, at, *, owner=None, **kwargs):
    """An answer that was given at a time."""
    customer = CustomerFactory(owner=owner or UserFactory(role="account_manager"), **kwargs)
    with clock.frozen(at):
        nps_answer(question=ask(customer), score=score)


NOW = dt.datetime(2026, 11, 15, 12, tzinfo=dt.UTC)


def test_figures_stand_beside_those_of_the_same_days_a_year_before():
    owner = UserFactory(role="account_manager")
    for score, at in ((10, NOW), (10, NOW), (0, NOW), (9, NOW.replace(year=2025)), (0, NOW.replace(year=2025, day=2))):
        answered(score, at, owner=owner)
    period = dt.date(2026, 11, 10), dt.date(2026, 11, 30)
    overall = nps_compared(*period)
    assert (overall.n, overall.nps, overall.before.n, overall.before.nps) == (3, 33, 1, 100)
    for table in nps_tables(*period):
        assert [(row.n, row.before.n, row.before.nps) for row in table.rows] == [(3, 1, 100)]


def test_a_table_shows_the_groups_with_the_most_answers_and_the_others_on_request(client):
    busy = UserFactory(role="account_manager", first_name="Åke", last_name="Ö")
    for _n in range(2):
        answered(9, NOW, owner=busy)
    for _n in range(24):
        answered(9, NOW)
    client.force_login(busy)
    url = reverse("feedback:nps")
    with clock.frozen(NOW):
        page = client.get(url)
        [owners] = [table for table in page.context["tables"] if table.name == "owner"]
        assert (len(owners.rows), owners.rows[0].label, owners.next) == (20, "Åke Ö", 20)
        more = client.get(url, {"table": "owner", "start": "20"}, headers={"HX-Request": "true"})
    assert more.text.count("<tr>") == 5
    assert "<h1" not in more.text
