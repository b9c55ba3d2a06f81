"""The page of a contact's personal link: its content, its answers, and the data that it never shows."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from offers.offers.enums import LinkAnswer, OfferStatus
from offers.offers.models import Offer, OfferLink, OfferVersion
from offers.offers.services.links import link_revoke, secret_of
from offers.offers.services.status import offer_reopen
from offers.offers.tests.factories import OfferFactory
from offers.offers.tests.links import fresh, sent_link
from offers.orders.models import Order
from offers.orders.tests.test_answers import (
    accepted_otherwise,
    ended,
    expired,
    link_accept,
    lost,
    passive,
    revoked,
    superseded,
    withdrawn,
)
from offers.products.tests.factories import line

pytestmark = pytest.mark.django_db
TITLE = "Esimiesvalmennus 2027"


@pytest.fixture(autouse=True)
def empty_cache():
    cache.clear()


@pytest.fixture
def link():
    return sent_link(OfferFactory(title=TITLE, lines=[line("Valmennuspäivä", unit_price="1234.50")]))


def address(link, name="public"):
    return reverse(f"offers:{name}", args=[secret_of(link)])


def read(link, query="", **headers):
    return Client(**headers).get(address(link) + query)


def answer(link, **fields):
    return Client().post(address(link), {"answer": "accepted", "name": "Maija Virtanen", **fields})


def pdf_status(link):
    response = Client().get(address(link, "public_pdf"))
    b"".join(response)  # reads and closes the file
    return response.status_code


def words(response):
    return " ".join(response.text.split()).replace("\N{NO-BREAK SPACE}", " ")


def test_the_contact_reads_the_offer_without_signing_in(link):
    response = read(link, "?lang=en")
    text = words(response)
    assert response.status_code == 200
    for part in (TITLE, link.version.offer.number, "Valmennuspäivä", "1,234.50 €", "1,549.30 €", "Accept the offer"):
        assert part in text, part


def test_it_is_in_the_offers_language_until_another_is_chosen(link):
    assert '<html lang="fi"' in read(link).text
    assert '<html lang="en"' in read(link, "?lang=en").text
    assert '<html lang="fi"' in read(link, "?lang=sv").text


def test_no_search_engine_keeps_it_and_no_script_runs_on_it(link):
    response = read(link)
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert "no-store" in response["Cache-Control"]
    assert '<meta name="robots" content="noindex, nofollow">' in response.text
    assert "<form" in response.text
    assert "hx-" not in response.text


def test_opening_it_is_noted_but_not_by_those_who_only_ask_for_its_head(link):
    Client().head(address(link))
    assert fresh(link).opened_at is None
    read(link)
    assert fresh(link).opened_at is not None


def test_accepting_on_the_page_makes_the_order_and_thanks(link):
    response = answer(link, comment="Hienoa")
    assert response.status_code == 302
    assert Order.objects.get().offer.status == OfferStatus.ORDER
    text = words(Client().get(response["Location"] + "?lang=en"))
    assert "Thank you, the offer has been accepted" in text
    assert "Maija Virtanen accepted it on" in text
    assert "<form" not in text


def test_pressing_accept_twice_makes_one_order(link):
    assert [answer(link).status_code for _press in range(2)] == [302, 200]
    assert Order.objects.count() == 1


def test_declining_on_the_page_closes_the_offer_and_thanks(link):
    answer(link, answer="declined", comment="Ei nyt")
    link = fresh(link)
    assert (link.answer, link.comment) == (LinkAnswer.DECLINED, "Ei nyt")
    assert link.version.offer.status == OfferStatus.LOST
    assert "Thank you for your answer" in words(read(link, "?lang=en"))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"name": ""}, "Enter your name."),
        ({"name": " \u202e "}, "Enter your name."),
        ({"answer": ""}, "Choose whether you accept or decline."),
        ({"answer": "maybe"}, "Choose whether you accept or decline."),
        ({"name": "x" * 201}, "at most 200 characters"),
        ({"comment": "x" * 2001}, "at most 2000 characters"),
        ({"name": "a\x00b"}, "Null characters"),
    ],
)
def test_a_bad_answer_gets_its_sentence_and_changes_nothing(link, fields, message):
    response = Client().post(
        address(link) + "?lang=en", {"answer": "accepted", "name": "Maija", "comment": "", **fields}
    )
    assert response.status_code == 422
    assert message in response.text
    assert Offer.objects.get().status == OfferStatus.SENT


@pytest.mark.parametrize(
    ("happened", "status", "says", "is_readable"),
    [
        (accepted_otherwise, 200, "This offer has already been accepted", True),
        (expired, 200, "This offer has expired", True),
        (lost, 200, "This offer is no longer valid", False),
        (withdrawn, 200, "This offer is being revised", False),
        (superseded, 200, "A newer offer has been sent", False),
        (revoked, 410, "This link has been revoked", False),
        (ended, 410, "This link has expired", False),
        (passive, 410, "This link has expired", False),
    ],
)
def test_each_old_link_says_why_it_accepts_nothing(link, happened, status, says, is_readable):
    happened(link.version.offer, link)
    orders = Order.objects.count()
    for response in (read(link, "?lang=en"), Client().post(address(link) + "?lang=en", {"answer": "accepted"})):
        assert response.status_code == status
        assert says in words(response)
        assert "<form" not in response.text
        assert (TITLE in response.text) == is_readable
    assert pdf_status(link) == (200 if is_readable else 404)
    assert Order.objects.count() == orders


def test_a_superseded_link_does_not_lead_to_the_newer_one(link):
    newer = sent_link(link.version.offer)
    assert secret_of(newer) not in read(link).text


@pytest.mark.parametrize("secret", ["x", "A" * 32, "ääkkö", "%00", "a" * 4000])
def test_a_forged_link_is_told_nothing(link, secret):
    response = Client().get(f"/offer/{secret}/?lang=en")
    assert response.status_code == 404
    assert TITLE not in response.text
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert Client().get(f"/offer/{secret}/pdf/").status_code == 404


def test_it_can_be_asked_only_so_often(link):
    codes = {read(link).status_code for _time in range(30)}
    assert codes == {200}
    assert read(link).status_code == 429
    assert answer(link).status_code == 429
    assert pdf_status(link) == 429
    assert Offer.objects.get().status == OfferStatus.SENT


def test_guessing_from_one_address_is_stopped(link):
    for number in range(60):
        assert Client().get(f"/offer/guess-{number}/").status_code == 404
    assert Client().get("/offer/another/").status_code == 429


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_are_refused(link, method):
    assert getattr(Client(), method)(address(link)).status_code == 405
    assert Client().post(address(link, "public_pdf")).status_code == 405


def test_an_answer_from_another_site_is_refused(link):
    client = Client(enforce_csrf_checks=True)
    assert client.post(address(link), {"answer": "accepted", "name": "Maija"}).status_code == 403
    assert not Order.objects.exists()


def test_the_pdf_is_that_of_the_version(link):
    response = Client().get(address(link, "public_pdf"))
    assert response["Content-Type"] == "application/pdf"
    assert f"{link.version.offer.number}-v1.pdf" in response["Content-Disposition"]
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    with link.version.pdf.open() as file:
        assert b"".join(response.streaming_content) == file.read()


def test_a_pdf_whose_file_is_gone_is_not_found(link):
    link.version.pdf.storage.delete(link.version.pdf.name)
    assert pdf_status(link) == 404
    assert read(link).status_code == 200


def test_it_shows_what_was_sent_though_the_offer_says_something_else_now(link):
    Offer.objects.update(title="Muutettu")
    link.version.offer.lines.update(name="Muutettu")
    text = read(link).text
    assert TITLE in text
    assert "Muutettu" not in text


def test_rule_19_nothing_internal_is_on_the_page_or_in_the_pdf():
    offer = OfferFactory(
        title=TITLE, internal_notes="SALAINEN muistio", probability=73, competitor="SALAINEN kilpailija",
        lines=[line(owner_id=None)],
    )  # fmt: skip
    offer.customer.description = offer.customer.cost_centre = "SALAINEN kuvaus"
    offer.customer.save()
    link = sent_link(offer)
    assert "SALAINEN" not in read(link).text
    assert "73 %" not in read(link).text
    assert "SALAINEN" not in str(OfferVersion.objects.values().get())


def test_what_the_customer_wrote_is_only_text(link):
    link_accept(link=link, name="<script>alert(1)</script>", comment="<b>x</b>")
    text = read(link).text
    assert "<script>alert" not in text
    assert "&lt;script&gt;" in text


def test_an_offer_without_lines_shows_its_estimate():
    link = sent_link(OfferFactory(estimate=12500))
    assert "Estimated price without VAT: 12,500.00 €" in words(read(link, "?lang=en"))


def test_an_offer_taken_back_and_sent_again_is_accepted_by_its_own_link(link):
    offer = link.version.offer
    offer_reopen(offer=offer, user=offer.owner, reason="Hinta muuttuu")
    newer = sent_link(offer)
    assert answer(link).status_code == 200
    assert not Order.objects.exists()
    assert answer(newer).status_code == 302
    assert Order.objects.get().offer_version == newer.version


def test_a_revoked_link_opens_nothing_while_another_of_the_same_version_works(link):
    other = OfferLink.objects.get(pk=sent_link(link.version.offer).pk)
    link_revoke(link=link)
    assert read(link).status_code == 410
    assert read(other).status_code == 200


def test_a_link_ends_some_time_after_the_offer(link):
    until = link.version.valid_until
    assert (
        dt.timedelta(days=59)
        < link.expires_at - timezone.make_aware(dt.datetime.combine(until, dt.time()))
        < dt.timedelta(days=62)
    )
