"""The product register: products with their prices and content owners."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from crm import clock
from crm.exceptions import BusinessRuleError
from crm.services import lock, versioned_save
from offers.models import Product, ProductOwner
from offers.product_uses import is_used
from offers.services.dated import Dated, check_dated, dated_set


@transaction.atomic
def product_create(*, product: Product, prices: Sequence[Dated] = (), owners: Iterable[User] = ()) -> Product:
    """Save a new product that a form or serializer has filled in, with its prices and content owners.

    Raises :class:`BusinessRuleError`: ``code_taken``, ``choice_retired``, ``user_inactive``, ``day_twice``,
    ``day_not_allowed``, ``too_many_rows``; ``ValidationError`` where a field is not right.
    """
    _check_code(product)
    _check_choices(product, before=None)
    product.full_clean()
    versioned_save(product)
    _prices_set(product, prices)
    _owners_set(product, owners)
    return product


@transaction.atomic
def product_change(
    *, product: Product, prices: Sequence[Dated] | None = None, owners: Iterable[User] | None = None
) -> Product:
    """Save a changed product with the next version; ``prices`` and ``owners`` (None leaves them) become its own.

    Offers and orders keep what they have. Raises as :func:`product_create`.
    """
    held = lock(product)
    _check_code(product)
    _check_choices(product, before=held)
    product.full_clean()
    versioned_save(product)
    if prices is not None:
        _prices_set(product, prices)
    if owners is not None:
        _owners_set(product, owners)
    return product


def _check_code(product: Product) -> None:
    if Product.objects.filter(code__iexact=product.code).exclude(pk=product.pk).exists():
        raise BusinessRuleError("code_taken", _("Another product has this code."), field="code")


def _check_choices(product: Product, before: Product | None) -> None:
    """What is retired is given to nothing new; a product that has it keeps it."""
    for name in ("group", "unit", "vat_class"):
        chosen, held = getattr(product, name, None), getattr(before, name, None)
        if chosen is not None and chosen.is_retired and chosen != held:
            message = _("%(choice)s is not used any more.") % {"choice": chosen}
            raise BusinessRuleError("choice_retired", message, field=name)


def _prices_set(product: Product, prices: Sequence[Dated]) -> None:
    check_dated(prices, field="prices")
    dated_set(product.prices, prices, name="price")


def _owners_set(product: Product, owners: Iterable[User]) -> None:
    """Write the content owners in their order: the first one answers for new lines of offers."""
    wanted = list(dict.fromkeys(owners))
    held = [row.user for row in product.owners.select_related("user").order_by("pk")]
    if wanted == held:
        return
    gone = [user for user in wanted if not user.is_active and user not in held]
    if gone:
        message = _("%(user)s does not work here any more.") % {"user": gone[0]}
        raise BusinessRuleError("user_inactive", message, field="content_owners")
    if [user for user in held if user in wanted] == wanted[: len(held)]:  # none before an older one: its rows can stay
        product.owners.exclude(user__in=wanted).delete()
        wanted = [user for user in wanted if user not in held]
    else:
        product.owners.all().delete()
    ProductOwner.objects.bulk_create(ProductOwner(product=product, user=user) for user in wanted)


@transaction.atomic
def product_set_retired(*, product: Product, retired: bool) -> Product:
    """Retire a product, so that it is offered to nobody any more, or restore it. Offers and orders keep it."""
    row = lock(product)
    if row.is_retired != retired:
        row.retired_at = clock.now() if retired else None
        versioned_save(row)
    return row


@transaction.atomic
def product_delete(*, product: Product) -> None:
    """Delete a product that has never been used. Raises :class:`BusinessRuleError` ``in_use``."""
    row = lock(product)  # a line that is being written for it is waited for
    if is_used(row):
        raise BusinessRuleError("in_use", _("This product has been offered: it is retired, never deleted."))
    row.delete()
