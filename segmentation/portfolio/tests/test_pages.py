"""The pages of segments: each figure leads to its rows, files and API have the same figures."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.urls import reverse

from accounts.tests.factories import UserFactory
from core.bulk.models import BulkRun
from core.bulk.services import run_preview, run_start
from core.tests.bulk import chosen_from, finished
from segmentation.membership.tests.factories import segment
from segmentation.portfolio.tests.test_flow import (  # noqa: F401 - fixtures
    BETWEEN,
    LONG_AGO,
    customer,
    day,
    member,
    query,
    world,
)
from segmentation.schemes.models import SegmentGoal, SegmentReason

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client: Any, world: Any) -> Any:  # noqa: F811
    client.force_login(UserFactory(role="administrator", language="en"))
    return client


def links(text: str) -> list[tuple[str, int]]:
    """Return the figures of a page's tables with their addresses."""
    found = re.findall(r'<a class="figure" href="([^"]+)">([\d\s\xa0]+)</a>', text)
    return [(unescape(url), int(re.sub(r"\D", "", number))) for url, number in found]


def rows_of(answer: Any) -> int:
    return len(answer.context["table"].rows)


@pytest.mark.parametrize("part", ["", "owner", "group", "industry", "municipality"])
def test_every_figure_of_the_flow_leads_to_its_customers(page: Any, part: str) -> None:
    text = page.get("/segments/", {"part": part} if part else {}).content.decode()
    figures = links(text)
    assert figures
    for url, number in figures:
        answer = page.get(url)
        assert answer.status_code == 200, url
        assert rows_of(answer) == number, url


def test_the_diagram_has_a_band_for_each_cell(page: Any) -> None:
    text = page.get("/segments/").content.decode()
    assert text.count('class="band') == 10
    assert "C Basic customers → B Growing customers: 1" in unescape(text)


def test_places_in_drawings_have_a_point_in_finnish_too(page: Any) -> None:
    page.force_login(UserFactory(role="administrator", language="fi"))
    text = page.get("/segments/").content.decode()
    assert "Segmentit" in text
    assert not re.search(r' (?:x|y|height|width)="\d+,', text)


def test_the_page_of_a_segment_tells_who_came_and_went_and_why(page: Any, world: Any) -> None:  # noqa: F811
    reason = SegmentReason.objects.order_by("pk")[0]
    own = customer()
    member(own, "C", LONG_AGO, BETWEEN)
    member(own, "B", BETWEEN, reason=reason)
    key = segment("B")
    text = page.get(f"/segments/{key.pk}/").content.decode()
    assert reason.name in text
    figures = [figure for figure in links(text) if "memberships" in figure[0]]
    assert sorted(number for _url, number in figures) == [1, 1, 1, 3]  # from C twice, without segment, and the sum
    for url, number in links(text):
        assert rows_of(page.get(url)) == number, url
    out = links(page.get(f"/segments/{segment('C').pk}/").content.decode())
    for url, number in out:
        assert rows_of(page.get(url)) == number, url


def test_goals_are_compared_with_what_came_true(page: Any) -> None:
    key = segment("B")
    SegmentGoal.objects.create(segment=key, year=2026, kind="members", target=6)
    answer = page.get(f"/segments/{key.pk}/", {"part": "goals"})
    text = answer.content.decode()
    assert "50 %" in text  # three of six
    for url, number in links(text):
        if "/segments/customers/" in url:
            assert rows_of(page.get(url)) == number, url


def test_a_file_and_the_api_have_the_figures_of_the_page(page: Any) -> None:
    answer = page.get("/segments/", {"export": "csv", "table": "sizes"})
    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert any(line.startswith("B Growing customers") for line in lines)
    assert page.get("/segments/", {"export": "csv", "table": "nothing"}).status_code == 404
    content = page.get("/api/v1/segment-flow/").json()
    key = str(segment("B").pk)
    assert {size["node"]: size["after"] for size in content["sizes"]}[key] == 3
    assert page.get("/api/v1/segment-flow/", {"first": "2027-01-01"}).status_code == 400


def test_days_and_schemes_that_cannot_be_read_are_refused(page: Any) -> None:
    for asked in ({"first": "x"}, {"scheme": "none"}, {"first": "2026-11-29", "last": "2025-01-01"}, {"owner": "0"}):
        assert page.get("/segments/", asked).status_code == 400, asked
    for asked in ({"was": "x"}, {"first": "2027-01-01"}, {"scheme": "none"}):
        assert page.get("/segments/customers/", asked).status_code == 400, asked


def test_everyone_sees_the_segments(client: Any, world: Any) -> None:  # noqa: F811
    client.force_login(UserFactory(role="read_only"))
    for name in ("segments", "customers", "memberships"):
        assert client.get(reverse(f"portfolio:{name}")).status_code == 200
    assert client.get(reverse("portfolio:segment", args=[segment("A").pk])).status_code == 200


def test_customers_that_stay_too_long_are_listed(page: Any, world: Any) -> None:  # noqa: F811
    key = segment("B")
    type(key).objects.filter(pk=key.pk).update(longest_days=300)
    text = page.get(f"/segments/{key.pk}/").content.decode()
    found = [(url, number) for url, number in links(text) if "too_long" in url]
    assert [number for _url, number in found] == [1]  # in B since 2024; the others since March
    assert rows_of(page.get(found[0][0])) == 1


def test_customers_of_the_flow_are_ticked_and_exported_with_their_segments(page: Any, world: Any) -> None:  # noqa: F811
    address = f"/segments/customers/?first=2025-11-29&last=2026-11-29&now={segment('P').pk}"
    moved = {world["enters"].pk, world["new"].pk}
    assert chosen_from(page, address, "customers.export") == [moved] * 2
    run = run_start(run=run_preview(run=BulkRun.objects.latest("pk"), params={"kind": "csv"}))
    with finished(run).job.result.open() as file:
        lines = file.read().decode("utf-8-sig").splitlines()
    assert len(lines) == 3
    assert all(segment("P").name in line for line in lines[1:])


@pytest.mark.parametrize("address", ["/segments/", "/segments/{}/?part=sizes", "/segments/{}/?part=goals"])
def test_each_cell_of_a_table_has_the_name_of_its_column_for_a_phone(address: str, page: Any) -> None:
    key = segment("B")
    SegmentGoal.objects.create(segment=key, year=2026, kind="members", target=6)
    text = page.get(address.format(key.pk)).content.decode()
    assert 'class="t stacked"' in text
    cells = re.findall(r"<td[^>]*>", text)
    assert cells
    assert [cell for cell in cells if "data-label=" not in cell] == []
