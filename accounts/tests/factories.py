"""Users, groups and teams for the tests of every app."""

from __future__ import annotations

from typing import Any

import factory
from django.contrib.auth.models import Permission

from accounts.models import ApiToken, Role, Team, User

PASSWORD = "portaali-demo-7"  # long enough for the validators


def role(code: str) -> Role:
    """Return a group of the default data."""
    return Role.objects.get(name=code)


class RoleFactory(factory.django.DjangoModelFactory[Role]):
    class Meta:
        model = Role

    name = factory.Sequence(lambda n: f"group_{n}")
    name_fi = factory.Sequence(lambda n: f"Ryhmä {n}")
    name_en = factory.Sequence(lambda n: f"Group {n}")


class UserFactory(factory.django.DjangoModelFactory[User]):
    """A user who speaks English. ``role="account_manager"`` (or a list of codes) puts the user into default groups,
    ``grants=["customers.edit_contacts"]`` gives single rights, ``password="…"`` another password than ``PASSWORD``."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"user{n}")
    first_name = factory.Sequence(lambda n: f"First{n}")
    last_name = factory.Sequence(lambda n: f"Last{n}")
    email = factory.LazyAttribute(lambda user: f"{user.username}@example.com")
    language = "en"

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, **kwargs: Any) -> User:
        return model_class.objects.create_user(*args, **{"password": PASSWORD, **kwargs})

    @factory.post_generation
    def role(user: User, create: bool, codes: str | list[str] | None, **_extra: Any) -> None:
        for code in [codes] if isinstance(codes, str) else codes or []:
            user.groups.add(role(code))

    @factory.post_generation
    def grants(user: User, create: bool, names: list[str] | None, **_extra: Any) -> None:
        for name in names or []:
            app, codename = name.split(".")
            user.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))


class TeamFactory(factory.django.DjangoModelFactory[Team]):
    """A team; ``members=[user, …]`` puts users into it."""

    class Meta:
        model = Team
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Team {n}")

    @factory.post_generation
    def members(team: Team, create: bool, users: list[User] | None, **_extra: Any) -> None:
        team.members.add(*users or [])


class ApiTokenFactory(factory.django.DjangoModelFactory[ApiToken]):
    class Meta:
        model = ApiToken

    user = factory.SubFactory(UserFactory)
    digest = factory.Sequence(lambda n: f"{n:064x}")
    name = factory.Sequence(lambda n: f"Purpose {n}")
