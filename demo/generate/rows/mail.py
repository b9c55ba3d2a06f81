"""Rows of mail."""

from __future__ import annotations

from typing import NamedTuple


class ThreadRow(NamedTuple):
    id: int
    subject: str
    created_at: str


class MessageRow(NamedTuple):
    id: int
    activity_id: int | None
    thread_id: int
    direction: str
    state: str
    message_id: str
    in_reply_to: str
    references: str
    sender: str
    sender_name: str
    subject: str
    body: str
    date: str
    size: int
    user_id: int


class RecipientRow(NamedTuple):
    message_id: int
    kind: str
    address: str
    name: str
    contact_id: int | None
