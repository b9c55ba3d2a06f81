"""Forms of activity types and keywords, for administrators."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from activities.log.models import ActivityTemplate, ActivityType, Keyword
from activities.log.selectors import types_for_each
from core.choice_lists import ChoiceForm, CodeForm
from core.forms import RichTextField
from core.richtext import clean

#: Icons of the sprite (static/vendor/vendor.json) that suit a kind of work.
ICONS = (
    "phone", "door-enter", "mail", "users", "notes", "message-report", "heart-handshake", "bulb", "school",
    "presentation", "compass", "topology-star-3", "stack-2", "checklist", "users-group", "calendar-event", "flag",
    "message", "send", "star", "tools", "briefcase", "building", "point",
)  # fmt: skip


class ActivityTypeForm(CodeForm):
    icon = forms.ChoiceField(label=_("Icon"), choices=[(name, name) for name in ICONS])
    keywords = forms.ModelMultipleChoiceField(
        Keyword.objects.all(), required=False, label=_("Keywords"), widget=forms.CheckboxSelectMultiple
    )
    duration = forms.IntegerField(
        label=_("Default duration"), min_value=1, max_value=10_080, initial=60, help_text=_("Minutes.")
    )
    order = forms.IntegerField(label=_("Order"), min_value=0, max_value=30_000, initial=100)

    fieldsets = (
        ("", ("name_fi", "name_en", "code", "icon", "color", "channel", "duration", "order")),
        (_("Rules"), ("is_contact", "needs_customer", "needs_contact", "needs_goal", "counts_as_work")),
        (_("Initial status"), ("status_if_future", "status_if_past")),
        (_("Memo templates"), ("memo_template_fi", "memo_template_en")),
        ("", ("keywords",)),
    )

    class Meta:
        model = ActivityType
        fields = (
            "name_fi", "name_en", "code", "icon", "color", "channel", "duration", "order", "is_contact",
            "needs_customer", "needs_contact", "needs_goal", "counts_as_work", "status_if_future", "status_if_past",
            "memo_template_fi", "memo_template_en", "keywords",
        )  # fmt: skip
        field_classes = {"memo_template_fi": RichTextField, "memo_template_en": RichTextField}


class ActivityTemplateForm(ChoiceForm):
    """A template of activities for many customers; its type needs nothing that differs from one to the next."""

    class Meta(ChoiceForm.Meta):
        model = ActivityTemplate
        fields: tuple[str, ...] = ("name_fi", "name_en", "code", "type", "title", "memo", "order")
        field_classes: ClassVar[dict[str, Any]] = {"memo": RichTextField}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["type"]
        offered = {type.pk for type in types_for_each()} | {self.instance.type_id}
        field.queryset = ActivityType.objects.filter(pk__in=offered)

    def clean_memo(self) -> str:
        return clean(self.cleaned_data["memo"])


class KeywordForm(CodeForm):
    class Meta:
        model = Keyword
        fields = ("name_fi", "name_en", "code", "keeps_open", "counts_as_variety")
        help_texts = {
            "keeps_open": _("The activity stays open until it is resolved, even after it has taken place."),
        }
