"""Units and care teams: teams below teams without loops, and the knowledge notes of care teams with their history."""

from __future__ import annotations

import threading

import pytest
from django.db import connections
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import Team, TeamNote
from accounts.selectors import people_ids, team_paths, teams_below
from accounts.team_services import note_add, note_change, note_delete, note_restore, note_undo, team_delete, team_save
from accounts.tests.factories import TeamFactory, UserFactory
from core.exceptions import BusinessRuleError, StaleVersionError
from core.history import history_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def units():
    """An institute with two units, one of which has a team."""
    top = TeamFactory(name="Institute", kind="unit")
    espoo = TeamFactory(name="Espoo", kind="unit", parent=top)
    return top, espoo, TeamFactory(name="Kirkkonummi", kind="unit", parent=top), TeamFactory(name="Team", parent=espoo)


def code_of(call):
    with pytest.raises(BusinessRuleError) as error:
        call()
    return error.value.code


def test_teams_are_below_teams_at_any_depth(units):
    top, *_others, team = units
    assert [(row.name, row.depth) for row in teams_below(top)] == [("Espoo", 1), ("Team", 2), ("Kirkkonummi", 1)]
    assert team_paths()[team.pk] == "Institute › Espoo › Team"


def test_the_people_of_a_unit_are_those_of_its_parts_too(units):
    top, espoo, kirkkonummi, team = units
    director, seller, trainer = UserFactory.create_batch(3)
    top.members.add(director)
    espoo.members.add(seller)
    team.members.add(seller)
    kirkkonummi.members.add(trainer)
    assert set(people_ids(espoo)) == {seller.pk}
    assert set(people_ids(team, kirkkonummi)) == {seller.pk, trainer.pk}
    assert set(people_ids(top)) == {director.pk, seller.pk, trainer.pk}


@pytest.mark.parametrize("below", [0, 1, 3])
def test_a_team_is_not_part_of_itself_or_of_what_is_part_of_it(units, below):
    top = units[0]
    top.parent = units[below]
    assert code_of(lambda: team_save(team=top, members=[])) == "team_loop"


@pytest.mark.django_db(transaction=True)
def test_two_changes_at_once_make_no_loop(transactional_db):
    one, two = TeamFactory(name="One"), TeamFactory(name="Two")
    together, outcomes = threading.Barrier(2), []

    def put(team_id, parent_id):
        team = Team.objects.get(pk=team_id)
        team.parent_id = parent_id
        try:
            together.wait(10)
            team_save(team=team, members=[])
            outcomes.append("saved")
        except BusinessRuleError as error:
            outcomes.append(error.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=put, args=pair) for pair in ((one.pk, two.pk), (two.pk, one.pk))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["saved", "team_loop"]


def test_a_team_with_teams_or_notes_is_not_deleted(units):
    top, _espoo, _other, team = units
    assert code_of(lambda: team_delete(team=top)) == "in_use"
    care = TeamFactory(kind="care")
    note_add(team=care, user=UserFactory(), title="A", text="B")
    assert code_of(lambda: team_delete(team=care)) == "in_use"
    team_delete(team=team)
    assert not Team.objects.filter(pk=team.pk).exists()


def test_pages_show_the_path_and_the_teams_below_and_refuse_a_loop(units, signed_in, admin):
    top, espoo, _other, team = units
    client = signed_in(admin)
    page = client.get(team.get_absolute_url()).text
    assert page.index("Institute") < page.index("Espoo")
    assert "depth-2" in client.get(top.get_absolute_url()).text
    listed = client.get(reverse("accounts:teams"), {"kind": "other", "parent": espoo.pk}).text
    assert "Institute › Espoo" in listed
    assert "Kirkkonummi</a>" not in listed
    form = {"name": "Institute", "kind": "unit", "parent": team.pk, "leader": "", "version": top.version}
    assert client.post(reverse("accounts:team_change", args=[top.pk]), form).status_code == 422
    moved = {"name": "Team", "kind": "care", "parent": top.pk, "leader": "", "version": team.version}
    assert client.post(reverse("accounts:team_change", args=[team.pk]), moved).status_code == 302
    team.refresh_from_db()
    assert (team.kind, team.parent) == ("care", top)


def test_the_api_says_type_and_parent(units, reader):
    top, *_others = units
    api = APIClient()
    api.force_authenticate(reader)
    found = api.get("/api/v1/teams/", {"parent": top.pk}).data["results"]
    assert {(row["name"], row["kind"], row["parent"]) for row in found} == {
        ("Espoo", "unit", top.pk), ("Kirkkonummi", "unit", top.pk),
    }  # fmt: skip


# Knowledge notes


@pytest.fixture
def member():
    return UserFactory(role="account_manager", language="en")


@pytest.fixture
def care(member):
    return TeamFactory(kind="care", members=[member])


@pytest.fixture
def note(care, member):
    return note_add(team=care, user=member, title="Meetings", text="Twice a year.")


