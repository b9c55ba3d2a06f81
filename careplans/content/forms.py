"""Forms of the content of care plans: rows, header and goals, texts, needs, the template, links."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from careplans.content.enums import PartKind
from careplans.content.models import (
    Agreement,
    Charge,
    Need,
    PlanBlock,
    PlanContent,
    PlanTemplate,
    PotentialClass,
    Project,
    System,
    TemplatePart,
)
from careplans.plans.selectors import customers_to_plan_for
from core.choice_lists import ChoiceForm
from core.dates import DayField
from core.forms import DecimalField, IntegerField, OnceFormMixin, VersionedFormMixin
from customers.forms.fields import CustomerPickField
from customers.models import Contact, Customer, Position
from offers.offers.models import Offer

SHORT = forms.Textarea({"rows": 2})
YES_NO = [(None, "–"), (True, pgettext_lazy("answer", "Yes")), (False, pgettext_lazy("answer", "No"))]


def yes_no(label: Any) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label, required=False, empty_value=None, choices=[("", "–"), *YES_NO[1:]],
        coerce=lambda text: text in ("True", True),
    )  # fmt: skip


def contacts_of(customer: int) -> QuerySet[Contact]:
    """Return the contacts that have a position at the customer now."""
    positions = Position.objects.current().filter(customer=customer)
    return Contact.objects.filter(pk__in=positions.order_by().values("contact"))


class RowForm(VersionedFormMixin, OnceFormMixin, forms.ModelForm):
    """A form of a row of a plan."""


class ChargeForm(RowForm):
    year = IntegerField(label=_("Year"), min_value=2000, max_value=2100)
    amount = DecimalField(
        label=_("Charges"), max_digits=13, decimal_places=2, help_text=Charge._meta.get_field("amount").help_text
    )

    class Meta:
        model = Charge
        fields = ("service", "year", "amount", "source")


class ProjectForm(RowForm):
    start = DayField(label=_("Start"), required=False)
    end = DayField(label=_("Estimated end"), required=False)
    budget = DecimalField(label=_("Budget, €"), required=False, max_digits=14, decimal_places=2, min_value=0)
    priority = IntegerField(
        label=_("Priority"), min_value=1, max_value=999, initial=1,
        help_text=_("The order among the projects of this customer."),
    )  # fmt: skip

    class Meta:
        model = Project
        fields = (
            "name", "priority", "start", "end", "manager", "budget", "representative", "follow_every", "follow_up",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["representative"]
        field.queryset = field.queryset.filter(is_active=True).order_by("sort_key")
        field.widget.attrs["data-searchable"] = ""

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        start, end = data.get("start"), data.get("end")
        if start and end and end < start:
            self.add_error("end", _("The end is before the start."))
        return data


class SystemForm(RowForm):
    updates = IntegerField(label=_("Updates per year"), required=False, min_value=0, max_value=366)
    resources = DecimalField(
        label=_("Our resources"), required=False, max_digits=6, decimal_places=1, min_value=0,
        help_text=_("People who are needed at an update."),
    )  # fmt: skip

    class Meta:
        model = System
        fields = ("name", "updates", "next_update", "contact", "supplier", "keeper", "resources", "other")


class AgreementForm(RowForm):
    day = DayField(label=_("Date"), required=False)

    class Meta:
        model = Agreement
        fields = ("name", "day", "parties", "document", "follow_up")


class ContentForm(VersionedFormMixin, forms.ModelForm):
    asked_on = DayField(label=_("Asked"), required=False)
    given_on = DayField(label=_("Given"), required=False)

    class Meta:
        model = PlanContent
        fields = ("data_by", "asked_on", "given_on", "goals")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["data_by"]
        field.queryset = contacts_of(self.instance.customer_id)


class BlockForm(VersionedFormMixin, forms.ModelForm):
    text = forms.CharField(label=_("Text"), required=False, max_length=10_000, widget=forms.Textarea({"rows": 10}))

    class Meta:
        model = PlanBlock
        fields = ("text",)


class NeedForm(VersionedFormMixin, OnceFormMixin, forms.ModelForm):
    impact = forms.CharField(label=_("Impact"), required=False, max_length=1_000, widget=SHORT)
    is_budgeted = yes_no(_("Budgeted"))
    fits_environment = yes_no(_("Fits the environment"))

    class Meta:
        model = Need
        fields = ("name", "impact", "is_budgeted", "fits_environment")


class NewNeedForm(NeedForm):
    noticed_on = DayField(label=_("Noticed"), required=False, help_text=_("Empty: today."))


class ShareForm(OnceFormMixin, forms.Form):
    customer = CustomerPickField()
    noticed_on = DayField(label=_("Noticed"), required=False, help_text=_("Empty: today."))

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["customer"]
        field.offer(customers_to_plan_for(user))


class WhyForm(OnceFormMixin, forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=1_000, widget=SHORT)


class JoinForm(OnceFormMixin, forms.Form):
    into = forms.ModelChoiceField(Need.objects.none(), label=_("The need that stays"))

    def __init__(self, *args: Any, need: Need, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["into"]
        field.queryset = Need.objects.editable_by(user).exclude(pk=need.pk)
        field.widget.attrs["data-searchable"] = ""


class LeadForm(OnceFormMixin, forms.Form):
    customer = forms.ModelChoiceField(Customer.objects.none(), label=_("Customer"))

    def __init__(self, *args: Any, need: Need, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["customer"]
        field.queryset = Customer.objects.visible_to(user).active().filter(needs__need=need)
        field.initial = field.queryset.first()


class OfferForm(OnceFormMixin, forms.Form):
    offer = forms.ModelChoiceField(
        Offer.objects.none(), label=_("Offer"), help_text=_("The open offers to the customers that have the need.")
    )

    def __init__(self, *args: Any, need: Need, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["offer"]
        field.queryset = Offer.objects.visible_to(user).undecided().filter(customer__needs__need=need)


class PotentialClassForm(ChoiceForm):
    lowest = IntegerField(
        label=_("From the outlook"), min_value=0, max_value=10, help_text=_("The lowest number of the class, 0–10.")
    )

    class Meta(ChoiceForm.Meta):
        model = PotentialClass
        fields = ("name_fi", "name_en", "code", "lowest", "services_fi", "services_en", "order")


class TemplateForm(VersionedFormMixin, OnceFormMixin, forms.ModelForm):
    class Meta:
        model = PlanTemplate
        fields: tuple[str, ...] = ("owner",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["owner"]
        field.queryset = field.queryset.filter(is_active=True).order_by("sort_key")
        field.widget.attrs["data-searchable"] = ""


class NewTemplateForm(TemplateForm):
    """A template of a scheme, which begins as a copy of that of all others."""

    class Meta(TemplateForm.Meta):
        fields = ("scheme", "owner")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scheme"].required = True


class PartForm(OnceFormMixin, forms.ModelForm):
    order = IntegerField(label=_("Order"), min_value=0, max_value=30_000)

    class Meta:
        model = TemplatePart
        fields: tuple[str, ...] = ("title_fi", "title_en", "order", "is_required", "is_shown")


class NewBlockForm(PartForm):
    """A further free text of a template."""

    class Meta(PartForm.Meta):
        fields = ("title_fi", "title_en", "code", "order", "is_required", "is_shown")

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        self.instance.kind = PartKind.BLOCK
        if TemplatePart.objects.filter(template=self.instance.template, kind=PartKind.BLOCK, code=code).exists():
            raise forms.ValidationError(_("The template has this part already."))
        return code


class LinkForm(OnceFormMixin, forms.Form):
    contact = forms.ModelChoiceField(Contact.objects.none(), label=_("Contact"))
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    days = IntegerField(label=_("Days until it expires"), min_value=1, max_value=180, initial=60)

    def __init__(self, *args: Any, customer: Customer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["contact"]
        field.queryset = contacts_of(customer.pk)
