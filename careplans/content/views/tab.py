"""The part *Content* of a customer's care plan, its edit forms, history, undo and PDF."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView, View

from careplans.content.charging import with_changes
from careplans.content.composing import plan_page
from careplans.content.enums import PartKind
from careplans.content.forms import (
    AgreementForm,
    BlockForm,
    ChargeForm,
    ContentForm,
    ProjectForm,
    SystemForm,
)
from careplans.content.models import (
    Agreement,
    Charge,
    EditionLink,
    PlanBlock,
    PlanContent,
    Project,
    System,
    TemplatePart,
)
from careplans.content.pdf import plans_pdf
from careplans.content.services.links import link_url, state_of
from careplans.content.services.rows import content_save, row_delete, row_restore, row_save, snapshot
from careplans.plans.views.tab import EDIT, VIEW
from core import clock
from core.exceptions import BusinessRuleError
from core.history import history_of
from core.notices import said
from core.once import kept_for, kept_under
from core.parameters import TextField
from core.permissions import allowed
from core.tabs import tabs_of
from core.views import ActionView, ObjectFormView, VisibleObjectMixin, redirect
from customers.models import Customer
from customers.views.tabs import CustomerMixin, CustomerTabView

EDIT_ROW = "carecontent.edit_row"
#: The rows that people add and change on the page of a plan, by the name in addresses.
ROWS: dict[str, tuple[Any, Any]] = {
    "charges": (Charge, ChargeForm),
    "projects": (Project, ProjectForm),
    "systems": (System, SystemForm),
    "agreements": (Agreement, AgreementForm),
}
PLACE = "care_plan"


def row_kind(name: str) -> tuple[Any, Any]:
    """Return the model and the form of rows. Raise 404 if there are none of that name."""
    if name not in ROWS:
        raise Http404
    return ROWS[name]


class ContentTab(CustomerTabView):
    """Header, sections and texts of the plan by the template of the customer's scheme."""

    tab = "care_plan"
    permission_required = VIEW
    content_template = "carecontent/tab.html"

    def get_tab_context(self) -> dict[str, Any]:
        customer, may_edit = self.object, allowed(self.user, EDIT, self.object)
        links = EditionLink.objects.filter(customer=customer).with_standing()
        links = links.select_related("contact", "customer", "created_by", "message__email")
        return {
            "customer": customer,
            "parts": tabs_of(PLACE, customer, self.user, "content"),
            "page": plan_page(customer, clock.today()),
            "charges": with_changes(Charge.objects.filter(customer=customer)[:20]),
            "may_edit": may_edit,
            "may_send": allowed(self.user, "carecontent.send_link", customer),
            "rows_kinds": list(ROWS),
            "links": [self._link(link, may_edit=may_edit) for link in links.prefetch_related("comments")[:10]],
        }

    @staticmethod
    def _link(link: EditionLink, *, may_edit: bool) -> dict[str, Any]:
        state = state_of(link).value
        url = link_url(link) if may_edit and state in ("open", "accepted") else ""
        sent = getattr(link.message, "email", None) if link.message else None
        return {"row": link, "state": state, "url": url, "sent": sent}


class OnContentMixin:
    """A page that leads back to the content of the customer's plan."""

    object: Any

    @property
    def customer_pk(self) -> int:
        return int(getattr(self.object, "customer_id", self.object.pk))

    def get_success_url(self) -> str:
        return reverse("carecontent:tab", args=[self.customer_pk])

    def get_cancel_url(self) -> str:
        return self.get_success_url()

    def undo_url(self, user: Any, before: dict[str, Any], version: int | None) -> str:
        """Return the address that brings back a row as it was, while its version is still this one."""
        key = kept_under(user, before | {"version": version})
        return f"{reverse('carecontent:undo', args=[self.customer_pk])}?key={key}"


class ChangingMixin(OnContentMixin):
    """A form that changes a row of which there may be one already; the message after it takes the change back."""

    user: Any
    before: dict[str, Any]
    done: Any

    def get_undo_url(self) -> str:
        return self.undo_url(self.user, self.before, self.done.version) if self.before["row"] else ""


class ContentEditView(ChangingMixin, ObjectFormView):
    """Change who gave the data, and the goals."""

    model = Customer
    permission_required = EDIT
    form_class = ContentForm
    title = gettext_lazy("Plan header and goals")

    def get_form_kwargs(self) -> dict[str, Any]:
        found = PlanContent.objects.filter(customer=self.object).first()
        self.before = snapshot(found)
        return super().get_form_kwargs() | {"instance": found or PlanContent(customer=self.object)}

    def perform(self, form: Any) -> Any:
        return content_save(content=form.instance, user=self.user)


