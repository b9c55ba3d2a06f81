"""Lists of choices that administrators keep: forms, adding, changing, retiring and restoring lines, their history."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from core import clock
from core.forms import EnglishNameMixin, IntegerField, OnceFormMixin
from core.history import history_of
from core.permissions import PermissionMixin
from core.services import lock
from core.views import ObjectFormView, RetireRowView, ServiceFormView, VisibleObjectMixin

C = TypeVar("C", bound=models.Model)


@transaction.atomic
def choice_set_retired(*, row: C, retired: bool) -> C:
    """Retire a line of a list, so that it is not offered as a choice, or restore it. Records keep it."""
    locked: Any = lock(row)
    if locked.is_retired != retired:
        locked.retired_at = clock.now() if retired else None
        locked.save(update_fields=["retired_at"])
    return locked


class CodeForm(OnceFormMixin, EnglishNameMixin, forms.ModelForm):
    """A form of a row with a code, which is fixed once added, because programs and imports rely on it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["code"], self.fields["submission_key"]

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if self._meta.model._default_manager.filter(code=code).exists():
            raise ValidationError(_("Another item of this list has this code."))
        return code


class ChoiceForm(CodeForm):
    """A line of a list; a list without its own form has this with its model."""

    order = IntegerField(label=gettext_lazy("Order"), min_value=0, max_value=30_000, initial=100)

    class Meta:
        fields: tuple[str, ...] = ("name_fi", "name_en", "code", "order")


@dataclass(frozen=True)
class ChoiceList:
    """A list of rows with ``code`` and, where they can be retired, ``retired_at``. ``name`` is its name in URLs."""

    name: str
    model: Any
    form: type[forms.ModelForm] = ChoiceForm
    save: Callable[[Any], Any] = lambda form: form.save()
    form_template: str = "generic/form.html"
    effects: Sequence[Any] = (
        gettext_lazy("It will no longer be available."),
        gettext_lazy("Existing records keep it."),
    )
    history: Sequence[type[models.Model]] = ()  # the models of its parts
    seen: Callable[[Any], models.Q] = lambda user: models.Q()  # the rows that a user sees

    def rows(self, user: Any) -> QuerySet[Any]:
        rows: QuerySet[Any] = self.model._default_manager.filter(self.seen(user))
        return rows

    @property
    def title(self) -> str:
        return str(self.model._meta.verbose_name_plural)

    @property
    def can_retire(self) -> bool:
        return any(field.name == "retired_at" for field in self.model._meta.get_fields())


class ChoicesMixin(PermissionMixin):
    """Pages of administrators about ``choice_list`` or the list that the URL names (``list``)."""

    lists_url_name = ""  # the page that shows the lists
    choice_list: ChoiceList
    model: Any

    def find_list(self, name: str) -> ChoiceList | None:
        raise NotImplementedError

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)  # type: ignore[misc]
        if "list" in kwargs:
            found = self.find_list(kwargs["list"])
            if found is None:
                raise Http404
            self.choice_list = found
        self.model = self.choice_list.model

    def get_queryset(self) -> QuerySet[Any]:
        return self.choice_list.rows(self.user)

    def get_cancel_url(self) -> str:
        return reverse(self.lists_url_name)


class ChoiceFormMixin(ChoicesMixin):
    template_name: Any

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.template_name = self.choice_list.form_template

    @property
    def title(self) -> Any:
        name = str(self.model._meta.verbose_name)
        return name[:1].upper() + name[1:]

    def get_form_class(self) -> Any:
        return forms.modelform_factory(self.model, form=self.choice_list.form)

    def perform(self, form: Any) -> Any:
        return self.choice_list.save(form)


class ChoiceAddView(ChoiceFormMixin, ServiceFormView):
    """Add a line, which the message retires. The page that does is named as this one, with ``retire``."""

    @property
    def opposite(self) -> str:  # type: ignore[override]
        match: Any = self.request.resolver_match
        return match.view_name.replace("add", "retire") if self.choice_list.can_retire else ""


class ChoiceChangeView(ChoiceFormMixin, ObjectFormView):
    undoable = True


class ChoiceRetireView(ChoicesMixin, RetireRowView):
    """Retire a line of a list, or restore a retired one. A list of lines that stay has no such page."""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if not self.choice_list.can_retire:
            raise Http404

    def get_effects(self) -> list[Any]:
        return [] if self.object.is_retired else list(self.choice_list.effects)

    def perform(self) -> None:
        choice_set_retired(row=self.object, retired=not self.object.is_retired)


class ChoiceHistoryView(ChoicesMixin, VisibleObjectMixin, TemplateView):
    template_name = "generic/history_page.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            title=_("History: %s") % self.object,
            back=self.get_cancel_url(),
            entries=history_of(self.object, self.choice_list.history),
            **kwargs,
        )
