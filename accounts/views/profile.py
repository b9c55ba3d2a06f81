"""Pages of users' own data: profile, preferences, API keys, and the password chosen by a mailed link."""

from __future__ import annotations

from typing import Any

from allauth.account.views import PasswordResetFromKeyView
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View

from accounts.forms import ApiTokenForm, PreferencesForm, ProfileForm
from accounts.models import ApiToken, User
from accounts.services import api_token_create, api_token_revoke, user_change
from accounts.sign_in_limits import browser_remember
from core import registry
from core.exceptions import BusinessRuleError
from core.once import once
from core.permissions import PUBLIC, SIGNED_IN, PermissionMixin
from core.views import ActionView, ObjectFormView, ServiceFormView, redirect, safe_next_url


class ProfileView(ObjectFormView):
    """The user's own profile and keys."""

    permission_required = SIGNED_IN
    model = User
    form_class = ProfileForm
    template_name = "accounts/profile.html"
    title = gettext_lazy("My profile")
    success_message = gettext_lazy("Your profile was saved.")
    undoable = True

    @property
    def object(self) -> Any:
        return self.user

    def perform(self, form: Any) -> User:
        return user_change(user=form.instance, by=form.instance)

    def get_success_url(self) -> str:
        return reverse("accounts:profile")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        links = registry.commands.allowed("profile", self.user)
        return super().get_context_data(tokens=self.user.api_tokens.order_by("-created_at"), links=links, **kwargs)


class PreferencesView(PermissionMixin, View):
    """The quick switches of the user menu."""

    permission_required = SIGNED_IN

    def post(self, request: HttpRequest) -> HttpResponse:
        form = PreferencesForm(request.POST, instance=User.objects.get(pk=self.user.pk))
        if not form.is_valid():
            raise BadRequest("no such language or theme")
        user_change(user=form.instance, by=form.instance)
        return redirect(request, safe_next_url(request, request.POST.get("next", "")) or "/")


class TokenAddView(ServiceFormView):
    """Create an API key and show it once."""

    permission_required = SIGNED_IN
    form_class = ApiTokenForm
    title = gettext_lazy("New API key")
    submit_label = gettext_lazy("Create key")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "user": self.user}

    def form_valid(self, form: Any) -> HttpResponse:
        keys: list[str] = []

        def create() -> dict[str, Any]:
            names = ("name", "scope", "expires_on", "is_service")
            content = {name: form.cleaned_data[name] for name in names if name in form.cleaned_data}
            token, key = api_token_create(user=self.user, **content)
            keys.append(key)
            return {"token": token.pk}

        try:
            once(form.cleaned_data["submission_key"], self.user, create)
        except BusinessRuleError as error:
            form.add_error(error.field, str(error))
            return self.form_invalid(form)
        if keys:
            return render(self.request, "accounts/token_created.html", {"title": _("Your new API key"), "key": keys[0]})
        messages.warning(self.request, _("The key has already been created and is not shown again."))
        return redirect(self.request, self.get_cancel_url())

    def get_cancel_url(self) -> str:
        return reverse("accounts:profile")


class TokenRevokeView(ActionView):
    permission_required = SIGNED_IN
    model = ApiToken
    submit_label = gettext_lazy("Revoke")
    success_message = gettext_lazy("The key no longer works.")
    danger = True

    def get_queryset(self) -> QuerySet[ApiToken]:
        return ApiToken.objects.filter(user=self.user.pk)

    @property
    def question(self) -> str:
        return _("Revoke the key “%s”?") % (self.object.name or _("no name"))

    def get_effects(self) -> list[Any]:
        return [_("Programs that use this key lose their access to Portaali.")]

    def get_success_url(self) -> str:
        return reverse("accounts:profile")

    def perform(self) -> Any:
        api_token_revoke(token=self.object)


class PasswordChoiceView(PasswordResetFromKeyView):
    """Set a password through a mailed link. A browser that has done so is not slowed down at sign-in."""

    permission_required = PUBLIC

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        browser_remember(response, self.reset_user)
        return response
