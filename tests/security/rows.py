"""One row of every model for the world of the tests, tied to each other as they are in use."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.models import Notification, Role, TeamNote
from accounts.tests.factories import TeamFactory, UserFactory, role
from activities.calendar.models import Invitation
from activities.calendar.services.feeds import feed_create
from activities.feedback.models import Feedback, NpsQuestion
from activities.leads.models import Lead
from activities.log.enums import ActivityStatus
from activities.log.models import ActivityTemplate, ContactReason
from activities.log.tests.factories import ActivityFactory, activity_type, keyword
from activities.mail.enums import Direction, IgnoreKind, MessageState
from activities.mail.models import EmailMessage, EmailTemplate, EmailThread, IgnoreRule, Mailbox
from activities.mail.tests.smtp import sent_message
from core import clock
from core.conditions.tree import Group, Rule
from core.documents import document_add
from core.enums import JobState
from core.models import BulkRun, Job
from customers.enums import BranchPurpose
from customers.models import ClassificationBranch, Municipality, Responsibility
from customers.saved_views.models import RoleView, SavedView
from customers.saved_views.services import view_create
from customers.selections.models import Selection
from customers.selections.services import selection_create
from customers.tests.factories import ContactFactory, CustomerFactory, PositionFactory
from imports.enums import ImportKind
from imports.models import ImportMapping
from imports.services import run_create
from offers.offers.content import content_of
from offers.offers.models import Approval, LostReason, OfferActivity, OfferType, OfferVersion
from offers.offers.services.links import link_make
from offers.offers.tests.factories import OfferFactory
from offers.orders.services.deliveries import deliveries_add
from offers.orders.tests.billing import address, hand_over, seller, waiting
from offers.orders.tests.factories import OrderFactory
from offers.products.models import Product, ProductGroup, Unit, VatClass
from offers.products.tests.factories import line as offer_line
from segmentation.criteria.models import Evaluation
from segmentation.criteria.services import criteria_create
from segmentation.criteria.store import rule_write
from segmentation.membership.services.moves import segment_set
from segmentation.membership.services.proposals import proposal_comment, proposal_make
from segmentation.membership.tests.factories import segment
from segmentation.metrics.models import Area, HourCost, OwnMetric, ServiceCost
from segmentation.metrics.services.values import value_give
from segmentation.metrics.tests.world import value_mode_set
from segmentation.portfolio.services import decision_make
from segmentation.schemes.models import RuleChange, SegmentGoal, SegmentReason

#: A text that is only in what those may see who keep inactive customers.
SECRET = "Piilosana"


def register_rows(owner: Any, text: str) -> dict[str, Any]:
    """A product of the owner's with all around it, and our own data with a logo."""
    group = ProductGroup.objects.get(code="languages")
    group.name_fi = group.name_en = f"Kielet{text}"[:120]
    group.save()
    product = Product.objects.create(
        code="K-1", name_fi=f"Kurssi{text}"[:200], name_en=f"Course{text}"[:200], description_fi=text,
        description_en=text, group=group, unit=Unit.objects.get(code="piece"),
        vat_class=VatClass.objects.get(code="general"), duration=text[:100],
    )  # fmt: skip
    product.prices.create(valid_from="2026-01-01", price=100)
    product.owners.create(user=owner)
    ours = seller(name=f"Omnia{text}"[:200], street=text[:200], footer_fi=text[:500])
    ours.logo.save("logo.png", ContentFile(b"not looked at"))
    return {
        "product": product, "product_group": group, "unit": product.unit, "vat_class": product.vat_class,
    }  # fmt: skip


