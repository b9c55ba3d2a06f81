"""Forms of absences."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from careplans.work.models import Absence, AbsenceKind
from careplans.work.selectors import people_entered_by
from core.dates import DayField
from core.fields import LineFormField
from core.forms import OnceFormMixin, VersionedFormMixin


class AbsenceForm(VersionedFormMixin, OnceFormMixin, forms.ModelForm):
    """An absence. Its person stays as entered."""

    first = DayField(label=_("First day"))
    last = DayField(label=_("Last day"))
    note = LineFormField(
        label=_("Note"), required=False, max_length=500, help_text=_("You and those who lead you see it, nobody else.")
    )

    class Meta:
        model = Absence
        fields = ("person", "first", "last", "kind", "substitute", "note")

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["substitute"].queryset = User.objects.active().order_by("sort_key")
        fields["kind"].queryset = AbsenceKind.objects.filter(retired_at=None) | AbsenceKind.objects.filter(
            pk=self.instance.kind_id
        )
        if self.instance.pk:
            del fields["person"]
        else:
            fields["person"].queryset = people_entered_by(user)
            self.initial.setdefault("person", user.pk)

    def _get_validation_exclusions(self) -> set[str]:
        """The service checks the days, at their fields."""
        return {*super()._get_validation_exclusions(), "person", "first", "last", "substitute"}  # type: ignore[misc]
