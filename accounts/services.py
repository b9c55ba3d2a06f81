"""Services that change users and groups; those of teams are in :mod:`accounts.team_services`.

The callers hand over rows that a form or serializer has filled in; the services check them (``full_clean``: raises
``ValidationError``), save them with what belongs to them and keep two rules: nobody takes administration away from
themselves, and there is always an active administrator.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.contrib.auth.models import Permission
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.enums import TokenScope
from accounts.models import ApiToken, Role, Team, User
from accounts.system_mail import invitation_send
from core import clock, registry
from core.exceptions import BusinessRuleError
from core.services import lock


@transaction.atomic
def user_invite(*, user: User, groups: Iterable[Role] = (), teams: Iterable[Team] = ()) -> User:
    """Create an account without a password; after commit, mail a link for choosing one.

    Raises ``ValidationError``.
    """
    user.set_unusable_password()
    user.full_clean(exclude=["password"])
    user.save()
    user.groups.set(groups)
    user.teams.set(teams)
    members_changed()
    invitation_send(user=user)
    return user


@transaction.atomic
def administrator_save(*, user: User, group: Role, password: str) -> User:
    """Save a new or existing user as an active member of the administrators' group with this password.

    Raises ``ValidationError``. For the command line only: it checks no rights.
    """
    user.is_active = True
    user.set_password(password)
    user.full_clean()
    _save_next_version(user)
    user.groups.add(group)
    members_changed()
    personal_tokens_revoke(user=user)
    return user


@transaction.atomic
def user_change(
    *, user: User, by: User, groups: Iterable[Role] | None = None, teams: Iterable[Team] | None = None
) -> User:
    """Save a changed user and, where given, the user's groups and teams.

    Raises ``ValidationError``, and :class:`BusinessRuleError` (``own_administration``, ``last_administrator``).
    """
    user.full_clean(exclude=["password"])
    _save_next_version(user)
    if teams is not None:
        user.teams.set(teams)
    if groups is not None:
        with administration_kept(by):
            user.groups.set(groups)
    if teams is not None or groups is not None:
        members_changed()
    return user


def members_changed() -> None:
    """Let other apps know that who is active, or in which groups and teams, is not the same (``MEMBER_FOLLOWERS``)."""
    for follower in registry.declared("MEMBER_FOLLOWERS"):
        follower()


def check_unused(row: Role | Team) -> None:
    """Raise ``in_use`` with the sentence of an app that keeps a group or team (``GROUP_USES``)."""
    if text := " ".join(use for uses in registry.declared("GROUP_USES") if (use := uses(row))):
        raise BusinessRuleError("in_use", text)


def duties_of(user: User) -> list[str]:
    """Return what a user would leave behind, in sentences of the apps (``DUTIES`` in their registrations)."""
    return [text for describe in registry.declared("DUTIES") if (text := describe(user))]


@transaction.atomic
def user_deactivate(*, user: User, by: User, confirmed: bool = True) -> User:
    """Close an account: no sign-in, open sessions end, API keys are removed. Customers and activities stay as they are.

    Raises :class:`BusinessRuleError` (``own_administration``, ``last_administrator``; ``has_duties`` where the user
    leaves work behind and ``confirmed`` is not set).
    """
    if user.pk == by.pk:
        raise BusinessRuleError("own_administration", _("You cannot deactivate yourself."))
    if not confirmed and (duties := duties_of(user)):
        text = _("Hand it over first, or confirm the deactivation.")
        raise BusinessRuleError("has_duties", " ".join([*duties, text]), field="confirm")
    with administration_kept(by):
        user.is_active = False
        _save_next_version(user)
        user.api_tokens.all().delete()
    members_changed()
    return user


@transaction.atomic
def user_reactivate(*, user: User) -> User:
    """Open an account again, with the groups, teams and password it had."""
    user.is_active = True
    _save_next_version(user)
    members_changed()
    return user


def invitation_resend(*, user: User) -> None:
    """Mail a new link to a person who has not chosen a password yet. Raises :class:`BusinessRuleError`."""
    if not user.is_active or user.has_usable_password():
        raise BusinessRuleError("not_invited", _("This user has no open invitation."))
    if not user.email:
        raise BusinessRuleError("no_email", _("The user has no e-mail address."))
    invitation_send(user=user)


@transaction.atomic
def role_save(*, role: Role, grants: Iterable[Permission], by: User) -> Role:
    """Save a group and what its members may do. A new group gets its stable code from its English name.

    Raises ``ValidationError``, and :class:`BusinessRuleError` (``own_administration``, ``last_administrator``,
    ``gone``).
    """
    if role.pk:
        lock(role)  # somebody may have deleted it
    else:
        role.name = _free_code(role.name_en)
    role.full_clean()
    with administration_kept(by):
        _save_next_version(role)
        role.permissions.set(grants)
    return role


def _free_code(name: str) -> str:
    base = slugify(name).replace("-", "_")[:100] or "group"
    taken = set(Role.objects.filter(name__startswith=base).values_list("name", flat=True))
    return next(code for n in range(1, len(taken) + 2) if (code := f"{base}_{n}" if n > 1 else base) not in taken)


@transaction.atomic
def role_delete(*, role: Role) -> None:
    """Delete a group that nobody is in. Raises :class:`BusinessRuleError` (``in_use``)."""
    if role.user_set.exists():
        raise BusinessRuleError("in_use", _("The group has members: move them to other groups first."))
    check_unused(role)
    role.delete()


def api_token_create(
    *,
    user: User,
    name: str = "",
    scope: str = TokenScope.WRITE,
    expires_on: dt.date | None = None,
    is_service: bool = False,
) -> tuple[ApiToken, str]:
    """Return a new token and its key. The key cannot be read again: only its hash is stored.

    It works until ``expires_on``, that day included. Raises :class:`BusinessRuleError` (``in_past``).
    """
    if expires_on is not None and expires_on < clock.today():
        raise BusinessRuleError("in_past", _("Choose today or a later day."), field="expires_on")
    key = secrets.token_urlsafe(32)
    values = {"scope": scope, "expires_on": expires_on, "is_service": is_service}
    return ApiToken.objects.create(user=user, name=name, digest=digest(key), **values), key


def personal_tokens_revoke(*, user: User) -> None:
    """Make the personal keys of a user useless, as the password changes; those of service accounts stay."""
    user.api_tokens.filter(is_service=False).delete()


def api_token_revoke(*, token: ApiToken) -> None:
    """Make a key useless from the next request on."""
    token.delete()


def digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


@contextmanager
def administration_kept(by: User) -> Iterator[None]:
    """Undo a change that takes administration of users away from ``by`` or from the last active administrator.

    Such changes wait for each other: two administrators cannot deactivate one another at the same moment.
    """
    with transaction.atomic():
        Permission.objects.select_for_update().get(codename="manage_users", content_type__app_label="accounts")
        before = set(User.objects.administrators().values_list("pk", flat=True))
        yield
        after = set(User.objects.administrators().values_list("pk", flat=True))
        if by.pk in before - after:
            raise BusinessRuleError("own_administration", _("You cannot remove your own administrator rights."))
        if before and not after:
            raise BusinessRuleError(
                "last_administrator", _("At least one active user must have the right to manage users.")
            )


def _save_next_version(changed: User | Role) -> None:
    if changed.pk:
        changed.version += 1
    changed.save()
