"""Personal links to customers' editions: their secrets and states; comments and the acceptance through them."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import uuid
from enum import Enum

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.notifications import notify
from careplans.content.edition import edition_of
from careplans.content.models import EditionComment, EditionLink
from careplans.plans.services.approvals import check_active
from careplans.plans.services.updates import plan_update_add
from core import clock
from core.exceptions import BusinessRuleError
from core.formatting import number_text
from core.text import one_line
from customers.models import Contact, Customer, Position

NAME_LENGTH, COMMENT_LENGTH, MOST_COMMENTS = 200, 2_000, 50


class LinkState(Enum):
    """The state of a link's page. The first two show nothing of the plan."""

    REVOKED = "revoked"
    ENDED = "ended"
    ACCEPTED = "accepted"
    OPEN = "open"


READABLE = frozenset({LinkState.OPEN, LinkState.ACCEPTED})


def secret_of(link: EditionLink) -> str:
    """Return the secret of a link: only this installation can compute it, and it is not stored."""
    digest = hmac.new(settings.SECRET_KEY.encode(), f"plan-edition:{link.pk}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:24]).decode()


def link_url(link: EditionLink) -> str:
    return f"{settings.BASE_URL}{reverse('carecontent:public', args=[secret_of(link)])}"


def link_of(secret: str) -> EditionLink | None:
    """Return the link of a secret, whatever its state; None for a forged one."""
    digest = hashlib.sha256(secret.encode()).hexdigest()
    return EditionLink.objects.select_related("customer__summary__owner", "contact").filter(digest=digest).first()


def name_known(link: EditionLink) -> str:
    """Return the name with which the reader answered last, else that of the contact that the link was made for."""
    newest = link.comments.order_by("-pk").first()
    return newest.name if newest else link.accepted_name or str(link.contact or "")


def state_of(link: EditionLink) -> LinkState:
    if link.revoked_at:
        return LinkState.REVOKED
    if link.expires_at <= clock.now() or link.customer.is_passive or not _is_of_contact(link):
        return LinkState.ENDED
    return LinkState.ACCEPTED if link.accepted_at else LinkState.OPEN


def _is_of_contact(link: EditionLink) -> bool:
    """Return whether the contact is at the customer today: the link of one who has left opens nothing."""
    known: bool | None = getattr(link, "is_of_contact", None)
    if known is not None:
        return known
    return Position.objects.current().filter(customer=link.customer_id, contact=link.contact_id).exists()


@transaction.atomic
def link_make(
    *, customer: Customer, contact: Contact | None, language: str, days: int, user: User, email: str = ""
) -> EditionLink:
    """Make a link for a contact; it shows the edition as it is now. Raises ``customer_passive``, ``no_goals``."""
    check_active(customer)
    content = edition_of(customer, clock.today())
    if not content["goals"] and not content["schedule"]:
        text = _("There is nothing to show yet: the plan has no goals and no actions toward the customer.")
        raise BusinessRuleError("no_goals", text)
    link = EditionLink.objects.create(
        customer=customer, contact=contact, language=language, content=content, created_by=user, email=email,
        digest=uuid.uuid4().hex, expires_at=clock.now() + dt.timedelta(days=days),
    )  # fmt: skip
    link.digest = hashlib.sha256(secret_of(link).encode()).hexdigest()
    link.save(update_fields=["digest"])
    return link


@transaction.atomic
def link_revoke(*, link: EditionLink) -> EditionLink:
    """Revoke a link, so that it opens nothing; the acceptance and comments are kept."""
    locked = EditionLink.objects.select_for_update(of=("self",)).get(pk=link.pk)
    if locked.revoked_at is None:
        locked.revoked_at = clock.now()
        locked.save(update_fields=["revoked_at"])
    return locked


def link_opened(link: EditionLink) -> None:
    """Record the time when a link was first opened."""
    if link.opened_at is None:
        EditionLink.objects.filter(pk=link.pk, opened_at__isnull=True).update(opened_at=clock.now())


@transaction.atomic
def link_accept(*, link: EditionLink, name: str) -> EditionLink:
    """Accept the plan as it was shown, with the name and the time; the plan counts as gone through with the customer.

    One that is accepted already stays as it is: its page says who did and when. Raises ``name_required``,
    ``name_too_long``, ``link_closed``.
    """
    locked = _locked(link)
    if locked.accepted_at:
        return locked
    name = _name(name)
    locked.accepted_at, locked.accepted_name = clock.now(), name
    locked.save(update_fields=["accepted_at", "accepted_name"])
    with translation.override(settings.LANGUAGE_CODE):
        note = _("Accepted through the personal link.")
    plan_update_add(customer=locked.customer, user=None, accepted_by=name, note=note)
    _tell("edition_accepted", locked, name)
    return locked


@transaction.atomic
def link_comment(*, link: EditionLink, name: str, text: str) -> EditionComment:
    """Add a comment.

    Raises ``name_required``, ``name_too_long``, ``comment_required``, ``comment_too_long``, ``too_many_comments``,
    ``link_closed``.
    """
    locked, name, text = _locked(link), _name(name), _comment(text)
    if locked.comments.count() >= MOST_COMMENTS:
        raise BusinessRuleError("too_many_comments", _("There are many comments already: please contact us."))
    comment = EditionComment.objects.create(link=locked, name=name, text=text)
    _tell("edition_commented", locked, name)
    return comment


def _locked(link: EditionLink) -> EditionLink:
    rows = EditionLink.objects.select_for_update(of=("self",)).select_related("customer__summary__owner")
    locked = rows.get(pk=link.pk)
    if state_of(locked) not in READABLE:
        raise BusinessRuleError("link_closed", _("The plan can no longer be answered with this link."))
    return locked


def _name(text: str) -> str:
    name = one_line(text.replace("\x00", ""))
    if not name:
        raise BusinessRuleError("name_required", _("Enter your name."), field="name")
    if len(name) > NAME_LENGTH:
        text = _("The name is too long: it can have at most %(most)d characters.") % {"most": NAME_LENGTH}
        raise BusinessRuleError("name_too_long", text, field="name")
    return name


def _comment(text: str) -> str:
    """Return a comment with ends of lines of one character, as the browser counts them."""
    comment = text.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n").strip()
    if not comment:
        raise BusinessRuleError("comment_required", _("Write the comment."), field="comment")
    if len(comment) > COMMENT_LENGTH:
        text = _("The comment is too long: it has %(count)s characters, and at most %(most)s fit in one comment.")
        numbers = {"count": number_text(len(comment)), "most": number_text(COMMENT_LENGTH)}
        raise BusinessRuleError("comment_too_long", text % numbers, field="comment")
    return comment


def _tell(kind: str, link: EditionLink, name: str) -> None:
    owner = link.customer.summary.owner
    if owner is not None and owner.is_active:
        notify(users=[owner], kind=kind, url=link.get_absolute_url(), customer=str(link.customer), name=name)
