"""The content of a plan: template, header, sections, texts, what is automatic, changing with undo, PDF, printing."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from careplans.caremodels.tests.factories import CareActionFactory
from careplans.content import pdf
from careplans.content.composing import plan_page, plan_pages
from careplans.content.models import (
    Agreement,
    Charge,
    PlanBlock,
    PlanContent,
    PlanTemplate,
    Project,
    System,
    TemplatePart,
)
from careplans.content.services.templates import template_add, template_delete
from careplans.plans.models import PlanUpdate
from careplans.plans.tests.world import refused, under, version_of
from core import clock
from core.tests.bulk import bulk
from customers.models import Customer
from customers.tests.factories import ContactFactory, CustomerFactory, PositionFactory
from segmentation.metrics.models import MetricHistory, OwnMetric
from segmentation.metrics.services.values import value_give

pytestmark = pytest.mark.django_db


def page_of(customer: Customer) -> Any:
    return plan_page(Customer.objects.with_summary().get(pk=customer.pk), clock.today())


def header(customer: Customer) -> dict[str, str]:
    return {one.part.code: one.text for one in page_of(customer).header}


def rows(customer: Customer, code: str) -> list[list[str]]:
    section = next(one for one in page_of(customer).sections if one.section.code == code)
    return [line.cells for line in section.rows]


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


# The header


def test_the_header_is_filled_from_what_is_known(customer, owner, settings):
    for year, amount in ((2025, 256_000), (2026, 280_000)):
        Charge.objects.create(customer=customer, service="Työasemat", year=year, amount=amount)
    PlanUpdate.objects.create(customer=customer, day="2026-05-02", user=owner)
    value_give(
        customer=customer,
        metric=OwnMetric.objects.get(code="outlook"),
        number=Decimal(7),
        day=None,
        user=owner,
        reason="",
    )
    found = header(customer)
    assert found["responsible"] == str(owner)
    assert found["charges"].replace("\xa0", " ") in ("280 000 € (2026)", "280,000 € (2026)")
    assert found["charges_change"].replace("\xa0", " ") in ("+24 000 €", "+24,000 €")
    assert found["outlook"].startswith("7 (")


def test_the_change_of_personnel_is_that_of_dated_values(customer):
    Customer.objects.filter(pk=customer.pk).update(personnel=74, personnel_change=50)
    before = clock.today().replace(day=1) - dt.timedelta(days=400)
    MetricHistory.objects.create(
        customer=customer, code="personnel", from_month=before.replace(day=1), to_month=None, value=72
    )
    assert header(customer)["personnel"] == "74 (+2)"


def test_personnel_has_the_separators_of_the_language(customer):
    Customer.objects.filter(pk=customer.pk).update(personnel=3292, personnel_change=None)
    assert header(customer)["personnel"] == "3,292"


def test_without_dated_values_the_change_is_as_entered(customer):
    Customer.objects.filter(pk=customer.pk).update(personnel=74, personnel_change=-3)
    assert header(customer)["personnel"] == "74 (−3)"


def test_who_gave_the_data_was_asked_on_a_day(customer, owner):
    contact = ContactFactory()
    PositionFactory(contact=contact, customer=customer)
    answer = signed_in(owner).post(
        reverse("carecontent:edit", args=[customer.pk]),
        {"data_by": contact.pk, "asked_on": "2.5.2026", "given_on": "9.5.2026", "goals": "Fewer visits"},
    )
    assert answer.status_code == 302
    [field] = [one for one in page_of(customer).header if one.part.code == "data_by"]
    assert (field.text, field.is_automatic) == (str(contact), False)
    assert "2026" in field.note


def test_data_is_not_given_before_it_was_asked_for(customer, owner):
    answer = signed_in(owner).post(
        reverse("carecontent:edit", args=[customer.pk]), {"asked_on": "9.5.2026", "given_on": "2.5.2026"}
    )
    assert (answer.status_code, PlanContent.objects.exists()) == (422, False)


def test_the_share_of_what_was_entered_by_hand(customer):
    TemplatePart.objects.exclude(code__in=["responsible", "projects", "strategy"]).update(is_shown=False)
    Project.objects.create(customer=customer, name="Sähköinen arkisto")
    assert page_of(customer).share_by_hand == 50  # the owner is automatic, the project is not
    PlanBlock.objects.create(customer=customer, code="strategy", text="Kasvu")
    assert page_of(customer).share_by_hand == 66


# Sections


def test_a_project_without_our_representative_is_a_fault(customer, owner):
    Project.objects.create(customer=customer, name="Sähköinen arkisto", priority=2)
    Project.objects.create(customer=customer, name="Verkkokauppa", priority=1, representative=owner)
    [section] = [one for one in page_of(customer).sections if one.section.code == "projects"]
    assert [(line.cells[0], bool(line.fault)) for line in section.rows] == [
        ("Verkkokauppa", False),
        ("Sähköinen arkisto", True),
    ]


def test_recurring_events_have_what_who_to_whom_when_where():
    version = version_of()
    CareActionFactory(
        version=version, code="budget", name_fi="Talousarviokokous", name_en="Budget meeting", frequency="named",
        count=None, months=[5, 12], place="asiakkaan luona",
    )  # fmt: skip
    [row] = rows(under(version), "events")
    assert len(row) == 5
    assert (row[0] in ("Talousarviokokous", "Budget meeting"), row[4]) == (True, "asiakkaan luona")


def test_services_are_offered_by_the_class_of_the_outlook(customer, owner):
    assert rows(customer, "services") == []
    value_give(
        customer=customer,
        metric=OwnMetric.objects.get(code="outlook"),
        number=Decimal(7),
        day=None,
        user=owner,
        reason="",
    )
    assert len(rows(customer, "services")) == 3


def test_the_columns_of_sections_are_those_of_the_form(customer):
    System.objects.create(customer=customer, name="Potilastiedot", updates=4, next_update=3, keeper="external")
    Agreement.objects.create(customer=customer, name="Aluesuunnitelma", parties="kaupunginjohtajat")
    assert (len(rows(customer, "systems")[0]), len(rows(customer, "agreements")[0])) == (8, 5)


# Changing


def test_a_row_is_added_changed_deleted_and_brought_back(customer, owner):
    client = signed_in(owner)
    client.post(reverse("carecontent:row_add", args=[customer.pk, "projects"]), {"name": "Arkisto", "priority": "1"})
    project = Project.objects.get()
    client.post(
        reverse("carecontent:row_edit", args=["projects", project.pk]),
        {"name": "Sähköinen arkisto", "priority": "1", "version": project.version},
    )
    answer = client.post(reverse("carecontent:row_delete", args=["projects", project.pk]), follow=True)
    assert not Project.objects.exists()
    undo = json.loads(list(answer.context["messages"])[-1].extra_tags)["undo"]
    client.post(undo)
    assert Project.objects.get().name == "Sähköinen arkisto"
    client.post(undo)  # again: it is there
    assert Project.objects.count() == 1


def test_a_changed_text_is_taken_back_unless_it_has_changed_again(customer, owner):
    client, address = signed_in(owner), reverse("carecontent:block", args=[customer.pk, "strategy"])
    client.post(address, {"text": "Kasvu"})
    answer = client.post(address, {"text": "Supistus"}, follow=True)
    undo = json.loads(list(answer.context["messages"])[-1].extra_tags)["undo"]
    client.post(undo)
    assert PlanBlock.objects.get().text == "Kasvu"
    client.post(undo)
    assert PlanBlock.objects.get().text == "Kasvu"


def test_a_deleted_sum_does_not_come_back_beside_a_new_one(customer, owner):
    client = signed_in(owner)
    charge = Charge.objects.create(customer=customer, service="Työasemat", year=2026, amount=5)
    answer = client.post(reverse("carecontent:row_delete", args=["charges", charge.pk]), follow=True)
    undo = json.loads(list(answer.context["messages"])[-1].extra_tags)["undo"]
    Charge.objects.create(customer=customer, service="työasemat", year=2026, amount=7)
    answer = client.post(undo, follow=True)
    assert "nothing was taken back" in answer.content.decode()
    assert Charge.objects.get().amount == 7


def test_nobody_else_changes_the_content(customer, colleague, reader):
    addresses = [
        reverse("carecontent:edit", args=[customer.pk]),
        reverse("carecontent:row_add", args=[customer.pk, "systems"]),
        reverse("carecontent:block", args=[customer.pk, "strategy"]),
    ]
    for user in (colleague, reader):
        assert [signed_in(user).post(one, {}).status_code for one in addresses] == [403, 403, 403]


def test_of_two_who_edit_the_second_is_told(customer, owner):
    client, address = signed_in(owner), reverse("carecontent:edit", args=[customer.pk])
    client.post(address, {"goals": "One"})
    data = {"goals": "Two", "version": PlanContent.objects.get().version}
    assert client.post(address, data).status_code == 302
    assert client.post(address, data | {"goals": "Three"}).status_code == 422


def test_an_unknown_kind_of_rows_is_not_found(customer, owner):
    assert signed_in(owner).get(f"/customers/{customer.pk}/care-plan/content/rows/secrets/new/").status_code == 404


def test_a_project_that_ends_before_it_begins_is_refused_at_its_end(customer, owner):
    address = reverse("carecontent:row_add", args=[customer.pk, "projects"])
    data = {"name": "Archive", "priority": "1", "start": "2026-12-02", "end": "2026-12-01"}
    answer = signed_in(owner).post(address, data)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["end"])


# The template


def test_a_required_part_without_content_is_missing(customer):
    missing = {one.part.code for one in page_of(customer).header if one.is_missing}
    assert missing == {"updated", "segment", "data_by"}


def test_the_template_of_a_scheme_is_that_of_its_customers():
    version = version_of()
    scheme = version.model.segment.scheme
    customer, other = under(version), CustomerFactory()
    template = template_add(template=PlanTemplate(scheme=scheme))
    template.parts.filter(code="projects").update(is_shown=False)
    assert "projects" not in {one.section.code for one in page_of(customer).sections}
    assert "projects" in {one.section.code for one in page_of(other).sections}


def test_a_scheme_has_one_template_and_that_of_all_others_stays():
    scheme = version_of().model.segment.scheme
    template_add(template=PlanTemplate(scheme=scheme))
    with refused("template_exists", "scheme"):
        template_add(template=PlanTemplate(scheme=scheme))
    with refused("of_all_others"):
        template_delete(template=PlanTemplate.objects.get(scheme=None))


def test_administrators_change_the_template_and_others_do_not(admin, owner):
    part = TemplatePart.objects.get(code="projects")
    address = reverse("carecontent:part_edit", args=[part.pk])
    data = {"title_fi": "Hankkeet", "title_en": "Projects", "order": "5", "is_shown": "on"}
    assert signed_in(owner).post(address, data).status_code == 403
    assert signed_in(admin).post(address, data).status_code == 302
    part.refresh_from_db()
    assert part.title_en == "Projects"


def test_a_text_is_added_to_the_template_once(admin):
    template = PlanTemplate.objects.get()
    address = reverse("carecontent:part_add", args=[template.pk])
    data = {"title_fi": "Riskit", "title_en": "Risks", "code": "risks", "order": "5", "is_shown": "on"}
    assert [signed_in(admin).post(address, data).status_code for _time in range(2)] == [302, 422]


# Pages and PDF


def test_the_page_of_the_content_shows_what_is_automatic(client, customer, reader):
    client.force_login(reader)
    page = client.get(reverse("carecontent:tab", args=[customer.pk])).content.decode()
    assert "automatic" in page
    assert "Small development needs" in page
    assert reverse("careplans:tab", args=[customer.pk]) in page


def test_the_plan_leads_to_its_content(client, customer, reader):
    client.force_login(reader)
    page = client.get(reverse("careplans:tab", args=[customer.pk])).content.decode()
    assert reverse("carecontent:tab", args=[customer.pk]) in page


def test_pages_of_many_customers_cost_a_constant_number_of_queries(customer):
    day = clock.today()
    for one in (customer, CustomerFactory(), CustomerFactory()):
        Project.objects.create(customer=one, name="Arkisto")
    every = list(Customer.objects.with_summary().order_by("pk"))
    plan_pages(every[:1], day)
    with CaptureQueriesContext(connection) as few:
        plan_pages(every[:1], day)
    with CaptureQueriesContext(connection) as many:
        plan_pages(every, day)
    assert len(few) == len(many)


def test_the_pdf_says_internal_use_only_with_the_day(customer):
    customers = Customer.objects.with_summary().filter(pk=customer.pk)
    html = pdf.plans_html(customers, dt.date(2026, 5, 2))
    assert "INTERNAL USE ONLY" in html or "VAIN SISÄISEEN KÄYTTÖÖN" in html
    assert pdf.plans_pdf(customers, dt.date(2026, 5, 2)).startswith(b"%PDF")


def test_the_pdf_of_a_customer_is_a_download(client, customer, reader):
    client.force_login(reader)
    answer = client.get(reverse("carecontent:pdf", args=[customer.pk]))
    assert answer["Content-Type"] == "application/pdf"
    assert "nokian-konepaja" in answer["Content-Disposition"]


def test_plans_of_a_selection_are_printed(customer, reader, monkeypatch):
    printed: list[str] = []
    monkeypatch.setattr(pdf, "render", lambda html, css: printed.append(html) or b"%PDF-1.7")
    bulk(reader, "carecontent.print_plans", [customer, CustomerFactory(name="Tampereen Telakka Oy")])
    assert [name in printed[0] for name in ("Nokian Konepaja Oy", "Tampereen Telakka Oy")] == [True, True]
