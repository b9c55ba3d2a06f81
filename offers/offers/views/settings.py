"""Offer settings: types, lost reasons, units, VAT classes, the seller's details."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView, View
from stdnum import iban

from core import clock
from core.history import history_of
from core.permissions import PermissionMixin
from core.views import ActionView, ObjectFormView, ServiceFormView, VisibleObjectMixin
from offers.offers.forms.settings import LISTS, SellerForm
from offers.offers.logo import media_type
from offers.offers.models import SellerDetails
from offers.offers.services.settings import seller, seller_change, seller_logo_remove
from offers.products.models import VatClass, VatRate
from offers.products.selectors import periods, rates_of
from offers.products.services import setting_set_retired, vat_class_save

EDIT = "offers.edit_settings"


class SettingsMixin(PermissionMixin):
    """Pages of the administrators: every row is visible."""

    permission_required = EDIT
    model: Any

    def get_queryset(self) -> QuerySet[Any]:
        return self.model._default_manager.all()

    def get_cancel_url(self) -> str:
        return reverse("offers:settings")

    def get_success_url(self) -> str:
        return reverse("offers:settings")


@dataclass(frozen=True)
class Line:
    """A line of a list with the URLs of its actions."""

    row: Any
    change_url: str
    retire_url: str
    history_url: str


@dataclass(frozen=True)
class ShownList:
    title: str
    add_url: str
    lines: list[Line]


class SettingsView(SettingsMixin, TemplateView):
    template_name = "offers/settings/page.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        own, today = seller(), clock.today()
        vat_classes = _shown("vat-classes")
        return super().get_context_data(
            title=_("Offer settings"),
            seller=own,
            iban=iban.format(own.iban),
            types=_shown("types"),
            vat_classes=vat_classes,
            vat_rates=[(line, periods(rates_of(line.row), today)) for line in vat_classes.lines],
            lists=[_shown("lost-reasons"), _shown("units")],
            **kwargs,
        )


def _shown(name: str) -> ShownList:
    model: Any = LISTS[name][0]
    rows = model.objects.prefetch_related("rates") if model is VatClass else model.objects.all()
    title = str(model._meta.verbose_name_plural)
    return ShownList(title, reverse(f"offers:setting_add_{name}"), [_line(name, row) for row in rows])


def _line(name: str, row: Any) -> Line:
    verbs = ("change", "retire", "history")
    return Line(row, *(reverse(f"offers:setting_{verb}_{name}", args=[row.pk]) for verb in verbs))


class ListMixin(SettingsMixin):
    """One of the lists, named by its URL."""

    form_class: Any

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)  # type: ignore[misc]
        self.model, self.form_class = LISTS[kwargs["list"]]


class SettingFormMixin(ListMixin):
    template_name: Any = "generic/form.html"
    success_message: Any = gettext_lazy("Saved.")

    @property
    def title(self) -> str:
        name = str(self.model._meta.verbose_name)
        return name[:1].upper() + name[1:]

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if self.model is VatClass:
            self.template_name = "products/dated_form.html"

    def perform(self, form: Any) -> Any:
        if isinstance(form.instance, VatClass):
            return vat_class_save(vat_class=form.instance, rates=form.dated.dated)
        return form.save()


class SettingAddView(SettingFormMixin, ServiceFormView):
    pass


class SettingChangeView(SettingFormMixin, ObjectFormView):
    pass


class SettingRetireView(ListMixin, ActionView):
    """Retire a line of a list, or restore a retired one."""

    @property
    def question(self) -> str:
        text = _("Restore “%s”?") if self.object.is_retired else _("Retire “%s”?")
        return text % self.object

    def get_effects(self) -> list[Any]:
        return [] if self.object.is_retired else [_("It will no longer be available."), _("Existing records keep it.")]

    def perform(self) -> None:
        setting_set_retired(row=self.object, retired=not self.object.is_retired)


class SettingHistoryView(ListMixin, VisibleObjectMixin, TemplateView):
    template_name = "products/settings_history.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        models = [VatRate] if self.model is VatClass else []
        return super().get_context_data(
            title=_("History: %s") % self.object,
            back=reverse("offers:settings"),
            entries=history_of(self.object, models),
            **kwargs,
        )


class SellerMixin(SettingsMixin):
    """The single row of the seller's details, created when first needed."""

    model: Any = SellerDetails

    @property
    def object(self) -> SellerDetails:
        if getattr(self, "_object", None) is None:
            self._object = seller()
        return self._object

    def get_permission_object(self) -> Any:
        return None


class SellerEditView(SellerMixin, ObjectFormView):
    form_class = SellerForm
    title = gettext_lazy("Our organisation")
    success_message = gettext_lazy("Saved.")

    def perform(self, form: Any) -> SellerDetails:
        return seller_change(seller=form.instance, logo=form.cleaned_data["logo"])


class SellerHistoryView(SellerMixin, TemplateView):
    template_name = "products/settings_history.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            title=_("History: %s") % _("our organisation"),
            back=reverse("offers:settings"),
            entries=history_of(self.object, []),
            **kwargs,
        )


class SellerLogoView(PermissionMixin, View):
    """The logo that is shown on offers, for users who can read them."""

    permission_required = "offers.view_offer"

    def get(self, request: HttpRequest) -> FileResponse:
        logo = seller().logo
        if not logo:
            raise Http404
        try:
            file = logo.open()
        except FileNotFoundError as error:
            raise Http404 from error
        response = FileResponse(file, content_type=media_type(str(logo.name)))
        response["X-Content-Type-Options"] = "nosniff"
        response["Content-Security-Policy"] = "default-src 'none'; sandbox"
        response["Cache-Control"] = "private, no-cache"
        return response


class SellerLogoRemoveView(SellerMixin, ActionView):
    question = gettext_lazy("Remove the logo?")
    submit_label = gettext_lazy("Remove")
    success_message = gettext_lazy("The logo was removed.")
    danger = True

    def get_effects(self) -> list[Any]:
        return [_("New offers show only our name. Offers that have been sent keep the logo.")]

    def perform(self) -> None:
        seller_logo_remove(seller=self.object)
