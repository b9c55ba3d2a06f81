"""The program does not start with an address that does not say who may have it, and such an address answers nobody."""

from __future__ import annotations

import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import path
from django.views.generic import TemplateView, View
from rest_framework import viewsets
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.serializers import Serializer
from rest_framework.test import APIRequestFactory, force_authenticate
from rest_framework.views import APIView

from accounts.models import User
from accounts.tests.factories import UserFactory
from core import checks
from core.api.views import RulePermission, VisibleViewSet
from core.list_views import FilteredListView
from core.permissions import PUBLIC, SIGNED_IN, PermissionMixin, allowed, public


def test_the_program_itself_has_nothing_undeclared():
    checks.require_declared_permissions()


class Forgotten(PermissionMixin, View):
    def get(self, request):
        return HttpResponse("secret")


class Plain(TemplateView):
    pass


class OnlyNamed(View):
    permission_required = "customers.view_customer"


class AskedTooLate(View, PermissionMixin):
    permission_required = SIGNED_IN


class OpenAndClosed(PermissionMixin, View):
    permission_required = PUBLIC


class Declared(PermissionMixin, View):
    permission_required = SIGNED_IN


class Endpoints(VisibleViewSet):
    queryset = User.objects.all()
    serializer_class = Serializer
    rule_permissions = {"create": SIGNED_IN}

    def list(self, request):
        return HttpResponse("secret")

    create = list


class Ruleless(viewsets.GenericViewSet):
    permission_classes = (IsAuthenticated,)

    def list(self, request):
        return HttpResponse("secret")


class Actionless(APIView):
    permission_classes = (RulePermission,)
    rule_permissions = {"get": SIGNED_IN}

    def get(self, request):
        return HttpResponse("secret")


def function(request):
    return HttpResponse("secret")


@public
def landing(request):
    return HttpResponse("welcome")


urlpatterns = [
    path("forgotten/", Forgotten.as_view()),
    path("plain/", Plain.as_view()),
    path("only-named/", OnlyNamed.as_view()),
    path("asked-too-late/", AskedTooLate.as_view()),
    path("open-and-closed/", OpenAndClosed.as_view()),
    path("declared/", Declared.as_view()),
    path("function/", function),
    path("landing/", landing),
    path("api/", Endpoints.as_view({"get": "list", "post": "create"})),
    path("opened/", Endpoints.as_view({"post": "create"}, permission_classes=[AllowAny])),
    path("ruleless/", Ruleless.as_view({"get": "list"})),
    path("actionless/", Actionless.as_view()),
]


def test_the_check_names_each_address_and_what_it_lacks(settings):
    settings.ROOT_URLCONF = __name__
    errors = checks.check_permissions_declared()
    assert {error.id for error in errors} == {"portaali.E001"}
    here = __name__
    assert [error.msg for error in errors] == [
        f"/forgotten/ ({here}.Forgotten) declares no permission_required.",
        f"/plain/ ({here}.Plain) declares no permission_required.",
        f"/only-named/ ({here}.OnlyNamed) names a permission and is no PermissionMixin, which would ask it.",
        f"/asked-too-late/ ({here}.AskedTooLate) names a permission and is no PermissionMixin, which would ask it.",
        f"/open-and-closed/ ({here}.OpenAndClosed) is a PermissionMixin and cannot be PUBLIC.",
        f"/function/ ({here}.function) declares no permission_required.",
        f"/api/ ({here}.Endpoints) has no rule for the action list.",
        f"/opened/ ({here}.Endpoints) has no RulePermission in permission_classes.",
        f"/ruleless/ ({here}.Ruleless) has no RulePermission in permission_classes.",
        f"/actionless/ ({here}.Actionless) has no actions, and RulePermission asks the rule of an action: "
        "make it a view set.",
    ]
    with pytest.raises(ImproperlyConfigured, match="forgotten"):
        checks.require_declared_permissions()


def test_the_web_process_does_not_start_with_them(settings):
    start = f"from django.conf import settings; settings.ROOT_URLCONF = {__name__!r}; import crm.wsgi"
    done = subprocess.run([sys.executable, "-c", start], cwd=settings.BASE_DIR, capture_output=True, text=True)
    assert done.returncode != 0
    assert "Forgotten) declares no permission_required." in done.stderr


def test_a_list_with_a_dispatch_of_its_own_is_named():
    class SlyList(FilteredListView):
        def dispatch(self, request, *args, **kwargs):
            return super().dispatch(request, *args, **kwargs)

    try:
        [error] = checks.check_lists_only_use_check_permissions()
        assert error.id == "portaali.E002"
        assert "SlyList overrides dispatch" in error.msg
    finally:
        del SlyList.dispatch  # the class may live on among the subclasses
    assert checks.check_lists_only_use_check_permissions() == []


@pytest.mark.django_db
class TestClosed:
    def test_a_page_that_declares_nothing_answers_nobody(self):
        request = RequestFactory().get("/")
        request.user = UserFactory(role="administrator")
        with pytest.raises(ImproperlyConfigured, match="Forgotten does not declare permission_required"):
            Forgotten.as_view()(request)

    @pytest.mark.parametrize(("method", "code"), [("get", 403), ("post", 200), ("options", 200)])
    def test_an_action_without_a_rule_answers_nobody_reading_too(self, method, code):
        request = getattr(APIRequestFactory(), method)("/")
        force_authenticate(request, UserFactory(role="administrator"))
        assert Endpoints.as_view({"get": "list", "post": "create"})(request).status_code == code

    def test_signed_in_means_an_active_user(self):
        assert allowed(UserFactory(), SIGNED_IN)
        assert not allowed(UserFactory(is_active=False), SIGNED_IN)


def test_rule_permission_is_what_view_sets_over_visible_rows_have():
    assert RulePermission in VisibleViewSet.permission_classes
