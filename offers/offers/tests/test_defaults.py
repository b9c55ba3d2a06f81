"""What a fresh database has for offers."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from core.defaults import load_all
from offers.offers.models import LostReason, OfferType
from offers.products.models import ProductGroup, Unit, VatClass, VatRate

pytestmark = pytest.mark.django_db


def rate(code: str, day: str) -> Decimal:
    rates = VatRate.objects.filter(vat_class__code=code, valid_from__lte=day).order_by("-valid_from")
    return rates[0].percent


@pytest.mark.parametrize(
    ("code", "day", "percent"),
    [
        ("general", "2024-08-31", "24"),
        ("general", "2024-09-01", "25.5"),
        ("reduced", "2025-12-31", "14"),
        ("reduced", "2026-01-01", "13.5"),
        ("lowest", "2013-01-01", "10"),
        ("none", "2026-01-01", "0"),
    ],
)
def test_vat_rates_are_those_of_the_law_on_a_day(code, day, percent):
    assert rate(code, day) == Decimal(percent)


def test_there_are_the_four_types_with_texts_in_both_languages():
    types = {offer_type.code: offer_type for offer_type in OfferType.objects.all()}
    assert types.keys() == {"apprenticeship", "labour_market", "personnel_training", "service_order"}
    assert all(row.intro_fi and row.intro_en and row.terms_fi and row.terms_en for row in types.values())


def test_apprenticeship_and_labour_market_training_are_on_the_funders_form():
    on_form = OfferType.objects.filter(is_funder_form=True).values_list("code", flat=True)
    assert set(on_form) == {"apprenticeship", "labour_market"}


def test_content_of_personnel_training_is_always_approved():
    training = OfferType.objects.get(code="personnel_training")
    assert (training.content_limit, training.price_limit, training.signature_limit) == (0, 10_000, 50_000)


def test_product_groups_are_a_tree_of_fields_of_education():
    leadership = ProductGroup.objects.get(code="leadership")
    assert leadership.depth == 2
    assert ProductGroup.objects.get_parent(leadership).code == "business"


def test_lists_have_their_lines_in_order():
    assert list(LostReason.objects.values_list("code", flat=True)[:2]) == ["price", "competitor"]
    assert set(Unit.objects.values_list("code", flat=True)) >= {"piece", "hour", "day", "person", "credit", "course"}


def test_what_people_have_changed_stays_when_default_data_is_loaded_again():
    VatClass.objects.filter(code="lowest").delete()
    VatRate.objects.create(
        vat_class=VatClass.objects.get(code="general"), valid_from=dt.date(2030, 1, 1), percent=Decimal(26)
    )
    load_all()
    assert not VatClass.objects.filter(code="lowest").exists()
    assert rate("general", "2030-01-01") == 26
