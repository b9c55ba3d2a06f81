"""Panels of the start page, the cadence strip, the list of contact and management's page of key accounts."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from accounts.tests.factories import UserFactory
from careplans.caremodels.models import ModelVersion
from careplans.caremodels.tests.factories import CareModelFactory
from careplans.content.models import PlanContent
from careplans.following.filters import ContactFilter
from careplans.following.key_accounts import accounts_of
from careplans.following.models import CareOccurrence, CareStatus
from careplans.following.strip import WEEKS, Cell, strips_of
from careplans.following.tests.world import owned, primary_model, refresh
from careplans.following.views.key_accounts import COMING
from careplans.plans.models import ModelStay, PlanApproval
from careplans.plans.tests.world import action, day, log, under, version_of
from careplans.scorecards.tests.world import card_of, line_of
from core import clock
from core.pdf import Nothing
from core.tests.bulk import chosen_from
from customers.models import Customer, CustomerSummary
from customers.selections.from_filters import tree_of_list
from segmentation.criteria.tests.factories import SegmentFactory
from segmentation.schemes.models import Scheme, Segment

pytestmark = pytest.mark.usefixtures("may")
TODAY = day("2026-05-15")


@pytest.fixture
def customer(may, owner) -> Customer:
    version = version_of(primary_model())
    action(version)
    return owned(under(version), owner)


# The strip


def test_a_week_shows_what_was_missed_what_came_late_and_contacts(customer, owner):
    """February missed in the week of its last day; that of 2 March is for March, that of 20 March late for February."""
    for on in ("2026-01-10", "2026-03-02", "2026-03-20", "2026-05-12"):
        log(customer, on, user=owner)
    refresh(customer)
    strip = strips_of([customer.pk], TODAY)[customer.pk]
    cells = {
        str(strip.first + (day("2026-01-12") - day("2026-01-05")) * number): cell
        for number, cell in enumerate(strip.cells)
    }
    assert len(strip.cells) == WEEKS
    assert cells["2026-01-05"] == Cell.CONTACT
    assert cells["2026-02-23"] == Cell.MISSED
    assert cells["2026-03-02"] == Cell.CONTACT
    assert cells["2026-03-16"] == Cell.LATE
    assert cells["2026-04-27"] == Cell.MISSED
    assert cells["2026-05-11"] == Cell.CONTACT
    assert cells["2026-05-04"] == Cell.NOTHING


def test_the_strip_says_in_words_what_it_draws(customer, owner):
    log(customer, "2026-01-10", user=owner)
    refresh(customer)
    strip = strips_of([customer.pk], TODAY)[customer.pk]
    assert "contact in 1 week" in strip.text
    assert "missed in 3 weeks" in strip.text
    assert 'role="img"' in strip.svg
    assert "style=" not in strip.svg


def test_strips_of_many_customers_take_two_queries(customer, django_assert_num_queries):
    with django_assert_num_queries(2):
        strips_of([customer.pk, customer.pk + 1], TODAY)


def test_the_care_plan_shows_the_strip(customer, client, reader):
    client.force_login(reader)
    assert f"/customers/{customer.pk}/care-plan/cadence/" in client.get(
        f"/customers/{customer.pk}/care-plan/"
    ).content.decode()  # fmt: skip
    assert 'class="cadence"' in client.get(f"/customers/{customer.pk}/care-plan/cadence/").content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_of_own_customers_shows_the_strips_in_two_queries(count, customer, client, owner, reader):
    version = customer.care_stays.get().model.versions.get()
    refresh(customer, *(owned(under(version), owner) for _step in range(count - 1)))
    client.force_login(owner)
    client.get("/customers/?mine=true")
    with CaptureQueriesContext(connection) as bare:
        client.get("/customers/?mine=true&columns=name")
    with CaptureQueriesContext(connection) as shown:
        page = client.get("/customers/?mine=true&columns=name&columns=strip").content.decode()
    assert page.count('class="cadence"') == count
    assert len(shown) == len(bare) + 2


def test_own_customers_have_the_strip_in_the_place_of_their_owner(customer, client, owner):
    refresh(customer)
    client.force_login(owner)
    own = [column.name for column in client.get("/customers/?mine=true").context["table"].columns]
    every = [column.name for column in client.get("/customers/").context["table"].columns]
    assert ("strip" in own, "owner" in own) == (True, False)
    assert ("strip" in every, "owner" in every) == (False, True)


# The list of contact


def test_the_list_finds_the_customers_with_contact_overdue(customer, client, owner):
    other = owned(under(customer.care_stays.get().model.versions.get()), owner)
    log(other, "2026-05-03", user=owner)
    refresh(customer, other)
    client.force_login(owner)
    page = client.get("/care/customers/", {"mine": "true", "overdue": "true"}).content.decode()
    assert customer.name in page
    assert f"/customers/{other.pk}/care-plan/" not in page


def test_the_list_of_customers_finds_those_with_contact_overdue(customer, client, owner):
    other = owned(under(customer.care_stays.get().model.versions.get()), owner)
    log(other, "2026-05-03", user=owner)
    refresh(customer, other)
    client.force_login(owner)
    found = client.get("/customers/", {"contact_overdue": "true"}).context["table"].rows
    assert [row.object for row in found] == [customer]
    found = client.get("/api/v1/customers/", {"contact_overdue": "true"}).json()["results"]
    assert [row["id"] for row in found] == [customer.pk]
    request = RequestFactory().get("/")
    request.user = owner
    tree, _state = tree_of_list("customers", "contact_overdue=true", request)
    assert tree.parts[0].field == "customer.contact_overdue"


def test_the_filter_and_the_condition_find_the_same(customer, owner):
    refresh(customer)
    found = ContactFilter({"overdue": "true"}, queryset=Customer.objects.all()).qs
    assert list(found) == [customer]
    assert list(CareStatus.objects.overdue().values_list("pk", flat=True)) == [customer.pk]


# Panels of the start page


def test_the_panel_shows_overdue_contact_first_with_ways_to_be_in_touch(customer, client, owner):
    refresh(customer)
    client.force_login(owner)
    page = client.get("/start/care-overdue/").content.decode()
    assert "15 days over" in page
    assert "type=call" in page
    assert "type=visit" in page
    assert f"/mail/compose/?customer={customer.pk}" in page


def test_the_panel_begins_with_the_first_segment(customer, client, owner):
    """The other one waits for longer, but its segment comes after."""
    scheme = Scheme.objects.primary().get()
    version = version_of(CareModelFactory(segment=SegmentFactory(scheme=scheme, order=99)))
    action(version)
    waiting = owned(under(version), owner)
    refresh(customer, waiting)
    Segment.objects.filter(care_models=customer.care_stays.get().model_id).update(order=1)
    for one in (customer, waiting):
        CustomerSummary.objects.filter(pk=one.pk).update(segment=one.memberships.get().segment)
    CareStatus.objects.filter(customer=waiting).update(overdue_since="2026-02-28")
    client.force_login(owner)
    page = client.get("/start/care-overdue/").text
    assert page.index(customer.name) < page.index(waiting.name)


def test_who_has_no_customers_with_a_plan_sees_those_waiting_by_their_segments(client, colleague):
    client.force_login(colleague)
    assert "within the segment" in client.get("/start/care-overdue/").content.decode()


def test_the_week_has_what_is_due_and_open(customer, client, owner):
    refresh(customer, on="2026-05-15")
    client.force_login(owner)
    context = client.get("/start/care-week/").context
    assert [figure.text for figure in context["figures"]] == ["0", "0", "1"]


# Key accounts


@pytest.fixture
def key_account(customer) -> Customer:
    Segment.objects.filter(care_models__stays__customer=customer).update(needs_approval=False)
    segment = customer.care_stays.get().model.segment
    customer.summary.segment = segment
    customer.summary.save()
    refresh(customer)
    Segment.objects.filter(pk=segment.pk).update(needs_approval=True)
    return customer


def test_management_sees_key_accounts_side_by_side(key_account, client, director):
    client.force_login(director)
    page = client.get("/care/key-accounts/").content.decode()
    assert key_account.name in page
    assert "Missed, 12 months" in page


def test_a_key_account_says_that_its_plan_waits_for_approval(key_account, client, director):
    CareStatus.objects.filter(customer=key_account).delete()
    version = key_account.care_stays.get().model.versions.get()
    PlanApproval.objects.create(customer=key_account, model_version=version, asked_on=TODAY)
    client.force_login(director)
    link = f'<a href="/customers/{key_account.pk}/care-plan/">The plan is not approved yet</a>'
    assert link in client.get("/care/key-accounts/").content.decode()
    PlanApproval.objects.update(status="approved", decided_on=TODAY)
    assert link not in client.get("/care/key-accounts/").content.decode()


def test_the_page_has_the_goals_of_the_plan_and_of_the_scorecard(key_account, client, director, keeper):
    PlanContent.objects.create(customer=key_account, goals="Two new trainings")
    key_account.refresh_from_db()
    card = card_of(key_account, keeper)
    line_of(card, keeper, goal="Be the first choice")
    line_of(card_of(key_account, keeper, year=2025), keeper, goal="Former goal")
    client.force_login(director)
    for url in ("/care/key-accounts/", f"/care/key-accounts/{key_account.pk}/pdf/"):
        with patch("careplans.following.pdf.render", return_value=b"%PDF") as render:
            text = client.get(url).content.decode()
        text = render.call_args.args[0] if render.called else text
        assert "Two new trainings" in text
        assert "Be the first choice" in text
        assert "Former goal" not in text


def test_a_plan_that_waits_is_named_by_the_newest_request_of_the_models_that_apply(key_account, client, director):
    """One model was rejected and left since; of the present one the newest version waits."""
    PlanApproval.objects.filter(customer=key_account).delete()
    stay = ModelStay.objects.get(customer=key_account, last__isnull=True)
    other = version_of()
    about = {"customer": key_account}
    PlanApproval.objects.create(**about, model_version=stay.model.versions.first(), asked_on=day("2026-01-05"))
    PlanApproval.objects.create(
        **about, model_version=other, status="rejected", asked_on=day("2026-02-05"), decided_on=day("2026-02-06")
    )
    [account] = accounts_of([key_account], director, clock.today())
    assert (account.unapproved.status, account.unapproved.asked_on) == ("waiting", day("2026-01-05"))


def printed(html: str, styles: str) -> Any:
    weasyprint = pytest.importorskip("weasyprint")
    page = weasyprint.HTML(string=html, url_fetcher=Nothing())
    return page.render(stylesheets=[weasyprint.CSS(string=styles, url_fetcher=Nothing())])


def test_a_key_account_is_one_page_of_pdf(key_account, client, director):
    client.force_login(director)
    with patch("careplans.following.pdf.render", return_value=b"%PDF") as render:
        client.get(f"/care/key-accounts/{key_account.pk}/pdf/")
    assert len(printed(*render.call_args.args).pages) == 1


def test_long_goals_are_cut_so_that_the_pdf_stays_one_page(key_account, client, director):
    PlanContent.objects.create(customer=key_account, goals="Two new trainings\n\n" + "Far more of everything\n" * 90)
    ModelVersion.objects.update(goals_fi="Paljon enemmän kaikkea. " * 90, goals_en="Far more of everything. " * 90)
    client.force_login(director)
    with patch("careplans.following.pdf.render", return_value=b"%PDF") as render:
        client.get(f"/care/key-accounts/{key_account.pk}/pdf/")
    html, styles = render.call_args.args
    row = "<tr><td>A care action of a long name</td><td>1.2.2026</td><td>Somebody</td></tr>"
    head, end = html.partition("<tr><td>")[0], "</tbody>"
    full = head + row * COMING + end + html.partition(end)[2].replace("</table>", "</table><p>and 2 others</p>")
    assert "Two new trainings; Far more of everything; " in html
    assert html.count("… (") == 2
    assert len(printed(full, styles).pages) == 1


def test_the_page_of_pdf_has_the_next_time_of_each_action(key_account, director, client):
    rows = CareOccurrence.objects.filter(customer=key_account).to_do()
    assert rows.count() > rows.values("code").distinct().count()
    client.force_login(director)
    with patch("careplans.following.pdf.render", return_value=b"%PDF") as render:
        client.get(f"/care/key-accounts/{key_account.pk}/pdf/")
    text = render.call_args.args[0].partition("<tbody>")[2]
    assert text.count("<tr>") == rows.order_by().values("code").distinct().count()


def test_the_page_of_pdf_says_how_many_actions_it_leaves_out(key_account, director, client, monkeypatch):
    monkeypatch.setattr("careplans.following.views.key_accounts.COMING", 0)
    codes = CareOccurrence.objects.filter(customer=key_account).to_do().order_by().values("code").distinct()
    client.force_login(director)
    with patch("careplans.following.pdf.render", return_value=b"%PDF") as render:
        client.get(f"/care/key-accounts/{key_account.pk}/pdf/")
    assert codes.count() == 1
    assert "and 1 other care action: see the care plan" in render.call_args.args[0]


def test_the_printed_strip_carries_its_colours_in_the_drawing(key_account, director, client):
    client.force_login(director)
    with patch("careplans.following.pdf.render", return_value=b"%PDF") as render:
        client.get(f"/care/key-accounts/{key_account.pk}/pdf/")
    drawing = render.call_args.args[0].partition("<svg")[2].partition("</svg>")[0]
    assert ".is-missed { fill: #b3261e }" in drawing
    assert 'class="is-missed"' in drawing
    assert "<style" not in strips_of([key_account.pk], TODAY)[key_account.pk].svg


def test_others_see_no_key_accounts(key_account, client, owner, reader):
    for user in (owner, reader):
        client.force_login(user)
        assert client.get("/care/key-accounts/").status_code == 403
        assert client.get(f"/care/key-accounts/{key_account.pk}/pdf/").status_code == 403


def test_key_accounts_cost_the_same_for_any_number(key_account, client, director, django_assert_max_num_queries):
    client.force_login(director)
    client.get("/care/key-accounts/")
    with django_assert_max_num_queries(20):
        client.get("/care/key-accounts/")


def test_customers_are_ticked_on_the_list_of_contact(customer, client, owner):
    refresh(customer)
    client.force_login(owner)
    assert chosen_from(client, "/care/customers/?mine=true", "customers.class") == [{customer.pk}] * 2


@pytest.mark.parametrize(("language", "shown"), [("fi", "31.5.2026"), ("en", "31 May 2026")])
def test_a_chip_shows_its_day_as_days_are_shown(client, owner, language, shown):
    owner.language = language
    owner.save()
    client.force_login(owner)
    values = [one.value for one in client.get("/care/occurrences/?last_to=2026-05-31").context["filter"].active()]
    assert values == [shown]


def test_occurrences_open_with_what_is_to_be_done_now(customer, client, owner):
    refresh(customer)
    client.force_login(owner)
    opened = client.get(
        "/care/occurrences/", headers={"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "none"}, follow=True
    )
    assert opened.request["QUERY_STRING"] == "open=true"
    chip = client.get("/care/occurrences/?mine=true&open=true").content.decode().partition(">All occurrences<")[0]
    assert chip.rpartition("<a ")[2].startswith('class="chip-link" href="/care/occurrences/?mine=true"')


@pytest.mark.parametrize("address", ["/care/occurrences/", "/care/adherence/customers/"])
def test_a_list_behind_a_figure_says_that_inactive_customers_are_counted_but_not_listed(address, client, reader):
    days, said = {"last_from": "2026-01-01", "last_to": "2026-05-15"}, "customers that are inactive now"
    client.force_login(reader)
    assert said in client.get(address, days).text
    assert said not in client.get(address, {"open": "true"} if "occurrences" in address else {"pace": "behind"}).text
    client.force_login(UserFactory(role="administrator", language="en"))
    assert said not in client.get(address, days).text
