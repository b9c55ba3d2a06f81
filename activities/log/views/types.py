"""Activity types, keywords and other lists, for administrators."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from activities.log.forms.types import ActivityTypeForm, KeywordForm
from activities.log.models import ActivityType, Keyword
from core.choice_lists import ChoiceAddView, ChoiceChangeView, ChoiceList, ChoiceRetireView, ChoicesMixin
from core.permissions import PermissionMixin
from core.registry import declared

EDIT = "activities.edit_type"
TYPES = ChoiceList(
    "types",
    ActivityType,
    ActivityTypeForm,
    effects=(
        gettext_lazy("It will no longer be available for new activities."),
        gettext_lazy("Existing activities keep it."),
    ),
)
KEYWORDS = ChoiceList("keywords", Keyword, KeywordForm)


class TypesView(PermissionMixin, TemplateView):
    permission_required = EDIT
    template_name = "activities/admin/types.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        types = list(ActivityType.objects.prefetch_related("keywords"))
        return super().get_context_data(
            title=_("Activity types"),
            types=types,
            keywords=Keyword.objects.prefetch_related("types"),
            lists=[(list_.name, list_.title, list_.rows(self.user)) for list_ in declared("CHOICE_LISTS")],
            **kwargs,
        )


class TypesMixin(ChoicesMixin):
    """A row of the types, of the keywords, or of a list that an app declares in ``CHOICE_LISTS``."""

    permission_required = EDIT
    lists_url_name = "activities:types"

    def find_list(self, name: str) -> ChoiceList | None:
        return next((list_ for list_ in declared("CHOICE_LISTS") if list_.name == name), None)


class TypeAddView(TypesMixin, ChoiceAddView):
    choice_list, title = TYPES, gettext_lazy("Add activity type")


class TypeChangeView(TypesMixin, ChoiceChangeView):
    choice_list, title = TYPES, gettext_lazy("Change activity type")


class TypeRetireView(TypesMixin, ChoiceRetireView):
    choice_list = TYPES


class KeywordAddView(TypesMixin, ChoiceAddView):
    choice_list, title = KEYWORDS, gettext_lazy("Add keyword")


class KeywordChangeView(TypesMixin, ChoiceChangeView):
    choice_list, title = KEYWORDS, gettext_lazy("Change keyword")


class LineAddView(TypesMixin, ChoiceAddView):
    def get_undo_args(self, row: Any) -> list[Any]:
        return [self.choice_list.name, row.pk]


class LineChangeView(TypesMixin, ChoiceChangeView):
    pass


class LineRetireView(TypesMixin, ChoiceRetireView):
    pass
