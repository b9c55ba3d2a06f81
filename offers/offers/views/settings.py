"""Offer settings: types, lost reasons, units, VAT classes, the seller's details."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import prefetch_related_objects
from django.http import FileResponse, Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView, View
from stdnum import iban

from core import clock
from core.choice_lists import (
    ChoiceAddView,
    ChoiceChangeView,
    ChoiceHistoryView,
    ChoiceList,
    ChoiceRetireView,
    ChoicesMixin,
)
from core.history import history_of
from core.permissions import PermissionMixin
from core.views import ActionView, ObjectFormView
from offers.offers.forms.settings import OfferTypeForm, SellerForm
from offers.offers.models import LostReason, OfferType, SellerDetails
from offers.offers.services.settings import seller, seller_change, seller_logo_remove
from offers.offers.validators import logo_media_type
from offers.products.forms.products import VatClassForm
from offers.products.models import Unit, VatClass, VatRate
from offers.products.selectors import periods, rates_of
from offers.products.services import vat_class_save

EDIT = "offers.edit_settings"


LISTS = {
    choice_list.name: choice_list
    for choice_list in (
        ChoiceList("types", OfferType, OfferTypeForm),
        ChoiceList("lost-reasons", LostReason),
        ChoiceList("units", Unit),
        ChoiceList(
            "vat-classes",
            VatClass,
            VatClassForm,
            save=lambda form: vat_class_save(vat_class=form.instance, rates=form.dated.dated),
            form_template="products/dated_form.html",
            history=(VatRate,),
        ),
    )
}


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


class SettingsView(PermissionMixin, TemplateView):
    permission_required = EDIT
    template_name = "offers/settings/page.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        own, today = seller(), clock.today()
        vat_classes = _shown("vat-classes")
        prefetch_related_objects([line.row for line in vat_classes.lines], "rates")
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
    shown, verbs = LISTS[name], ("change", "retire", "history")
    lines = [
        Line(row, *(reverse(f"offers:setting_{verb}_{name}", args=[row.pk]) for verb in verbs))
        for row in shown.model._default_manager.all()
    ]
    return ShownList(shown.title, reverse(f"offers:setting_add_{name}"), lines)


class SettingsMixin(ChoicesMixin):
    permission_required = EDIT
    lists_url_name = "offers:settings"

    def find_list(self, name: str) -> ChoiceList | None:
        return LISTS.get(name)


class SettingAddView(SettingsMixin, ChoiceAddView):
    pass


class SettingChangeView(SettingsMixin, ChoiceChangeView):
    pass


class SettingRetireView(SettingsMixin, ChoiceRetireView):
    pass


class SettingHistoryView(SettingsMixin, ChoiceHistoryView):
    pass


class SellerMixin(PermissionMixin):
    """The single row of the seller's details, created when first needed."""

    permission_required = EDIT
    model: Any = SellerDetails

    @property
    def object(self) -> SellerDetails:
        if getattr(self, "_object", None) is None:
            self._object = seller()
        return self._object

    def get_permission_object(self) -> Any:
        return None


class SellerEditView(SellerMixin, ObjectFormView):
    undoable = True
    form_class = SellerForm
    title = gettext_lazy("Our organisation")

    def get_undo_url(self) -> str:
        return "" if self.request.FILES else super().get_undo_url()  # the former logo is not kept

    def perform(self, form: Any) -> SellerDetails:
        return seller_change(seller=form.instance, logo=form.cleaned_data["logo"])


class SellerHistoryView(SellerMixin, TemplateView):
    template_name = "generic/history_page.html"

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
        response = FileResponse(file, content_type=logo_media_type(str(logo.name)))
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
