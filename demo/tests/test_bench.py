"""The bench: every case answers, what is measured is right, and so are the tables. Not how fast anything is."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from activities.log.models import Activity, Participation
from core import registry
from crm.settings.bench import MIDDLEWARE
from customers.models import Customer
from demo.bench import middleware, pairs
from demo.bench.busy import CUSTOMER, make_busy, make_many_offers, make_offers, month
from demo.bench.cases import AIMS, aim_of, cases, start_cases
from demo.bench.client import Answer, Caller, Case
from demo.bench.measure import Aim, Bulk, Figures, Pairs, Result, figures, tables
from demo.bench.run import ROLES
from offers.offers.models import Offer


@pytest.fixture
def user(loaded: None) -> User:
    return User.objects.get(username="manager")


@pytest.fixture
def manager(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def ask(client: Client, case: Case) -> Any:
    if case.form is not None:
        return client.post(case.url, case.form, headers=case.headers)
    return client.get(case.url, headers=case.headers)


class InProcess(Caller):
    """A caller without a server."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def send(self, case: Case, *, counted: bool = False) -> Answer:
        answer = ask(self.client, case)
        assert answer.status_code == case.status, case
        return Answer(0.1, 1, 1, None)


def test_every_case_answers_and_every_aim_is_of_a_case(manager, user):
    make_offers(user, Customer.objects.get(name=CUSTOMER))
    before = Activity.objects.count()
    asked = list(cases(user))
    answers = {case.name: (ask(manager, case).status_code, case.status) for case in asked}
    assert {name: pair for name, pair in answers.items() if pair[0] != pair[1]} == {}
    assert len(answers) == len(asked) > 40
    assert set(AIMS) <= set(answers)
    assert aim_of("Start of viewer: panel jobs") == aim_of("Start: panel jobs") == Aim(ms=100)
    assert aim_of("Contacts: first page") == AIMS["Contacts: first page"]
    assert Activity.objects.count() == before + 1


def test_the_panels_that_only_other_roles_have_are_asked_once_each(user):
    seen = {panel.name for panel in registry.panels.allowed("start", user)}
    own, asked = set(seen), []
    for username in ROLES:
        other = User.objects.get(username=username)
        client = Client()
        client.force_login(other)
        for case in start_cases(other, username, seen):
            asked.append(case.name.rpartition(" ")[2])
            assert ask(client, case).status_code == 200, case
    assert len(asked) == len(set(asked)) > 2
    assert not own & set(asked)


def test_the_busy_customer_and_month_are_made_once(user):
    start, end = month()
    for _time in range(2):
        make_busy(user)
        assert Customer.objects.get(name=CUSTOMER).activities.count() >= 5_000
        in_month = Participation.objects.filter(user=user, start_at__gte=start, start_at__lt=end)
        assert in_month.count() in range(400, 600)


def test_offers_are_copied_up_to_the_number_that_is_asked(loaded):
    asked = Offer.objects.count() + 25
    for _time in range(2):
        make_many_offers(asked)
        assert Offer.objects.count() == asked


@pytest.mark.parametrize("name", pairs.LISTS)
def test_the_example_of_every_filter_of_a_list_can_be_read(name, manager, user):
    url = pairs.reverse(pairs.LISTS[name])
    filterset = pairs.filterset_of(url, user)
    values = dict(pairs.examples(filterset, name))
    assert len(values) >= len(filterset.form.fields) - 2
    for key, value in values.items():
        InProcess(manager).send(Case(key, f"{url}?{key}={value}"))


def test_all_pairs_of_filters_are_asked(manager, user):
    found = pairs.walk(InProcess(manager), user, "contacts", 60)
    number = len(list(pairs.examples(pairs.filterset_of("/contacts/", user), "contacts")))
    assert (found.count, found.slow, found.worst_seconds) == (number * (number - 1) // 2, 0, 0.1)


def test_queries_are_counted_when_that_is_asked(manager, settings):
    settings.MIDDLEWARE = MIDDLEWARE
    counted = manager.get("/customers/", headers={middleware.COUNT: "1"})
    assert 1 < int(counted[middleware.COUNTED]) < 40
    assert middleware.COUNTED not in manager.get("/customers/").headers


def test_the_bare_view_needs_one_query_and_no_session(loaded, settings, django_assert_num_queries):
    settings.MIDDLEWARE = MIDDLEWARE
    with django_assert_num_queries(1):
        page = Client().get(middleware.BARE).content.decode()
    assert page.count("<tr>") == 50
    assert CUSTOMER in page


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = gzip.compress(b"a" * 1_000)
        self.send_response(200 if self.path == "/good" else 500)
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: Any) -> None:
        pass


@pytest.fixture
def port() -> Iterator[int]:
    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def test_bytes_are_told_as_sent_and_as_meant(port):
    with closing(Caller(port, "")) as caller:
        answer = caller.send(Case("good", "/good"))
    assert answer.size == 1_000 > answer.wire > 0


def test_a_case_that_fails_is_not_measured(port):
    with closing(Caller(port, "")) as caller, pytest.raises(RuntimeError, match="bad: answered 500"):
        caller.send(Case("bad", "/bad"))


def test_median_and_95th_percentile_in_milliseconds():
    found = figures([0.010, 0.020, 0.030])
    assert (found.median, found.p95) == (pytest.approx(20), pytest.approx(29))


def result(**changes: Any) -> Result:
    values = {
        "name": "L", "customers": 4000, "page": Figures(30, 45), "cpu": 25.0, "rate": 20.0, "queries": 12,
        "wire": 9_500, "size": 64_000, "memory": 9, "bare": Figures(15, 16), "bare_rate": 80.0,
    }  # fmt: skip
    return Result(**{**values, **changes})


@pytest.mark.parametrize(
    ("aim", "misses"),
    [
        (Aim(), []),
        (Aim(bare=3, ms=100, queries=12, rate=0.25, kilobytes=64), []),
        (Aim(bare=1), ["× 2.0"]),
        (Aim(ms=20), ["ms 1.5"]),
        (Aim(queries=8), ["queries 1.5"]),
        (Aim(rate=0.5), ["requests/s 2.0"]),
        (Aim(kilobytes=16), ["kB 4.0"]),
    ],
)
def test_an_aim_that_is_missed_says_by_how_much(aim, misses):
    assert aim.misses(result()) == misses


def test_the_tables_tell_figures_aims_and_misses():
    lines = tables(
        [
            Bulk("Import", 4000, 2000, 2.5, 160, floor=1.0, aim="≤ 2 × floor", is_missed=True),
            Pairs("offers", 4000, 10, 1, "mine=true and status=open", 0.75, 0.1),
            result(),
        ],
        {"L": Aim(queries=8)}.get,
    ).splitlines()
    assert [line for line in lines if line.startswith(("| L ", "| offers", "| Import"))] == [
        "| L | 4,000 | 30.0 | 45.0 | 25.0 | 2.0 | 20.0 | 0.25 | 12 | 9.5 | 64.0 | 9 | ≤ 8 queries | **queries 1.5** |",
        "| offers | 4,000 | 10 | 1 | 100 | 750 | mine=true and status=open | ≤ 500 ms | **1.5** |",
        "| Import | 4,000 | 2,000 | 2.5 | 800 | 160 | 1.0 | 2.5 | ≤ 2 × floor | **missed** |",
    ]
