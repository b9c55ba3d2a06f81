"""What all forms share: the product's look, the guard against double sending and against overwriting each other."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

from django import forms
from django.forms.renderers import TemplatesSetting
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from crm.numbers import parse_decimal


class FormRenderer(TemplatesSetting):
    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"


class DecimalField(forms.DecimalField):
    """A number in Finnish or English form; it is shown in the form of the page's language."""

    widget = forms.TextInput(attrs={"inputmode": "decimal"})

    def to_python(self, value: Any) -> Any:
        return super().to_python(_number(value))

    def prepare_value(self, value: Any) -> Any:
        """Group the thousands and leave out decimals that say nothing: 42 716 000."""
        if not isinstance(value, Decimal) or not value.is_finite():
            return value
        whole = value == value.to_integral_value()
        return number_format(value, 0 if whole else None, use_l10n=True, force_grouping=True)


class IntegerField(forms.IntegerField):
    """A whole number, with or without separators of thousands."""

    widget = forms.TextInput(attrs={"inputmode": "numeric"})

    def to_python(self, value: Any) -> Any:
        return super().to_python(_number(value, whole=True))


def _number(value: Any, *, whole: bool = False) -> Any:
    """Return a text as a number where it says one; what it does not say is the field's own error."""
    if not isinstance(value, str) or not value.strip():
        return value
    try:
        return parse_decimal(value, whole=whole)
    except ValueError:
        return value


class OnceFormMixin(forms.Form):
    """A form that creates something: carries a key, so that sending it twice creates one (see ``crm.once``)."""

    submission_key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["submission_key"].initial = uuid.uuid4


class VersionedFormMixin(forms.ModelForm):
    """A form that changes a :class:`crm.models.VersionedModel`: remembers which version the user saw."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["version"].initial = self.instance.version

    def clean_version(self) -> int | None:
        """Refuse when the row has changed since the form was opened; what the user typed stays in the form."""
        seen: int | None = self.cleaned_data["version"]
        if self.instance.pk and seen is not None and seen != self.instance.version:
            raise forms.ValidationError(
                _(
                    "Someone else changed this while you were editing. Your text is kept here: open the page in "
                    "another tab to see the change, then save again to write yours over it."
                ),
                code="stale_version",
            )
        return seen