def received_mail_rows(owner: Any, text: str) -> dict[str, Any]:
    """A message that waits in the shared inbox, the owner's own mailbox, an ignore rule."""
    message = EmailMessage(
        thread=EmailThread.objects.create(subject=f"Offer{text}"[:500]), direction=Direction.IN,
        state=MessageState.INBOX, message_id="waiting@example.com", sender="stranger@example.com",
        sender_name=f"Stranger{text}"[:200], subject=f"Offer{text}"[:500], body=f"<p>{text}</p>",
        error="unknown_sender",
    )  # fmt: skip
    message.raw.save("message.eml", ContentFile(b"From: stranger@example.com\r\n\r\nHi"))
    mailbox = Mailbox.objects.create(
        name=f"Own{text}"[:120], owner=owner, address="own@example.com", host="localhost", port=1, username="own"
    )
    rule = IgnoreRule.objects.create(kind=IgnoreKind.DOMAIN, pattern="spam.example.com", created_by=owner)
    return {"waiting_email": message, "mailbox": mailbox, "ignore_rule": rule}


def people_rows(users: dict[str, Any], text: str) -> dict[str, Any]:
    team = TeamFactory(name=f"Team{text}"[:120], members=[users["owner"]], kind="care")
    note = TeamNote.objects.create(team=team, title=f"Note{text}"[:120], text=f"Note{text}", added_by=users["owner"])
    return {
        "person": UserFactory(username="person", first_name=f"Person{text}"[:150]),
        "owner_user": users["owner"],
        "group": role("communications"),
        "team": team,
        "team_note": note,
        "job": Job.objects.create(
            kind="export", owner=users["owner"], title=f"Job{text}"[:200], state=JobState.DONE,
            result=ContentFile(b"x", "x.csv"), result_name="x.csv", finished_at=timezone.now(),
        ),
        "notification": Notification.objects.create(user=users["owner"], kind="mention", url="/customers/", data={}),
        "municipality": Municipality.objects.first(),
        "type": activity_type("call"),
        "template": ActivityTemplate.objects.first(),
        "keyword": keyword("negative"),
        "list": "contact-reasons",
        "name": "recurring",
        "guide": "customers",
        "reason": ContactReason.objects.first(),
        "branch": ClassificationBranch.objects.get(purpose=BranchPurpose.GROUP),
        "node": ClassificationBranch.objects.get(purpose=BranchPurpose.GROUP).nodes.first(),
    }  # fmt: skip


def _feedback_and_lead(customer: Any, owner: Any, text: str) -> dict[str, Any]:
    """Unanswered negative feedback and an unassigned lead that the owner has logged."""
    common: dict[str, Any] = {"customer": customer, "created_by": owner, "status": ActivityStatus.OPEN, "memo": text}
    feedback = ActivityFactory(
        type=activity_type("feedback"), title=f"Feedback{text}"[:200], words=["negative"], **common
    )
    lead = ActivityFactory(type=activity_type("lead"), title=f"Lead{text}"[:200], **common)
    Feedback.objects.create(
        activity=feedback, about_what=text[:200], responsible=owner, answer_due=timezone.now(),
        corrective_action=text[:2_000],
    )  # fmt: skip
    Lead.objects.create(activity=lead, need=text[:500])
    return {"feedback": feedback, "lead": lead, "nps_question": _unsent_question(customer, owner)}


def _unsent_question(customer: Any, owner: Any) -> NpsQuestion:
    """A question to a contact that was not sent."""
    contact = ContactFactory(
        customer=customer, last_name=SECRET if customer.is_passive else "Asked", is_hidden=customer.is_passive
    )
    return NpsQuestion.objects.create(
        contact=contact, customer=customer, language="fi", digest=uuid.uuid4().hex, asked_by=owner,
        state=MessageState.FAILED, expires_at=timezone.now() + dt.timedelta(days=60),
    )  # fmt: skip


def selection_row(owner: Any, text: str) -> Selection:
    """A selection of key customers that the owner has shared with everyone."""
    key = segment("A")
    tree = Group(1, parts=(Rule(2, "customer.segment", {"op": "is", "rows": [key.pk]}),))
    selection = selection_create(
        user=owner, of="customers", tree=tree, name=f"Selection{text}"[:120], folder=f"Folder{text}"[:60],
        description=text,
    )  # fmt: skip
    Selection.objects.filter(pk=selection.pk).update(sharing="all")
    return Selection.objects.get(pk=selection.pk)


