"""What administrators keep of offers: lists, VAT rates, our own data and logo."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from accounts.tests.factories import UserFactory
from offers.offers.models import LostReason, OfferType, SellerDetails
from offers.offers.services.settings import seller
from offers.offers.tests.factories import LostReasonFactory, OfferTypeFactory
from offers.offers.validators import MAX_LOGO_BYTES
from offers.products.models import Unit, VatClass
from offers.products.tests.factories import UnitFactory, VatClassFactory

pytestmark = pytest.mark.django_db

SETTINGS, SELLER = "/offers/settings/", "/offers/settings/seller/"
NEW = {"name_fi": "Uusi", "name_en": "New", "code": "new", "order": "5"}


def client_of(role: str) -> Client:
    client = Client()
    client.force_login(UserFactory(role=role), backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def admin():
    return client_of("administrator")


def errors(response: Any) -> dict[str, list[str]]:
    assert response.status_code == 422
    return {name: list(messages) for name, messages in response.context["form"].errors.items()}


# Lists


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_the_same_for_one_line_of_each_list_and_three(admin, rows, django_assert_num_queries):
    for _ in range(rows):
        OfferTypeFactory(), LostReasonFactory(), VatClassFactory()
    admin.get(SETTINGS)
    with django_assert_num_queries(QUERIES):
        admin.get(SETTINGS)


QUERIES = 11


@pytest.mark.parametrize(("name", "model"), [("units", Unit), ("lost-reasons", LostReason)])
def test_a_line_is_added_renamed_retired_and_restored(admin, name, model):
    admin.post(f"{SETTINGS}{name}/new/", NEW)
    choice = model.objects.get(code="new")
    admin.post(f"{SETTINGS}{name}/{choice.pk}/", {"name_fi": "Toinen", "name_en": "Other", "order": "7", "code": "x"})
    choice.refresh_from_db()
    assert (choice.name_fi, choice.order, choice.code) == ("Toinen", 7, "new")
    for retired in (True, False):
        admin.post(f"{SETTINGS}{name}/{choice.pk}/retire/")
        choice.refresh_from_db()
        assert choice.is_retired == retired
    assert "Toinen" in admin.get(f"{SETTINGS}{name}/{choice.pk}/history/").text


@pytest.mark.parametrize("name", ["units", "lost-reasons", "types", "vat-classes"])
def test_a_code_that_is_taken_is_said_at_its_field(admin, name):
    UnitFactory(code="new"), LostReasonFactory(code="new"), OfferTypeFactory(code="new"), VatClassFactory(code="new")
    answer = admin.post(f"{SETTINGS}{name}/new/", NEW)
    assert errors(answer)["code"] == ["Another item of this list has this code."]


def test_the_page_is_the_administrators(db):
    for role in ("product_manager", "account_manager", "management"):
        client = client_of(role)
        for path in ("", "seller/", "seller/logo/remove/", "units/new/", f"units/{UnitFactory().pk}/"):
            assert client.get(SETTINGS + path).status_code == 403, (role, path)


# Types of offers

TYPE = NEW | {
    "valid_days": "30", "open_days": "14", "sent_days": "30", "open_probability": "30", "sent_probability": "50",
}  # fmt: skip


def test_a_type_keeps_its_texts_and_limits(admin):
    limits = {
        "content_limit": "0",
        "price_limit": "10 000",
        "discount_limit": "12,5",
        "intro_fi": "Kiitos",
        "terms_en": "t",
    }
    admin.post(f"{SETTINGS}types/new/", TYPE | limits)
    offer_type = OfferType.objects.get(code="new")
    assert (
        offer_type.content_limit,
        offer_type.price_limit,
        offer_type.discount_limit,
        offer_type.signature_limit,
    ) == (
        0,
        10_000,
        Decimal("12.5"),
        None,
    )
    assert (offer_type.intro_in("en"), offer_type.terms_in("en"), offer_type.is_funder_form) == ("Kiitos", "t", False)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("valid_days", "0"),
        ("valid_days", "9999"),
        ("open_probability", "101"),
        ("discount_limit", "-1"),
        ("discount_limit", "100.01"),
        ("price_limit", "-1"),
        ("price_limit", "2000000000"),
        ("open_days", "1.5"),
    ],
)
def test_a_limit_that_cannot_be_is_said_at_its_field_and_nothing_is_added(admin, field, value):
    assert list(errors(admin.post(f"{SETTINGS}types/new/", TYPE | {field: value}))) == [field]
    assert not OfferType.objects.filter(code="new").exists()


# VAT


def rates(*rows: tuple[str, str]) -> dict[str, str]:
    data = {"rates-count": str(len(rows))}
    for number, (day, value) in enumerate(rows):
        data |= {f"rates-{number}-valid_from": day, f"rates-{number}-value": value}
    return data


def test_a_vat_class_gets_another_rate_from_a_day(admin):
    vat_class = VatClassFactory(rates={"2013-01-01": "14"})
    data = {"name_fi": "Alennettu", "name_en": "Reduced", "order": "1"}
    admin.post(f"{SETTINGS}vat-classes/{vat_class.pk}/", data | rates(("1.1.2013", "14"), ("1.1.2026", "13,5")))
    assert dict(vat_class.rates.values_list("valid_from", "percent")) == {
        dt.date(2013, 1, 1): Decimal(14),
        dt.date(2026, 1, 1): Decimal("13.5"),
    }
    assert "13.5" in admin.get(f"{SETTINGS}vat-classes/{vat_class.pk}/history/").text


def test_a_vat_class_has_a_rate(admin):
    answer = admin.post(f"{SETTINGS}vat-classes/new/", NEW | rates(("", "")))
    assert errors(answer)["__all__"] == ["Enter at least one rate and the date from which it applies."]
    assert not VatClass.objects.filter(code="new").exists()


@pytest.mark.parametrize(
    ("rows", "field", "message"),
    [
        ([("1.1.2026", "10"), ("1.1.2026", "12")], (1, "valid_from"), "There is already a value from this date."),
        ([("1.1.2026", "101")], (0, "value"), "less than or equal to 100"),
        ([("1.1.2026", "-1")], (0, "value"), "greater than or equal to 0"),
    ],
)
def test_rates_that_cannot_be_are_said_at_their_rows(admin, rows, field, message):
    answer = admin.post(f"{SETTINGS}vat-classes/new/", NEW | rates(*rows))
    assert answer.status_code == 422
    number, name = field
    assert message in answer.context["form"].dated.rows[number].errors[name][0]
    assert not VatClass.objects.filter(code="new").exists()


# Our organisation

OURS = {
    "name": "Omnia", "business_id": "2077474-0", "vat_number": "FI20774740", "iban": "FI21 1234 5600 0007 85",
    "bic": "ndeafihh", "payment_days": "14", "overdue_percent": "8", "footer_fi": "Kiitos",
}  # fmt: skip


def picture(
    kind: str = "PNG", size: tuple[int, int] = (40, 20), name: str = "logo.png", mode: str = "RGB"
) -> SimpleUploadedFile:
    buffer = io.BytesIO()
    Image.new(mode, size).save(buffer, kind)
    return SimpleUploadedFile(name, buffer.getvalue())


def test_our_data_is_kept_in_its_plain_form(admin):
    assert admin.post(SELLER, OURS).status_code == 302
    details = seller()
    assert (details.iban, details.bic, details.vat_number) == ("FI2112345600000785", "NDEAFIHH", "FI20774740")
    text = admin.get(SETTINGS).text
    assert "FI21 1234 5600 0007 85" in text
    assert "Omnia" in admin.get(f"{SELLER}history/").text


def test_there_is_one_row_of_our_data():
    assert seller() == seller()
    assert SellerDetails.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("iban", "FI21 1234 5600 0007 86", "is not an IBAN"),
        ("iban", "tilinumero", "is not an IBAN"),
        ("bic", "NDEA", "is not a BIC"),
        ("vat_number", "FI20774741", "is not a VAT number"),
        ("business_id", "2077474-1", "is not a business ID"),
        ("email", "osoite", "valid email"),
        ("website", "javascript:alert(1)", "valid URL"),
        ("payment_days", "-1", "greater than or equal to 0"),
        ("overdue_percent", "101", "less than or equal to 100"),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_nothing_changes(admin, field, value, message):
    assert message in errors(admin.post(SELLER, OURS | {field: value}))[field][0]
    assert seller().name == ""


def test_the_second_of_two_changes_of_our_data_is_told(admin):
    old_version = {"version": seller().version}
    admin.post(SELLER, OURS | old_version)
    assert (
        "Someone else changed this" in errors(admin.post(SELLER, OURS | old_version | {"name": "Toinen"}))["version"][0]
    )
    assert seller().name == "Omnia"


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_logo_is_told_by_its_content_and_served_as_such(admin, kind):
    admin.post(SELLER, OURS | {"logo": picture(kind, name="logo.html")})
    answer = client_of("read_only").get(f"{SELLER}logo/")
    assert answer.headers["Content-Type"] == f"image/{kind.lower()}"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert Image.open(io.BytesIO(b"".join(answer.streaming_content))).format == kind


def _svg() -> SimpleUploadedFile:
    return SimpleUploadedFile("logo.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>")


def _cut() -> SimpleUploadedFile:
    whole = picture("JPEG", (400, 400))
    return SimpleUploadedFile("logo.jpg", whole.read()[:-600])


@pytest.mark.parametrize(
    ("upload", "message"),
    [
        (lambda: SimpleUploadedFile("logo.png", b"\x89PNG\r\n\x1a\nnothing"), "undamaged"),
        (lambda: SimpleUploadedFile("logo.png", b""), "empty"),
        (lambda: SimpleUploadedFile("logo.png", b"x" * (MAX_LOGO_BYTES + 1)), "larger than 1 MB"),
        (lambda: picture("GIF"), "undamaged"),
        (_svg, "undamaged"),
        (_cut, "undamaged"),
        (lambda: picture(size=(2_001, 10)), "taller than 2000 pixels"),
        (lambda: picture(size=(20_000, 20_000), mode="1"), "taller than 2000 pixels"),
    ],
    ids=["only a head", "empty", "large", "gif", "svg", "cut", "wide", "bomb"],
)
def test_what_is_no_logo_is_refused_and_nothing_changes(admin, upload, message):
    file = upload()
    assert message in errors(admin.post(SELLER, OURS | {"logo": file}))["logo"][0]
    details = seller()
    assert (details.name, bool(details.logo)) == ("", False)


def test_a_new_logo_takes_the_place_of_the_old_file(admin, django_capture_on_commit_callbacks):
    admin.post(SELLER, OURS | {"logo": picture()})
    old = seller().logo
    with django_capture_on_commit_callbacks(execute=True):
        admin.post(SELLER, OURS | {"logo": picture("WEBP")})
    assert not old.storage.exists(old.name)
    assert seller().logo.name.endswith(".webp")


def test_our_data_without_a_new_logo_keeps_the_logo(admin):
    admin.post(SELLER, OURS | {"logo": picture()})
    admin.post(SELLER, OURS)
    assert seller().logo


def test_the_logo_is_removed_with_its_file(admin, django_capture_on_commit_callbacks):
    admin.post(SELLER, OURS | {"logo": picture()})
    logo = seller().logo
    with django_capture_on_commit_callbacks(execute=True):
        admin.post(f"{SELLER}logo/remove/")
    assert not seller().logo
    assert not logo.storage.exists(logo.name)
    assert admin.get(f"{SELLER}logo/").status_code == 404


def test_the_logo_is_for_those_who_have_signed_in(admin):
    admin.post(SELLER, OURS | {"logo": picture()})
    assert Client().get(f"{SELLER}logo/").status_code == 302
