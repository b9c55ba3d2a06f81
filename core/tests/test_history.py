"""Who changed what and when: by trigger, so that no way of writing escapes it. The rows here are users and teams."""

from __future__ import annotations

import pghistory
import pgtrigger
import pytest
from django.contrib.postgres.fields import ArrayField
from django.db import InternalError, models, transaction

from accounts.models import GroupMembership, Team, TeamMembership, User
from accounts.tests.factories import TeamFactory, UserFactory, role
from core.history import _Names, history_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return UserFactory(last_name="Virtanen")


def changes_of(entries):
    return [(entry.what, [(change.label, change.old, change.new) for change in entry.changes]) for entry in entries]


def test_a_change_tells_the_field_before_and_after(user):
    user.title = "Boss"
    user.save()
    assert changes_of(history_of(user, []))[0] == ("user: changed", [("title", "–", "Boss")])


def test_bulk_changes_are_told_too(user):
    User.objects.filter(pk=user.pk).update(title="Boss")
    Team.objects.bulk_create([Team(name="A"), Team(name="B")])
    assert changes_of(history_of(user, []))[0] == ("user: changed", [("title", "–", "Boss")])
    assert changes_of(history_of(Team.objects.get(name="B"), [])) == [
        ("team: added", [("name", "–", "B"), ("type", "–", "other team")])
    ]


def test_the_first_change_of_a_row_without_a_history_says_that_the_earlier_values_are_not_known():
    with pgtrigger.ignore():
        team = TeamFactory()
    Team.objects.filter(pk=team.pk).update(name="B")
    [entry] = history_of(team, [])
    assert (entry.what, entry.changes) == ("team: changed", [])
    assert entry.note.startswith("The earlier values are not known")


def test_an_addition_tells_what_it_held_and_nothing_empty(user):
    [(what, changes)] = changes_of(history_of(user, []))
    assert what == "user: added"
    assert ("last name", "–", "Virtanen") in changes
    assert not {"phone", "password", "sort key", "is demo", "superuser status"} & {label for label, _, _ in changes}


def test_choices_yes_and_no_are_words(user):
    User.objects.filter(pk=user.pk).update(theme="dark", is_active=False)
    [(_what, changes), *_] = changes_of(history_of(user, []))
    assert ("theme", "as the device", "dark") in changes
    assert ("active", "yes", "no") in changes


def test_several_choices_are_words(user):
    field = ArrayField(models.CharField(max_length=5, choices=[("call", "a call"), ("visit", "a visit")]), name="kinds")
    field.model = User
    names = _Names([])
    assert names.text(field, ["call", "visit"]) == "a call, a visit"
    assert names.text(field, []) == "–"


def test_saving_without_a_change_tells_nothing(user):
    user.version += 1
    user.save()
    user.save()
    assert len(history_of(user, [])) == 1


def test_what_belongs_to_the_row_is_told_with_names(user):
    team = TeamFactory(name="Länsi", members=[user])
    user.groups.add(role("management"))
    team.members.clear()
    entries = changes_of(history_of(user, [TeamMembership, GroupMembership]))
    assert ("team member: removed", [("team", "Länsi", "–")]) in entries
    assert ("membership of a group: added", [("group", "–", "Management")]) in entries


def test_a_removed_row_is_named_by_its_number(user):
    team = TeamFactory(members=[user])
    pk = team.pk
    team.delete()
    assert ("team member: removed", [("team", f"#{pk}", "–")]) in changes_of(history_of(user, [TeamMembership]))


def test_others_of_the_same_kind_are_not_told(user):
    UserFactory(manager=user)
    assert len(history_of(user, [])) == 1


def test_who_did_it_is_named(user):
    with pghistory.context(user=user.pk):
        User.objects.filter(pk=user.pk).update(title="Boss")
    entry, first = history_of(user, [])
    assert entry.who == str(user)
    assert first.who == "the system"


def test_the_newest_stand_first_and_no_more_than_asked_for(user):
    for title in ("1", "2", "3"):
        User.objects.filter(pk=user.pk).update(title=title)
    assert [entry.changes[0].new for entry in history_of(user, [], limit=2)] == ["3", "2"]


@pytest.mark.parametrize("count", [1, 3])
def test_history_costs_the_same_queries_for_any_number_of_events(count, user, django_assert_num_queries):
    for number in range(count):
        TeamFactory(name=str(number), members=[user])
    with django_assert_num_queries(3):
        history_of(user, [TeamMembership])


def test_the_history_cannot_be_rewritten(user):
    event = User.pgh_event_model.objects.get(pgh_obj=user)
    for change in (lambda: event.delete(), lambda: type(event).objects.update(last_name="x")):
        with pytest.raises(InternalError), transaction.atomic():
            change()
    assert type(event).objects.get().last_name == "Virtanen"
