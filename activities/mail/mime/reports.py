"""Reports that mail servers and programs write about a message: not delivered, read, or marked as spam."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from email.message import Message
from enum import StrEnum

from flufl.bounce import all_failures

from activities.mail.mime import headers
from activities.mail.mime.charsets import decode
from activities.mail.mime.parts import bytes_of, content_of

MAX_IDS = 20
_DAEMONS = frozenset({"mailer-daemon", "mailerdaemon", "mail-daemon"})
_POSTMASTERS = frozenset({"postmaster"})
_STATUS = ("message/delivery-status", "message/global-delivery-status")
_READ = ("message/disposition-notification", "message/global-disposition-notification")
_WHOLE = ("message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers")


class ReportKind(StrEnum):
    """What a report is about; the values are codes of reasons (``senders.REASONS``)."""

    BOUNCE = "bounce"  # a message was not delivered
    DELIVERY = "report"  # it is late or has arrived, or something else that no person needs
    RECEIPT = "receipt"  # it was read, or deleted unread
    ABUSE = "abuse_report"  # it was marked as spam


@dataclass
class Report:
    """A report; ``message_ids`` and ``reason`` are filled for messages that were not delivered."""

    kind: ReportKind
    message_ids: list[str]
    reason: str = ""


def report_of(message: Message, parts: Sequence[Message], sender: str, text: str) -> Report | None:
    """Return the report that the message is, or None for any other. ``text`` is its text for people."""
    kinds = {part.get_content_type() for part in (*parts, message)}
    declared = str(_param(message, "report-type")).lower() if message.get_content_type() == "multipart/report" else ""
    if kinds.intersection(_READ) or declared == "disposition-notification":
        return Report(ReportKind.RECEIPT, [])
    if "message/feedback-report" in kinds or declared == "feedback-report":
        return Report(ReportKind.ABUSE, [])
    if kinds.intersection(_STATUS):
        return _delivery_report(message, parts, text)
    is_declared = message.get_content_type() == "multipart/report"
    if not is_declared and not _is_of_server(message, sender):
        return None
    if is_declared and declared not in {"", "delivery-status"}:
        return Report(ReportKind.DELIVERY, [])
    return _undeclared_report(message, parts, sender, text)


def _is_of_server(message: Message, sender: str) -> bool:
    """Return whether a server wrote the message. A person may have the address postmaster@ too."""
    user = sender.partition("@")[0]
    if user in _DAEMONS:
        return True
    if user not in _POSTMASTERS:
        return False
    is_from_nobody = headers.raw_header(message, "Return-Path").strip() == "<>"
    auto = headers.header(message, "Auto-Submitted").lower()
    if is_from_nobody or auto.startswith("auto-") or headers.raw_header(message, "X-Failed-Recipients"):
        return True
    is_answer = headers.raw_header(message, "In-Reply-To") or headers.raw_header(message, "References")
    return not is_answer and any(_failures(message))


def _failures(message: Message) -> tuple[int, int]:
    """Return how many recipients the message says are late, and how many have not got theirs."""
    with suppress(Exception):  # the detectors read what they like
        late, failed = all_failures(message)
        return len(late), len(failed)
    return 0, 0


def _undeclared_report(message: Message, parts: Sequence[Message], sender: str, text: str) -> Report:
    """Return the report of a server that writes for people only."""
    late, failed = _failures(message)
    is_daemons = sender.partition("@")[0] in _DAEMONS | _POSTMASTERS
    if not failed and (late or not is_daemons):
        return Report(ReportKind.DELIVERY, [])
    return Report(ReportKind.BOUNCE, _ids(message, parts), headers.clean_line(text)[:300])


def _delivery_report(message: Message, parts: Sequence[Message], text: str) -> Report:
    """Return the report of a message, which has failed if it has for one recipient."""
    failures: list[str] = []
    said = False
    for block in _blocks(parts):
        action = headers.header(block, "Action").lower()
        status = headers.header(block, "Status")[:1]
        said = said or bool(action) or status in {"2", "4", "5"}
        if action == "failed" or (not action and status == "5"):
            failures.append(_failure_text(block))
    if said and not failures:
        return Report(ReportKind.DELIVERY, [])
    return Report(ReportKind.BOUNCE, _ids(message, parts), "; ".join(failures)[:900] or headers.clean_line(text)[:300])


def _blocks(parts: Sequence[Message]) -> list[Message]:
    found: list[Message] = []
    for part in parts:
        payload = part.get_payload() if part.get_content_type() in _STATUS else None
        found += [child for child in payload if isinstance(child, Message)] if isinstance(payload, list) else []
    return found


def _failure_text(block: Message) -> str:
    address = headers.header(block, "Final-Recipient").rpartition(";")[2].strip()
    cause = headers.header(block, "Diagnostic-Code").partition(";")[2].strip() or headers.header(block, "Status")
    return f"{address}: {cause}"[:300]


def _ids(message: Message, parts: Sequence[Message]) -> list[str]:
    """Return the ids of the messages that a report contains, whole or only their headers, and that it answers."""
    ids: list[str] = []
    for part in parts:
        kind = part.get_content_type()
        content = (content_of(part) or b"") if kind in _WHOLE else b""
        if kind == "text/plain":
            content = bytes_of(part)
        ids += re.findall(r"(?im)^\s*message-id:\s*<([^<>\s]{3,500})>", decode(content[:50_000]))
    for name in ("In-Reply-To", "References"):
        ids += headers.message_ids(message, name)
    return list(dict.fromkeys(ids))[:MAX_IDS]


def _param(message: Message, name: str) -> object:
    with suppress(Exception):
        return message.get_param(name) or ""
    return ""
