"""Pages of mailboxes, the user's drop address and ignore rules."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView, View

from activities.mail.forms.inbox import MailboxForm, RuleForm
from activities.mail.models import IgnoreRule, Mailbox, MailSettings
from activities.mail.senders import drop_address
from activities.mail.services import mailboxes as services
from activities.mail.services.filing import rule_add
from core.permissions import PermissionMixin
from core.views import ActionView, ObjectFormView, RetireRowView, ServiceFormView, redirect

LOG = "activities.log_activity"


class MailboxesView(PermissionMixin, TemplateView):
    """The mailboxes and the user's drop address; the list reloads itself while a connection is being tested."""

    template_name = "mail/mailboxes.html"
    permission_required = LOG

    def get_template_names(self) -> list[str]:
        is_list = self.htmx.target == "mailboxes"
        return [f"{self.template_name}#list" if is_list else self.template_name]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.user
        mailboxes = list(Mailbox.objects.visible_to(user).select_related("owner"))
        own = MailSettings.objects.filter(user=user.pk).first()
        return super().get_context_data(
            title=_("Mailboxes"),
            mailboxes=mailboxes,
            is_trying=any(mailbox.is_being_tried for mailbox in mailboxes),
            drop_address=drop_address(own.drop_secret or "" if own else ""),
            has_drop=bool(settings.DROP_ADDRESS),
            **kwargs,
        )


class MailboxFormMixin:
    form_class: Any = MailboxForm
    permission_required = "mail.edit_mailbox"
    request: HttpRequest

    def get_form_kwargs(self) -> dict[str, Any]:
        may_share = self.request.user.has_perm("mail.manage_mailboxes")
        kwargs: dict[str, Any] = super().get_form_kwargs()  # type: ignore[misc]
        return kwargs | {"may_share": may_share}

    def get_success_url(self) -> str:
        return reverse("mail:mailboxes")

    get_cancel_url = get_success_url


class MailboxAddView(MailboxFormMixin, ServiceFormView):
    removed_by = "mail:mailbox_remove"
    undo_ignores = ("error", "trying_since", "last_uid", "uid_validity", "last_read_at")
    title = gettext_lazy("Add mailbox")
    success_message = gettext_lazy("The mailbox was added. Its connection is being tested.")

    def get_initial(self) -> dict[str, Any]:
        email = self.user.email
        return {"address": email, "username": email, "name": email}

    def perform(self, form: Any) -> Mailbox:
        mailbox: Mailbox = form.instance
        mailbox.owner = None if form.cleaned_data.get("shared") else self.user
        return services.mailbox_save(mailbox=mailbox, password=form.cleaned_data["password"])


class MailboxChangeView(MailboxFormMixin, ObjectFormView):
    undoable = True
    model = Mailbox
    title = gettext_lazy("Change mailbox")
    success_message = gettext_lazy("Saved. The connection is being tested.")

    def get_undo_url(self) -> str:
        """Return the undo, but of a new password: the former is not kept, and the new one is for its server."""
        return "" if self.request.POST.get("password") else super().get_undo_url()

    def perform(self, form: Any) -> Mailbox:
        return services.mailbox_save(mailbox=form.instance, password=form.cleaned_data["password"])


class MailboxActionView(ActionView):
    model = Mailbox
    permission_required = "mail.edit_mailbox"

    def get_success_url(self) -> str:
        return reverse("mail:mailboxes")


class MailboxPauseView(MailboxActionView, RetireRowView):
    """Stop reading a mailbox, or read it again."""

    def is_off(self) -> bool:
        return not self.object.is_active

    @property
    def question(self) -> str:
        return (_("Resume reading “%s”?") if self.is_off() else _("Stop reading “%s”?")) % self.object

    @property
    def success_message(self) -> str:
        return (_("“%s” is read again.") if self.was_off else _("“%s” is no longer read.")) % self.object

    def perform(self) -> None:
        services.mailbox_set_active(mailbox=self.object, active=not self.object.is_active)


class MailboxRemoveView(MailboxActionView):
    submit_label = gettext_lazy("Remove")
    success_message = gettext_lazy("The mailbox was removed.")
    danger = True

    @property
    def question(self) -> str:
        return _("Remove the mailbox “%s”?") % self.object

    def get_effects(self) -> list[Any]:
        return [_("It is no longer read, and its password is deleted."), _("Messages already received are kept.")]

    def perform(self) -> None:
        self.object.delete()


class MailboxTestView(MailboxActionView):
    question = gettext_lazy("Test the connection?")
    submit_label = gettext_lazy("Test")
    success_message = gettext_lazy("The connection is being tested.")

    def perform(self) -> None:
        services.mailbox_test(mailbox=self.object)


class DropView(PermissionMixin, View):
    """Create a new drop address, or revoke the present one."""

    permission_required = LOG

    def post(self, request: HttpRequest) -> HttpResponse:
        if request.POST.get("revoke"):
            services.drop_secret_revoke(user=self.user)
            messages.success(request, _("The address no longer works."))
        elif settings.DROP_ADDRESS:
            services.drop_secret_renew(user=self.user)
            messages.success(request, _("You have a new address. The old one no longer works."))
        return redirect(request, reverse("mail:mailboxes"))


class RulesMixin(PermissionMixin):
    permission_required = "mail.edit_ignore_rule"

    def get_queryset(self) -> QuerySet[Any]:
        return IgnoreRule.objects.all()

    def get_success_url(self) -> str:
        return reverse("mail:ignore_rules")

    get_cancel_url = get_success_url


class RulesView(RulesMixin, TemplateView):
    template_name = "mail/rules.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rules = self.get_queryset().select_related("created_by").order_by("kind", "pattern")[:500]
        return super().get_context_data(title=_("Ignored senders"), rules=rules, **kwargs)


class RuleAddView(RulesMixin, ServiceFormView):
    removed_by = "mail:ignore_rule_remove"
    form_class = RuleForm
    title = gettext_lazy("Add a rule")

    def perform(self, form: Any) -> IgnoreRule:
        data = form.cleaned_data
        return rule_add(user=self.user, kind=data["kind"], pattern=data["pattern"])


class RuleRemoveView(RulesMixin, ActionView):
    added_again = ("mail:ignore_rule_add",)
    model = IgnoreRule
    submit_label = gettext_lazy("Remove")

    @property
    def question(self) -> str:
        return _("Remove the rule “%s”?") % self.object

    @property
    def success_message(self) -> str:
        return _("The rule “%s” was removed.") % self.object

    def get_undo_content(self) -> dict[str, list[str]]:
        return {"kind": [self.object.kind], "pattern": [self.object.pattern]}

    def perform(self) -> None:
        self.object.delete()
