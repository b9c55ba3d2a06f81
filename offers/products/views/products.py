"""The product register: list, product page, add, change, retire, delete, and choices for lines."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from core import clock, registry
from core.actions import Action
from core.dates import DayField
from core.history import history_of
from core.list_views import FilteredListView
from core.numbers import parse_id
from core.parameters import Parameters, of_form, visible
from core.permissions import PermissionMixin, allowed
from core.templatetags import portaali
from core.trees import paths_as_text
from core.views import ActionView, ObjectFormView, RetireRowView, ServiceFormView, VisibleObjectMixin
from offers.products.filters import ProductFilter
from offers.products.forms.lines import LineRows
from offers.products.forms.products import OptionsForm, ProductAddForm, ProductForm
from offers.products.lines import line_of_product
from offers.products.models import Product, ProductOwner, ProductPrice
from offers.products.selectors import is_used, periods, prices_of, rate_on, uses_of
from offers.products.services import product_change, product_create, product_delete, product_set_retired
from offers.products.tables import PRODUCTS, participants

VIEW, EDIT = "products.view_product", "products.edit_product"
DAY, LANGUAGE = DayField(required=False), OptionsForm.base_fields["language"]
OPTIONS = 20


class ProductListView(FilteredListView):
    model = Product
    filterset_class = ProductFilter
    table = PRODUCTS
    bulk_place = "products"
    title = gettext_lazy("Products")
    permission_required = VIEW
    primary_action = Action(gettext_lazy("Add product"), "products:add", rule=EDIT)
    secondary_actions = (Action(gettext_lazy("Product groups"), "products:groups", icon="sitemap"),)
    empty = {
        "title": gettext_lazy("No products here."),
        "text": gettext_lazy("A product provides the price, unit, VAT rate and content owner of an offer line."),
    }

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().with_prices()  # type: ignore[attr-defined]


class ProductMixin(VisibleObjectMixin):
    model = Product
    permission_required = EDIT

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().with_prices()  # type: ignore[attr-defined]


class ProductPageView(ProductMixin, TemplateView):
    """A product's page. Each tab has its own URL; htmx gets the tab row and the content below it."""

    permission_required = VIEW
    template_name = "products/products/overview.html"
    tab = "overview"

    def get_template_names(self) -> list[str]:
        return [f"{self.template_name}#tab" if self.htmx.target == "tab" else self.template_name]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().get(request, *args, **kwargs)
        response["Vary"] = "HX-Request, HX-Target"
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        product = self.object
        return super().get_context_data(
            title=str(product),
            product=product,
            tabs=product_tabs(product, self.user, self.tab),
            may_edit=allowed(self.user, EDIT, product),
            **self.get_tab_context(),
            **kwargs,
        )

    def get_tab_context(self) -> dict[str, Any]:
        product, today = self.object, clock.today()
        return {
            "group_path": paths_as_text([product.group])[product.group_id] if product.group else "",
            "prices": periods(prices_of(product), today),
            "vat_rate": rate_on(product.vat_class, today),
            "participants": participants(product),
            "uses": uses_of(product),
            "may_delete": not is_used(product),
        }


class ProductHistoryView(ProductPageView):
    """Changes of the product, its prices and content owners."""

    template_name = "products/products/history.html"
    tab = "history"

    def get_tab_context(self) -> dict[str, Any]:
        return {"entries": history_of(self.object, [ProductPrice, ProductOwner], viewer=self.user)}


def product_tabs(product: Product, viewer: Any, active: str) -> list[dict[str, Any]]:
    """Return the tabs of a product's page: its own and those that higher apps have registered at "product"."""
    own = [("overview", _("Overview"), "products:detail"), ("history", _("History"), "products:history")]
    others = [(tab.name, tab.label, tab.url_name) for tab in registry.tabs.allowed("product", viewer, product)]
    return [
        {"label": label, "url": reverse(url_name, args=[product.pk]), "active": name == active}
        for name, label, url_name in [own[0], *others, own[1]]
    ]


