"""Users: the fields of their rows, and the handler, which finds users by user name, e-mail address, then full name.

Imports set no passwords.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts import enums
from accounts.models import Team, TeamMembership, User
from core.import_kinds import Field, plain
from imports import values
from imports.cells import addresses, phones
from imports.enums import RowStatus
from imports.lookups import LookupFailed, Roles, folded
from imports.models import ImportRow
from imports.names import read_name, split_name, strip_degrees
from imports.pipeline.base import RowHandler, add_problem, set_result
from imports.problems import Problem

_KEY, _BASIC = _("How the row is matched"), _("Basic details")
_NAMES = "nimi, koko nimi, name, full name, user, käyttäjä, sales agent, employee, työntekijä"

FIELDS = [
    Field(
        "username",
        _("user name"),
        plain(values.line(150)),
        "käyttäjätunnus, käyttäjänimi, tunnus, username, user name, login",
        _KEY,
    ),
    Field(
        "email",
        _("e-mail"),
        plain(values.email),
        "sähköposti, sähköpostiosoite, email, e mail, email address, e post, e postadress",
        _KEY,
        parts=addresses,
    ),
    Field("full_name", _("full name"), plain(values.line(300)), _NAMES, _KEY),
    Field("first_name", _("first name"), plain(values.line(150)), "etunimi, first name, firstname", _KEY),
    Field("last_name", _("last name"), plain(values.line(150)), "sukunimi, last name, lastname, surname", _KEY),
    Field("title", _("title"), plain(values.line(120)), "titteli, nimike, tehtävänimike, title, job title", _BASIC),
    Field(
        "phone",
        _("phone"),
        plain(values.phone),
        "puhelin, puhelinnumero, phone, phone number, mobile, telefon, mobiltelefon",
        _BASIC,
        soft=True,
        parts=phones,
    ),
    Field("manager", _("manager"), plain(values.line(300)), "esihenkilö, esimies, manager, supervisor", _BASIC),
    Field(
        "team",
        _("team"),
        plain(values.line(120)),
        "tiimi, toimipiste, alue, team, regional office, office, region",
        _BASIC,
    ),
    Field("role", _("user group"), plain(values.line(150)), "ryhmä, käyttäjäryhmä, rooli, group, role", _BASIC),
    Field(
        "language",
        _("language"),
        plain(values.choice(enums.Language)),
        "kieli, language",
        _BASIC,
        choices=enums.Language,
    ),
]


PLAIN = ("first_name", "last_name", "email", "title", "phone", "language")


def name_of(values: dict[str, Any]) -> tuple[str, str]:
    """Return first and last name from their own columns or the full name, without degrees."""
    first, last = split_name(values.get("full_name") or "")
    own_first, own_last = (strip_degrees(values.get(name) or "")[0] for name in ("first_name", "last_name"))
    whole = " ".join(filter(None, [own_first or first, values.get("middle_name")]))
    return whole[:80], own_last or last


def beside_name(values: dict[str, Any]) -> str:
    """Return what is written beside the name: degrees, salutations."""
    own = (strip_degrees(values.get(name) or "")[1] for name in ("first_name", "last_name"))
    has_own = values.get("first_name") and values.get("last_name")
    return ", ".join(filter(None, [*own, "" if has_own else read_name(values.get("full_name") or "").rest]))


class UserHandler(RowHandler):
    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.roles = Roles()
        self.people = People(User.objects.prefetch_related("groups", "memberships"))
        self.taken = self._meant_before()
        self.teams = {folded(team.name): team for team in Team.objects.all()}

    @staticmethod
    def keys(values: dict[str, Any]) -> tuple[str, str, str]:
        username, email = values.get("username") or "", values.get("email") or ""
        return folded(username), folded(email), "" if username else " ".join(name_of(values)).strip()

    def _meant_before(self) -> dict[str, int]:
        """Return the row that has meant each user, by user name, of those that a worker processed before it died."""
        meant = ImportRow.objects.filter(run=self.run, target_id__isnull=False).values_list("target_id", "number")
        return {self.people.by_id[pk].username: number for pk, number in meant if pk in self.people.by_id}

    def process(self, rows: Sequence[ImportRow]) -> None:
        for row in rows:
            try:
                self._import_row(row)
            except LookupFailed as error:
                set_result(row, RowStatus.HELD, error.problem)

    def _import_row(self, row: ImportRow) -> None:
        if row.same_as:
            raise LookupFailed(Problem("same_as", {"number": row.same_as}))
        values = dict(row.values or {})
        user, by_name = self.people.find(values)
        if user and self.taken.setdefault(user.username, row.number) != row.number:
            raise LookupFailed(Problem("same_as", {"number": self.taken[user.username]}))
        if user is None:
            values = {**self.defaults, **values}
        role = self.roles.get(values["role"]) if values.get("role") else None
        if beside := beside_name(values):
            add_problem(row, Problem("beside_name", {"value": beside}, "full_name"))
        if user is None and not any(name_of(values)):
            set_result(row, RowStatus.REFUSED, Problem("required", {}, "full_name"))
            return
        if user is None:
            user = self._create(*name_of(values), values)
            self.taken[user.username] = row.number
            row.fate = RowStatus.CREATED
        else:
            row.changed = self._change(user, values, by_name=by_name)
        self._join(row, user, values, role)
        row.target_id = user.pk
        row.fate = row.fate or (RowStatus.UPDATED if row.changed else RowStatus.UNCHANGED)
        row.values = {name: values[name] for name in ("manager", "team") if values.get(name)} or None
        if row.values and "manager" not in row.values:
            row.values = None

    def _create(self, first: str, last: str, values: dict[str, Any]) -> User:
        """Add a user who cannot sign in before being invited."""
        given = {name: values[name] for name in PLAIN if values.get(name)}
        given |= {"first_name": first, "last_name": last}
        user = User(username=values.get("username") or self.people.free_username(first, last), **given)
        user.set_unusable_password()
        if not self.dry_run:
            user.save(force_insert=True)
        self.people.add(user)
        return user

    def _change(self, user: User, values: dict[str, Any], *, by_name: bool) -> list[str]:
        new = {name: values[name] or "" for name in PLAIN if name in values}
        if not by_name and any(name_of(values)):
            new |= dict(zip(("first_name", "last_name"), name_of(values), strict=True))
        changed = [name for name, value in new.items() if getattr(user, name) != value]
        if changed and not self.dry_run:
            for name in changed:
                setattr(user, name, new[name])
            user.save(update_fields=changed)
        return changed

    def _join(self, row: ImportRow, user: User, values: dict[str, Any], role: int | None) -> None:
        """Add the user to the row's group and team; other memberships stay."""
        changed = ["role"] if role is not None and self._add_role(user, role) else []
        if values.get("team") and self._add_member(user, values["team"]):
            changed.append("team")
        if row.fate != RowStatus.CREATED:
            row.changed = [*row.changed, *changed]

    def _add_role(self, user: User, role: int) -> bool:
        if user.pk is None or role in {group.pk for group in user.groups.all()}:
            return user.pk is None
        if not self.dry_run:
            user.groups.add(role)
        return True

    def _add_member(self, user: User, name: str) -> bool:
        team = self.teams.get(folded(name))
        if team and user.pk and team.pk in {item.team_id for item in user.memberships.all()}:
            return False
        if not self.dry_run:
            team = team or Team.objects.create(name=name)
            self.teams[folded(name)] = team
            TeamMembership.objects.get_or_create(team=team, user=user)
        return True

    def link(self, rows: Sequence[ImportRow]) -> None:
        """Set the managers; a manager without a row becomes a user too."""
        for row in rows:
            values, row.values = row.values or {}, None
            try:
                manager = self._manager(values)
            except LookupFailed as error:
                add_problem(row, Problem(error.problem.code, error.problem.params, "manager"))
                continue
            user = self.people.by_id.get(row.target_id or 0)
            if user is None or manager is None or manager.pk in (user.manager_id, user.pk):
                continue
            user.manager = manager
            if not self.dry_run:
                user.save(update_fields=["manager"])
            if row.fate != RowStatus.CREATED:
                row.fate, row.changed = RowStatus.UPDATED, [*row.changed, "manager"]

    def _manager(self, values: dict[str, Any]) -> User | None:
        text = values["manager"]
        found = self.people.named(text)
        if len(found) > 1:
            raise LookupFailed(Problem("ambiguous_user", {"value": text}))
        if found:
            if not found[0].is_active:
                raise LookupFailed(Problem("inactive", {"name": str(found[0])}))
            return found[0]
        if not self.config.options.get("create_managers", True):
            raise LookupFailed(Problem("unknown_user", {"value": text}))
        return self._create_manager(text, values)

    def _create_manager(self, text: str, values: dict[str, Any]) -> User:
        manager = self._create(*split_name(text), {})
        self.notes.append({"code": "manager_created", "name": text})
        role = self.config.options.get("manager_role")
        if role and not self.dry_run:
            manager.groups.add(self.roles.get(role))
        if values.get("team"):
            self._add_member(manager, values["team"])
        return manager


