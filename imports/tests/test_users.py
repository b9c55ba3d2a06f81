from __future__ import annotations

import pytest

from accounts.models import Team, User
from accounts.tests.factories import TeamFactory, UserFactory, role
from core.exceptions import BusinessRuleError
from imports.tests.helpers import codes, counts, row, run_import

pytestmark = pytest.mark.django_db


def users(text, **options):
    return run_import(text, "users", **options)


def test_new_user_gets_a_plain_unique_user_name_and_no_password():
    UserFactory(username="aino.makela")
    run = users("nimi;sähköposti;puhelin\nÄino Mäkelä;aino@example.fi;040 123 4567\n")
    user = User.objects.get(email="aino@example.fi")
    assert counts(run) == (1, 0, 0, 0, 0)
    assert (user.username, user.first_name, user.phone) == ("aino.makela2", "Äino", "+358401234567")
    assert user.is_active
    assert not user.has_usable_password()


@pytest.mark.parametrize("line", ["meri;;", ";maija@example.fi;", ";;Maija Meri", ";;Meri, Maija"])
def test_user_is_found_by_user_name_e_mail_or_full_name(line):
    user = UserFactory(username="meri", email="maija@example.fi", first_name="Maija", last_name="Meri")
    run = users(f"tunnus;sähköposti;nimi;titteli\n{line};Johtaja\n")
    user.refresh_from_db()
    assert counts(run) == (0, 1, 0, 0, 0)
    assert user.title == "Johtaja"


def test_users_again_change_nothing():
    text = "nimi;sähköposti;esihenkilö;tiimi\nAino Mäkelä;a@example.fi;Pomo Mies;Itä\nPomo Mies;;;Itä\n"
    users(text)
    before = list(User.pgh_event_model.objects.values_list("pgh_id", flat=True))
    run = users(text)
    assert counts(run) == (0, 0, 2, 0, 0)
    assert list(User.pgh_event_model.objects.values_list("pgh_id", flat=True)) == before


def test_namesakes_are_held():
    UserFactory.create_batch(2, first_name="Maija", last_name="Meri")
    assert codes(users("nimi;titteli\nMaija Meri;Johtaja\n"), 2) == ["ambiguous_person"]


def test_the_second_row_about_one_user_is_held_also_in_a_check_and_in_another_batch(monkeypatch):
    monkeypatch.setattr("imports.pipeline.users.UserHandler.batch_size", 1)
    UserFactory(username="meri", email="m@example.fi", first_name="Maija", last_name="Meri", title="Ennen")
    text = "tunnus;sähköposti;nimi;titteli\nmeri;;;A\n;m@example.fi;;B\nuusi;;Uusi Mies;C\n;;Uusi Mies;D\n"
    for options in ({"dry_run": True}, {}):
        run = users(text, **options)
        assert [row(run, number).fate for number in range(2, 6)] == ["updated", "held", "created", "held"]
        assert [row(run, number).reasons[-1] for number in (3, 5)] == [
            "This is a duplicate of row 2 of the file.", "This is a duplicate of row 4 of the file.",
        ]  # fmt: skip
    assert {*User.objects.filter(username__in=["meri", "uusi"]).values_list("title", flat=True)} == {"A", "C"}


def test_deactivated_user_is_held():
    UserFactory(first_name="Maija", last_name="Meri", is_active=False)
    assert codes(users("nimi;titteli\nMaija Meri;Johtaja\n"), 2) == ["inactive"]


def test_e_mail_of_another_user_is_held():
    UserFactory(username="meri")
    UserFactory(username="toinen", email="t@example.fi")
    assert codes(users("tunnus;sähköposti\nmeri;t@example.fi\n"), 2) == ["email_taken"]


def test_row_without_a_name_is_refused():
    assert codes(users("sähköposti;nimi\nuusi@example.fi;\n"), 2) == ["required"]


def test_group_and_team_are_joined_and_others_stay():
    user = UserFactory(username="meri", role="read_only")
    TeamFactory(name="Länsi", members=[user])
    role("account_manager")
    run = users("tunnus;ryhmä;tiimi\nmeri;Asiakasvastaava;Itä\n")
    assert sorted(row(run, 2).changed) == ["role", "team"]
    assert set(user.groups.values_list("name", flat=True)) == {"read_only", "account_manager"}
    assert set(Team.objects.filter(members=user).values_list("name", flat=True)) == {"Länsi", "Itä"}


def test_unknown_group_holds_the_row():
    assert codes(users("nimi;ryhmä\nAino Mäkelä;Kuninkaat\n"), 2) == ["unknown_role"]
    assert not User.objects.exists()


def test_manager_who_is_no_row_becomes_a_user_and_is_told():
    run = users("nimi;esihenkilö\nAino Mäkelä;Pomo Mies\n")
    assert User.objects.get(username="aino.makela").manager.username == "pomo.mies"
    assert [note["name"] for note in run.notes] == ["Pomo Mies"]


def test_manager_who_is_missing_is_told_where_none_may_be_added():
    columns = [{"column": "nimi", "field": "full_name"}, {"column": "esihenkilö", "field": "manager"}]
    config = {"columns": columns, "options": {"create_managers": False}}
    run = users("nimi;esihenkilö\nAino Mäkelä;Pomo Mies\n", config=config)
    assert codes(run, 2) == ["unknown_user"]
    assert User.objects.count() == 1


def test_only_administrators_of_users_import_users():
    owner = UserFactory(grants=["imports.run_imports"])
    with pytest.raises(BusinessRuleError) as error:
        users("nimi\nAino Mäkelä\n", owner=owner)
    assert error.value.code == "forbidden"
    assert User.objects.count() == 1
