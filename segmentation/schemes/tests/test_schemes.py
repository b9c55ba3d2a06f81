"""Schemes and segments as data: the default sets, the pages of those who keep them, the API, what is in use."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.tests.factories import UserFactory, role
from core.defaults import load_all
from core.exceptions import BusinessRuleError
from customers.models import CustomerSummary
from customers.tests.factories import CustomerFactory
from segmentation.membership.services.present import segments_refresh
from segmentation.membership.tests.factories import MembershipFactory, SchemeFactory, SegmentFactory, segment
from segmentation.schemes.defaults import SETS
from segmentation.schemes.models import Scheme, Segment, SegmentReason
from segmentation.schemes.services.schemes import (
    scheme_delete,
    scheme_make_primary,
    scheme_set_retired,
    segment_delete,
    segment_set_retired,
)
from segmentation.schemes.services.sets import scheme_set_add, set_codes

pytestmark = pytest.mark.django_db


@pytest.fixture
def keeper(client):
    user = UserFactory(role="key_account_manager", language="en")
    client.force_login(user)
    return user


def code_of(call):
    with pytest.raises(BusinessRuleError) as error:
        call()
    return error.value.code


def test_a_fresh_installation_has_the_scheme_of_the_institution():
    scheme = Scheme.objects.get()
    assert (scheme.is_primary, scheme.lead_segment.code, scheme.default_segment) == (True, "P", None)
    days = dict(scheme.segments.values_list("code", "contact_days"))
    assert days == {"A": 30, "B": 60, "C": 180, "P": 60}
    key = segment("A")
    assert (key.limit, key.needs_approval, key.approvers.get().name) == (5, True, "management")
    assert segment("B").setters.filter(name="account_manager").exists()
    assert SegmentReason.objects.count() == 7
    assert load_all() == []


@pytest.mark.parametrize(("name", "segments"), [("tku", [6, 5]), ("tvr", [6])])
def test_another_set_is_added_beside_it_and_the_primary_scheme_stays(name, segments):
    schemes = scheme_set_add(name=name)
    assert [scheme.segments.count() for scheme in schemes] == segments
    assert Scheme.objects.get(is_primary=True).code == "omn"
    assert code_of(lambda: scheme_set_add(name=name)) == "code_taken"


def test_the_insurance_funds_set_is_automatic_without_value_and_has_three_care_teams():
    [scheme] = scheme_set_add(name="tvr")
    assert (scheme.is_automatic, scheme.value_mode) == (True, "off")
    assert scheme.segments.values("team").distinct().count() == 3


def test_exactly_one_scheme_is_primary():
    with pytest.raises(IntegrityError), transaction.atomic():
        SchemeFactory(is_primary=True)


def test_segment_means_the_primary_scheme_also_when_that_changes(django_capture_on_commit_callbacks):
    customer, other = CustomerFactory(segment=segment("B")), SegmentFactory(scheme=SchemeFactory())
    MembershipFactory(customer=customer, segment=other)
    scheme_make_primary(scheme=other.scheme)
    segments_refresh()
    assert CustomerSummary.objects.get(pk=customer.pk).segment == other
    assert code_of(lambda: scheme_make_primary(scheme=SchemeFactory(is_exclusive=False))) == "not_exclusive"


def test_a_scheme_or_segment_in_use_is_not_deleted():
    used = SegmentFactory(scheme=SchemeFactory())
    MembershipFactory(customer=CustomerFactory(), segment=used)
    assert code_of(lambda: scheme_delete(scheme=used.scheme)) == "in_use"
    assert code_of(lambda: segment_delete(segment=used)) == "in_use"
    assert code_of(lambda: scheme_delete(scheme=segment("B").scheme)) == "is_primary"
    unused = SegmentFactory(scheme=SchemeFactory())
    scheme_delete(scheme=unused.scheme)
    assert not Segment.objects.filter(pk=unused.pk).exists()


def test_what_is_in_use_says_so_on_the_schemes_own_page(client):
    scheme = segment("B").scheme
    client.force_login(UserFactory(role="administrator", language="en"))
    answer = client.post(reverse("schemes:delete", args=[scheme.pk]), follow=True)
    assert answer.redirect_chain[-1][0] == scheme.get_absolute_url()
    assert "The primary scheme is in use: make another one primary first." in answer.content.decode()


def test_what_new_customers_or_leads_get_is_not_retired():
    assert code_of(lambda: segment_set_retired(segment=segment("P"), retired=True)) == "in_use"
    assert code_of(lambda: scheme_set_retired(scheme=segment("P").scheme, retired=True)) == "is_primary"


def test_the_key_account_manager_keeps_schemes_on_their_pages(client, keeper):
    add = reverse("schemes:add")
    names = {"name_fi": "Palvelutarve", "code": "need", "value_mode": "off", "minimum_known": "50"}
    assert client.post(add, {**names, "is_exclusive": "on"}).status_code == 302
    scheme = Scheme.objects.get(code="need")
    new = reverse("schemes:segment_add", args=[scheme.pk])
    fields = {"name_fi": "Iso", "code": "I", "colour": "blue", "minimum_days": "0"}
    assert client.post(new, {**fields, "needs_approval": "on"}).status_code == 422
    answer = client.post(new, {**fields, "needs_approval": "on", "approvers": [role("management").pk], "limit": "3"})
    assert answer.status_code == 302
    made = scheme.segments.get()
    client.post(new, {**fields, "code": "P", "name_fi": "Pieni"})
    client.post(reverse("schemes:segment_down", args=[made.pk]))
    assert list(scheme.segments.values_list("code", flat=True)) == ["P", "I"]
    goal = {"year": "2026", "kind": "members", "target": "12"}
    assert client.post(reverse("schemes:goal_add", args=[made.pk]), goal).status_code == 302
    assert client.post(reverse("schemes:segment_retire", args=[made.pk])).status_code == 302
    page = client.get(scheme.get_absolute_url()).content.decode()
    assert "customers in the segment 12" in page
    assert "retired" in page


def test_pages_answer_their_forms(client, keeper):
    scheme = Scheme.objects.get()
    key, reason = segment("A"), SegmentReason.objects.first()
    for name in ("edit", "retire", "delete", "history", "segment_add"):
        assert client.get(reverse(f"schemes:{name}", args=[scheme.pk])).status_code == 200
    for name in ("segment_edit", "segment_retire", "segment_delete", "goal_add"):
        assert client.get(reverse(f"schemes:{name}", args=[key.pk])).status_code == 200
    for name in ("reason_edit", "reason_retire", "reason_history"):
        assert client.get(reverse(f"schemes:{name}", args=[reason.pk])).status_code == 200
    assert client.get(reverse("schemes:list")).status_code == 200
    assert client.post(reverse("schemes:add_set"), {"name": "tku"}).status_code == 302
    assert Scheme.objects.count() == 3


def test_two_people_who_change_a_segment_do_not_overwrite_each_other(client, keeper):
    url = reverse("schemes:segment_edit", args=[segment("A").pk])
    form = client.get(url).context["form"]
    data = {name: form[name].value() for name in form.fields if form[name].value()} | {"minimum_days": "0"}
    assert client.post(url, {**data, "description": "First"}).status_code == 302
    assert client.post(url, {**data, "description": "Second"}).status_code == 422
    assert segment("A").description == "First"


def test_others_read_schemes_and_change_nothing(client):
    client.force_login(UserFactory(role="account_manager"))
    scheme = Scheme.objects.get()
    assert client.get(scheme.get_absolute_url()).status_code == 200
    assert client.get(reverse("schemes:edit", args=[scheme.pk])).status_code == 403
    assert client.post(reverse("schemes:segment_up", args=[segment("B").pk])).status_code == 403


def test_the_api_reads_and_changes_schemes_and_segments():
    api = APIClient()
    api.force_authenticate(UserFactory(role="key_account_manager"))
    [scheme] = api.get("/api/v1/schemes/").data["results"]
    assert (scheme["code"], scheme["value_mode"]) == ("omn", "used")
    url = f"/api/v1/segments/{segment('A').pk}/"
    assert api.patch(url, {"limit": 4}, format="json").data["limit"] == 4
    assert api.patch(url, {"code": "Z"}, format="json").status_code == 400
    body = {"scheme": scheme["id"], "code": "D", "name_fi": "Muut", "name_en": "Others"}
    made = api.post("/api/v1/segments/", body, format="json")
    assert made.status_code == 201
    assert api.post(f"/api/v1/segments/{made.data['id']}/retire/").data["retired_at"]
    api.force_authenticate(UserFactory(role="account_manager"))
    assert api.patch(url, {"limit": 9}, format="json").status_code == 403


@pytest.mark.parametrize(("name", "primary"), [("tku", "customer-type"), ("tvr", "employers")])
def test_the_set_of_a_fresh_database_is_chosen_at_the_first_start(name, primary, settings):
    settings.SCHEME_SET = name
    Scheme.objects.filter(is_primary=True).update(is_primary=False)
    SETS["omn"]()
    assert Scheme.objects.get(is_primary=True).code == primary
    assert set(Scheme.objects.values_list("code", flat=True)) == {"omn", *set_codes(name)}
