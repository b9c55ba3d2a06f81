"""Commands of the palette about the customer or contact of the open page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls import ResolverMatch, reverse
from django.utils.translation import gettext as _

from core.permissions import allowed
from core.registry import SearchHit, declared
from customers.models import Contact, Customer


def subject_of(user: Any, match: ResolverMatch) -> Customer | Contact | None:
    """Return the customer or contact of this page, if the user can see it."""
    for prefix, model in (("customers/<", Customer), ("contacts/<", Contact)):
        if match.route.startswith(prefix):
            subject: Any = model.objects.visible_to(user).filter(pk=match.kwargs["pk"]).first()
            return subject
    return None


def subject_near(user: Any, match: ResolverMatch) -> Customer | Contact | None:
    """Return the customer or contact that the page is about: its own, or that of its row (``PAGE_SUBJECTS``)."""
    finders = (subject_of, *declared("PAGE_SUBJECTS"))
    return next(filter(None, (find(user, match) for find in finders)), None)


def subject_of_row(prefix: str, model: Any, *names: str) -> Callable[[Any, ResolverMatch], Customer | Contact | None]:
    """Return what finds the subject of the pages of ``model`` below ``prefix``: its ``contact`` or ``customer``."""

    def find(user: Any, match: ResolverMatch) -> Customer | Contact | None:
        if not match.route.startswith(prefix):
            return None
        row = model.objects.visible_to(user).filter(pk=match.kwargs["pk"]).values(*names).first() or {}
        asked: list[tuple[Any, Any]] = [(Contact if name == "contact" else Customer, row.get(name)) for name in names]
        found = (one.objects.visible_to(user).filter(pk=pk).first() for one, pk in asked if pk)
        return next(filter(None, found), None)

    return find


def page_commands(user: Any, match: ResolverMatch) -> list[SearchHit]:
    """Return what the user may change of the customer or contact."""
    subject = subject_of(user, match)
    if isinstance(subject, Customer):
        if not allowed(user, "customers.edit_customer", subject):
            return []
        owner, edit = (reverse(f"customers:{name}", args=[subject.pk]) for name in ("owner", "edit"))
        return [
            SearchHit(_("Change owner: %s") % subject, "", owner, "user-check", dialog=True),
            SearchHit(_("Edit: %s") % subject, "", edit, "pencil"),
        ]
    if subject is None or not allowed(user, "customers.edit_contact", subject):
        return []
    edit = reverse("customers:contact_edit", args=[subject.pk])
    return [SearchHit(_("Edit: %s") % subject, "", edit, "pencil", dialog=True)]
