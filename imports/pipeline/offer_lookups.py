"""Lookups of offer rows: people, products, offer types and lost reasons, each read once."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property

from accounts.models import User
from imports.lookups import LookupFailed, Named, Users, folded
from imports.problems import Problem
from offers.offers.models import LostReason, OfferType
from offers.products.models import Product

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
