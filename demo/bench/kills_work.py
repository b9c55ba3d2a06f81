"""What an installation does while its processes are killed: an import, messages, acceptances, password resets.

Each work begins with :meth:`~Work.start`, ends with :meth:`~Work.finish`, and then says what was lost and doubled.
"""

from __future__ import annotations

import datetime as dt
import http.client
import io
import itertools
import json
import re
import socketserver
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass
from decimal import Decimal
from email import message_from_bytes, policy
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.db.models import Count, Sum

from accounts.enums import SystemMailState
from accounts.models import SystemMail, User
from accounts.services import api_token_create
from activities.mail.enums import MessageState
from activities.mail.models import EmailMessage
from activities.mail.outbox import LOST_AFTER, outboxes_sweep
from core import clock
from customers.models import Customer
from demo.bench.busy import offer_to_accept
from imports.bench import made_up_file, make_mapping
from imports.enums import RunState
from imports.models import ImportRun
from imports.services import run_create, run_start
from offers.offers.models import Offer, OfferLink
from offers.offers.services.links import link_make, secret_of
from offers.offers.services.sending import version_make
from offers.orders.models import Order

#: After so long an offer that is not accepted counts as lost.
MOST_SECONDS = 120
ROWS, MESSAGES, ACCEPTANCES, PRESSES = 20_000, 100, 25, 3
LONGEST = 400  # seconds from the last kill until everything has ended
ADDRESS = itertools.count(1)


@dataclass(frozen=True)
class Outcome:
    what: str
    asked: int
    done: int
    lost: int
    doubled: int
    note: str = ""


def table(outcomes: Iterable[Outcome]) -> str:
    head = ["| what | asked | done | lost | doubled | |", "|---|--:|--:|--:|--:|---|"]
    return "\n".join(
        head + [f"| {o.what} | {o.asked} | {o.done} | {o.lost} | {o.doubled} | {o.note} |" for o in outcomes]
    )


class Sink(socketserver.ThreadingTCPServer):
    """A mail server on this machine that keeps the address and subject of what it gets."""

    allow_reuse_address = daemon_threads = True

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", port), SinkHandler)
        self.got: Counter[tuple[str, str]] = Counter()
        self.resets: Counter[str] = Counter()  # by address: mails with a link to choose a password
        threading.Thread(target=self.serve_forever, daemon=True).start()


class SinkHandler(socketserver.StreamRequestHandler):
    server: Sink

    def handle(self) -> None:
        with suppress(OSError):
            self.say("220 sink")
            while line := self.rfile.readline():
                self.answer(line.strip().upper())

    def answer(self, command: bytes) -> None:
        if command.startswith(b"DATA"):
            self.say("354 go on")
            lines = list(iter(self.rfile.readline, b".\r\n"))
            message = message_from_bytes(b"".join(lines), policy=policy.default)
            self.server.got[str(message["To"]), str(message["Subject"])] += 1
            text = message.get_body()
            if text and "/account/password/reset/" in text.get_content():
                self.server.resets[str(message["To"])] += 1
        self.say("221 bye" if command.startswith(b"QUIT") else "250 ok")

    def say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


def ask(method: str, path: str, body: str = "", **headers: str) -> tuple[int, str, str]:
    """Ask the installation from an address that nobody has asked from; return status, cookie and text.

    The status is 0 where no answer came.
    """
    number = next(ADDRESS)
    own = {"X-Forwarded-For": f"10.0.{number // 250}.{number % 250}", "Host": urlsplit(settings.BASE_URL).netloc}
    try:
        with closing(http.client.HTTPConnection("127.0.0.1", urlsplit(settings.BASE_URL).port, timeout=30)) as client:
            client.request(method, path, body or None, own | {k.replace("_", "-"): v for k, v in headers.items()})
            answer = client.getresponse()
            return answer.status, answer.headers.get("Set-Cookie", "").split(";")[0], answer.read().decode()
    except (OSError, http.client.HTTPException):
        return 0, "", ""


def send_form(path: str, **fields: str) -> int:
    """Open a page and send its form; return the status of the answer, 0 where there was none."""
    status, cookie, page = ask("GET", path)
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    if status != 200 or token is None:
        return 0
    body = urlencode(fields | {"csrfmiddlewaretoken": token[1]})
    return ask("POST", path, body, Content_Type="application/x-www-form-urlencoded", Cookie=cookie)[0]


