"""The customer list: filters, columns, sorting, export."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.tests.factories import UserFactory
from customers import filters
from customers.filters import CustomerFilterSet
from customers.models import (
    ClassificationBranch,
    ClassificationNode,
    CustomerClassification,
    CustomerSummary,
)
from customers.tables import CUSTOMERS
from customers.tests.factories import BranchFactory, CustomerFactory, MunicipalityFactory, NodeFactory
from segmentation.membership.tests.factories import MembershipFactory, SchemeFactory, SegmentFactory
from segmentation.schemes.models import Scheme

pytestmark = pytest.mark.django_db

URL = "/customers/"


@pytest.fixture(autouse=True)
def _own_rows(without):
    """Begin without branches and nodes."""
    without(ClassificationNode, ClassificationBranch)


@pytest.fixture
def user():
    return UserFactory(grants=["customers.change_own_customer", "customers.add_customer"])


@pytest.fixture
def page(client, user):
    client.force_login(user)
    return client


def names(response) -> list[str]:
    return [row.object.name for row in response.context["table"].rows]


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_with_one_and_three_rows(page, user, count, django_assert_num_queries):
    for _step in range(count):
        CustomerFactory(owner=UserFactory(), municipality=MunicipalityFactory(), segment=SegmentFactory())
    page.get(URL)
    with django_assert_num_queries(QUERIES):
        assert len(names(page.get(URL))) == count


QUERIES = 8  # session, user, grants; further schemes; page and its rows; figures of the frame; favourites


@pytest.mark.parametrize("count", [1, 3])
def test_all_columns_cost_what_the_default_ones_cost(page, count, django_assert_num_queries):
    """A field that is not read with the page would cost a query for each row."""
    branches = {purpose: BranchFactory(purpose=purpose) for purpose in ("group", "industry", "size")}
    for _step in range(count):
        customer = CustomerFactory(owner=UserFactory(), municipality=MunicipalityFactory(), phone="+358401234567")
        nodes = {purpose: NodeFactory(branch=branch) for purpose, branch in branches.items()}
        CustomerSummary.objects.filter(customer=customer).update(**nodes, segment=SegmentFactory())
    query = {"columns": [column.name for column in CUSTOMERS.columns]}
    page.get(URL, query)
    with django_assert_num_queries(QUERIES + 1):  # the segments of further schemes
        page.get(URL, query)


def test_names_sort_as_finns_sort_them(page):
    for name in ("Öljy", "Aalto", "Zeta", "Äiti", "Åke"):
        CustomerFactory(name=name)
    assert names(page.get(URL)) == ["Aalto", "Zeta", "Åke", "Äiti", "Öljy"]
    assert names(page.get(URL, {"sort": "-name"}))[0] == "Öljy"


@pytest.mark.parametrize("sort", ["name", "last_contact", "next_contact", "personnel", "created"])
def test_every_sortable_column_sorts(page, sort):
    CustomerFactory.create_batch(2)
    assert len(names(page.get(URL, {"sort": f"-{sort}"}))) == 2


def test_filters_by_what_the_summary_knows(page, user):
    mine = CustomerFactory(name="Oma", owner=user)
    CustomerFactory(name="Vieras", owner=UserFactory())
    CustomerFactory(name="Orpo")
    assert names(page.get(URL, {"mine": "true"})) == ["Oma"]
    assert names(page.get(URL, {"owner": user.pk})) == ["Oma"]
    assert names(page.get(URL, {"no_owner": "true"})) == ["Orpo"]
    CustomerSummary.objects.filter(customer=mine).update(last_contact_at=timezone.now() - dt.timedelta(days=5))
    assert names(page.get(URL, {"last_contact": "10"})) == ["Orpo", "Vieras"]
    assert names(page.get(URL, {"last_contact": "3"})) == ["Oma", "Orpo", "Vieras"]
    assert names(page.get(URL, {"never_contacted": "true"})) == ["Orpo", "Vieras"]


def test_addresses_with_old_names_of_filters_still_work_and_lead_to_new_ones(page, user):
    CustomerFactory(name="Oma", owner=user)
    CustomerFactory(name="Orpo")
    response = page.get(URL, {"own": "1", "no_owner": ""})
    assert names(response) == ["Oma"]
    assert [item.remove_url for item in response.context["active_filters"]] == ["?no_owner="]
    assert "mine=true" in response.context["export_urls"]["csv"]
    assert names(page.get(URL, {"no_owner": "1"})) == ["Orpo"]


def test_filters_by_the_customers_own_fields(page):
    espoo = MunicipalityFactory(name_fi="Espoo", region="Uusimaa")
    turku = MunicipalityFactory(name_fi="Turku", region="Varsinais-Suomi")
    CustomerFactory(name="E", municipality=espoo, organisation_form="authority", is_obliged_to_buy=True)
    CustomerFactory(name="T", municipality=turku, language="sv", source="Rekisteri 2026")
    assert names(page.get(URL, {"municipality": espoo.pk})) == ["E"]
    assert names(page.get(URL, {"region": ["Varsinais-Suomi"]})) == ["T"]
    assert names(page.get(URL, {"organisation_form": "authority"})) == ["E"]
    assert names(page.get(URL, {"obliged": "true"})) == ["E"]
    assert names(page.get(URL, {"language": "sv"})) == ["T"]
    assert names(page.get(URL, {"source": "rekisteri"})) == ["T"]


@pytest.mark.parametrize("few", [0, 5], ids=["walk", "by ids"])
def test_a_region_finds_the_same_read_first_or_along_the_list(page, few, monkeypatch):
    monkeypatch.setattr(filters, "FEW", few)
    monkeypatch.setattr(filters, "FEW_OF_SOME", few)
    turku = MunicipalityFactory(region="Varsinais-Suomi")
    CustomerFactory(name="T", municipality=turku, language="sv")
    CustomerFactory(name="U", municipality=turku)
    CustomerFactory(name="E", municipality=MunicipalityFactory(region="Uusimaa"), language="sv")
    assert names(page.get(URL, {"region": ["Varsinais-Suomi"]})) == ["T", "U"]
    assert names(page.get(URL, {"region": ["Varsinais-Suomi"], "language": "sv"})) == ["T"]


def test_regions_are_read_anew_also_after_the_api_was_described(page):
    assert CustomerFilterSet.base_filters["region"].field.choices is not None  # what the schema does keeps the field
    CustomerFactory(name="T", municipality=MunicipalityFactory(region="Varsinais-Suomi"))
    assert names(page.get(URL, {"region": ["Varsinais-Suomi"]})) == ["T"]


@pytest.mark.parametrize("purpose", ["group", "industry", "size"])
def test_a_class_finds_what_is_below_it(page, purpose):
    top = NodeFactory(branch=BranchFactory(purpose=purpose))
    below = NodeFactory(parent=top)
    customer = CustomerFactory(name="Alla")
    CustomerClassification.objects.create(customer=customer, node=below)
    CustomerFactory(name="Muu")
    assert names(page.get(URL, {purpose: top.pk})) == ["Alla"]
    assert names(page.get(URL, {"classification": [top.pk, below.pk]})) == ["Alla"]


def test_a_segment_finds_its_customers(page):
    wanted = SegmentFactory()
    CustomerFactory(name="Tässä", segment=wanted)
    CustomerFactory(name="Muu", segment=SegmentFactory())
    CustomerFactory(name="Ilman")
    assert names(page.get(URL, {"segment": wanted.pk})) == ["Tässä"]
    assert names(page.get(URL, {"no_segment": "true"})) == ["Ilman"]


def test_a_segment_of_another_scheme_has_a_filter_and_a_column(page):
    other = SegmentFactory(scheme=SchemeFactory())
    MembershipFactory(customer=CustomerFactory(name="Tässä", segment=SegmentFactory()), segment=other)
    CustomerFactory(name="Muu")
    response = page.get(URL, {f"segment_{other.scheme_id}": other.pk, "columns": ["name", "further_segments"]})
    assert names(response) == ["Tässä"]
    assert str(other) in response.content.decode()


def test_each_further_scheme_has_a_column_of_its_own_on_the_page_and_in_files(page):
    first, second = (SegmentFactory(scheme=SchemeFactory(code=code)) for code in ("hoito", "alue"))
    customer = CustomerFactory(name="Molemmissa")
    for segment in (first, second):
        MembershipFactory(customer=customer, segment=segment)
    own, other = (f"segment_{segment.scheme_id}" for segment in (first, second))
    asked = {"columns": ["name", own], "widths": f"{own}.120"}
    shown = page.get(URL, asked)
    [row] = shown.context["table"].rows
    assert [cell.html for cell in row.cells][1:] == [str(first)]
    assert {choice.name for choice in shown.context["table"].all_columns} >= {own, other}
    assert b"".join(page.get(URL, asked | {"export": "csv"}).streaming_content).decode().splitlines()[1].split(";") == [
        "Molemmissa",
        str(first),
    ]


def test_of_chosen_segments_of_several_schemes_a_customer_has_one_in_each(page):
    first, second = SchemeFactory(), SchemeFactory()
    one, other, third = SegmentFactory(scheme=first), SegmentFactory(scheme=first), SegmentFactory(scheme=second)
    for name, segments in (("Molemmissa", (one, third)), ("Vain yhdessä", (other,)), ("Muu", (third,))):
        customer = CustomerFactory(name=name)
        for segment in segments:
            MembershipFactory(customer=customer, segment=segment)
    own, further = (f"segment_{scheme.pk}" for scheme in (first, second))
    assert names(page.get(URL, {own: [one.pk, other.pk]})) == ["Molemmissa", "Vain yhdessä"]
    shown = page.get(URL, {own: [one.pk, other.pk], further: third.pk})
    assert names(shown) == ["Molemmissa"]
    assert [chip.label for chip in shown.context["active_filters"]] == [first.name, second.name]
    for name, chosen, counts in (
        (own, {}, {one.pk: 1, other.pk: 1}),
        (own, {further: third.pk}, {one.pk: 1}),
        (further, {own: [one.pk], further: third.pk}, {third.pk: 1}),
    ):
        found = page.get(URL, {**chosen, "counts": name}).json()["counts"]
        assert found == {str(pk): count for pk, count in counts.items()}


def test_an_address_with_the_former_filter_of_all_schemes_has_those_of_today(page):
    one, other = (SegmentFactory(scheme=SchemeFactory()) for _number in range(2))
    MembershipFactory(customer=CustomerFactory(name="Tässä"), segment=one)
    MembershipFactory(customer=CustomerFactory(name="Tuossa"), segment=other)
    shown = page.get(URL, {"further_segment": one.pk})
    assert names(shown) == ["Tässä"]
    assert [chip.name for chip in shown.context["active_filters"]] == [f"segment_{one.scheme_id}"]
    assert names(page.get(URL, {"further_segment": [one.pk, other.pk]})) == []
    for value in ("0", "x", SegmentFactory().pk):
        assert page.get(URL, {"further_segment": value}).status_code == 400


def test_a_filter_of_a_scheme_that_is_not_used_is_refused(page):
    assert page.get(URL, {"segment_999999": "1"}).status_code == 400
    assert page.get(URL, {f"segment_{Scheme.objects.get(is_primary=True).pk}": "1"}).status_code == 400


def test_those_not_contacted_lately_come_by_last_contact_and_then_those_never_contacted(page):
    for name, days in (("Ennen", 300), ("Eilen", 1), ("Kauan", 900), ("Ei koskaan", None)):
        last = timezone.now() - dt.timedelta(days=days) if days else None
        CustomerSummary.objects.filter(customer=CustomerFactory(name=name)).update(last_contact_at=last)
    query = {"last_contact": "180", "sort": "-last_contact"}
    with CaptureQueriesContext(connection) as captured:
        assert names(page.get(URL, query)) == ["Ennen", "Kauan", "Ei koskaan"]
    [walk] = [query["sql"] for query in captured if '"last_contact_at" IS NOT NULL' in query["sql"]]
    assert walk.count('"last_contact_at" <') == 2  # once more than filtered, where the index can use it


OF_OWNER = "?options=owner"


def test_a_menu_draws_what_is_chosen_and_fetches_the_rest(page):
    """Of a thousand options, most are never looked at."""
    chosen, other = UserFactory(last_name="Valittu"), UserFactory(last_name="Muu")
    body = page.get(URL, {"owner": chosen.pk}).content.decode()
    assert f'<option value="{chosen.pk}" selected>' in body
    assert (f'<option value="{other.pk}"' in body, OF_OWNER in body) == (False, True)
    found = page.get(f"{URL}{OF_OWNER}").json()["results"]
    assert {"id": str(other.pk), "text": str(other)} in found


def test_without_javascript_a_link_draws_whole_menus(page):
    other = UserFactory()
    assert "menus=whole" in page.get(URL).content.decode()
    body = page.get(URL, {"menus": "whole"}).content.decode()
    assert (f'<option value="{other.pk}"' in body, OF_OWNER in body) == (True, False)
    assert '<input type="hidden" name="menus" value="whole">' in body


@pytest.mark.parametrize("name", ["q", "language", "unknown", ""])
def test_only_menus_give_their_options(page, name):
    answer = page.get(URL, {"options": name})
    assert (answer.status_code, answer.json()["error"]["fields"].keys()) == (400, {"options"})


def test_the_fragment_reads_nothing_for_the_frame(page, django_assert_num_queries):
    page.get(URL)
    with django_assert_num_queries(5):
        page.get(URL, headers={"HX-Request": "true", "HX-Target": "list"})


@pytest.mark.parametrize("query", [{"owner": "999999"}, {"last_contact": "-1"}, {"language": "xx"}, {"group": "x"}])
def test_a_filter_that_cannot_be_read_shows_no_rows(page, query):
    CustomerFactory()
    response = page.get(URL, query)
    assert response.status_code == 400
    assert names(response) == []


def test_passive_customers_show_only_to_who_keeps_them_and_asks_rule_2(client, page):
    CustomerFactory(name="Passiivi", passive=True)
    assert names(page.get(URL, {"state": "passive"})) == []
    client.force_login(UserFactory(grants=["customers.manage_passive"]))
    assert names(client.get(URL)) == []
    assert names(client.get(URL, {"state": "passive"})) == ["Passiivi"]
    assert names(client.get(URL, {"state": "all"})) == ["Passiivi"]


def test_chosen_columns_are_remembered(page):
    CustomerFactory(business_id="2345678-0")
    page.get(URL, {"columns": ["name", "business_id"]})
    response = page.get(URL)
    assert [column.name for column in response.context["table"].columns] == ["name", "business_id"]
    assert "columns=name&columns=business_id" in response.context["export_urls"]["csv"]


def test_the_export_is_what_is_filtered(page, user):
    CustomerFactory(name="=HYPERLINK(1)", owner=user)
    CustomerFactory(name="Muu")
    response = page.get(URL, {"mine": "true", "export": "csv", "columns": ["name", "owner"]})
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    assert text.splitlines() == ["Customer;Owner", f"'=HYPERLINK(1);{user}"]


def test_text_of_any_kind_is_shown_inert(page):
    CustomerFactory(name="<script>alert(1)</script> {{ 7 }} \u202etxt 🦊")
    html = page.get(URL).content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ 7 }} txt 🦊" in html


def test_an_empty_list_says_what_to_do(page):
    assert "Add the first one" in page.get(URL).content.decode()


def test_anonymous_visitors_go_to_sign_in(client):
    assert client.get(URL).status_code == 302
    assert client.get(reverse("customers:options")).status_code == 302
    assert client.post(reverse("core:bulk_choose", args=["customers.people"])).status_code == 302