class BlockEditView(ChangingMixin, ObjectFormView):
    """Change a free text of the plan."""

    model = Customer
    permission_required = EDIT
    form_class = BlockForm

    @cached_property
    def part(self) -> TemplatePart:
        parts = TemplatePart.objects.filter(kind=PartKind.BLOCK, code=self.kwargs["plan_block"])
        found = parts.order_by("pk").first()
        if found is None:
            raise Http404
        return found

    @property
    def title(self) -> str:
        return self.part.title

    def get_form_kwargs(self) -> dict[str, Any]:
        found = PlanBlock.objects.filter(customer=self.object, code=self.part.code).first()
        self.before = snapshot(found)
        empty = PlanBlock(customer=self.object, code=self.part.code)
        return super().get_form_kwargs() | {"instance": found or empty}

    def perform(self, form: Any) -> Any:
        return row_save(row=form.instance, user=self.user)


class RowAddView(OnContentMixin, ObjectFormView):
    """Add a row of a kind to the plan."""

    removed_by = "carecontent:row_delete"
    model = Customer
    permission_required = EDIT

    @property
    def title(self) -> str:
        return _("Add: %s") % row_kind(self.kwargs["plan_rows"])[0]._meta.verbose_name

    def get_form_class(self) -> Any:
        return row_kind(self.kwargs["plan_rows"])[1]

    def get_undo_args(self, row: Any) -> list[Any]:
        return [self.kwargs["plan_rows"], row.pk]

    def get_form_kwargs(self) -> dict[str, Any]:
        model, _form = row_kind(self.kwargs["plan_rows"])
        return super().get_form_kwargs() | {"instance": model(customer=self.object)}

    def perform(self, form: Any) -> Any:
        return row_save(row=form.instance, user=self.user)


class RowMixin(OnContentMixin, VisibleObjectMixin):
    permission_required = EDIT_ROW

    @property
    def model(self) -> Any:  # type: ignore[override]
        return row_kind(self.kwargs["plan_rows"])[0]

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("customer")


class RowEditView(ChangingMixin, RowMixin, ObjectFormView):
    @property
    def title(self) -> str:
        return _("Change: %s") % self.object

    def get_form_class(self) -> Any:
        return row_kind(self.kwargs["plan_rows"])[1]

    def get_form_kwargs(self) -> dict[str, Any]:
        self.before = snapshot(self.object)
        return super().get_form_kwargs()

    def perform(self, form: Any) -> Any:
        return row_save(row=form.instance, user=self.user)


class RowDeleteView(RowMixin, ActionView):
    """Delete a row; the message after it has a button that brings it back."""

    danger = True
    submit_label = gettext_lazy("Delete")
    success_message = ""

    @property
    def question(self) -> str:
        return _("Delete “%s”?") % self.object

    def perform(self) -> None:
        before = snapshot(self.object)
        row_delete(row=self.object)
        said(self.request, _("It was deleted."), undo=self.undo_url(self.user, before, None))


class UndoView(VisibleObjectMixin, View):
    """Bring back a row of the plan as it was kept for the user."""

    model = Customer
    permission_required = EDIT
    parameters = {"key": TextField(max_length=40)}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            content = kept_for(self.user, request.GET.get("key", "")) or {}
            row_restore(customer=self.object, content=content, user=self.user)
        except BusinessRuleError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("It is as it was before."))
        return redirect(request, reverse("carecontent:tab", args=[self.object.pk]))


class ContentHistoryView(CustomerMixin, TemplateView):
    """Who has changed what of the content of the plan."""

    permission_required = VIEW
    template_name = "carecontent/history.html"
    models = (PlanContent, PlanBlock, EditionLink, *(model for model, _form in ROWS.values()))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            title=_("History: %s") % self.object,
            customer=self.object,
            entries=history_of(self.object, self.models, viewer=self.user),
            back=reverse("carecontent:tab", args=[self.object.pk]),
            **kwargs,
        )


class PlanPdfView(CustomerMixin, View):
    """The plan of a customer as a PDF for internal use only."""

    permission_required = VIEW

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        day = clock.user_today()
        try:
            pdf = plans_pdf([self.object], day)
        except BusinessRuleError as error:
            return HttpResponse(str(error), status=503, content_type="text/plain; charset=utf-8")
        name = f"{_('Care plan')} {self.object} {day:%Y-%m-%d}"
        return pdf_answer(pdf, f"{slugify(name)}.pdf")


def pdf_answer(pdf: bytes, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(pdf, content_type="application/pdf", headers=headers)
