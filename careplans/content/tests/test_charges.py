"""The register of charges: sums by year, the computed change, the import and its undo, the list and the API."""

from __future__ import annotations

from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from openpyxl import load_workbook
from rest_framework.test import APIClient

from careplans.content.charging import YearOfCharges, charges_by_year, with_changes
from careplans.content.models import Charge
from imports.tests.helpers import codes, counts, run_import
from imports.tests.undoing import by, undo

pytestmark = pytest.mark.django_db
HEADER = "Asiakas;Palvelu;Vuosi;Veloitus\n"


def charge(customer: Any, year: int, amount: str, service: str = "Työasemat") -> Charge:
    return Charge.objects.create(customer=customer, service=service, year=year, amount=Decimal(amount))


def take(*lines: str, **options: Any) -> Any:
    return run_import(HEADER + "".join(f"{line}\n" for line in lines), "charges", **options)


def test_the_change_is_computed_from_the_year_before(customer):
    charge(customer, 2025, "256000")
    charge(customer, 2026, "200000")
    charge(customer, 2026, "80000", "Puhelut")
    assert charges_by_year([customer.pk])[customer.pk][0] == YearOfCharges(2026, Decimal(280_000), Decimal(24_000))


def test_without_the_year_before_the_change_is_unknown(customer):
    charge(customer, 2024, "100")
    charge(customer, 2026, "200")
    assert charges_by_year([customer.pk])[customer.pk][0].change is None


def test_a_charge_is_compared_with_the_same_service(customer):
    charge(customer, 2025, "10")
    charge(customer, 2025, "70", "Puhelut")
    [row] = with_changes([charge(customer, 2026, "15", "työasemat")])
    assert row.change == 5


def test_a_service_has_one_sum_in_a_year(customer):
    charge(customer, 2026, "10")
    with pytest.raises(IntegrityError), transaction.atomic():
        charge(customer, 2026, "10", "TYÖASEMAT")


def test_charges_are_imported_changed_and_known_again(customer):
    assert counts(take("Nokian Konepaja;Työasemat;2026;280 000,50")) == (1, 0, 0, 0, 0)
    assert Charge.objects.get().amount == Decimal("280000.50")
    assert counts(take("Nokian Konepaja;Työasemat;2026;280000,5")) == (0, 0, 1, 0, 0)
    assert counts(take("Nokian Konepaja;Työasemat;2026;300000")) == (0, 1, 0, 0, 0)
    assert Charge.objects.get().amount == 300_000


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("Nobody;Työasemat;2026;5", "unknown_customer"),
        ("Nokian Konepaja;Työasemat;1826;5", "charge_year"),
        ("Nokian Konepaja;Työasemat;2026;much", "number"),
        ("Nokian Konepaja;;2026;5", "required"),
    ],
)
def test_a_row_that_cannot_be_names_the_reason(line, code, customer):
    run = take(line)
    assert code in codes(run, 2)
    assert not Charge.objects.exists()


def test_an_import_of_charges_is_undone(customer, owner):
    charge(customer, 2025, "10")
    with by(owner):
        run = take("Nokian Konepaja;Työasemat;2025;20", "Nokian Konepaja;Työasemat;2026;30")
    undo(run)
    assert [(one.year, one.amount) for one in Charge.objects.all()] == [(2025, 10)]


def test_the_list_shows_the_change(client, customer, reader):
    charge(customer, 2025, "10")
    charge(customer, 2026, "15")
    client.force_login(reader)
    page = client.get(reverse("carecontent:charges")).content.decode()
    assert "+5" in page


def test_a_change_below_zero_has_a_minus_on_the_page_and_is_a_number_in_a_file(client, customer, reader):
    charge(customer, 2025, "15")
    charge(customer, 2026, "10.50")
    client.force_login(reader)
    address = reverse("carecontent:charges")
    assert "−4.50" in client.get(address).content.decode()
    sheet = load_workbook(BytesIO(client.get(f"{address}?export=xlsx").getvalue())).active
    assert [row[-1].value for row in sheet.iter_rows(min_row=2)].count(-4.5) == 1


def test_the_owner_enters_a_charge_and_a_colleague_does_not(client, customer, owner, colleague):
    address = reverse("carecontent:row_add", args=[customer.pk, "charges"])
    data = {"service": "Työasemat", "year": "2026", "amount": "1 200,50"}
    client.force_login(colleague)
    assert client.post(address, data).status_code == 403
    client.force_login(owner)
    assert client.post(address, data).status_code == 302
    assert Charge.objects.get().amount == Decimal("1200.50")


def test_a_second_sum_of_a_year_is_refused_at_the_form(client, customer, owner):
    charge(customer, 2026, "10")
    client.force_login(owner)
    address = reverse("carecontent:row_add", args=[customer.pk, "charges"])
    answer = client.post(address, {"service": "työasemat", "year": "2026", "amount": "5"})
    assert (answer.status_code, Charge.objects.count()) == (422, 1)


def test_the_api_lists_adds_and_changes_charges(customer, owner, colleague):
    api = APIClient()
    api.force_authenticate(owner)
    data = {"customer": customer.pk, "service": "Työasemat", "year": 2026, "amount": "10.00"}
    added = api.post("/api/v1/charges/", data, format="json")
    assert added.status_code == 201
    address = f"/api/v1/charges/{added.json()['id']}/"
    assert api.patch(address, {"amount": "12.00"}, format="json").json()["amount"] == "12.00"
    assert api.get("/api/v1/charges/?year=2026").json()["results"][0]["change"] is None
    api.force_authenticate(colleague)
    assert api.patch(address, {"amount": "1.00"}, format="json").status_code == 403
    assert api.post("/api/v1/charges/", data, format="json").status_code == 403
