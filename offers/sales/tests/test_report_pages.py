"""Sales reports as pages, files and in the API."""

from __future__ import annotations

from io import BytesIO

import openpyxl
import pytest

from accounts.models import User
from accounts.tests.factories import UserFactory
from customers.tests.factories import CustomerFactory
from offers.offers.tests.factories import LostReasonFactory, OfferTypeFactory
from offers.offers.tests.pages import client_of
from offers.sales.reports import REPORTS
from offers.sales.tests.reports import decided, make_offer, order

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_that_has_nothing_is_drawn(user, name):
    assert client_of(user).get(f"/offers/reports/{name}/").status_code == 200


def sell(count):
    for _number in range(count):
        customer = CustomerFactory()
        decided("order", customer=customer)
        decided("lost", competitor=f"Competitor {count}")
        make_offer(owner=UserFactory())
        order(customer=customer)
        order(customer=customer)


QUERIES = {
    "open": 12, "types": 13, "people": 15, "hit-rate": 14, "decision-time": 15, "recurring": 14, "reasons": 15,
    "segments": 15,
}  # fmt: skip


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("name", "queries"), QUERIES.items())
def test_a_report_costs_the_same_whatever_it_is_about(manager, django_assert_num_queries, name, queries, rows):
    sell(rows)
    client = client_of(manager)
    period = "" if name == "open" else "?first=1.1.2026&last=31.12.2026"
    address = f"/offers/reports/{name}/{period}"
    client.get(address)
    with django_assert_num_queries(queries):
        assert client.get(address).status_code == 200


def test_totals_are_compared_with_the_same_days_a_year_before(manager):
    decided("order", "700", day="2025-06-01")
    client, period = client_of(manager), "first=1.1.2026&last=31.12.2026"
    page = client.get(f"/offers/reports/reasons/?{period}")
    assert 'hx-get="?first=1.1.2026&amp;last=31.12.2026&amp;former=reasons"' in page.text
    row = client.get(f"/offers/reports/reasons/?{period}&former=reasons").text
    assert "A year before" in row
    assert "700" in row
    assert client.get(f"/offers/reports/reasons/?{period}&former=x").status_code == 404
    assert client.get("/offers/reports/open/?former=open").status_code == 404


def test_lost_offers_are_sorted_by_the_value_that_the_chart_draws(manager):
    often, dear = LostReasonFactory(), LostReasonFactory()
    for net in ("10", "10"):
        decided("lost", net, lost_reason=often)
    decided("lost", "900", lost_reason=dear)
    [table, *_others] = client_of(manager).get("/offers/reports/reasons/").context["tables"]
    assert table["table"].chart.categories == [str(dear), str(often)]
    assert table["table"].chart.series[0].values == [900, 20]


@pytest.mark.parametrize("name", ["types", "people", "hit-rate", "reasons"])
def test_the_rows_of_a_report_lead_to_the_offers_that_they_count(manager, name):
    decided("lost", "10", owner=manager)
    client = client_of(manager)
    for shown in client.get(f"/offers/reports/{name}/").context["tables"]:
        urls = [row[0].url for row in shown["rows"] if row[0].url]
        assert urls
        assert all(client.get(url).status_code == 200 for url in urls)


def test_filters_apply_at_once_and_by_a_button_without_scripts(manager):
    for url in ("/offers/reports/types/", "/targets/", "/nps/"):
        text = client_of(manager).get(url).text
        assert "data-apply" in text
        assert 'no-js-only">Show</button>' in text


def test_an_unknown_report_is_not_there(user):
    client = client_of(user)
    for url in ("/offers/reports/x/", "/api/v1/offers/reports/x/", "/offers/reports/types/?export=csv&table=x"):
        assert client.get(url).status_code == 404, url
    assert client.get("/offers/reports/types/?export=pdf&table=types").status_code == 400


def test_a_table_is_taken_out_as_a_file_without_formulas(manager):
    decided("lost", "1234.50", competitor='=cmd|"/c calc"!A0')
    address = "/offers/reports/reasons/?first=1.1.2026&last=31.12.2026&table=competitors&export="
    text = b"".join(client_of(manager).get(f"{address}csv").streaming_content).decode("utf-8-sig")
    assert text.splitlines()[0] == "Competitor;Offers;Value"
    assert """"'=cmd|""/c calc""!A0";1;1234.50""" in text
    book = openpyxl.load_workbook(BytesIO(b"".join(client_of(manager).get(f"{address}xlsx").streaming_content)))
    assert [[cell.value for cell in row] for row in book.active][1] == ['=cmd|"/c calc"!A0', 1, 1234.5]


def test_the_file_of_a_table_has_decimal_commas_for_who_reads_finnish(manager):
    User.objects.filter(pk=manager.pk).update(language="fi")
    decided("lost", "1234.50", competitor="Konex")
    address = "/offers/reports/reasons/?first=1.1.2026&last=31.12.2026&table=competitors&export=csv"
    text = b"".join(client_of(manager).get(address).streaming_content).decode("utf-8-sig")
    assert "Konex;1;1234,50" in text


def test_a_long_table_is_cut_on_the_screen_and_whole_in_its_file(manager, monkeypatch):
    monkeypatch.setattr("offers.sales.reports.tables.SHOWN", 1)
    monkeypatch.setattr("offers.sales.views.reports.SHOWN", 1)
    sell(3)
    client = client_of(manager)
    address = "/offers/reports/recurring/?first=1.1.2026&last=31.12.2026"
    assert "The first 1 of 3 rows." in client.get(address).text
    file = client.get(f"{address}&table=buyers&export=csv")
    assert b"".join(file.streaming_content).count(b"\n") == 4


def test_the_endpoint_gives_the_tables_of_the_page(manager):
    decided("order", "300", type=OfferTypeFactory(name_en="Training"))
    answer = client_of(manager).get("/api/v1/offers/reports/types/?first=2026-01-01&last=2026-12-31").json()
    assert (answer["first"], answer["last"]) == ("2026-01-01", "2026-12-31")
    [table] = answer["tables"]
    assert table["rows"][0]["type"] == "Training"
    assert (table["total"]["won"], table["total"]["won_net"]) == (1, 300.0)


def test_buyers_of_the_page_lead_to_their_customers(manager):
    sell(1)
    text = client_of(manager).get("/offers/reports/recurring/?first=1.1.2026&last=31.12.2026").text
    assert '<th scope="row"><a href="/customers/' in text


def test_a_chart_has_the_figures_of_its_table(manager):
    decided("order", "300", type=OfferTypeFactory(name_en="Training"))
    [shown] = client_of(manager).get("/offers/reports/types/?first=1.1.2026&last=31.12.2026").context["tables"]
    chart = shown["table"].chart
    assert (chart.categories, [series.values for series in chart.series]) == (["Training"], [[300.0], [0.0], [0.0]])
