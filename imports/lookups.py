"""Lookups from names in cells to database rows: users, municipalities, classes and others, read once per run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import Any

from django.utils.translation import override

from accounts.models import Role, User
from core.exceptions import BusinessRuleError
from core.text import one_line
from customers.enums import BranchTarget
from customers.models import ClassificationBranch, ClassificationNode, Municipality
from customers.selectors.people import possible_owners
from customers.services.classification import CLASSES
from imports.pipeline.customer_fields import segment_field_name
from imports.problems import Problem
from offers.offers.models import LostReason, OfferType
from offers.products.models import Product
from segmentation.membership.services.moves import settable
from segmentation.schemes.models import Scheme, Segment


@lru_cache(maxsize=20_000)
def folded(text: str) -> str:
    return one_line(text).casefold()


@cache
def labels_of(choices: Any) -> dict[str, str]:
    """Return an enum's values by value and by label in both languages, folded."""
    found: dict[str, str] = {}
    for language in ("fi", "en"):
        with override(language):
            for value, label in choices.choices:
                found |= {folded(str(label)): value, folded(value): value, folded(value.replace("_", " ")): value}
    return found


class LookupFailed(Exception):
    """A lookup that found no match or several."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


class Users:
    """Active users by user name, e-mail address or full name; all of them where somebody who left may be meant."""

    def __init__(self, *, with_deactivated: bool = False) -> None:
        self._ids: dict[str, set[int]] = defaultdict(set)
        people = User.objects.all() if with_deactivated else User.objects.active()
        for user in people.only("id", "username", "email", "first_name", "last_name"):
            self.add(user)

    def add(self, user: User) -> None:
        full = f"{user.first_name} {user.last_name}"
        turned = f"{user.last_name} {user.first_name}"
        for name in (user.username, user.email, full, turned, f"{user.last_name}, {user.first_name}"):
            if name.strip(", "):
                self._ids[folded(name)].add(user.pk)

    def get(self, text: str) -> int:
        """Return the user's id. Raises :class:`LookupFailed`."""
        found = self._ids.get(folded(text), set())
        if len(found) != 1:
            code = "ambiguous_user" if found else "unknown_user"
            raise LookupFailed(Problem(code, {"value": text[:80]}))
        return next(iter(found))


class Owners(Users):
    """Users who may own customers."""

    def __init__(self) -> None:
        super().__init__()
        self._may_own = set(possible_owners().values_list("pk", flat=True))

    def get(self, text: str) -> int:
        pk = super().get(text)
        if pk not in self._may_own:
            raise LookupFailed(Problem("may_not_own", {"value": text[:80]}))
        return pk


class Municipalities:
    """Municipalities by name in either language or by code."""

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}
        for place in Municipality.objects.all():
            self._ids |= {folded(name): place.pk for name in (place.name_sv, place.name_fi, place.code) if name}

    def get(self, text: str) -> int:
        """Return the municipality's id. Raises :class:`LookupFailed`."""
        found = self._ids.get(folded(text)) or self._ids.get(folded(text).removesuffix(" kaupunki"))
        if found is None:
            raise LookupFailed(Problem("municipality", {"value": text[:80]}))
        return found


class Roles:
    """User groups by code or by name in either language."""

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}
        for role in Role.objects.all():
            self._ids |= {folded(name): role.pk for name in (role.name_fi, role.name_en, role.name)}

    def get(self, text: str) -> int:
        """Return the group's id. Raises :class:`LookupFailed`."""
        if folded(text) not in self._ids:
            raise LookupFailed(Problem("unknown_role", {"value": text[:80]}))
        return self._ids[folded(text)]


class Named:
    """Entries of an administrator's list by code or by name in either language."""

    def __init__(self, entries: Iterable[Any], unknown: str, ambiguous: str = "") -> None:
        self._unknown, self._ambiguous = unknown, ambiguous or unknown
        self._entries: dict[str, list[Any]] = defaultdict(list)
        for entry in entries:
            self.add(entry)

    def add(self, entry: Any) -> None:
        for name in {folded(entry.code), folded(entry.name_fi), folded(entry.name_en)} - {""}:
            self._entries[name].append(entry)

    def __contains__(self, text: str) -> bool:
        return folded(text) in self._entries

    def get(self, text: str) -> Any:
        """Return the entry with this code or name; codes take precedence. Raises :class:`LookupFailed`."""
        found = self._entries.get(folded(text), [])
        exact = [entry for entry in found if folded(entry.code) == folded(text)] or found
        if len(exact) != 1:
            raise LookupFailed(Problem(self._ambiguous if exact else self._unknown, {"value": text[:80]}))
        return exact[0]


@dataclass(frozen=True)
class Branch:
    id: int
    code: str
    purpose: str
    is_multiple: bool
    is_required: bool = False


