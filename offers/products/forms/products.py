"""Forms of the product register and of VAT classes."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Case, Q, When
from django.db.models import IntegerField as IntegerColumn
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core import clock
from core.choice_lists import ChoiceForm
from core.dates import DayField
from core.forms import EnglishNameMixin, IntegerField, OnceFormMixin, VersionedFormMixin
from core.parameters import WordsField
from offers.products.effective_dated import Dated
from offers.products.forms.effective_dated import WithDatedRows
from offers.products.models import Product, ProductGroup, VatClass
from offers.products.money import MAX_UNIT_PRICE
from offers.products.selectors import groups_for, indented, prices_of, rates_of

MAX_PEOPLE = 100_000


class GroupChoiceField(forms.ModelChoiceField):
    """A product group; subgroups are indented."""

    def __init__(self, queryset: Any = None, **kwargs: Any) -> None:
        widget = kwargs.pop("widget", None) or forms.Select({"data-searchable": ""})
        super().__init__(ProductGroup.objects.all() if queryset is None else queryset, widget=widget, **kwargs)

    def label_from_instance(self, obj: Any) -> str:
        return indented(obj)


def _people_field(**kwargs: Any) -> IntegerField:
    return IntegerField(required=False, min_value=1, max_value=MAX_PEOPLE, **kwargs)


def _chosen_first(pks: Sequence[int]) -> list[Any]:
    """Order people so that the chosen ones come first, in the order of choice: the browser sends them in this order."""
    places = [When(pk=pk, then=place) for place, pk in enumerate(pks)]
    return [Case(*places, default=len(pks), output_field=IntegerColumn())] if places else []


class ProductForm(VersionedFormMixin, WithDatedRows):
    """A product with its prices. Retired choices are offered only where the product already has them."""

    group = GroupChoiceField(label=_("Product group"), required=False, empty_label=_("none"))
    content_owners = forms.ModelMultipleChoiceField(
        User.objects.none(),
        label=_("Content owners"),
        required=False,
        widget=forms.SelectMultiple({"data-searchable": ""}),
        help_text=_("The first one becomes the content owner of new offer lines."),
    )
    participants_min = _people_field(label=_("Minimum participants"))
    participants_max = _people_field(label=_("Maximum participants"))

    rows_prefix, rows_title, rows_label = "prices", _("Prices"), _("Price, € without VAT")
    rows_hint = _("Existing offers and orders keep their prices. Empty rows are removed.")
    rows_max = MAX_UNIT_PRICE
    fieldsets: Any = (
        ("", ("name_fi", "name_en", "code", "group", "unit", "vat_class")),
        (_("Description"), ("description_fi", "description_en")),
        (_("Implementation"), ("duration", "content_owners", "participants_min", "participants_max")),
    )

    class Meta:
        model = Product
        fields = (
            "code", "name_fi", "name_en", "description_fi", "description_en", "group", "unit", "vat_class", "duration",
            "participants_min", "participants_max",
        )  # fmt: skip
        widgets = {name: forms.Textarea({"rows": 4}) for name in ("description_fi", "description_en")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["group"].queryset = groups_for(self.instance)
        for name in ("unit", "vat_class"):
            model: Any = Product._meta.get_field(name).related_model
            own = Q(pk=getattr(self.instance, f"{name}_id"))
            fields[name].queryset = model.objects.filter(Q(retired_at__isnull=True) | own)
        owners: list[int] = []
        if self.instance.pk:
            owners = list(self.instance.owners.order_by("pk").values_list("user", flat=True))
        people = User.objects.active() | User.objects.filter(pk__in=owners)
        fields["content_owners"].queryset = people.order_by(*_chosen_first(owners), "sort_key")
        fields["content_owners"].initial = owners

    def clean_code(self) -> str:
        """Report a duplicate code at its field."""
        code: str = self.cleaned_data["code"]
        if Product.objects.filter(code__iexact=code).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("Another product has this code."))
        return code

    def held_rows(self) -> Sequence[Dated]:
        return prices_of(self.instance)

    def owners(self) -> list[User]:
        """Return the content owners in the order in which they were chosen."""
        chosen = {str(user.pk): user for user in self.cleaned_data["content_owners"]}
        sent = self.data.getlist("content_owners") if hasattr(self.data, "getlist") else list(chosen)
        return [chosen[pk] for pk in dict.fromkeys(sent) if pk in chosen]


class ProductAddForm(OnceFormMixin, ProductForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        first: dict[str, Any] = {"valid_from": clock.today()}
        if not self.is_bound:
            self.dated.rows[0].initial = first


class GroupForm(EnglishNameMixin, forms.ModelForm):
    fieldsets: Any = (("", ("name_fi", "name_en")),)

    class Meta:
        model = ProductGroup
        fields: tuple[str, ...] = ("name_fi", "name_en")


class GroupAddForm(OnceFormMixin, GroupForm):
    code = forms.SlugField(
        label=_("Code"),
        max_length=60,
        required=False,
        help_text=_("For imports and the API. Leave empty to derive it from the name."),
    )
    fieldsets = (("", ("name_fi", "name_en", "code")),)


class OptionsForm(forms.Form):
    """The query of a line for products: a text or an id, the offer's date and language."""

    q = WordsField()
    id = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    day = DayField(required=False)
    language = forms.ChoiceField(choices=(("fi", "fi"), ("en", "en")), required=False)


class VatClassForm(ChoiceForm, WithDatedRows):
    """A VAT class with its rates: a change of the law is a new row."""

    rows_prefix, rows_title, rows_label = "rates", gettext_lazy("Rates"), gettext_lazy("VAT %")
    rows_hint = gettext_lazy("Existing lines keep their rate. Empty rows are removed.")
    rows_max = Decimal(100)

    class Meta(ChoiceForm.Meta):
        model = VatClass
        fields = (*ChoiceForm.Meta.fields, "is_reverse_charge")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound and not self.instance.pk:
            self.dated.rows[0].initial = {"valid_from": clock.today()}

    def held_rows(self) -> Sequence[Dated]:
        return rates_of(self.instance)
