"""The PDF of an offer: what it says, how it breaks over pages, and that it fetches nothing."""

from __future__ import annotations

import io
import re
import sys
import time

import pytest
from django.core.files.base import ContentFile
from PIL import Image

from accounts.tests.factories import UserFactory
from core.exceptions import BusinessRuleError
from customers.tests.factories import ContactFactory, CustomerFactory
from offers.offers.content import content_of, printable
from offers.offers.models import SellerDetails
from offers.offers.pdf import LOGO, Assets, offer_pdf, render
from offers.offers.services.sending import draft_pdf, version_make
from offers.offers.tests.factories import OfferFactory
from offers.offers.tests.pdfs import fonts_of, pages_of, text_of
from offers.products.enums import LineKind
from offers.products.lines import LineData
from offers.products.tests.factories import UnitFactory, line

pytestmark = pytest.mark.django_db
HOSTILE = (
    '<img src="file:///etc/passwd"><script>x</script><style>@import url(http://127.0.0.1:9/x)</style>'
    '<link rel=attachment href="file:///etc/hostname">{% load static %}{{ settings.SECRET_KEY }}'
)


@pytest.fixture
def seller():
    return SellerDetails.objects.create(
        pk=1, name="Omnia", business_id="0763403-0", street="Kirkkokatu 16", postal_code="02770", city="Espoo",
        footer_fi="Suomeksi alhaalla", footer_en="At the foot",
    )  # fmt: skip


def make(lines, **fields):
    customer = CustomerFactory(name="Nokian Konepaja Oy")
    contact = ContactFactory(first_name="Maija", last_name="Virtanen", customer=customer)
    owner = UserFactory(first_name="Liisa", last_name="Korhonen")
    content = {"title": "Esimiesvalmennus", "terms": "Maksuehto 14 pv", **fields}
    return OfferFactory(customer=customer, contact=contact, owner=owner, lines=lines, **content)


def pdf_of(offer, **options):
    return offer_pdf(content_of(offer), **options)


def words(text):
    return " ".join(text.split()).replace("\N{NO-BREAK SPACE}", " ")


def test_it_says_who_offers_what_to_whom_for_how_much(seller):
    offer = make([line(quantity="2.5", unit_price="1000.50", discount=10, unit_id=UnitFactory(name_fi="pv").pk)])
    text = words(text_of(pdf_of(offer)))
    for part in (
        offer.number, "Omnia", "0763403-0", "Nokian Konepaja Oy", "Maija Virtanen", "Liisa Korhonen",
        "Esimiesvalmennus", "Maksuehto 14 pv", "2,5 pv", "1 000,50", "2 251,13", "574,04", "2 825,17 €",
        "Suomeksi alhaalla",
    ):  # fmt: skip
        assert part in text, part


def test_it_is_in_the_offers_language(seller):
    text = words(text_of(pdf_of(make([line(unit_price=1234)], language="en"))))
    assert "Total with VAT 1,548.67 €" in text
    assert "At the foot" in text


def test_sums_stand_for_each_rate_of_vat():
    offer = make([line(unit_price=100), line(unit_price=200, vat_rate="13.5"), line(unit_price=50, vat_rate=0)])
    text = words(text_of(pdf_of(offer)))
    for row in ("25,5 % 100,00 25,50", "13,5 % 200,00 27,00", "0 % 50,00 0,00"):
        assert row in text


def test_the_same_content_makes_the_same_bytes():
    content = content_of(make([line()]))
    assert offer_pdf(content, version=1) == offer_pdf(content, version=1)


def test_long_offers_repeat_the_head_and_number_the_pages():
    offer = make([line(f"Rivi {number}", details="Kuvaus " * 20) for number in range(60)])
    pages = pages_of(pdf_of(offer))
    assert len(pages) > 3
    for number, page in enumerate(pages, 1):
        assert f"{number} / {len(pages)}" in page
        if "Rivi" in page:
            assert "Määrä" in page


def test_a_heading_is_not_left_alone_at_the_end_of_a_page():
    lines = []
    for number in range(40):
        lines.append(LineData(kind=LineKind.HEADING, name=f"Otsikko {number}"))
        lines.append(line(f"Rivi {number}", details="a\n" * (number % 9)))
    lasts = []
    for page in pages_of(pdf_of(make(lines))):
        lasts += [line.strip() for line in page.splitlines() if "Otsikko" in line or "Rivi" in line][-1:]
    assert len(lasts) > 3
    assert all("Rivi" in last for last in lasts)


