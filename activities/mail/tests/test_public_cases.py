"""The messages of public bug reports, read from the shared cases: what becomes of each of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings

from accounts.models import Notification
from accounts.tests.factories import UserFactory
from activities.log.models import Activity
from activities.mail.enums import MessageState
from activities.mail.models import EmailMessage
from activities.mail.recipients import Letter
from activities.mail.services.messages import MESSAGES, emails_send
from activities.mail.tests.letters import receive
from activities.mail.tests.test_messages import to
from core import clock
from core.documents import documents_of
from core.richtext import to_text
from customers.models import Customer, CustomerSummary
from customers.tests.factories import ContactFactory, CustomerFactory

CASES = Path(settings.BASE_DIR).parent / "shared" / "cases" / "public-2026-11"
NOW = dt.datetime(2026, 11, 28, 10, tzinfo=dt.UTC)

pytestmark = [pytest.mark.django_db, pytest.mark.skipif(not CASES.exists(), reason="no shared cases")]


def case(name: str) -> bytes:
    [path] = [*CASES.glob(f"{name}.eml"), *CASES.glob(f"passing/{name}.eml")]
    return path.read_bytes()


def text() -> str:
    return to_text(EmailMessage.objects.order_by("-pk")[0].body)


def files() -> list[str]:
    return [row.name for row in documents_of(Activity.objects.latest("pk"))]


def customer(name: str) -> Customer:
    return Customer.objects.get(name=name)


def last_contact(name: str) -> dt.datetime | None:
    return CustomerSummary.objects.get(customer__name=name).last_contact_at


@pytest.fixture(autouse=True)
def _people():
    """Freeze the clock; add the users and contacts of the messages."""
    manager = UserFactory(role="key_account_manager", email="manager@portaali.example")
    UserFactory(role="read_only", email="assistant@portaali.example")
    for company, address in (
        ("Ikonen", "ahmed.aalto@ikosenrakennus.example"),
        ("Tammi", "annika.hiltunen@apteekkitammisilta.example"),
        ("Lindqvist", "paivi.moilanen@apteekkilindqvistpojat.example"),
        ("Kaunopuro", "henrik.hyvonen@asianajotoimistokaunopuro.example"),
    ):
        ContactFactory(customer=CustomerFactory(name=company, owner=manager), email=address)
    with clock.frozen(NOW):
        yield


def wrong_charset() -> None:
    assert receive(case("em01_latin1_is_cp1252")).kind == "captured"
    assert text() == "Hei, hinta on 1 250 € – se ’sopii’ meille."


def read_receipt() -> None:
    sent = sent_message()
    raw = case("em02_read_receipt").replace(b"2fc01ce862bc461ba04b6faec748daea@localhost", sent.message_id.encode())
    message = receive(raw).message
    assert (message.state, message.error, message.activity) == (MessageState.IGNORED, "receipt", None)
    sent.refresh_from_db()
    assert (sent.state, sent.error) == (MessageState.SENT, "")
    assert not Notification.objects.filter(kind="email_bounced").exists()


def sent_message() -> EmailMessage:
    manager, ahmed = customer("Ikonen").summary.owner, customer("Ikonen").positions.get().contact
    [sent] = emails_send(letter=Letter(user=manager, recipients=[to(ahmed)], subject="BTm tarjouspyyntö", body="Hei"))
    MESSAGES.send(sent.pk)
    sent.refresh_from_db()
    assert sent.state == MessageState.SENT
    return sent


def id_without_brackets() -> None:
    kinds = [receive(case(f"em04_id_without_brackets_{number}")).kind for number in (1, 2)]
    assert kinds == ["captured", "known"]
    assert EmailMessage.objects.get().message_id == "bt-em04.77@x.example"


def answer_from_another_address() -> None:
    first, answer = receive(case("em05a_thread")).message, receive(case("em05b_reply_other_address")).message
    assert answer.activity.customer == first.activity.customer == customer("Ikonen")
    assert (answer.thread, answer.activity.follows) == (first.thread, first.activity)


def invitation_alone() -> None:
    assert receive(case("em06_calendar_only")).kind == "captured"
    lines = [
        "Invitation: Katselmus työmaalla",
        "When: 15 Dec 2026 10:00–11:00",
        "Where: Jämsä",
        "Ota piirustukset mukaan",
    ]
    assert text().split("\n") == lines
    assert files() == ["invite.ics"]


def winmail() -> None:
    message = receive(case("em07_winmail")).message
    assert (text(), files(), message.error) == ("Tarjous liitteenä.", ["tarjous.pdf"], "")


def words_within_words() -> None:
    subject = receive(case("em09_partial_encoded")).message.subject
    assert subject == "BTm09 Toimitus myöhastuu. Arvio : 5 pääivää, klo 11"


def comma_in_the_sender() -> None:
    message = receive(case("em10_unquoted_comma")).message
    assert (message.sender, message.activity.customer) == ("ahmed.aalto@ikosenrakennus.example", customer("Ikonen"))


def file_names() -> None:
    receive(case("em12_filenames"))
    assert sorted(files()) == ["käyttö.pdf", "pöytäkirja 2026.pdf", "työmaa.pdf"]


def without_date() -> None:
    message = receive(case("em13_no_date")).message
    at = dt.datetime(2024, 3, 12, 6, 15, tzinfo=dt.UTC)
    assert (message.date, message.activity.start, last_contact("Tammi")) == (at, at, at)


def forwarded_in_german() -> None:
    message = receive(case("em14_forward_german")).message
    assert (message.sender, message.activity.customer) == ("ahmed.aalto@ikosenrakennus.example", customer("Ikonen"))


def forwarded_in_finnish() -> None:
    assert receive(case("em14b_forward_finnish")).message.activity.customer == customer("Ikonen")


def two_messages_with_one_id() -> None:
    names = [f"em16_same_id_other_content_{number}" for number in (1, 2, 2, 1)]
    assert [receive(case(name)).kind for name in names] == ["captured", "captured", "known", "known"]
    assert set(EmailMessage.objects.values_list("subject", flat=True)) == {"BTm16 skannaus 1", "BTm16 skannaus 2"}


def out_of_office() -> None:
    receive(case("em22_out_of_office"))
    activity = Activity.objects.get()
    assert (activity.customer, activity.type.is_contact) == (customer("Lindqvist"), False)
    assert "Olen poissa 7.12. asti." in text()
    assert last_contact("Lindqvist") is None


def boundary_of_dashes() -> None:
    receive(case("em28_boundary_dashes"))
    assert (text(), files()) == ("Текст письма", ["Счёт.pdf"])


def empty_alternative() -> None:
    receive(case("em34_html_empty_alternative"))
    assert text() == "Varsinainen teksti."


def texts_around_a_file() -> None:
    receive(case("em35_inline_texts"))
    assert text().split() == ["Ensimmäinen", "osa.", "Toinen", "osa."]
    assert files() == ["a.pdf"]


def thread_of_another_customer() -> None:
    receive(case("em05a_thread"))
    assert receive(case("em37_foreign_thread")).message.activity.customer == customer("Kaunopuro")


def forwarded_as_an_attachment() -> None:
    message = receive(case("em38_forward_as_attachment")).message
    assert (message.message_id, message.activity.customer) == ("bt-em38in@x.example", customer("Kaunopuro"))


def nested() -> None:
    message = receive(case("em41_nested")).message
    assert (message.state, message.activity.customer) == (MessageState.FILED, customer("Kaunopuro"))
    with message.raw.open() as file:
        assert file.read() == case("em41_nested")


ROWS: dict[str, Callable[[], None]] = {
    "em01": wrong_charset,
    "em02": read_receipt,
    "em04": id_without_brackets,
    "em05": answer_from_another_address,
    "em06": invitation_alone,
    "em07": winmail,
    "em09": words_within_words,
    "em10": comma_in_the_sender,
    "em12": file_names,
    "em13": without_date,
    "em14": forwarded_in_german,
    "em14b": forwarded_in_finnish,
    "em16": two_messages_with_one_id,
    "em22": out_of_office,
    "em28": boundary_of_dashes,
    "em34": empty_alternative,
    "em35": texts_around_a_file,
    "em37": thread_of_another_customer,
    "em38": forwarded_as_an_attachment,
    "em41": nested,
}


@pytest.mark.parametrize("name", ROWS)
def test_case(name):
    ROWS[name]()


def test_every_message_of_the_folder_is_a_case():
    names = {path.name.partition("_")[0] for path in CASES.rglob("em*.eml")}
    assert {name.rstrip("ab") if name.startswith("em05") else name for name in names} == set(ROWS)
