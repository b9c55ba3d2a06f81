"""Versions of plans: when they are kept, what two of them differ in."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from careplans.caremodels.tests.factories import CareActionFactory
from careplans.content.kept import compare, kept_content
from careplans.content.models import PlanBlock, PlanContent, PlanVersion, Project
from careplans.content.services.versions import version_keep
from careplans.plans.models import PlanApproval
from careplans.plans.services.approvals import plan_approve
from careplans.plans.services.updates import plan_update_add, plan_update_remove
from careplans.plans.tests.world import approval_model, under, version_of
from core import clock
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db


def kinds(customer: Any) -> list[str]:
    return list(PlanVersion.objects.filter(customer=customer).values_list("kind", flat=True))


def address(customer: Any) -> str:
    return reverse("carecontent:versions", args=[customer.pk])


def compared(customer: Any) -> Any:
    """Return the newest version of a plan beside the plan now."""
    version = PlanVersion.objects.filter(customer=customer).first()
    assert version is not None
    return compare(version.content["en"], kept_content(customer, clock.today(), ["en"])["en"])


def rows(comparison: Any) -> dict[str, str]:
    return {row.name: row.kind for section in comparison.sections for row in section.rows}


# Keeping


def test_a_reviewed_plan_and_an_accepted_one_are_kept(customer, owner):
    plan_update_add(customer=customer, user=owner)
    plan_update_add(customer=customer, user=None, accepted_by="Maija Virtanen")
    assert kinds(customer) == ["accepted", "reviewed"]


def test_a_review_that_is_taken_back_takes_its_version_with_it(customer, owner):
    update = plan_update_add(customer=customer, user=owner)
    plan_update_remove(update=update)
    assert kinds(customer) == []


def test_an_approved_plan_is_kept_with_the_actions_that_take_effect(admin):
    version = version_of(approval_model())
    CareActionFactory(version=version, code="contact", name_en="Weekly talk", name_fi="Viikkokeskustelu")
    customer = under(version)
    plan_approve(approval=PlanApproval.objects.get(customer=customer), user=admin)
    [kept] = PlanVersion.objects.filter(customer=customer)
    assert (kept.kind, "Weekly talk" in str(kept.content["en"])) == ("approved", True)
    assert "Viikkokeskustelu" in str(kept.content["fi"])


# Comparing


def test_rows_are_added_removed_changed_or_the_same(customer, owner):
    names = ("Archive", "Intranet", "Phones")
    archive, intranet, _phones = (Project.objects.create(customer=customer, name=name) for name in names)
    version_keep(customer=customer, user=owner)
    archive.delete()
    Project.objects.filter(pk=intranet.pk).update(manager="Maija")
    Project.objects.create(customer=customer, name="Signing")
    expected = {"Archive": "removed", "Intranet": "changed", "Phones": "same", "Signing": "added"}
    assert rows(compared(customer)) == expected


def test_a_changed_row_shows_only_what_differs(customer, owner):
    project = Project.objects.create(customer=customer, name="Archive", manager="Matti")
    version_keep(customer=customer, user=owner)
    Project.objects.filter(pk=project.pk).update(manager="Maija")
    [row] = compared(customer).sections[0].rows
    assert row.lines == [("Project manager", "Matti", "Maija")]


def test_goals_and_texts_are_compared(customer, owner):
    PlanContent.objects.create(customer=customer, goals="Fewer visits")
    version_keep(customer=customer, user=owner)
    PlanContent.objects.update(goals="More visits")
    PlanBlock.objects.create(customer=customer, code="strategy", text="Grow")
    found = compared(customer)
    changed = [(one.left, one.right) for one in (*found.header, *found.texts) if one.is_changed]
    assert changed == [("Fewer visits", "More visits"), ("", "Grow")]


def test_an_unchanged_plan_says_the_same(customer, owner):
    Project.objects.create(customer=customer, name="Archive")
    version_keep(customer=customer, user=owner)
    assert not compared(customer).is_changed


# The page


def test_the_page_compares_two_versions_or_one_with_the_plan_now(client, customer, owner):
    PlanContent.objects.create(customer=customer, goals="Fewer visits")
    first = version_keep(customer=customer, user=owner)
    PlanContent.objects.update(goals="More visits")
    second = version_keep(customer=customer, user=owner)
    PlanContent.objects.update(goals="The same visits")
    client.force_login(owner)
    two = client.get(address(customer), {"left": first.pk, "right": second.pk}).content.decode()
    assert "Fewer visits" in two
    assert "More visits" in two
    assert "The same visits" not in two
    now = client.get(address(customer), {"left": first.pk}).content.decode()
    assert "Fewer visits" in now
    assert "The same visits" in now


def test_a_version_of_another_customer_is_not_shown(client, customer, owner):
    other = CustomerFactory()
    PlanContent.objects.create(customer=other, goals="Goals of others")
    foreign = version_keep(customer=other, user=owner)
    client.force_login(owner)
    assert "Goals of others" not in client.get(address(customer), {"left": foreign.pk}).content.decode()


def test_the_history_leads_to_the_versions(client, customer, reader):
    client.force_login(reader)
    page = client.get(reverse("carecontent:history", args=[customer.pk])).content.decode()
    assert address(customer) in page


def test_the_plan_is_kept_by_who_may_change_it(client, customer, owner, colleague):
    keep = reverse("carecontent:version_keep", args=[customer.pk])
    client.force_login(colleague)
    assert client.post(keep).status_code == 403
    client.force_login(owner)
    assert client.post(keep).status_code == 302
    assert kinds(customer) == ["kept"]


def test_the_api_lists_versions_and_returns_what_one_says(customer, owner, reader):
    PlanContent.objects.create(customer=customer, goals="Fewer visits")
    version = version_keep(customer=customer, user=owner)
    api = APIClient()
    api.force_authenticate(reader)
    [row] = api.get("/api/v1/care-plan-versions/", {"customer": customer.pk}).json()["results"]
    assert (row["id"], row["kind"], "content" in row) == (version.pk, "kept", False)
    assert "Fewer visits" in str(api.get(f"/api/v1/care-plan-versions/{version.pk}/").json()["content"])