def test_a_change_is_undone_and_the_undo_is_undone(note):
    note_change(note=note, title="Meetings", text="Four times a year.")
    assert note_undo(note=note).text == "Twice a year."
    assert note_undo(note=note).text == "Four times a year."


def test_what_was_not_changed_is_not_undone(note):
    assert code_of(lambda: note_undo(note=note)) == "nothing_to_undo"


def test_a_deleted_note_is_not_changed_and_comes_back(note):
    note_delete(note=note)
    assert not TeamNote.objects.alive().exists()
    for call in (lambda: note_change(note=note, title="A", text="B"), lambda: note_undo(note=note)):
        assert code_of(call) == "deleted"
    note_restore(note=note)
    assert TeamNote.objects.alive().get() == note


def test_two_people_do_not_overwrite_each_other(note):
    note_change(note=note, title="Meetings", text="Monthly.", version=1)
    with pytest.raises(StaleVersionError):
        note_change(note=note, title="Meetings", text="Weekly.", version=1)


def test_the_history_keeps_every_text(note):
    note_change(note=note, title="Meetings", text="Monthly.")
    note_delete(note=note)
    changes = [change for entry in history_of(note, []) for change in entry.changes]
    assert {"Twice a year.", "Monthly."} <= {change.new for change in changes}


def test_pages_from_adding_to_restoring(care, member, signed_in):
    client = signed_in(member)
    add = reverse("accounts:note_add", args=[care.pk])
    assert client.get(add).status_code == 200
    assert client.post(add, {"title": "Meetings", "text": ""}).status_code == 422
    assert client.post(add, {"title": "Meetings", "text": "Twice a year."}).status_code == 302
    note = TeamNote.objects.get()
    change = {"title": "Meetings", "text": "Monthly.", "version": note.version}
    assert client.post(reverse("accounts:note_change", args=[note.pk]), change).status_code == 302
    page = client.get(care.get_absolute_url()).text
    assert "Monthly." in page
    assert client.post(reverse("accounts:note_undo", args=[note.pk])).status_code == 302
    assert "Twice a year." in client.get(care.get_absolute_url()).text
    assert "Monthly." in client.get(reverse("accounts:note_history", args=[note.pk])).text
    assert client.post(reverse("accounts:note_delete", args=[note.pk])).status_code == 302
    page = client.get(care.get_absolute_url()).text
    assert reverse("accounts:note_restore", args=[note.pk]) in page
    assert client.post(reverse("accounts:note_restore", args=[note.pk])).status_code == 302
    assert TeamNote.objects.alive().exists()


def test_only_members_and_administrators_write_notes_and_only_of_care_teams(care, note, signed_in, admin, colleague):
    add, change = reverse("accounts:note_add", args=[care.pk]), reverse("accounts:note_change", args=[note.pk])
    assert signed_in(colleague).get(add).status_code == 403
    assert signed_in(colleague).get(change).status_code == 403
    assert "Twice a year." in signed_in(colleague).get(care.get_absolute_url()).text
    assert signed_in(admin).get(add).status_code == 200
    other = TeamFactory(members=[admin])
    assert signed_in(admin).get(reverse("accounts:note_add", args=[other.pk])).status_code == 403


def test_the_api_adds_changes_undoes_deletes_and_restores(care, member, colleague):
    api = APIClient()
    api.force_authenticate(member)
    body = {"team": care.pk, "title": "Meetings", "text": "Twice a year."}
    made = api.post("/api/v1/team-notes/", body, format="json")
    assert (made.status_code, made.data["added_by"]) == (201, member.pk)
    url = f"/api/v1/team-notes/{made.data['id']}/"
    assert api.patch(url, {"text": "Monthly.", "version": 1}, format="json").data["text"] == "Monthly."
    assert api.post(f"{url}undo/").data["text"] == "Twice a year."
    assert api.delete(url).status_code == 204
    assert api.get("/api/v1/team-notes/").data["results"] == []
    assert len(api.get("/api/v1/team-notes/", {"deleted": "true"}).data["results"]) == 1
    assert api.post(f"{url}restore/").status_code == 200
    assert api.get("/api/v1/team-notes/", {"team": care.pk, "q": "twice"}).data["results"][0]["title"] == "Meetings"
    api.force_authenticate(colleague)
    assert api.post("/api/v1/team-notes/", body, format="json").status_code == 403
    assert api.patch(url, {"text": "No."}, format="json").status_code == 403
    assert api.post("/api/v1/team-notes/", {**body, "team": TeamFactory().pk}, format="json").status_code == 403


def test_the_api_says_in_the_users_language_that_a_note_stays_with_its_team(note, member, monkeypatch):
    monkeypatch.setattr("accounts.note_api._", lambda text: f"fi: {text}")
    api = APIClient()
    api.force_authenticate(member)
    answer = api.patch(f"/api/v1/team-notes/{note.pk}/", {"team": TeamFactory(kind="care").pk}, format="json")
    assert answer.json()["error"]["fields"] == {"team": ["fi: This can be given only when adding."]}