def criteria_rows(customer: Any, text: str) -> dict[str, Any]:
    """A draft of the criteria of the primary scheme with a rule, and what a version gave the customer."""
    own = segment("A")
    criteria = criteria_create(scheme=own.scheme, user=None, justification=f"Why{text}"[:4_000])
    rule_write(criteria, own, Group(1))
    suggestion = Evaluation.objects.create(
        scheme=own.scheme, customer=customer, segment=own, since="2026-01-01", known_share=100, outcome="yes",
        criteria=criteria, day="2026-01-01", is_suggestion=True,
    )  # fmt: skip
    return {"criteria": criteria, "suggestion": suggestion, "segment": own}


def view_row(owner: Any, text: str) -> SavedView:
    """A view of the customers of a segment that the owner has shared with everyone."""
    key = segment("A")
    view = view_create(
        user=owner, list="customers:list", query=f"segment={key.pk}&columns=name", name=f"View{text}"[:120],
        folder=f"Folder{text}"[:60], description=text,
    )  # fmt: skip
    SavedView.objects.filter(pk=view.pk).update(sharing="all")
    return SavedView.objects.get(pk=view.pk)


def role_view_row(view: SavedView) -> RoleView:
    return RoleView.objects.create(role=Role.objects.order_by("pk")[0], list=view.list, view=view)


def metric_rows(owner: Any, customer: Any, text: str) -> dict[str, Any]:
    """A soft value of the customer, an area and costs; the value of customers is used."""
    value_mode_set("used")
    own = OwnMetric.objects.get(code="loyalty")
    OwnMetric.objects.filter(pk=own.pk).update(name_fi=f"Oma{text}"[:120], name_en=f"Own one{text}"[:120])
    value = value_give(
        customer=customer, metric=own, number=Decimal(8), user=owner, reason=f"Said{text}"[:500], source=text[:120]
    )
    area = Area.objects.order_by("pk")[0]
    Area.objects.filter(pk=area.pk).update(name_fi=f"Alue{text}"[:120], name_en=f"Area{text}"[:120])
    return {
        "code": "own_loyalty", "own_metric": own, "own_value": value, "area": area,
        "hour_cost": HourCost.objects.create(role=role("account_manager"), valid_from="2026-01-01", amount=50),
        "service_cost": ServiceCost.objects.create(year=2026, amount=1000),
    }  # fmt: skip


def segment_rows(owner: Any, customer: Any, text: str) -> dict[str, Any]:
    """A customer in a segment and proposed to another, and the schemes with their texts."""
    key, growing = segment("A"), segment("B")
    for row in (key.scheme, key, growing):
        row.description = text
        row.save()
    reason = SegmentReason.objects.create(code="move", name_fi=f"Syy{text}"[:120], name_en=f"Reason{text}"[:120])
    goal = SegmentGoal.objects.create(segment=key, year=2026, kind="members", target=5, note=text[:500])
    segment_set(customer=customer, segment=growing, user=owner, reason=reason, text=text)
    proposal = proposal_make(customer=customer, segment=key, user=owner, reason=reason, text=text)
    proposal_comment(proposal=proposal, user=owner, text=f"Comment{text}"[:2_000])
    decision = decision_make(
        customer=customer, user=owner, cause="price", action=f"Raised{text}"[:2_000],
        review_on=clock.today() + dt.timedelta(days=30),
    )  # fmt: skip
    rules = {"needs_approval": True, "limit": 5, "approvers": [role("management").pk]}
    change = RuleChange.objects.create(
        segment=key, before=rules, after=rules | {"limit": 6}, customers=0, status="open", asked_by=owner,
        asked_at=clock.now(),
    )  # fmt: skip
    return {
        "profit_decision": decision, "rule_change": change,
        "scheme": key.scheme, "segment": key, "segment_reason": reason, "goal": goal, "proposal": proposal,
        "membership": customer.memberships.get(),
    }  # fmt: skip


