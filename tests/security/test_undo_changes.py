"""The undo of what a page of one row does, with a row of each kind: forms, steps and deletions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.forms.models import model_to_dict
from django.utils import timezone

from accounts.services import api_token_create
from activities.leads.models import Lead, LeadCloseReason
from activities.log.models import Activity
from activities.mail.models import Mailbox
from core.form_undo import content_of
from core.models import Document, Submission
from core.tasks import purge_old_rows
from offers.offers.models import OfferActivity, SellerDetails
from segmentation.schemes.models import Segment
from tests.security.test_undo_additions import told
from tests.security.world import World

CHANGED = "It has been changed since. Nothing was undone."
#: Who changes what on a form page, by its address: it has got back all of it after the undo.
FORMS: dict[str, tuple[str, dict[str, Any]]] = {
    "care-models/actions/<int:pk>/edit/": ("admin", {"name_fi": "Toinen", "name_en": "Another"}),
    "care-models/versions/<int:pk>/metrics/<int:care_metric>/edit/": ("admin", {"name_fi": "Toinen", "target": "7"}),
    "care-models/versions/<int:pk>/edit/": ("admin", {"justification": "Another reason"}),
    "care-plan-templates/parts/<int:pk>/": ("admin", {"title_fi": "Toinen", "title_en": "Another"}),
    "segments/<int:pk>/edit/": ("admin", {"name_fi": "Toinen", "name_en": "Another"}),
    "customer-strategy/versions/<int:pk>/edit/": ("admin", {"justification": "Another reason"}),
    "scorecards/<int:pk>/values/": ("admin", {}),
    "orders/<int:pk>/cost/edit/": ("admin", {"amount": "123", "source": "A list"}),
    "mail/mailboxes/<int:pk>/": ("owner", {"name": "Another"}),
    "offers/settings/seller/": ("admin", {"name": "Another Oy"}),
    "notifications/choices/": ("owner", {}),
    "imports/mappings/<int:pk>/": ("admin", {"name": "Another"}),
    "criteria/<int:pk>/edit/": ("admin", {"justification": "Another reason"}),
}


@pytest.fixture(autouse=True)
def valid(world, monkeypatch):
    """Give the world's rows what their forms ask of new ones."""
    SellerDetails.objects.update(business_id="0112038-9", vat_number="FI01120389")
    monkeypatch.setattr("activities.mail.services.mailboxes.check_host", lambda host: None)


@pytest.mark.parametrize("route", FORMS)
def test_a_form_gets_back_what_it_had(world, route):
    sender, changes = FORMS[route]
    client, url = world.client(sender), world.address(route)
    client.post(url, content_of(client.get(url).context["form"]))  # the rows of factories become as the form writes
    before = content_of(client.get(url).context["form"])
    changes = changes or one_change(client.get(url).context["form"])
    sent = {name: value for name, value in (before | changes).items() if value is not None}
    _level, _text, undo = told(client.post(url, sent))
    assert content_of(client.get(url).context["form"]) != before
    assert undo, "no undo is offered"
    level, text, _redo = told(client.post(undo))
    assert (level, content_of(client.get(url).context["form"])) == ("success", before), text
    assert told(client.post(undo))[:2] == ("danger", CHANGED)


def one_change(form: Any) -> dict[str, Any]:
    """Return another value of the first field that is a box or a number."""
    name = next(name for name in form.fields if name not in ("seen", "version"))
    return {name: None if content_of(form).get(name) else "5"}


def test_a_new_password_is_not_undone(world):
    client, url = world.client("owner"), world.address("mail/mailboxes/<int:pk>/")
    sent = content_of(client.get(url).context["form"]) | {"host": "imap.example.com", "password": "new"}
    assert told(client.post(url, sent))[2] == ""


# Deletions