class People:
    """All users by user name, e-mail address and name."""

    def __init__(self, users: Iterable[User]) -> None:
        self.by_id: dict[int, User] = {}
        self._usernames: dict[str, User] = {}
        self._emails: dict[str, User] = {}
        self._names: dict[str, list[User]] = defaultdict(list)
        for user in users:
            self.add(user)

    def add(self, user: User) -> None:
        if user.pk:
            self.by_id[user.pk] = user
        self._usernames[folded(user.username)] = user
        if user.email:
            self._emails[folded(user.email)] = user
        self._names[folded(user.get_full_name())].append(user)

    def find(self, values: dict[str, Any]) -> tuple[User | None, bool]:
        """Return the row's user and whether only the name matched. Raises :class:`LookupFailed`."""
        username, email = folded(values.get("username") or ""), folded(values.get("email") or "")
        by_email = self._emails.get(email) if email else None
        user = self._usernames.get(username) if username else by_email
        if user and by_email and by_email is not user:
            raise LookupFailed(Problem("email_taken", {"name": str(by_email)}))
        by_name = user is None and not username
        if by_name:
            user = self._namesake(" ".join(name_of(values)).strip(), email)
        elif user is None and by_email:
            raise LookupFailed(Problem("email_taken", {"name": str(by_email)}))
        if user and not user.is_active:
            raise LookupFailed(Problem("inactive", {"name": str(user)}))
        return user, by_name

    def _namesake(self, name: str, email: str) -> User | None:
        """Return the user of this name, unless the e-mail address differs. Raises :class:`LookupFailed` for several."""
        namesakes = self._names.get(folded(name), []) if name else []
        found = [user for user in namesakes if not (email and user.email and folded(user.email) != email)]
        if len(found) > 1:
            raise LookupFailed(Problem("ambiguous_person", {"names": ", ".join(user.username for user in found)}))
        return found[0] if found else None

    def named(self, text: str) -> list[User]:
        """Return the users with this user name, e-mail address or full name."""
        exact = self._usernames.get(folded(text)) or self._emails.get(folded(text))
        return [exact] if exact else self._names.get(folded(" ".join(split_name(text))), [])

    def free_username(self, first: str, last: str) -> str:
        """Return ``first.last`` in plain letters, with a number appended if it is taken."""
        base = ".".join(filter(None, map(_plain_letters, (first, last))))[:140] or "user"
        name, number = base, 2
        while name in self._usernames:
            name, number = f"{base}{number}", number + 1
        return name


def _plain_letters(text: str) -> str:
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_text).strip("-")