def upload(name: str = "note.txt", content: bytes = b"text") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def _bulk_run(owner: Any, customer: Any, text: str) -> dict[str, Any]:
    """A bulk operation of the owner's that has not started."""
    run = BulkRun.objects.create(operation="customers.class", title=f"Class{text}"[:200], user=owner, total=1)
    run.rows.create(
        target_id=customer.pk, label=f"{customer}{text}"[:300], status="refused", reason="forbidden",
        undo_reasons=[{"code": "in_use", "params": {"things": {"customers.Customer": 1}}}],
    )  # fmt: skip
    return {"bulk_run": run, "operation": run.operation}


def customer_rows(owner: Any, text: str) -> dict[str, Any]:
    customer = CustomerFactory(
        name=f"Aktiivinen{text}"[:200], description=text, registry_industry=text, source=text[:120], owner=owner
    )
    contact = ContactFactory(
        last_name=f"Salo{text}"[:80], description=text, customer=customer, customer__title=text[:120]
    )
    activity = ActivityFactory(
        customer=customer, title=f"Phone call{text}"[:200], memo=text, goal=text, place=text[:120],
        created_by=owner, contacts=[contact], status=ActivityStatus.OPEN,
        start=timezone.now() + dt.timedelta(days=1),
    )  # fmt: skip
    documents = {
        f"{kind}_document": document_add(target=row, upload=upload(), user=owner, description=f"Note{text}"[:500])
        for kind, row in (("customer", customer), ("contact", contact), ("activity", activity))
    }
    return {
        "customer": customer, "contact": contact, "activity": activity, "position": contact.positions.get(),
        "responsibility": Responsibility.objects.get(customer=customer), **documents,
        **_bulk_run(owner, customer, text),
        **_feedback_and_lead(customer, owner, text), **_mail(owner, customer, text),
        **_calendar(owner, activity, contact, text), **_offer(owner, customer, activity, text),
        **_order(owner, customer, text), **_batch(owner, customer, text),
    }  # fmt: skip


def _order(owner: Any, customer: Any, text: str) -> dict[str, Any]:
    """An order of the owner's in delivery, of which one of three has been delivered, with a document."""
    order = OrderFactory(
        status="in_delivery", lines=[offer_line(f"Day{text}"[:200], quantity=3, details=text)], customer=customer,
        owner=owner, created_by=owner, title=f"Order{text}"[:200], place=text[:200], notes=text,
        buyer_reference=text[:35],
    )  # fmt: skip
    delivered = {order.lines.get().pk: Decimal(1)}
    [delivery] = deliveries_add(order=order, quantities=delivered, day=timezone.localdate(), user=owner, note=text)
    document = document_add(target=order, upload=upload(), user=owner, description=f"Note{text}"[:500])
    return {"order": order, "delivery": delivery, "order_document": document}


def _batch(owner: Any, customer: Any, text: str) -> dict[str, Any]:
    """A batch with the invoice of one order."""
    seller(name=f"Seller{text}"[:200])
    address(customer, street=f"Street{text}"[:200], city=f"Town{text}"[:80])
    order = waiting([offer_line(f"Day{text}"[:200])], customer=customer, owner=owner, title=f"Order{text}"[:200])
    batch = hand_over(order, user=owner)
    return {"invoice_batch": batch, "invoice": batch.invoices.get()}


def _sent(offer: Any, text: str) -> dict[str, Any]:
    """A version of an offer as it was sent before, with a contact's personal link that has been answered."""
    version = OfferVersion(
        offer=offer, number=1, content_version=1, content=content_of(offer), valid_until=offer.valid_until,
        sent_at=timezone.now(),
    )  # fmt: skip
    version.pdf.save("offer.pdf", ContentFile(b"%PDF-1.7"))
    link = link_make(offer_version=version, contact=None, email="liisa@customer.example")
    link.answer_name, link.comment = f"Liisa{text}"[:200], text[:2_000]
    link.save()
    return {"offer_version": version, "offer_link": link}