#: Who deletes what, by the address; the data that makes it deletable.
DELETIONS: dict[str, str] = {
    "care-models/versions/<int:pk>/metrics/<int:care_metric>/delete/": "admin",
    "terms/<int:pk>/delete/": "admin",
    "segments/<int:pk>/goals/<int:goal>/delete/": "admin",
    "scorecards/goals/<int:pk>/delete/": "admin",
    "mail/rules/<int:pk>/remove/": "admin",
    "customers/<int:pk>/documents/<int:document>/remove/": "owner",
    "contacts/<int:pk>/documents/<int:document>/remove/": "owner",
}
ROWS = {
    "care-models": "care_metric", "terms": "term", "segments": "goal", "scorecards": "score_line",
    "mail": "ignore_rule", "customers": "customer_document", "contacts": "contact_document",
}  # fmt: skip
#: What a row that is added again has of its own.
OWN = ("id", "version", "series", "created_by")


def about(row: Any) -> dict[str, Any]:
    return {name: value for name, value in model_to_dict(row).items() if name not in OWN}


@pytest.mark.parametrize("route", DELETIONS)
def test_what_was_deleted_comes_back_once(world, route):
    client, row = world.client(DELETIONS[route]), world.rows[ROWS[route.partition("/")[0]]]
    rows = type(row)._default_manager
    before, count = about(rows.get(pk=row.pk)), rows.count()
    _level, _text, undo = told(client.post(world.address(route)))
    assert rows.count() == count - 1
    level, text, _redo = told(client.post(undo))
    assert level == "success", text
    assert about(rows.order_by("pk").last() if not rows.filter(pk=row.pk) else rows.get(pk=row.pk)) == before
    assert told(client.post(undo))[:2] == ("danger", CHANGED)
    assert rows.count() == count


# Steps


def lead_of(world: World) -> Any:
    return Lead.objects.values("state", "taken_by", "close_reason").get(activity=world.rows["lead"])


def of_row(name: str, *fields: str) -> Callable[[World], Any]:
    """Return a function that returns fields of one of the world's rows as they are now."""
    return lambda world: type(world.rows[name])._base_manager.values(*fields).get(pk=world.rows[name].pk)


def segments(world: World) -> list[int]:
    rows = Segment.objects.filter(scheme=world.rows["segment"].scheme_id).order_by("order", "id")
    return list(rows.values_list("pk", flat=True))


def close_reason() -> int:
    return LeadCloseReason.objects.filter(retired_at__isnull=True)[0].pk


#: Who takes a step, with what, and what it changes, by the address.
STEPS: dict[str, tuple[str, Callable[[], dict[str, Any]], Callable[[World], Any]]] = {
    "activities/<int:pk>/lead/take/": ("owner", dict, lead_of),
    "activities/<int:pk>/lead/close/": ("owner", lambda: {"close_reason": close_reason(), "reason": "No"}, lead_of),
    "needs/<int:pk>/decline/": ("owner", lambda: {"reason": "Not ours"}, of_row("need", "status")),
    "users/<int:pk>/deactivate/": ("admin", dict, of_row("person", "is_active")),
    "mail/inbox/<int:pk>/ignore/": ("owner", dict, of_row("waiting_email", "state")),
    "segments/<int:pk>/down/": ("admin", dict, segments),
    "contacts/<int:pk>/positions/<int:position>/end/": (
        "owner", lambda: {"end": timezone.localdate().isoformat()}, of_row("position", "start", "end", "title")
    ),
    "care/internal-events/work/<int:pk>/release/": ("owner", dict, of_row("internal_claimed", "person")),
    "offers/<int:pk>/activities/<int:activity>/unlink/": (
        "owner", dict, lambda world: OfferActivity.objects.filter(offer=world.rows["offer"]).count()
    ),
    "customers/<int:pk>/favourite/": ("owner", dict, lambda world: world.rows["customer"].favourites.count()),
}  # fmt: skip


@pytest.mark.parametrize("route", STEPS)
def test_a_step_is_taken_back_and_taken_again(world, route):
    sender, data, state = STEPS[route]
    world.rows["person"].api_tokens.all().delete()
    client, before = world.client(sender), state(world)
    level, text, undo = told(client.post(world.address(route), data()))
    after = state(world)
    assert (level, after != before) == ("success", True), text
    assert undo, "no undo is offered"
    level, text, redo = told(client.post(undo))
    assert (level, state(world)) == ("success", before), text
    if redo:
        told(client.post(redo))
        assert state(world) == after


