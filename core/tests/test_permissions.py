"""Grants, rules and the pages that ask them."""

from __future__ import annotations

import pytest
import rules
from django.contrib.auth.models import AnonymousUser
from django.test import Client

from accounts.models import User
from accounts.tests.factories import UserFactory
from core import jobs, registry
from core.permissions import allowed, granted, is_active_user
from core.registry import Entry, NavItem, Registry

pytestmark = pytest.mark.django_db


def test_a_grant_is_what_a_group_holds():
    assert granted("accounts.manage_users")(UserFactory(role="administrator"))
    assert not granted("accounts.manage_users")(UserFactory(role="account_manager"))


def test_a_deactivated_user_holds_nothing():
    user = UserFactory(role="administrator", is_active=False)
    assert not granted("accounts.manage_users")(user)
    assert not is_active_user(user)
    assert not allowed(user, "accounts.manage_users")


def test_visitors_hold_nothing():
    for name in ("accounts.view_user", "accounts.edit_user", "accounts.manage_users"):
        assert not allowed(AnonymousUser(), name)


def test_rules_and_grants_are_asked_alike_with_and_without_a_row():
    administrator, reader = UserFactory(role="administrator"), UserFactory(role="read_only")
    for name, row in (
        ("accounts.edit_user", reader),
        ("accounts.manage_users", None),
        ("accounts.manage_users", reader),
    ):
        assert allowed(administrator, name, row)
        assert not allowed(reader, name, row)


def test_an_unknown_name_opens_nothing():
    assert not allowed(UserFactory(role="administrator"), "accounts.no_such_thing")


def test_no_rule_has_the_name_of_a_grant():
    from accounts.selectors import grants

    names = {f"{grant.content_type.app_label}.{grant.codename}" for grant in grants()}
    assert names
    assert not [name for name in names if rules.perm_exists(name)]


def test_every_grant_of_the_default_groups_exists():
    from accounts.defaults import load_roles
    from accounts.models import Role

    Role.objects.all().delete()
    load_roles()  # an unknown grant is a KeyError
    assert User.objects.administrators().count() == 0


def test_pages_answer_302_403_404_in_this_order():
    hidden = UserFactory(is_active=False)
    url = f"/users/{hidden.pk}/change/"
    assert Client().get(url).status_code == 302
    for user, status in ((UserFactory(role="read_only"), 404), (UserFactory(role="administrator"), 200)):
        client = Client()
        client.force_login(user)
        assert client.get(url).status_code == status
    client = Client()
    client.force_login(UserFactory(role="read_only"))
    assert client.get(f"/users/{User.objects.active().first().pk}/change/").status_code == 403


class TestRegistry:
    def entry(self, name, **kwargs):
        return NavItem(name=name, label=name, url_name="accounts:list", **kwargs)

    def test_entries_come_in_order_and_only_the_allowed_ones(self):
        entries: Registry[NavItem] = Registry()
        entries.add(self.entry("b", order=20))
        entries.add(self.entry("a", order=10, permission="accounts.manage_users"))
        entries.add(self.entry("c", place="other"))
        names = {
            code: [entry.name for entry in entries.allowed("main", UserFactory(role=code))]
            for code in ("administrator", "read_only")
        }
        assert names == {"administrator": ["a", "b"], "read_only": ["b"]}

    def test_a_name_is_taken_once(self):
        entries: Registry[Entry] = Registry()
        entries.add(self.entry("a"))
        with pytest.raises(ValueError, match="registered twice"):
            entries.add(self.entry("a"))

    def test_what_apps_declare_is_read_from_modules_and_packages(self):
        """A module (crm, imports), a package by subject (offers) and handlers in ``jobs`` and ``jobs_*``."""
        assert all(registry.nav.get("main", name) for name in ("start", "imports", "offers"))
        assert {"import", "calendar_import"} <= jobs._handlers.keys()
        assert "offer_accepted" in [kind.name for kind in registry.notifications.of("user")]

    def test_other_tuples_are_given_to_those_who_ask_by_name(self):
        assert "activities.Activity.memo" in registry.declared("RICH_TEXTS")
        assert not list(registry.declared("NOTHING_OF_THE_KIND"))

    def test_the_navigation_shows_what_one_may_open(self):
        client = Client()
        client.force_login(UserFactory(role="read_only"))
        assert 'href="/users/"' in client.get("/users/").text


def test_a_broken_rule_that_no_page_has_caught_is_a_sentence(monkeypatch):
    from accounts.views.users import UserListView
    from core.exceptions import BusinessRuleError

    def fail(self, request):
        raise BusinessRuleError("no", "That is not <allowed>.")

    monkeypatch.setattr(UserListView, "get", fail)
    client = Client()
    client.force_login(UserFactory())
    response = client.get("/users/")
    assert response.status_code == 409
    assert "That is not &lt;allowed&gt;." in response.text
    fragment = client.get("/users/", headers={"HX-Request": "true"})
    assert (fragment.status_code, fragment.headers["HX-Refresh"]) == (200, "true")
