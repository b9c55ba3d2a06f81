"""Texts are compressed on the wire; files and what is streamed are not."""

from __future__ import annotations

import gzip

import pytest
from django.http import HttpResponse, StreamingHttpResponse
from django.test import RequestFactory

from accounts.tests.factories import UserFactory
from core.middleware import TextCompressionMiddleware

pytestmark = pytest.mark.django_db

ACCEPTS = {"Accept-Encoding": "gzip, br"}
LONG = "Nokian Konepaja Oy " * 100


def answer(response, headers=ACCEPTS):
    return TextCompressionMiddleware(lambda _request: response)(RequestFactory().get("/", headers=headers))


@pytest.mark.parametrize("address", ["/users/", "/api/v1/users/"])
def test_pages_and_endpoints_come_compressed_to_those_who_take_it(client, address):
    client.force_login(UserFactory(role="administrator"))
    for _number in range(20):
        UserFactory()
    plain, compressed = client.get(address), client.get(address, headers=ACCEPTS)
    assert (plain.has_header("Content-Encoding"), compressed["Content-Encoding"]) == (False, "gzip")
    assert "Accept-Encoding" in plain["Vary"]
    assert len(compressed.content) < len(plain.content) / 3
    assert gzip.decompress(compressed.content)[:40] == plain.content[:40]


@pytest.mark.parametrize("media_type", ["text/html; charset=utf-8", "application/json", "text/csv", "text/calendar"])
def test_texts_are_compressed(media_type):
    response = answer(HttpResponse(LONG, content_type=media_type))
    assert gzip.decompress(response.content).decode() == LONG


@pytest.mark.parametrize("accepted", ["gzip;q=0", "br, gzip; q=0.0, *", "identity"])
def test_who_takes_no_gzip_gets_none(accepted):
    assert not answer(HttpResponse(LONG), {"Accept-Encoding": accepted}).has_header("Content-Encoding")


def test_equal_answers_have_different_lengths_against_breach():
    assert len({len(answer(HttpResponse(LONG)).content) for _number in range(30)}) > 5


@pytest.mark.parametrize("media_type", ["application/pdf", "image/png", "application/zip"])
def test_files_are_left_as_they_are(media_type):
    response = answer(HttpResponse(LONG, content_type=media_type))
    assert (response.has_header("Content-Encoding"), response.content.decode()) == (False, LONG)


def test_what_is_streamed_goes_out_as_it_is_made():
    response = answer(StreamingHttpResponse(iter([LONG, LONG]), content_type="text/csv"))
    assert not response.has_header("Content-Encoding")
    assert list(response) == [LONG.encode(), LONG.encode()]