STEP = "activities/<int:pk>/lead/take/"


@pytest.fixture
def taken(world):
    """The undo of a step that has just been taken, and who took it."""
    client = world.client("owner")
    return client, told(client.post(world.address(STEP)))[2]


def test_a_step_stays_when_somebody_has_gone_on(world, taken):
    client, undo = taken
    Activity.objects.filter(pk=world.rows["lead"].pk).update(title="Theirs")
    assert told(client.post(undo))[:2] == ("danger", CHANGED)
    assert lead_of(world)["state"] == "taken"


def test_a_step_pressed_twice_is_undone_once(world, taken):
    client, undo = taken
    assert told(client.post(undo))[0] == "success"
    assert told(client.post(undo))[:2] == ("danger", CHANGED)
    assert lead_of(world)["state"] == "untaken"


def test_a_step_is_undone_for_a_day(world, taken):
    client, undo = taken
    Submission.objects.update(created_at=timezone.now() - dt.timedelta(hours=25))
    assert "24 hours" in told(client.post(undo))[1]
    assert lead_of(world)["state"] == "taken"


def test_who_may_no_longer_take_the_other_step_undoes_nothing(world, taken):
    client, undo = taken
    world.users["owner"].groups.clear()
    assert client.post(undo).status_code in (403, 404)
    assert lead_of(world)["state"] == "taken"


def test_what_does_not_come_back_has_no_undo(world):
    page = world.address("users/<int:pk>/deactivate/")
    api_token_create(user=world.rows["person"], name="Phone")
    assert told(world.client("admin").post(page))[2] == ""  # the key does not come back


@pytest.mark.parametrize("is_undone", [True, False])
def test_the_file_of_a_removed_document_goes_with_its_undo(world, is_undone):
    client, document = world.client("owner"), world.rows["customer_document"]
    storage_name = document.file.storage.save("t/kept.txt", SimpleUploadedFile("kept.txt", b"text"))
    Document.objects.filter(pk=document.pk).update(file=storage_name)
    _level, _text, undo = told(client.post(world.address("customers/<int:pk>/documents/<int:document>/remove/")))
    if is_undone:
        told(client.post(undo))
    assert document.file.storage.exists(storage_name)
    Submission.objects.update(created_at=timezone.now() - dt.timedelta(hours=25))
    purge_old_rows()
    assert document.file.storage.exists(storage_name) == is_undone


def test_the_file_of_a_document_that_is_removed_again_stays_for_the_second_undo(world):
    client, document = world.client("owner"), world.rows["customer_document"]
    storage_name = document.file.storage.save("t/kept.txt", SimpleUploadedFile("kept.txt", b"text"))
    Document.objects.filter(pk=document.pk).update(file=storage_name)
    remove = world.address("customers/<int:pk>/documents/<int:document>/remove/")
    told(client.post(told(client.post(remove))[2]))
    Submission.objects.update(created_at=timezone.now() - dt.timedelta(hours=25))
    _level, _text, undo = told(client.post(remove))
    purge_old_rows()
    told(client.post(undo))
    assert document.file.storage.exists(storage_name)


def test_a_mailbox_that_was_added_is_removed_after_its_test_too(world):
    client, count = world.client("owner"), Mailbox.objects.count()
    sent = {"name": "New", "address": "n@example.com", "host": "imap.example.com", "port": "993", "username": "n"}
    more = {"password": "secret", "folder": "INBOX", "first_days": "30", "use_tls": "on"}
    _level, _text, undo = told(client.post(world.address("mail/mailboxes/new/"), sent | more))
    Mailbox.objects.filter(name="New").update(error="", trying_since=None, last_read_at=timezone.now())
    level, text, _redo = told(client.post(undo))
    assert (level, Mailbox.objects.count()) == ("success", count), text