@pytest.mark.parametrize("count", [18, 20, 22])
def test_the_sums_stay_together(count):
    pages = pages_of(pdf_of(make([line(), *[line(vat_rate=0)] * count], terms="")))
    [sums] = [page for page in pages if re.search(r"\b25,5\s%", page)]
    assert "Yhteensä sis. alv" in sums


def test_500_lines_are_made_in_seconds():
    offer = make([line(f"Rivi {number}") for number in range(500)])
    began = time.process_time()
    pages = pages_of(pdf_of(offer))
    assert time.process_time() - began < 20
    assert "Rivi 499" in "".join(pages)


def test_a_description_longer_than_a_page_goes_on_over_pages():
    text = "Pitkä kuvaus jatkuu. " * 190
    pages = pages_of(pdf_of(make([line(details=text.strip())])))
    assert sum(page.count("jatkuu") for page in pages) == 190


def test_a_long_word_does_not_run_out_of_its_column():
    text = text_of(pdf_of(make([line("A" * 200, unit_price="77.77")])), layout=False)
    assert "A" * 60 not in text
    assert text.count("A" * 20) > 2
    assert "77,77" in text


def test_a_draft_says_so_on_every_page_and_makes_no_version():
    offer = make([line(f"Rivi {number}") for number in range(60)])
    pages = pages_of(draft_pdf(offer))
    assert all("luonnos" in page.lower() for page in pages)
    assert not offer.versions.exists()


def test_an_offer_without_lines_tells_its_estimate():
    assert "12 500,00" in words(text_of(pdf_of(make([], estimate=12500))))


def test_hostile_text_is_text_in_every_field(seller):
    seller.name = seller.footer_fi = HOSTILE[:150]
    seller.save()
    hostile = dict.fromkeys(("title", "intro", "terms", "customer_notes"), HOSTILE)
    offer = make([line(HOSTILE[:200], details=HOSTILE)], **(hostile | {"title": HOSTILE[:200]}))
    offer.customer.name = HOSTILE[:200]
    offer.customer.official_name = ""
    offer.owner.last_name = HOSTILE[:150]
    text = text_of(pdf_of(offer), layout=False).replace("\n", "").replace(" ", "")
    assert text.count("<imgsrc=") >= 8
    assert "root:" not in text
    assert "{{settings.SECRET_KEY}}" in text


def test_the_renderer_may_fetch_the_logo_and_nothing_else():
    assets = Assets(b"")
    html = (
        '<link rel=stylesheet href="file:///etc/passwd"><img src="file:///etc/passwd"><img src="http://127.0.0.1:9/x">'
        '<img src="relative.png"><div style="background: url(https://example.com/x)">a</div><object data="ftp://a/b">'
        f'</object><img src="{LOGO}"><a href="http://example.com">b</a>'
    )
    assert render(html, assets).startswith(b"%PDF")
    refused = set(assets.refused)
    assert {"file:///etc/passwd", "http://127.0.0.1:9/x", "https://example.com/x", LOGO} <= refused


def test_our_logo_is_on_it(seller):
    picture = io.BytesIO()
    Image.new("RGB", (40, 20), "red").save(picture, "PNG")
    seller.logo.save("logo.png", ContentFile(picture.getvalue()))
    offer = make([line()])
    with version_make(offer=offer, user=offer.owner).pdf.open() as file:
        assert b"/Subtype /Image" in file.read().replace(b"/Subtype/Image", b"/Subtype /Image")


def test_control_and_turning_characters_are_left_out():
    assert printable("a\x00\x07b\u202e€001\u2066\u200f\r\nc\td") == "ab€001\nc\td"
    offer = make([line("Hinta \u202e00001 \x1b[31m €", details="😀 ääkköset")])
    text = text_of(pdf_of(offer))
    assert "Hinta 00001 [31m €" in words(text)
    assert "ääkköset" in text
    assert not {"\u202e", "\x1b"} & set(text)


def test_its_fonts_are_in_it():
    rows = fonts_of(pdf_of(make([line()]))).splitlines()[2:]
    assert rows
    assert all("yes yes" in row for row in rows)  # embedded and subset


def test_missing_libraries_are_told_in_a_sentence(monkeypatch):
    class Broken:
        def find_spec(self, name, *rest):
            if name == "weasyprint":
                raise OSError("cannot load library 'libpango-1.0-0'")

    content = content_of(make([line()]))
    for name in [name for name in sys.modules if name.partition(".")[0] == "weasyprint"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [Broken(), *sys.meta_path])
    with pytest.raises(BusinessRuleError) as caught:
        offer_pdf(content)
    assert caught.value.code == "pdf_unavailable"
