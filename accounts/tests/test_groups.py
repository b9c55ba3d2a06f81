"""Groups with their rights, and teams."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import Permission
from django.urls import reverse

from accounts.models import Role, Team, User
from accounts.selectors import grants
from accounts.tests.factories import RoleFactory, TeamFactory, UserFactory, role

pytestmark = pytest.mark.django_db


def grant(name):
    return grants().get(codename=name).pk


def role_data(group, **changes):
    data = {name: getattr(group, name) for name in ("name_fi", "name_en", "description", "order", "version")}
    return data | {"grants": list(group.permissions.values_list("pk", flat=True))} | changes


@pytest.mark.parametrize("page", ["group", "team"])
def test_everyone_signed_in_sees_groups_and_teams(page, signed_in, admin, colleague, reader, client):
    row = RoleFactory() if page == "group" else TeamFactory()
    for user in (admin, colleague, reader):
        assert signed_in(user).get(row.get_absolute_url()).status_code == 200
    assert client.get(row.get_absolute_url()).status_code == 302


@pytest.mark.parametrize("page", ["group_change", "group_delete", "team_change", "team_delete"])
def test_only_administrators_change_groups_and_teams(page, signed_in, admin, colleague, reader):
    row = RoleFactory() if page.startswith("group") else TeamFactory()
    url = reverse(f"accounts:{page}", args=[row.pk])
    assert signed_in(admin).get(url).status_code == 200
    for user in (colleague, reader):
        assert signed_in(user).get(url).status_code == 403
        assert signed_in(user).post(url).status_code == 403
    assert type(row).objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize("count", [1, 3])
def test_the_lists_cost_the_same_queries_for_any_number_of_rows(count, signed_in, reader, django_assert_num_queries):
    for _ in range(count):
        TeamFactory(members=[reader], leader=reader)
        RoleFactory()
    client = signed_in(reader)
    client.get("/users/teams/")
    for url, queries in (("/users/teams/", 7), ("/users/groups/", 6)):  # teams: the choices of *Part of*
        with django_assert_num_queries(queries):
            client.get(url)


def test_the_group_page_says_what_its_members_may_do(signed_in, reader, colleague):
    page = signed_in(reader).get(role("account_manager").get_absolute_url()).text
    assert "May change customers they are responsible for" in page
    assert "May invite, change and deactivate users" not in page
    assert "Kalle Colleague" in page


def test_a_group_is_added_with_its_rights_and_a_code_of_its_own(signed_in, admin):
    RoleFactory(name="trainers", name_en="Old trainers")
    data = {"name_fi": "Kouluttajat", "name_en": "Trainers", "order": 5, "grants": [grant("add_customer")]}
    response = signed_in(admin).post(reverse("accounts:group_add"), data)
    group = Role.objects.get(name_fi="Kouluttajat")
    assert response.url == group.get_absolute_url()
    assert group.name == "trainers_2"
    assert UserFactory(role="trainers_2").has_perm("customers.add_customer")


def test_renaming_a_group_keeps_its_code_and_stands_in_its_history(signed_in, admin):
    group = role("management")
    url = reverse("accounts:group_change", args=[group.pk])
    signed_in(admin).post(url, role_data(group, name_en="Leaders", grants=[grant("view_reports")]))
    group.refresh_from_db()
    assert (group.name, group.name_en) == ("management", "Leaders")
    assert [permission.codename for permission in group.permissions.all()] == ["view_reports"]
    page = signed_in(admin).get(group.get_absolute_url()).text
    assert "Leaders" in page
    assert "May change every activity" in page  # taken away, as the history says


def test_administrators_cannot_take_the_right_to_manage_users_from_their_own_group(signed_in, admin):
    UserFactory(grants=["accounts.manage_users"])
    group = role("administrator")
    response = signed_in(admin).post(
        reverse("accounts:group_change", args=[group.pk]), role_data(group, grants=[grant("view_reports")])
    )
    assert response.status_code == 422
    assert "You cannot remove your own administrator rights." in response.text
    assert group.permissions.filter(codename="manage_users").exists()


def test_a_group_changed_meanwhile_is_not_overwritten(signed_in, admin):
    group = RoleFactory()
    url = reverse("accounts:group_change", args=[group.pk])
    data = role_data(group, name_en="Mine")
    signed_in(admin).post(url, role_data(group, name_en="Theirs"))
    assert signed_in(admin).post(url, data).status_code == 422
    group.refresh_from_db()
    assert group.name_en == "Theirs"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name_fi": ""}, "This field is required."),
        ({"name_en": "x" * 10_000}, "at most 120 characters"),
        ({"description": "x" * 10_000}, "at most 2000 characters"),
        ({"description": "a\x00b"}, "Null characters are not allowed."),
        ({"order": "many"}, "Enter a whole number."),
        ({"grants": [0]}, "is not one of the available choices"),
    ],
)
def test_bad_input_changes_no_group(change, message, signed_in, admin):
    group = RoleFactory(description="as it was")
    response = signed_in(admin).post(
        reverse("accounts:group_change", args=[group.pk]), role_data(group, name_fi="Uusi") | change
    )
    assert response.status_code == 422
    assert message in response.text
    group.refresh_from_db()
    assert group.description == "as it was"
    assert group.version == 1


def test_rights_of_the_framework_cannot_be_granted(signed_in, admin):
    offered = signed_in(admin).get(reverse("accounts:group_add")).context["form"].fields["grants"].queryset
    own = {config.label for config in apps.get_app_configs() if config.name in settings.OWN_APPS}
    assert {permission.content_type.app_label for permission in offered} <= own
    assert offered.filter(codename="manage_users").exists()


def test_a_group_in_use_is_not_deleted(signed_in, admin, colleague):
    group = role("account_manager")
    response = signed_in(admin).post(reverse("accounts:group_delete", args=[group.pk]), follow=True)
    assert "The group has members" in response.text
    assert Role.objects.filter(pk=group.pk).exists()


def test_an_empty_group_is_deleted(signed_in, admin):
    group = RoleFactory()
    response = signed_in(admin).post(reverse("accounts:group_delete", args=[group.pk]))
    assert response.url == reverse("accounts:groups")
    assert not Role.objects.filter(pk=group.pk).exists()


def test_the_leader_of_a_team_is_a_member(signed_in, admin, colleague, reader):
    signed_in(admin).post(reverse("accounts:team_add"), {"name": "Itä", "leader": colleague.pk, "members": [reader.pk]})
    team = Team.objects.get(name="Itä")
    assert set(team.members.all()) == {colleague, reader}


def test_a_teams_changes_stand_in_its_history(signed_in, admin, colleague):
    team = TeamFactory(name="Itä")
    signed_in(admin).post(
        reverse("accounts:team_change", args=[team.pk]), {"name": "Länsi", "members": [colleague.pk], "version": 1}
    )
    page = signed_in(admin).get(team.get_absolute_url()).text
    for text in ("Itä", "Länsi", "Kalle Colleague", "Aino Admin"):
        assert text in page


def test_two_teams_cannot_have_the_same_name(signed_in, admin):
    TeamFactory(name="Länsi")
    response = signed_in(admin).post(reverse("accounts:team_add"), {"name": "LÄNSI"})
    assert response.status_code == 422
    assert "Another team has this name." in response.text
    assert Team.objects.count() == 1


def test_a_team_with_members_is_not_deleted_and_an_empty_one_is(signed_in, admin, colleague):
    team = TeamFactory(members=[colleague])
    client, url = signed_in(admin), reverse("accounts:team_delete", args=[team.pk])
    assert "The team has members" in client.post(url, follow=True).text
    team.members.clear()
    client.post(url)
    assert not Team.objects.exists()
    assert User.objects.filter(pk=colleague.pk).exists()


def test_a_deactivated_user_cannot_be_put_into_a_team(signed_in, admin):
    gone = UserFactory(is_active=False)
    response = signed_in(admin).post(reverse("accounts:team_add"), {"name": "Itä", "members": [gone.pk]})
    assert response.status_code == 422
    assert not Team.objects.exists()


def test_own_grants_and_those_of_groups_are_read_in_one_query(django_assert_num_queries):
    user = UserFactory(role="account_manager")
    user.user_permissions.add(Permission.objects.get(codename="manage_users"))
    fresh = User.objects.get(pk=user.pk)
    with django_assert_num_queries(1):
        assert fresh.has_perm("accounts.manage_users")
        assert not fresh.has_perm("accounts.no_such_grant")
    of_group = {f"{p.content_type.app_label}.{p.codename}" for p in Permission.objects.filter(group__user=user)}
    assert fresh.get_all_permissions() == of_group | {"accounts.manage_users"}


def test_grants_of_a_deactivated_user_count_for_nothing():
    user = UserFactory(role="administrator", is_active=False)
    assert (user.get_all_permissions(), user.has_perm("accounts.manage_users")) == (set(), False)