def read(query: Callable[[], Any]) -> Any:
    """Return what a query gives, also while the database is starting again."""
    deadline = time.monotonic() + 60
    while True:
        try:
            return query()
        except (DatabaseError, InterfaceError):
            connection.close()
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def wait(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + LONGEST
    while not read(condition):
        if time.monotonic() > deadline:
            raise RuntimeError(f"{what} did not end within {LONGEST} s")
        time.sleep(0.5)


class Work:
    """One kind of work, done in a separate thread."""

    name = ""

    def start(self) -> None:
        self.thread = threading.Thread(target=self._do, daemon=True)
        self.thread.start()

    def _do(self) -> None:
        try:
            self.do()
        finally:
            connection.close()

    def do(self) -> None:
        raise NotImplementedError

    def finish(self) -> None:
        self.thread.join()
        self.settle()

    def settle(self) -> None:
        """Wait until everything that was asked has been done."""

    def outcomes(self) -> list[Outcome]:
        raise NotImplementedError


class Import(Work):
    """An import of customers; where it was given up, a person continues it."""

    name = "the import"

    def __init__(self) -> None:
        self.user, self.continued = User.objects.get(username="admin"), 0
        file = io.BytesIO(made_up_file(ROWS))
        self.run = run_create(kind="customers", file=file, name="kills.csv", owner=self.user, mapping=make_mapping())

    def start(self) -> None:
        self.run = run_start(run=self.run, user=self.user, dry_run=False)

    def finish(self) -> None:
        wait(self._is_done, self.name)

    def _is_done(self) -> bool:
        run = ImportRun.objects.select_related("job").get(pk=self.run.pk)
        if run.state != RunState.DONE and run.job and run.job.is_finished:
            self.continued += 1
            run_start(run=run, user=self.user, dry_run=False)
        return run.state == RunState.DONE

    def outcomes(self) -> list[Outcome]:
        made = Customer.objects.filter(name__startswith="Mittaus ")
        names = made.values("name").distinct().count()
        lines = made_up_file(ROWS).decode().splitlines()[1:]
        expected = sum(Decimal(line.split(";")[8].replace(",", ".")) for line in lines)
        turnover = made.aggregate(sum=Sum("turnover"))["sum"]
        agrees = "as in the file" if turnover == expected else f"{turnover} and {expected} in the file"
        note = f"turnover {agrees}; continued by a person {self.continued} ×"
        lost = max(ROWS - names, int(turnover != expected))
        return [Outcome("rows of an import", ROWS, names, lost, made.count() - names, note)]


class Messages(Work):
    """Messages sent through the API, some of them without an answer."""

    name = "the messages"

    def __init__(self, sink: Sink) -> None:
        self.sink, self.answered = sink, set[str]()
        self.key = api_token_create(user=User.objects.get(username="admin"))[1]
        self.customer = Customer.objects.active().earliest("pk").pk

    def do(self) -> None:
        for number in range(MESSAGES):
            subject = f"Kills {number}."
            content = {"to": [f"kills{number}@example.com"], "subject": subject, "body": "<p>x</p>"}
            body = json.dumps(content | {"customer": self.customer, "signed": False})
            headers = {"Authorization": f"Token {self.key}", "Content_Type": "application/json"}
            if ask("POST", "/api/v1/emails/", body, **headers)[0] == 201:
                self.answered.add(subject)
            time.sleep(1)

    def settle(self) -> None:
        waiting = EmailMessage.objects.filter(subject__startswith="Kills ", state=MessageState.WAITING)
        wait(lambda: not waiting.exists(), self.name)

    def outcomes(self) -> list[Outcome]:
        with clock.frozen(clock.now() + LOST_AFTER + dt.timedelta(minutes=1)):
            outboxes_sweep()  # tells which messages dead workers have left
        rows = dict(EmailMessage.objects.filter(subject__startswith="Kills ").values_list("subject", "state"))
        count = EmailMessage.objects.filter(subject__startswith="Kills ").count()
        got = Counter({subject: n for (_to, subject), n in self.sink.got.items() if subject.startswith("Kills ")})
        told = {subject for subject, state in rows.items() if state == MessageState.FAILED}
        sent = {subject for subject, state in rows.items() if state == MessageState.SENT}
        lost = (
            (self.answered - set(rows)) | {subject for subject in sent if not got[subject]} | (set(rows) - sent - told)
        )
        doubled = count - len(rows) + sum(n - 1 for n in got.values() if n > 1)
        note = f"{len(told)} told as not known whether sent, {sum(got[s] for s in told)} of them had arrived; "
        note += f"{MESSAGES - len(self.answered)} requests without an answer"
        return [Outcome("messages", len(self.answered), len(sent), len(lost), doubled, note)]


class Acceptances(Work):
    """Contacts who accept offers by their links, each with several presses at once and again until it is accepted."""

    name = "the acceptances"

    def __init__(self) -> None:
        user = User.objects.get(username="manager")
        self.links = [_open_link(user, customer) for customer in Customer.objects.active().order_by("pk")[:ACCEPTANCES]]

    def do(self) -> None:
        for link in self.links:
            answered = OfferLink.objects.filter(pk=link.pk).exclude(answer="")
            deadline = time.monotonic() + MOST_SECONDS
            while not read(answered.exists) and time.monotonic() < deadline:
                self.press(f"/offer/{secret_of(link)}/")
            time.sleep(3)

    def press(self, path: str) -> None:
        with ThreadPoolExecutor(PRESSES) as threads:
            list(threads.map(lambda _press: send_form(path, answer="accepted", name="Aino"), range(PRESSES)))

    def outcomes(self) -> list[Outcome]:
        offers = [link.version.offer_id for link in self.links]
        orders = Order.objects.filter(offer_id__in=offers)
        counts = dict(orders.values_list("offer").annotate(n=Count("pk")))
        nets = dict(orders.values_list("offer", "net"))
        wrong = [pk for pk, net in Offer.objects.filter(pk__in=offers).values_list("pk", "net") if nets.get(pk) != net]
        doubled = sum(n - 1 for n in counts.values())
        note = f"sums {'as in the offers' if not wrong else f'of {len(wrong)} offers differ'}"
        return [Outcome("acceptances", len(offers), len(counts), len(offers) - len(counts) + len(wrong), doubled, note)]


def _open_link(user: User, customer: Customer) -> OfferLink:
    """Return the link of a new offer that has been sent to the customer."""
    offer = offer_to_accept(user, customer)
    Offer.objects.filter(pk=offer.pk).update(net=offer.lines.get().net)
    offer.refresh_from_db()
    version = version_make(offer=offer, user=user)
    version.sent_at = clock.now()
    version.save(update_fields=["sent_at"])
    return link_make(offer_version=version, contact=None, email="contact@example.com")


class Resets(Work):
    """Users who ask for a link to choose a password, each again until the page says that it is on its way."""

    name = "the resets"

    def __init__(self, sink: Sink) -> None:
        self.sink, self.asked = sink, Counter[str]()
        self.users = list(User.objects.active().exclude(email="").values_list("email", flat=True))
        self.before = SystemMail.objects.count()

    def do(self) -> None:
        for address in itertools.islice(itertools.cycle(self.users), 2 * len(self.users)):
            status = 0
            while status != 302:
                status = send_form("/account/password/reset/", email=address)
                time.sleep(0.5)
            self.asked[address] += 1
            time.sleep(2)

    def settle(self) -> None:
        open_states = (SystemMailState.WAITING, SystemMailState.SENDING)
        wait(lambda: not SystemMail.objects.filter(state__in=open_states).exists(), self.name)

    def outcomes(self) -> list[Outcome]:
        made = dict(SystemMail.objects.filter(address__in=self.users).values_list("address").annotate(n=Count("pk")))
        got = self.sink.resets
        lost = sum(max(0, made.get(address, 0) - got[address], n - got[address]) for address, n in self.asked.items())
        repeated = sum(max(0, got[address] - made.get(address, 0)) for address in self.asked)
        note = f"{repeated} came twice, which is meant: both links are good"
        return [Outcome("password resets", self.asked.total(), sum(got[a] for a in self.asked), lost, 0, note)]


def all_work(sink: Sink) -> list[Work]:
    return [Import(), Messages(sink), Acceptances(), Resets(sink)]
