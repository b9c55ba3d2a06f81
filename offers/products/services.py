"""Services of the product register: products, product groups, and the lists of units and VAT classes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from core import clock
from core.exceptions import BusinessRuleError
from core.services import lock, versioned_save
from core.trees import TreeService
from offers.products.effective_dated import Dated, check_dated, dated_set
from offers.products.models import Product, ProductGroup, ProductOwner, VatClass
from offers.products.selectors import is_used


@transaction.atomic
def product_create(*, product: Product, prices: Sequence[Dated] = (), owners: Iterable[User] = ()) -> Product:
    """Save a new product from a form or serializer, with its prices and content owners.

    Raises :class:`BusinessRuleError`: ``code_taken``, ``choice_retired``, ``user_inactive``, ``day_twice``,
    ``day_not_allowed``, ``too_many_rows``; ``ValidationError`` when a field is not valid.
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
    """Save a changed product with the next version; replace ``prices`` and ``owners`` unless None.

    Offers and orders keep theirs. Raises as :func:`product_create`.
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
    """Refuse retired choices unless the product already has them."""
    for name in ("group", "unit", "vat_class"):
        chosen, held = getattr(product, name, None), getattr(before, name, None)
        if chosen is not None and chosen.is_retired and chosen != held:
            message = _("%(choice)s is no longer in use.") % {"choice": chosen}
            raise BusinessRuleError("choice_retired", message, field=name)


def _prices_set(product: Product, prices: Sequence[Dated]) -> None:
    check_dated(prices, field="prices")
    dated_set(product.prices, prices, name="price")


def _owners_set(product: Product, owners: Iterable[User]) -> None:
    """Write the content owners in their order: the first one is the content owner of new offer lines."""
    users = list(dict.fromkeys(owners))
    old_users = [owner.user for owner in product.owners.select_related("user").order_by("pk")]
    if users == old_users:
        return
    gone = [user for user in users if not user.is_active and user not in old_users]
    if gone:
        message = _("%(user)s does not work here any more.") % {"user": gone[0]}
        raise BusinessRuleError("user_inactive", message, field="content_owners")
    # old rows can stay when no new user comes before an old one
    if [user for user in old_users if user in users] == users[: len(old_users)]:
        product.owners.exclude(user__in=users).delete()
        users = [user for user in users if user not in old_users]
    else:
        product.owners.all().delete()
    ProductOwner.objects.bulk_create(ProductOwner(product=product, user=user) for user in users)


@transaction.atomic
def product_set_retired(*, product: Product, retired: bool) -> Product:
    """Retire a product, so that it is no longer offered, or restore it. Offers and orders keep it."""
    product = lock(product)
    if product.is_retired != retired:
        product.retired_at = clock.now() if retired else None
        versioned_save(product)
    return product


@transaction.atomic
def product_delete(*, product: Product) -> None:
    """Delete a product that has never been used. Raises :class:`BusinessRuleError` ``in_use``."""
    product = lock(product)  # waits for lines that are being written with it
    if is_used(product):
        raise BusinessRuleError("in_use", _("This product has been offered and cannot be deleted. Retire it instead."))
    product.delete()


class ProductGroupTree(TreeService[ProductGroup]):
    """The tree of product groups. Locking it waits for products that are being moved to a group."""

    model = ProductGroup
    max_depth = 5
    code_if_nameless = "group"
    ignores_case = True
    below_itself = gettext_lazy("A group cannot be moved below itself.")
    parent_retired = gettext_lazy("The group above is retired. Restore it first.")
    name_taken = gettext_lazy("There is already a group “%(name)s” here.")
    code_taken = gettext_lazy("Another product group has this code.")

    def check_unused(self, node: ProductGroup) -> None:
        """Raise ``in_use`` with the number of products."""
        count = Product.objects.filter(group__path__startswith=node.path).count()
        if count:
            message = ngettext(
                "This group has %(count)d product and cannot be deleted. "
                "Move it to another group, or retire the group.",
                "This group has %(count)d products and cannot be deleted. "
                "Move them to another group, or retire the group.",
                count,
            )
            raise BusinessRuleError("in_use", message % {"count": count})


GROUPS = ProductGroupTree()


@transaction.atomic
def vat_class_save(*, vat_class: VatClass, rates: Sequence[Dated]) -> VatClass:
    """Save a VAT class from a form, with its rates. Offers and orders keep theirs.

    Raises :class:`BusinessRuleError`: ``rate_required``, ``rate_not_zero`` (of reverse charge), ``day_twice``,
    ``day_not_allowed``, ``too_many_rows``.
    """
    if vat_class.is_reverse_charge and any(rate.value for rate in rates):
        message = _("With reverse charge the buyer pays the VAT: every rate of the class must be 0 %.")
        raise BusinessRuleError("rate_not_zero", message, field="is_reverse_charge")
    if not rates:
        raise BusinessRuleError("rate_required", _("Enter at least one rate and the date from which it applies."))
    check_dated(rates, field="rates")
    vat_class.save()
    dated_set(vat_class.rates, rates, name="percent")
    return vat_class
