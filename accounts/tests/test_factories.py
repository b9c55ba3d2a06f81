import pytest

from accounts.models import Role
from accounts.tests.factories import PASSWORD, TeamFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_a_user_with_a_role_has_what_the_group_grants():
    manager = UserFactory(role="account_manager")
    assert manager.has_perm("customers.change_own_customer")
    assert not manager.has_perm("accounts.manage_users")
    assert manager.check_password(PASSWORD)


def test_a_user_may_be_given_single_grants():
    user = UserFactory(grants=["accounts.manage_users"])
    assert user.has_perm("accounts.manage_users")
    assert not user.has_perm("customers.add_customer")


def test_defaults_and_factories_load_the_groups_once(defaults):
    UserFactory(role=["administrator", "management"])
    assert Role.objects.filter(name="administrator").count() == 1


def test_a_team_has_its_members():
    users = UserFactory.create_batch(2)
    assert set(TeamFactory(members=users).members.all()) == set(users)
