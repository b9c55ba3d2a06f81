"""Rows of activities."""

from __future__ import annotations

from typing import NamedTuple


class ActivityRow(NamedTuple):
    id: int
    type_id: int
    customer_id: int | None
    title: str
    goal: str
    memo: str
    start: str
    end: str
    status: str
    channel: str
    place: str
    hours: float | None
    settlement: str
    created_by_id: int | None
    closed_at: str | None
    created_at: str
    follows_id: int | None = None
    follow_kind: str = "follow_up"
    series_id: int | None = None
    series_start: str | None = None
    ical_uid: str = ""


class ParticipationRow(NamedTuple):
    activity_id: int
    user_id: int
    due_at: str | None
    start_at: str


class ActivityContactRow(NamedTuple):
    activity_id: int
    contact_id: int


class ActivityKeywordRow(NamedTuple):
    activity_id: int
    keyword_id: int


class EncounterRow(NamedTuple):
    activity_id: int
    matters: str
    solved_at_once: bool | None
    critical_moment: str
    with_video: bool
    with_interpreter: bool
    unnecessary_id: int | None


class FeedbackRow(NamedTuple):
    activity_id: int
    about: str
    about_what: str
    responsible_id: int | None
    answer_due: str | None
    answer: str
    answered_at: str | None
    answered_by_id: int | None
    answer_channel: str
    corrective_action: str
    escalated_at: str | None


class LeadRow(NamedTuple):
    activity_id: int
    state: str
    source_id: int | None
    need: str
    value: int | None
    take_by: str | None
    offered_to_id: int | None
    taken_by_id: int | None
    taken_at: str | None
    close_reason_id: int | None
    state_reason: str


class NpsRow(NamedTuple):
    contact_id: int
    customer_id: int
    language: str
    digest: str
    asked_by_id: int
    asked_at: str
    state: str
    sent_at: str
    expires_at: str
    segment_id: int | None
    group_id: int | None
    score: int | None
    comment: str
    answered_at: str | None
    feedback_id: int | None


class SeriesRow(NamedTuple):
    id: int
    rule: str
    start: str
    made_until: str
    created_by_id: int


class ReminderRow(NamedTuple):
    activity_id: int
    user_id: int
    minutes_before: int
    due_at: str


class InvitationRow(NamedTuple):
    activity_id: int
    contact_id: int | None
    user_id: int | None
    email: str
    answer: str
    answered_at: str | None
    state: str
    sent_at: str


class NotificationRow(NamedTuple):
    user_id: int
    kind: str
    data: str
    url: str
    created_at: str
    read_at: str | None


class WorkTargetRow(NamedTuple):
    user_id: int
    hours: float
