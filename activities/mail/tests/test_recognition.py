"""Reports, automatic messages, ids and dates: what a message is, by its headers and parts."""

from __future__ import annotations

import datetime as dt

import pytest

from activities.mail.mime.parse import parse

HEAD = b"To: me@omnia.test\r\nMessage-ID: <1@x>\r\nDate: Mon, 2 Mar 2026 09:00:00 +0200\r\n"
OURS = "ours@omnia.test"
INNER = f"Message-ID: <{OURS}>\r\nSubject: Koulutus\r\n\r\nHei\r\n"
FAILED = (
    "Reporting-MTA: dns; mx.fi\r\n\r\nFinal-Recipient: rfc822; anna@yritys.fi\r\nAction: failed\r\nStatus: 5.1.1\r\n"
)


def message(sender: str = "anna@yritys.fi", text: str = "Hei", **heads: str):
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in heads.items())
    return parse(f"From: {sender}\r\n{lines}".encode() + HEAD + b"\r\n" + text.encode())


def report(kind: str, part: str, content: str, sender: str = "anna@yritys.fi", inner: str = INNER):
    parts = [("text/plain; charset=utf-8", "Viestisi."), (part, content), ("message/rfc822", inner)]
    body = "".join(f"--b\r\nContent-Type: {name}\r\n\r\n{text}\r\n" for name, text in parts if name)
    declared = f"report-type={kind}; " if kind else ""
    head = f"From: {sender}\r\nContent-Type: multipart/report; {declared}boundary=b\r\n"
    return parse(head.encode() + HEAD + b"\r\n" + body.encode() + b"--b--\r\n").report


@pytest.mark.parametrize("disposition", ["displayed", "deleted", "processed", "dispatched", "denied"])
def test_receipts_are_no_bounces(disposition):
    content = f"Final-Recipient: rfc822;a@yritys.fi\r\nDisposition: manual-action/sent; {disposition}\r\n"
    for kind in ("disposition-notification", ""):
        found = report(kind, "message/disposition-notification", content)
        assert (found.kind, found.message_ids) == ("receipt", [])


def test_reports_of_abuse_are_no_bounces():
    found = report("feedback-report", "message/feedback-report", "Feedback-Type: abuse\r\nUser-Agent: x/1\r\n")
    assert (found.kind, found.message_ids) == ("abuse_report", [])


@pytest.mark.parametrize("kind", ["tlsrpt", "x-unknown"])
def test_other_reports_are_no_bounces(kind):
    assert report(kind, "application/json", "{}").kind == "report"


def test_failures_are_bounces_whoever_reports_them():
    found = report("delivery-status", "message/delivery-status", FAILED, sender="helpdesk@mx.fi")
    assert (found.kind, found.message_ids, found.reason) == ("bounce", [OURS], "anna@yritys.fi: 5.1.1")


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded"])
def test_what_was_delivered_or_is_late_is_no_bounce(action):
    content = FAILED.replace("failed", action).replace("5.1.1", "2.0.0")
    assert report("delivery-status", "message/delivery-status", content).kind == "report"


def test_status_counts_where_there_is_no_action():
    failed = FAILED.replace("Action: failed\r\n", "")
    assert report("", "message/delivery-status", failed).kind == "bounce"
    assert report("", "message/delivery-status", failed.replace("5.1.1", "4.4.1")).kind == "report"


def test_a_person_at_postmaster_writes_ordinary_messages():
    quoted = f"Kiitos viestistä.\r\n\r\nMessage-ID: <{OURS}>\r\n"
    assert message("Petri <postmaster@yritys.fi>", quoted, In_Reply_To=f"<{OURS}>").report is None
    assert message("postmaster@yritys.fi", quoted).report is None


def test_servers_that_write_for_people_only_are_understood():
    quoted = f"Sorry.\r\n\r\n   ----- Unsent message below -----\r\nMessage-ID: <{OURS}>\r\n"
    by_nobody = message("postmaster@yritys.fi", quoted, Return_Path="<>").report
    daemon = message("MAILER-DAEMON@mx.fi", quoted).report
    assert [(found.kind, found.message_ids) for found in (by_nobody, daemon)] == [("bounce", [OURS])] * 2


