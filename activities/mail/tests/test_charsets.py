"""Text and file names with a charset label that is wrong, missing, or means something else in practice."""

from __future__ import annotations

import struct

import pytest
from compressed_rtf import compress
from hypothesis import given, settings
from hypothesis import strategies as st

from activities.mail.mime.charsets import codec_of, decode
from activities.mail.mime.parse import parse
from activities.mail.mime.tnef import unpack
from core.richtext import to_text

HEAD = b"From: Anna <anna@yritys.fi>\r\nMessage-ID: <1@x>\r\nDate: Mon, 2 Mar 2026 09:00:00 +0200\r\n"
WESTERN = "1 250 € – ”hyvä” ’näin’ … Škoda"


@pytest.mark.parametrize(
    "label",
    ["iso-8859-1", "ISO-8859-1", "latin1", "latin-1", "l1", "iso_8859-1", "us-ascii", "ascii", "windows-1252", ""],
)
def test_western_labels_are_windows_1252(label):
    assert decode(WESTERN.encode("cp1252"), label) == WESTERN


@pytest.mark.parametrize("label", ["iso-8859-9", "latin5", "windows-1254"])
def test_turkish_labels_are_windows_1254(label):
    assert decode("Işıl – şirket € ğ".encode("cp1254"), label) == "Işıl – şirket € ğ"


@pytest.mark.parametrize(
    ("label", "codec", "text"),
    [
        ("iso-8859-2", "iso8859-2", "Łódź"),
        ("iso-8859-15", "iso8859-15", "1 250 €"),
        ("windows-1251", "cp1251", "Текст – письма"),
        ("koi8-r", "koi8-r", "Текст"),
        ("gb2312", "gb18030", "合同镕"),
        ("shift_jis", "cp932", "①株式会社"),
        ("ks_c_5601-1987", "cp949", "계약서"),
        ("utf-16", "utf-16", "päivää"),
    ],
)
def test_labels_mean_what_programs_mean(label, codec, text):
    assert decode(text.encode(codec), label) == text


def test_punctuation_of_windows_in_text_of_an_iso_charset():
    assert decode("hinta – ok".encode("cp1252"), "iso-8859-15") == "hinta – ok"
    assert decode(b"\x93ano\x94 \xb3", "iso-8859-2") == "“ano” ł"


@pytest.mark.parametrize("label", ["iso-8859-1", "us-ascii", "latin1", "iso-8859-9", "utf-8", None])
def test_utf_8_under_another_label_is_seen_through(label):
    assert decode("päivää – 5 €".encode(), label) == "päivää – 5 €"


def test_one_wrong_byte_spoils_one_letter_at_most():
    whole = "Hyvää päivää, Jyväskylästä".encode()
    assert decode(whole + b" \xe4iti", "utf-8") == "Hyvää päivää, Jyväskylästä äiti"
    assert decode(whole[:-1], "utf-8")[:-1] == "Hyvää päivää, Jyväskyläst"


def test_invisible_controls_of_a_second_conversion_are_punctuation():
    assert decode("a\x96b \x80".encode(), "utf-8") == "a–b €"


def test_unknown_labels_have_no_codec():
    assert [codec_of(label) for label in ("x-no-such", "", "'", "ä")] == ["", "", "", ""]


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(codec="cp1252", exclude_categories=["Cc", "Cs"]), max_size=30))
def test_any_windows_text_under_a_latin_label_is_read(text):
    data = text.encode("cp1252")
    try:
        is_utf8 = bool(data.decode()) and not data.isascii()
    except UnicodeDecodeError:
        is_utf8 = False
    if not is_utf8:
        assert decode(data, "iso-8859-1") == text


def test_text_html_and_headers_are_read_alike():
    words = "=?iso-8859-1?Q?hinta_=80_=96_=92ok=92?="
    head = HEAD + f"Subject: {words}\r\n".encode()
    body = (
        b"Content-Type: text/html; charset=iso-8859-1\r\nContent-Transfer-Encoding: 8bit\r\n\r\n<p>5 \x80 \x96 ok</p>"
    )
    found = parse(head + body)
    assert (found.subject, to_text(found.body)) == ("hinta € – ’ok’", "5 € – ok")


@pytest.mark.parametrize(
    ("header", "name"),
    [
        (b'Content-Disposition: attachment; filename="k\xe4ytt\xf6.pdf"', "käyttö.pdf"),
        (b"Content-Disposition: attachment; filename=k\xe4ytt\xf6.pdf", "käyttö.pdf"),
        ('Content-Disposition: attachment; filename="käyttö – 5 €.pdf"'.encode(), "käyttö – 5 €.pdf"),
        ('Content-Disposition: attachment; filename="5 € – x.pdf"'.encode("cp1252"), "5 € – x.pdf"),
        (b"Content-Disposition: attachment\r\nX-A: b", "raaka ä.pdf"),
        (b"Content-Disposition: attachment; filename*=iso-8859-1''5%20%80.pdf", "5 €.pdf"),
        (b"Content-Disposition: attachment; filename*=utf-8''%C3%A4.pdf", "ä.pdf"),
        (b"Content-Disposition: attachment; filename*0*=iso-8859-1''p%F6yt%E4; filename*1=kirja.pdf", "pöytäkirja.pdf"),
        (b'Content-Disposition: attachment; filename="=?iso-8859-1?Q?5_=80.pdf?="', "5 €.pdf"),
    ],
)
def test_names_of_files_in_raw_bytes_pieces_and_words(header, name):
    raw = HEAD + b'Content-Type: application/pdf; name="raaka \xe4.pdf"\r\n' + header + b"\r\n\r\n%PDF-1.4"
    assert [attachment.name for attachment in parse(raw).attachments] == [name]


