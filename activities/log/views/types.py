"""Activity types, keywords and other lists, for administrators."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from activities.log.forms.types import ActivityTypeForm, KeywordForm, choice_form
from activities.log.models import ActivityType, Keyword
from activities.log.services.types import type_set_retired
from core.permissions import PermissionMixin
from core.registry import declared
from core.views import ActionView, ObjectFormView, ServiceFormView


class TypesMixin(PermissionMixin):
    """Pages of administrators; every row is visible to all of them."""

    permission_required = "activities.edit_type"
    model: Any

    def get_queryset(self) -> QuerySet[Any]:
        return self.model.objects.all()

    def get_cancel_url(self) -> str:
        return reverse("activities:types")


class TypesView(TypesMixin, TemplateView):
    template_name = "activities/admin/types.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        types = list(ActivityType.objects.prefetch_related("keywords"))
        return super().get_context_data(
            title=_("Activity types"),
            types=types,
            keywords=Keyword.objects.prefetch_related("types"),
            lists=[
                (name, model._meta.verbose_name_plural, model._default_manager.all())
                for name, model in declared("CHOICE_LISTS")
            ],
            **kwargs,
        )


class SavedFormMixin(TypesMixin):
    """A form that saves its row itself, without a service."""

    success_message: Any = gettext_lazy("Saved.")

    def perform(self, form: Any) -> Any:
        return form.save()


class TypeAddView(SavedFormMixin, ServiceFormView):
    form_class, title = ActivityTypeForm, gettext_lazy("Add activity type")


class TypeChangeView(SavedFormMixin, ObjectFormView):
    model, form_class, title = ActivityType, ActivityTypeForm, gettext_lazy("Change activity type")


class KeywordAddView(SavedFormMixin, ServiceFormView):
    form_class, title = KeywordForm, gettext_lazy("Add keyword")


class KeywordChangeView(SavedFormMixin, ObjectFormView):
    model, form_class, title = Keyword, KeywordForm, gettext_lazy("Change keyword")


class TypeRetireView(TypesMixin, ActionView):
    """Retire a type, or restore a retired one."""

    model = ActivityType

    @property
    def question(self) -> str:
        text = _("Restore “%s”?") if self.object.is_retired else _("Retire “%s”?")
        return text % self.object

    def get_effects(self) -> list[Any]:
        if self.object.is_retired:
            return []
        return [
            _("It will no longer be available for new activities."),
            _("Existing activities keep it."),
        ]

    def perform(self) -> None:
        type_set_retired(type=self.object, retired=not self.object.is_retired)


def _model_of(name: str) -> Any:
    """Return the model of the list with this name in the URL, from ``CHOICE_LISTS``; raise 404 if there is none."""
    models = dict(declared("CHOICE_LISTS"))
    if name not in models:
        raise Http404
    return models[name]


class ChoiceMixin(TypesMixin):
    """A row of the list that is named in the URL."""

    success_message: Any = gettext_lazy("Saved.")

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)  # type: ignore[misc]
        self.model = _model_of(kwargs["list"])

    @property
    def title(self) -> str:
        return str(self.model._meta.verbose_name).capitalize()

    def get_form_class(self) -> Any:
        return choice_form(self.model)

    def perform(self, form: Any) -> Any:
        return form.save()


class ChoiceAddView(ChoiceMixin, ServiceFormView):
    pass


class ChoiceChangeView(ChoiceMixin, ObjectFormView):
    pass


class ChoiceRetireView(TypeRetireView):
    """Retire a line of a list, or restore a retired one."""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.model = _model_of(kwargs["list"])

    def get_effects(self) -> list[Any]:
        return [] if self.object.is_retired else [_("It will no longer be available."), _("Existing records keep it.")]