@pytest.mark.parametrize(
    "heads",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-generated (vacation)"},
        {"X_Autoreply": "yes"},
        {"X_Autorespond": "Koulutus"},
        {"X_Auto_Reply": "1"},
        {"Precedence": "auto_reply"},
        {"Precedence": "bulk"},
        {"List_Unsubscribe": "<mailto:off@x.fi>"},
        {"Subject": "Automaattinen vastaus: Tarjous"},
        {"Subject": "Automatic reply: Tarjous"},
        {"Subject": "Out of Office AutoReply: Tarjous"},
        {"Subject": "Autosvar: Tarjous"},
        {"Subject": "Automatische Antwort: Tarjous"},
        {"Subject": "=?utf-8?q?R=C3=A9ponse_automatique_=3A_Tarjous?="},
    ],
)
def test_programs_are_recognised(heads):
    assert message(**heads).is_automatic


@pytest.mark.parametrize(
    "heads",
    [
        {},
        {"Auto_Submitted": "no"},
        {"X_Autoreply": "no"},
        {"Subject": "Re: Automatic reply: Tarjous"},
        {"Subject": "Automatic response systems"},
        {"Subject": "Auto: uusi tarjous"},
        {"Precedence": "list", "List_Id": "<club.x>", "List_Unsubscribe": "<x>"},
        {"List_Post": "<mailto:club@x>", "List_Unsubscribe": "<x>"},
    ],
)
def test_people_are_not_taken_for_programs(heads):
    assert not message(**heads).is_automatic


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("<a@b>", "a@b"),
        ("a@b", "a@b"),
        ("<a@b", "a@b"),
        ("< a@b >", "a@b"),
        ("<a@\r\n b>", "a@b"),
        ("a@b (added by postmaster@x)", "a@b"),
        ("scan-17", "scan-17"),
        ("<scan 17>", "scan17"),
    ],
)
def test_ids_are_read_however_they_are_written(given, found):
    raw = f"From: a@b.fi\r\nMessage-ID: {given}\r\nIn-Reply-To: <y@z>\r\n\r\nx".encode()
    assert parse(raw).message_id == found


def test_answers_name_ids_without_brackets_too():
    found = message(In_Reply_To="c@d", References="<a@b> c@d,<e@f>\r\n g@h")
    assert (found.in_reply_to, found.references) == ("c@d", ["a@b", "c@d", "e@f", "g@h"])
    assert message(In_Reply_To="Your message of Monday <a@b>").in_reply_to == "a@b"


def received(*lines: str, date: str = "") -> dt.datetime | None:
    heads = "".join(f"Received: from a by b; {line}\r\n" for line in lines) + (f"Date: {date}\r\n" if date else "")
    return parse(f"{heads}From: a@b.fi\r\nMessage-ID: <1@x>\r\n\r\nx".encode()).date


NEWEST, OLDER = "Tue, 12 Mar 2024 08:15:00 +0200", "Mon, 11 Mar 2024 08:15:00 +0200"
AT = dt.datetime(2024, 3, 12, 6, 15, tzinfo=dt.UTC)


def test_the_newest_receipt_dates_a_message_without_a_date():
    assert received(NEWEST, OLDER) == AT
    assert received("no date", NEWEST) == AT


@pytest.mark.parametrize("date", ["yesterday", "Tue, 12 Mrz 2024 08:15", "1 Jan 1970 00:00:00 +0000", "1 Jan 2999"])
def test_the_newest_receipt_dates_a_message_with_an_impossible_date(date):
    assert received(NEWEST, date=date) == AT


def test_its_own_date_comes_first():
    assert received(NEWEST, date="Sun, 10 Mar 2024 08:15:00 +0200") == AT - dt.timedelta(days=2)


def test_a_calendar_folded_within_a_letter_is_read():
    folded = "SUMMARY:Työmaa".encode().replace(b"\xc3\xb6", b"\xc3\r\n \xb6")
    raw = HEAD + b"Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\n" + folded + b"\r\nEND:VCALENDAR\r\n"
    assert "SUMMARY:Työmaa" in parse(raw).calendars[0]