def _offer(owner: Any, customer: Any, activity: Any, text: str) -> dict[str, Any]:
    """An offer of the owner's that waits for approval, with a line, a linked activity and a document."""
    offer = OfferFactory(
        title=f"Training{text}"[:200], type=OfferType.objects.get(code="service_order"), customer=customer, owner=owner,
        intro=text, terms=text, internal_notes=text, customer_notes=text, expected_close=timezone.localdate(),
        contact=customer.positions.first().contact,
        lines=[offer_line(f"Day{text}"[:200], details=text)], created_by=owner,
    )  # fmt: skip
    OfferActivity.objects.create(offer=offer, activity=activity)
    approval = Approval.objects.create(offer=offer, content_version=1, step="content", asked_by=owner, comment=text)
    document = document_add(target=offer, upload=upload(), user=owner, description=f"Note{text}"[:500])
    return {
        **_sent(offer, text), "offer": offer, "approval": approval, "offer_document": document,
        "offer_type": offer.type, "lost_reason": LostReason.objects.first(),
    }  # fmt: skip


def _calendar(owner: Any, activity: Any, contact: Any, text: str) -> dict[str, Any]:
    """A private address, an invitation and a calendar file that waits to be imported."""
    feed, _secret = feed_create(user=owner, name=f"Phone{text}"[:100])
    invitation = Invitation.objects.create(activity=activity, contact=contact, email="liisa@customer.example")
    token = uuid.uuid4()
    cache.set(f"calendar-file:{owner.pk}:{token}", "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", 600)
    return {"feed": feed, "invitation": invitation, "token": token, "change": uuid.uuid4()}


def _mail(owner: Any, customer: Any, text: str) -> dict[str, Any]:
    message = sent_message(owner, customer, subject=f"Offer{text}"[:200], body=text, state=MessageState.FAILED)
    template = EmailTemplate.objects.create(
        name=f"Template{text}"[:120], subject_fi=f"Aihe{text}"[:200], body_fi=f"Viesti{text}"
    )
    return {"email": message, "email_activity": message.activity, "email_template": template}


def import_rows(admin: Any, text: str) -> dict[str, Any]:
    mapping = ImportMapping.objects.create(kind=ImportKind.CUSTOMERS, name=f"Source{text}"[:100], config={})
    file = ContentFile(f"name;city\nOne{text};Espoo\n".encode(), "rows.csv")
    run = run_create(kind=ImportKind.CUSTOMERS, file=file, name=f"rows{text}"[:190] + ".csv", owner=admin)
    return {"mapping": mapping, "run": run}


def hidden_rows(owner: Any, rows: dict[str, Any]) -> dict[str, Any]:
    """A passive customer tied to the active one in every way there is."""
    passive = CustomerFactory(name=f"{SECRET} Oy", passive=True, owner=owner)
    passive.favourites.create(user=owner)
    customer, contact = rows["customer"], rows["contact"]
    customer.parent = passive
    customer.save()
    PositionFactory(contact=contact, customer=passive, title=f"{SECRET} boss")
    gone = ContactFactory(first_name=SECRET, last_name="Gone", customer=passive, is_hidden=True)
    activity = ActivityFactory(
        customer=passive, title=f"{SECRET} call", created_by=owner, contacts=[contact], participants=[owner],
        status=ActivityStatus.OPEN, start=timezone.now() - dt.timedelta(days=3),
    )  # fmt: skip
    rows["activity"].follows = activity
    rows["activity"].save()
    rows["activity"].contacts.add(gone)
    ActivityFactory(customer=passive, title=f"{SECRET} follow-up", follows=rows["activity"], created_by=owner)
    kinds = (("customer", passive), ("contact", gone), ("activity", activity))
    documents = {
        f"{kind}_document": document_add(target=row, upload=upload(f"{SECRET}.txt"), user=owner, description=SECRET)
        for kind, row in kinds
    }
    hidden_message = sent_message(owner, passive, subject=f"{SECRET} offer", body=SECRET)
    return {
        "email": hidden_message, "email_activity": hidden_message.activity,
        "customer": passive, "contact": gone, "activity": activity, "position": gone.positions.get(),
        "work_activity": activity, "responsibility": passive.responsibilities.get(), **documents,
        **_feedback_and_lead(passive, owner, f" {SECRET}"), **_offer(owner, passive, activity, f" {SECRET}"),
        **_order(owner, passive, f" {SECRET}"),
    }  # fmt: skip
