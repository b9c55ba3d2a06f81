"""Messages as they come, one horror each: nothing raises, and what can be read is read."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from activities.mail.mime.body import clean_html, show, split_quoted
from activities.mail.mime.headers import Address, decode_words
from activities.mail.mime.parse import parse
from core.richtext import to_text

HEAD = (
    b"From: Anna <anna@yritys.fi>\r\nTo: me@omnia.test\r\nMessage-ID: <1@x>\r\nDate: Mon, 2 Mar 2026 09:00:00 +0200\r\n"
)


def text_of(raw):
    return to_text(parse(raw).body)


def message(content, kind=b"text/plain; charset=utf-8", **heads):
    extra = b"".join(f"{name.replace('_', '-')}: {value}\r\n".encode() for name, value in heads.items())
    return HEAD + extra + b"Content-Type: " + kind + b"\r\n\r\n" + content


def test_plain_message():
    found = parse(message("Hei!\r\n\r\nÄiti".encode(), Subject="Koulutus"))
    assert (found.message_id, found.subject, found.sender) == ("1@x", "Koulutus", Address("anna@yritys.fi", "Anna"))
    assert found.body == "<p>Hei!</p><p>Äiti</p>"
    assert found.date.isoformat() == "2026-03-02T09:00:00+02:00"


def test_wrong_charset_is_seen_through():
    assert text_of(message("Hyvää päivää, äiti tässä".encode("latin-1"))) == "Hyvää päivää, äiti tässä"


@pytest.mark.parametrize("charset", ["unknown-8bit", "x-no-such", "", "utf-8; utf-8", "'"])
def test_unknown_charset_is_no_obstacle(charset):
    kind = f"text/plain; charset={charset}".encode()
    assert text_of(message("päivää kaikille täällä".encode(), kind)) == "päivää kaikille täällä"


def test_japanese_charset():
    assert text_of(message("日本語".encode("iso-2022-jp"), b"text/plain; charset=iso-2022-jp")) == "日本語"


def test_encoded_words_split_within_a_letter_are_joined():
    assert decode_words("=?utf-8?b?w6Q=?= =?utf-8?q?=C3?= =?utf-8?q?=B6?= x") == "äö x"


@pytest.mark.parametrize("broken", ["=?utf-8?b?%%%?=", "=?utf-8?x?abc?=", "=?none?q?abc?=", "=?utf-8?q?=ZZ?=", "=?="])
def test_broken_encoded_words_stay_readable(broken):
    parse(message(b"x", Subject=broken))


def test_raw_latin_letters_in_a_subject():
    assert parse(HEAD + "Subject: Hyvää päivää\r\n\r\nx".encode("latin-1")).subject == "Hyvää päivää"


def test_nul_and_control_characters_are_left_out():
    found = parse(HEAD + b"Subject: a\x00b\x07\xe2\x80\xaec\r\n\r\nx\x00y")
    assert "\x00" not in found.subject + found.body
    assert "\u202e" not in found.subject


def test_header_injection_is_one_line():
    found = parse(HEAD + b"Subject: =?utf-8?q?Hi=0D=0ABcc=3A_evil=40x=2Efi?=\r\n\r\nx")
    assert found.subject == "Hi Bcc: evil@x.fi"
    assert found.bcc == []


def test_without_id_and_date():
    found = parse(b"From: a@b.fi\r\nSubject: x\r\n\r\nhei")
    assert found.message_id.startswith("sha256:")
    assert found.date is None


@pytest.mark.parametrize(
    "day", ["yesterday", "Mon, 99 Foo 2026", "Mon, 2 Mar 2999 09:00 +0200", "1 Jan 0001 00:00 +9999", ""]
)
def test_impossible_dates_are_none(day):
    assert parse(b"From: a@b.fi\r\nDate: " + day.encode() + b"\r\n\r\nx").date is None


def test_empty_message_and_no_message():
    assert parse(HEAD + b"\r\n").body == ""
    assert not parse(b"").is_message
    assert not parse(b"\x89PNG\r\n\x1a\n" + bytes(range(256))).is_message


def test_html_is_cleaned_and_loads_nothing():
    found = parse(
        message(
            b"<html><head><style>p{}</style><title>t</title></head><body onload=x()><p style='x' class=y>Hi "
            b"<img src='https://track.fi/x.gif'><script>alert(1)</script><a href='javascript:x()'>bad</a>"
            b"<a href='https://x.fi'>good</a><form><input></form></p></body></html>",
            b"text/html; charset=utf-8",
        )
    )
    assert "<p>Hi " in found.body
    assert '<a href="https://x.fi" rel="noopener noreferrer nofollow">good</a>' in found.body
    for bad in ("script", "style", "img", "track", "javascript", "onload", "alert", "form"):
        assert bad not in found.body


def test_html_is_chosen_of_two_forms_and_plain_when_html_says_nothing():
    def both(html):
        return (
            HEAD
            + (
                "Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n"
                "Content-Type: text/plain\r\n\r\nplain\r\n"
                f"--b\r\nContent-Type: text/html\r\n\r\n{html}\r\n--b--\r\n"
            ).encode()
        )

    assert text_of(both("<p>rich</p>")) == "rich"
    assert text_of(both("<p><img src=x></p>")) == "plain"


def test_flowed_lines_are_joined():
    assert text_of(message(b"one \r\ntwo\r\nthree", b"text/plain; format=flowed")) == "one two\nthree"


def test_quoted_history_is_folded():
    own, quoted = split_quoted(
        parse(message(b"Sopii.\n\nla 21.2.2026 klo 10 Me (me@omnia.test) kirjoitti:\n> Hei\n")).body
    )
    assert to_text(own) == "Sopii."
    assert "kirjoitti" in quoted
    assert "<details>" in show("<p>Sopii.</p><blockquote><p>Hei</p></blockquote>")


@pytest.mark.parametrize(
    "history",
    [
        "<div><b>From:</b> A &lt;a@b.fi&gt;<br><b>Sent:</b> Monday</div>",
        "<p>Lähettäjä: A<br>Lähetetty: maanantai</p>",
        "<p>Från: A<br>Skickat: den 2 mars</p>",
        "<p>-----Original Message-----</p><p>x</p>",
        "<div>On Mon, Mar 2, 2026 at 9:00 AM A wrote:</div><blockquote>x</blockquote>",
    ],
)
def test_history_of_all_programs_is_known(history):
    own, quoted = split_quoted(f"<p>Own words.</p>{history}")
    assert (to_text(own), bool(quoted)) == ("Own words.", True)


def test_answers_between_quotations_stay_in_sight():
    body = "<blockquote><p>Question?</p></blockquote><p>Answer.</p>"
    assert split_quoted(body) == (body, "")


def attached(*parts):
    joined = b"".join(b"--b\r\n" + part + b"\r\n" for part in parts)
    return HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + joined + b"--b--\r\n"


def test_attachments_have_names_and_content():
    found = parse(
        attached(
            b"Content-Type: text/plain\r\n\r\nhei",
            b"Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n"
            b"Content-Disposition: attachment; filename*=utf-8''p%C3%A4iv%C3%A4.pdf\r\n\r\nJVBERg==",
            b"Content-Type: application/ms-tnef; name=winmail.dat\r\n\r\nx",
        )
    )
    assert [(attachment.name, attachment.content) for attachment in found.attachments] == [
        ("päivä.pdf", b"%PDF"),
        ("winmail.dat", b"x"),
    ]


def test_message_within_a_message_is_a_file():
    found = parse(attached(b"Content-Type: message/rfc822\r\n\r\nFrom: b@c.fi\r\nSubject: Inner\r\n\r\nhei"))
    assert found.attachments[0].name == "Inner.eml"
    assert parse(found.messages[0]).sender.address == "b@c.fi"


def test_small_pictures_of_the_text_are_no_documents():
    html = b"Content-Type: text/html\r\n\r\n<p>x<img src='cid:logo@x'></p>"
    logo = b"Content-Type: image/png\r\nContent-ID: <logo@x>\r\n\r\nPNG"
    assert parse(attached(html, logo)).attachments == []


@pytest.mark.parametrize(
    "raw",
    [
        HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nno end",
        HEAD + b"Content-Type: multipart/mixed\r\n\r\nno boundary",
        HEAD + b"Content-Type: /; =;;\r\n\r\nx",
        HEAD + b"Content-Type: message/rfc822\r\n\r\n",
        HEAD + b"Content-Transfer-Encoding: base64\r\n\r\n%%%=",
        HEAD + b"Content-Transfer-Encoding: x-uuencode\r\n\r\nbegin 644\nbroken",
        b"From anna Mon Mar  2 09:00:00 2026\r\n" + HEAD + b"\r\nhei",
        b"\xef\xbb\xbf" + HEAD + b"\r\nhei",
        HEAD.replace(b"\r\n", b"\r") + b"\rhei",
    ],
)
def test_broken_mime_is_read_as_well_as_possible(raw):
    parse(raw)


def test_thousands_of_parts_and_recipients_are_bounded():
    many = ", ".join(f"a{number}@x.fi" for number in range(3_000)).encode()
    raw = attached(*[b"Content-Type: application/pdf; name=a.pdf\r\n\r\n%PDF"] * 3_000)
    found = parse(raw.replace(b"To: me@omnia.test", b"To: " + many))
    assert len(found.to) == 500
    assert len(found.attachments) == 50
    assert found.problems


def test_nesting_beyond_reason_is_survived():
    raw = HEAD + b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (number, number) for number in range(3_000)
    )
    assert parse(raw).sender.address == "anna@yritys.fi"


def test_deep_html_takes_no_time():
    began = time.monotonic()
    parse(message(b"<div><b>" * 100_000, b"text/html"))
    clean_html("<blockquote>" * 50_000)
    split_quoted("<p>" + "x " * 50_000)
    assert time.monotonic() - began < 10


def test_who_wrote_it_is_seen():
    assert parse(message(b"x", Auto_Submitted="auto-replied")).is_automatic
    assert not parse(message(b"x", Auto_Submitted="no")).is_automatic
    assert parse(message(b"x", List_Id="<news.x>")).is_bulk
    assert parse(message(b"x", Precedence="bulk")).is_bulk


def test_delayed_report_is_no_failure():
    raw = (
        b"From: mailer-daemon@mx.fi\r\nContent-Type: multipart/report; boundary=b\r\n\r\n--b\r\n"
        b"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: x\r\n\r\nFinal-Recipient: rfc822; a@b.fi\r\n"
        b"Action: delayed\r\n\r\n--b--\r\n"
    )
    found = parse(raw)
    assert (found.report.kind, found.report.message_ids) == ("report", [])


def test_calendar_is_taken_out():
    raw = attached(b"Content-Type: text/calendar; method=REPLY\r\n\r\nBEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nEND:VCALENDAR")
    assert "METHOD:REPLY" in parse(raw).calendars[0]


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=2_000))
def test_random_bytes_never_raise(raw):
    parse(raw)
    parse(HEAD + raw)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from([
    b"Content-Type: multipart/mixed; boundary=b\r\n", b"\r\n", b"--b\r\n", b"--b--\r\n", b"=?utf-8?q?=C3?=",
    b"\xff\xfe",
    b"Content-Type: text/html; charset=utf-16\r\n", b"Content-Transfer-Encoding: base64\r\n", b"Subject: ", b"\x00",
    b"Content-Type: message/rfc822\r\n",
    b"Content-Disposition: attachment; filename*=x''%\r\n", b"From: <<a@b>,,;:\r\n",
    b"Content-Type: message/delivery-status\r\n", b"Message-ID: <>\r\n", b"<p><b", b"abc ",
]), max_size=40))  # fmt: skip
def test_pieces_of_messages_in_any_order_never_raise(pieces):
    found = parse(HEAD + b"".join(pieces))
    show(found.body)
    (found.subject + found.body).encode()