def test_raw_bytes_of_headers_and_names_are_in_the_charset_of_the_text():
    raw = (
        HEAD + "Subject: Договор на 2026\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n".encode("cp1251")
        + b"--b\r\nContent-Type: text/plain; charset=windows-1251\r\n\r\nx\r\n--b\r\nContent-Type: application/pdf\r\n"
        + 'Content-Disposition: attachment; filename="Счёт.pdf"\r\n\r\n%PDF\r\n--b--\r\n'.encode("cp1251")
    )  # fmt: skip
    assert [attachment.name for attachment in parse(raw).attachments] == ["Счёт.pdf"]
    alone = HEAD + "Subject: Счёт\r\nContent-Type: text/plain; charset=windows-1251\r\n\r\nx".encode("cp1251")
    assert parse(alone).subject == "Счёт"
    assert parse(alone.replace("Счёт".encode("cp1251"), "Счёт".encode())).subject == "Счёт"


def attribute(level: int, number: int, kind: int, data: bytes) -> bytes:
    """Return one attribute of a TNEF file."""
    head = bytes([level]) + number.to_bytes(2, "little") + kind.to_bytes(2, "little")
    return head + len(data).to_bytes(4, "little") + data + (sum(data) & 0xFFFF).to_bytes(2, "little")


def winmail(*attributes: bytes) -> bytes:
    return b"\x78\x9f\x3e\x22\x01\x00" + b"".join(attributes)


TEXT = attribute(1, 0x800C, 2, "Hinta – 5 €, päivää\0".encode("cp1252"))
FILE = (
    attribute(2, 0x9002, 6, bytes(14)),
    attribute(2, 0x8010, 1, "käyttö.pdf\0".encode("cp1252")),
    attribute(2, 0x800F, 6, b"%PDF-1.4"),
)


def outlook(content: bytes, before: str = "") -> bytes:
    text = f"--b\r\nContent-Type: text/plain\r\n\r\n{before}\r\n".encode() if before else b""
    part = b"--b\r\nContent-Type: application/ms-tnef; name=winmail.dat\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    return HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + text + part + content + b"\r\n--b--\r\n"


def test_winmail_is_unpacked_into_text_and_files():
    found = unpack(winmail(TEXT, *FILE))
    assert (to_text(found.html), found.files) == ("Hinta – 5 €, päivää", [("käyttö.pdf", b"%PDF-1.4")])


def properties(*rows: bytes) -> bytes:
    """Return MAPI properties as the attribute of a message."""
    return attribute(1, 0x9003, 6, len(rows).to_bytes(4, "little") + b"".join(rows))


def prop(kind: int, tag: int, value: bytes) -> bytes:
    head = struct.pack("<HHII", kind, tag, 1, len(value))
    return head + value + bytes(-len(value) % 4)


CODE_PAGE_1251, CODE_PAGE_850 = (attribute(1, 0x9007, 6, struct.pack("<II", page, 0)) for page in (1251, 850))
LATIN_PAGE = struct.pack("<HHI", 3, 0x3FDE, 28591)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ([CODE_PAGE_1251, attribute(1, 0x800C, 2, "Текст\0".encode("cp1251"))], "Текст"),
        ([CODE_PAGE_850, attribute(1, 0x800C, 2, "Ääkköset\0".encode("cp850"))], "Ääkköset"),
        ([properties(prop(0x1F, 0x1000, "äiti €\0".encode("utf-16-le")))], "äiti €"),
        ([properties(prop(0x1E, 0x1000, "äiti €\0".encode("cp1252")))], "äiti €"),
        ([properties(LATIN_PAGE, prop(0x102, 0x1013, "<p>äiti €</p>".encode("cp1252")))], "äiti €"),
        ([properties(prop(0x102, 0x1009, compress(rb"{\rtf1\ansi\ansicpg1252 Hei \'e4iti \'80}")))], "Hei äiti €"),
    ],
)
def test_texts_of_winmail_in_every_form_and_charset(content, text):
    assert to_text(unpack(winmail(*content)).html) == text


def test_a_message_within_winmail_is_unpacked_too():
    mark = bytes.fromhex("0703020000000000c000000000000046")
    inner = prop(0x0D, 0x3701, mark + winmail(TEXT, *FILE))
    outer = winmail(
        attribute(1, 0x800C, 2, b"Outer\0"),
        attribute(2, 0x9002, 6, bytes(14)),
        attribute(2, 0x9005, 6, b"\1\0\0\0" + inner),
    )
    found = unpack(outer)
    assert to_text(found.html).split("\n") == ["Outer", "Hinta – 5 €, päivää"]
    assert found.files == [("käyttö.pdf", b"%PDF-1.4")]


def test_files_of_winmail_are_added_to_a_message_that_has_a_text():
    found = parse(outlook(winmail(TEXT, *FILE), before="Oma teksti"))
    assert to_text(found.body) == "Oma teksti"
    assert [(attachment.name, attachment.content) for attachment in found.attachments] == [("käyttö.pdf", b"%PDF-1.4")]


@pytest.mark.parametrize("content", [winmail(), winmail(b"\x01\xff\xff"), b"x"])
def test_winmail_that_cannot_be_read_stays_a_file(content):
    assert [attachment.name for attachment in parse(outlook(content)).attachments] == ["winmail.dat"]


def test_a_receipt_in_winmail_is_a_receipt():
    kind = attribute(1, 0x8008, 7, b"REPORT.IPM.Note.IPNRN\0")
    assert parse(outlook(winmail(kind))).report.kind == "receipt"
