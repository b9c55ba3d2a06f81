"""When to be reminded."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

HOUR, DAY, WEEK = 60, 60 * 24, 60 * 24 * 7
BEFORE = (
    ("", pgettext_lazy("reminder", "none")),
    (0, _("at the start")),
    (10, _("10 minutes before")),
    (HOUR, _("an hour before")),
    (DAY, _("a day before")),
    (WEEK, _("a week before")),
)


def before_words(minutes: int) -> str:
    """Return how long before the start, in words; times that came by the API may be others than the form's."""
    words = {value: label for value, label in BEFORE if value != ""}
    return str(words.get(minutes) or _("%d minutes before") % minutes)


def before_field(**kwargs: Any) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(choices=BEFORE, coerce=int, empty_value=None, required=False, **kwargs)


class ReminderForm(forms.Form):
    minutes = before_field(label=_("Remind me"))


class ReminderDefaultForm(forms.Form):
    minutes = before_field(
        label=_("Remind me of what I log"),
        help_text=_("The form for logging proposes it; there you can choose otherwise."),
    )