class Classes:
    """Classes by code or by name, limited to those that ``user`` may assign (None: every class)."""

    def __init__(self, user: User | None) -> None:
        self.branches = {
            branch.code: Branch(
                branch.pk,
                branch.code,
                branch.purpose,
                branch.is_multiple,
                branch.is_required and branch.target != BranchTarget.CONTACTS,
            )
            for branch in ClassificationBranch.objects.all()
        }
        self._groups = _groups_of(user)
        self._nodes: dict[int, dict[str, list[ClassificationNode]]] = defaultdict(lambda: defaultdict(list))
        self._sizes: list[tuple[int, int | None, tuple[Branch, int]]] | None = None
        nodes = ClassificationNode.objects.select_related("branch").prefetch_related("assigners", "branch__assigners")
        for node in nodes:
            self._add(node)

    def _add(self, node: ClassificationNode) -> None:
        for name in {folded(node.code), folded(node.name_fi), folded(node.name_en)}:
            self._nodes[node.branch_id][name].append(node)
        self._sizes = None

    def get(self, branch: Branch, text: str) -> int:
        """Return the id of the class with this code or name. Raises :class:`LookupFailed`."""
        found = self._nodes[branch.id].get(folded(text), [])
        live = [node for node in found if not node.is_retired]
        exact = [node for node in live if node.code == text] or live
        params = {"value": text[:80]}
        if not exact:
            raise LookupFailed(Problem("retired_class" if found else "unknown_class", params))
        if len(exact) > 1:
            raise LookupFailed(Problem("ambiguous_class", params))
        if not self._may_assign(exact[0]):
            raise LookupFailed(Problem("forbidden_class", params))
        return exact[0].pk

    def create(self, branch: Branch, text: str) -> int:
        """Add a class at the end of the branch and return its id. Raises :class:`LookupFailed`."""
        row = ClassificationBranch.objects.get(pk=branch.id)
        try:
            node = CLASSES.add(branch=row, name_fi=text[:120], name_en=text[:120])
        except BusinessRuleError as error:
            raise LookupFailed(Problem("unknown_class", {"value": text[:80]})) from error
        self._add(node)
        return node.pk

    def size_of(self, personnel: int) -> tuple[Branch, int] | None:
        """Return the size branch and the class with ``personnel`` in its range."""
        if self._sizes is None:
            self._sizes = list(self._read_sizes())
        return next((found for low, high, found in self._sizes if low <= personnel <= (high or personnel)), None)

    def _read_sizes(self) -> Iterator[tuple[int, int | None, tuple[Branch, int]]]:
        """Yield the lowest and highest number of each class of the size branch."""
        branch = next((item for item in self.branches.values() if item.purpose == "size"), None)
        nodes = (node for found in self._nodes[branch.id].values() for node in found) if branch else ()
        for node in nodes:
            if branch and node.lower is not None and not node.is_retired:
                yield node.lower, node.upper, (branch, node.pk)

    def _may_assign(self, node: ClassificationNode) -> bool:
        if self._groups is None:
            return True
        wanted = [group.pk for group in node.assigners.all() or node.branch.assigners.all()]
        return not wanted or bool(self._groups & set(wanted))


class Segments:
    """Segments by code or by name, for each field of the import; limited to those that ``user`` may set or propose."""

    def __init__(self, user: User | None) -> None:
        schemes = {scheme.pk: scheme for scheme in Scheme.objects.in_use().filter(is_exclusive=True)}
        self.schemes = {segment_field_name(scheme): pk for pk, scheme in schemes.items()}
        self._segments: dict[tuple[int, str], list[Segment]] = defaultdict(list)
        segments = list(Segment.objects.filter(scheme__in=schemes))
        for segment in segments:
            for name in {folded(segment.code), folded(segment.name_fi), folded(segment.name_en)}:
                self._segments[segment.scheme_id, name].append(segment)
        self._settable = settable(segments, user)

    def get(self, field: str, text: str) -> Segment:
        """Return the segment with this code or name. Raises :class:`LookupFailed`."""
        found = self._segments.get((self.schemes[field], folded(text)), [])
        live = [segment for segment in found if not segment.is_retired]
        exact = [segment for segment in live if segment.code == text] or live
        params = {"value": text[:80]}
        if not exact:
            raise LookupFailed(Problem("retired_segment" if found else "unknown_segment", params))
        if exact[0].pk not in self._settable and not exact[0].needs_approval:
            raise LookupFailed(Problem("forbidden_segment", params))
        return exact[0]


def _groups_of(user: User | None) -> set[int] | None:
    """Return the ids of the user's groups, or None for a user without limits."""
    if user is None or user.is_superuser:
        return None
    return set(user.groups.values_list("pk", flat=True))


#: The reason of offers lost elsewhere without a known reason.
NOT_KNOWN = {"code": "not_known", "name_fi": "Ei tiedossa", "name_en": "Not known"}


class OfferLookups:
    def __init__(self, *, dry_run: bool) -> None:
        self._dry_run = dry_run
        self._user_ids, self._users = Users(), {user.pk: user for user in User.objects.active()}
        self._types = Named(OfferType.objects.filter(retired_at__isnull=True), "unknown_offer_type")
        self._reasons = Named(LostReason.objects.filter(retired_at__isnull=True), "unknown_lost_reason")
        self._products: dict[str, list[Product]] = defaultdict(list)
        for product in Product.objects.with_prices():
            for name in {folded(product.code), folded(product.name_fi), folded(product.name_en)} - {""}:
                self._products[name].append(product)

    def owner(self, text: str) -> User:
        """Return the user of this name. Raises :class:`LookupFailed`, like the other lookups."""
        return self._users[self._user_ids.get(text)]

    def product(self, text: str | None) -> Product | None:
        if not text:
            return None
        found = self._products.get(folded(text), [])
        exact = [product for product in found if folded(product.code) == folded(text)] or found
        if len(exact) != 1:
            code = "ambiguous_product" if exact else "unknown_product"
            raise LookupFailed(Problem(code, {"value": text[:80]}))
        return exact[0]

    def type(self, text: str | None) -> OfferType | None:
        return self._types.get(text) if text else None

    def lost_reason(self, text: str | None) -> LostReason:
        return self._reasons.get(text) if text else self._not_known

    @cached_property
    def _not_known(self) -> LostReason:
        """The reason for rows without one, created when first needed."""
        if self._dry_run:
            return LostReason(**NOT_KNOWN)
        reason, _is_new = LostReason.objects.get_or_create(code=NOT_KNOWN["code"], defaults=NOT_KNOWN)
        return reason
