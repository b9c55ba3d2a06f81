"""What all forms share: the product's look, the guard against double sending and against overwriting each other."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.forms.renderers import TemplatesSetting
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from core import richtext
from core.enums import Stance
from core.numbers import parse_decimal, parse_id


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


class DrawnOptions:
    """A select that draws only the chosen rows, and ``offered`` ones, of its field's query set.

    The rest come by typing (``data-search-url``).
    """

    choices: Any
    offered: QuerySet[Any] | None = None
    #: Makes groups of the options (``core.people``).
    grouped: Callable[[Iterable[Any]], list[Any]] = list

    def label(self, row: Any) -> str:
        return str(row)

    def optgroups(self, name: str, value: list[str], attrs: Any = None) -> Any:
        every, rows = self.choices, self._rows({pk for pk in map(parse_id, value) if pk})
        empty = [] if getattr(self, "allow_multiple_selected", False) else [("", "")]
        self.choices = [*empty, *self.grouped((row.pk, self.label(row)) for row in rows)]
        try:
            return super().optgroups(name, value, attrs)  # type: ignore[misc]
        finally:
            self.choices = every

    def _rows(self, chosen: set[int]) -> list[Any]:
        offered = list(self.offered) if self.offered is not None else []
        missing = chosen - {row.pk for row in offered}
        return [*(self.choices.queryset.filter(pk__in=missing) if missing else ()), *offered]


class DrawnSelect(DrawnOptions, forms.Select):
    pass


class DrawnSelectMultiple(DrawnOptions, forms.SelectMultiple):
    pass


class RichTextInput(forms.Textarea):
    """Rich text: an editor (static/js/editor.js), which sends HTML; without JavaScript a field of plain text.

    Plain text that comes back as it was sent keeps the formatting that it had.
    """

    template_name = "forms/rich_text.html"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"rows": 7, "data-rich": True, **(attrs or {})})

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        stored = richtext.clean(value or "")
        context = super().get_context(name, richtext.to_text(stored), attrs)
        context["widget"]["html"] = stored
        return context

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        written = data.get(name)
        if written is None or data.get(f"{name}-format") == "html":
            return written
        stored = richtext.clean(data.get(f"{name}-stored", ""))
        return stored if _lines(written) == _lines(richtext.to_text(stored)) else richtext.from_text(written)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.strip().splitlines()]


class RichTextField(forms.CharField):
    """HTML as :mod:`core.richtext` allows it, cleaned. The limit counts the formatting too."""

    widget = RichTextInput
    default_error_messages = {
        "max_length": _("The text is too long: %(show_value)d characters with its formatting, at most %(limit_value)d.")
    }

    def __init__(self, *, widget: Any = None, max_length: int | None = None, **kwargs: Any) -> None:
        is_rich = isinstance(widget, RichTextInput) or widget is RichTextInput
        super().__init__(widget=widget if is_rich else None, max_length=max_length, **kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """The browser cannot count the formatting: it is given no limit."""
        return {}

    def to_python(self, value: Any) -> str:
        text = super().to_python(value) or ""
        too_long = self.max_length is not None and len(text) > 10 * self.max_length
        return text if too_long or "\x00" in text else richtext.clean(text)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return richtext.clean(initial or "") != richtext.clean(data or "")


class OnceFormMixin(forms.Form):
    """A form that creates something: carries a key, so that sending it twice creates one (see ``core.once``)."""

    submission_key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["submission_key"].initial = uuid.uuid4


class EnglishNameMixin(forms.BaseForm):
    """A form of a row with a name in each language; an empty English name becomes the Finnish one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if english := self.fields.get("name_en"):
            english.required = False
            english.help_text = _("Leave empty to use the Finnish name.")

    def clean_name_en(self) -> str:
        name: str = self.cleaned_data["name_en"] or self.cleaned_data.get("name_fi", "")
        return name


class TeamOpinionForm(forms.Form):
    """What a member of the account team says of a version (:mod:`core.opinions`)."""

    stance = forms.ChoiceField(label=_("Opinion"), choices=Stance.choices, widget=forms.RadioSelect)
    comment = forms.CharField(
        label=_("Comment"), required=False, max_length=1_000, widget=forms.Textarea({"rows": 3}),
        help_text=_("Needed with objections: management reads it beside the approval."),
    )  # fmt: skip


class VersionedFormMixin(forms.ModelForm):
    """A form that changes a :class:`core.models.VersionedModel`: remembers which version the user saw."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["version"].initial = self.instance.version

    def clean_version(self) -> int | None:
        """Refuse when the row has changed since the form was opened; what the user typed stays in the form.

        The form comes back with the version that there is now: saving again writes over it, as the message says.
        """
        seen: int | None = self.cleaned_data["version"]
        if self.instance.pk and seen is not None and seen != self.instance.version:
            data: Any = self.data
            self.data = data = data.copy()
            data[self.add_prefix("version")] = str(self.instance.version)
            raise forms.ValidationError(
                _(
                    "Someone else changed this while you were editing. Your text is kept here. Open the page in "
                    "another tab to see the change, then save again to overwrite it with yours."
                ),
                code="stale_version",
            )
        return seen