class ProductAddView(ServiceFormView):
    removed_by = "products:delete"
    permission_required = EDIT
    form_class = ProductAddForm
    template_name = "products/products/form.html"
    title = gettext_lazy("Add product")
    success_message = gettext_lazy("The product was added.")

    def perform(self, form: Any) -> Product:
        return product_create(product=form.instance, prices=form.dated.dated, owners=form.owners())

    def get_cancel_url(self) -> str:
        return reverse("products:list")


class ProductEditView(ProductMixin, ObjectFormView):
    form_class = ProductForm
    template_name = "products/products/form.html"
    success_message = gettext_lazy("The product was changed.")
    undoable = True

    @property
    def title(self) -> str:
        return _("Change %s") % self.object

    def perform(self, form: Any) -> Product:
        return product_change(product=form.instance, prices=form.dated.dated, owners=form.owners())


class ProductRetireView(ProductMixin, RetireRowView):
    """Retire a product, or restore a retired one."""

    def get_effects(self) -> list[Any]:
        if self.object.is_retired:
            return []
        return [_("It can no longer be added to new lines."), _("Existing offers and orders keep it.")]

    def perform(self) -> None:
        product_set_retired(product=self.object, retired=not self.object.is_retired)


class ProductDeleteView(ProductMixin, ActionView):
    added_again = ("products:add", "products:edit")
    added_with = ("products.ProductPrice", "products.ProductOwner")
    submit_label = gettext_lazy("Delete")
    success_message = gettext_lazy("The product was deleted.")
    danger = True

    @property
    def question(self) -> str:
        return _("Delete the product “%s”?") % self.object

    def get_effects(self) -> list[Any]:
        return [_("Only a product that has never been offered can be deleted.")]

    def get_success_url(self) -> str:
        gone = not Product.objects.filter(pk=self.kwargs["pk"]).exists()
        return reverse("products:list") if gone else str(self.object.get_absolute_url())

    def perform(self) -> None:
        product_delete(product=self.object)


class ProductOptionsView(PermissionMixin, View):
    """Products in use by ``q`` (or one by ``id``) with their values for a line on ``day``, as JSON."""

    permission_required = VIEW
    parameters = of_form(OptionsForm)
    answers_scripts = True

    def get(self, request: HttpRequest) -> JsonResponse:
        form = OptionsForm(request.GET)
        if not form.is_valid():
            return JsonResponse({"errors": form.errors}, status=400)
        asked = form.cleaned_data
        products = Product.objects.visible_to(self.user).in_use().with_prices()
        if asked["id"]:
            products = products.filter(pk=asked["id"])
        products = products.search(asked["q"]) if asked["q"] or asked["id"] else products.none()
        day, language = asked["day"] or clock.today(), asked["language"] or get_language() or "fi"
        products = products.order_by("sort_key", "pk")[:OPTIONS]
        return JsonResponse({"results": [_product_option(product, day, language) for product in products]})


def _product_option(product: Product, day: Any, language: str) -> dict[str, Any]:
    line = line_of_product(product, day=day, language=language)
    rate = number_format(line.vat_rate.normalize(), use_l10n=True)
    return {
        "id": product.pk,
        "text": f"{product.code} {line.name}",
        "detail": f"{portaali.euros(line.unit_price)} / {product.unit} · {_('VAT')} {rate} %",
        "code": product.code,
        "name": line.name,
        "description": line.details,
        "unit": line.unit_id,
        "unit_name": str(product.unit),
        "price": str(line.unit_price),
        "vat_rate": str(line.vat_rate),
        "owners": [{"id": owner.user_id, "name": str(owner.user)} for owner in product.owners.all()],
    }


class LineNewView(PermissionMixin, View):
    """The row of ``?product=`` on ``?day=`` in ``?language=``; without a product an empty one."""

    permission_required = "products.view_product"
    parameters: Parameters = {"product": visible(Product), "day": DAY, "language": LANGUAGE}

    def get(self, request: HttpRequest) -> HttpResponse:
        query = request.GET
        day = DAY.clean(query.get("day", "")) or clock.today()
        rows = LineRows(language=query.get("language") or "fi", day=day, spare=0)
        row = rows.models[0]
        if query.get("product"):
            products = Product.objects.visible_to(self.user).in_use().with_prices()
            row = rows.product_row(get_object_or_404(products, pk=parse_id(query["product"])))
        return render(request, "products/lines/row.html", {"rows": rows, "row": row})
