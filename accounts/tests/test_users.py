"""The pages of users: who sees and changes what, and what comes of it."""

from __future__ import annotations

import pytest
from django.core import mail
from django.urls import reverse

from accounts.models import Role, User
from accounts.tests.factories import TeamFactory, UserFactory, role
from core.models import Submission

pytestmark = pytest.mark.django_db

DATA = {"first_name": "Uuno", "last_name": "Uusi", "username": "uuno", "email": "uuno@example.com", "language": "en"}


@pytest.fixture
def sent_at_once(tasks_at_once, django_capture_on_commit_callbacks):
    """Do what waits for the commit, in this process instead of a worker."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


def form_data(user, **changes):
    """Return what the browser sends when a user's form is saved unchanged."""
    data = {
        name: getattr(user, name) for name in ("first_name", "last_name", "username", "email", "title", "phone")
    } | {"language": user.language, "manager": user.manager_id or "", "version": user.version}
    data["groups"] = [group.pk for group in user.groups.all()]
    data["teams"] = [team.pk for team in user.teams.all()]
    return data | changes


PAGES_FOR_ALL = ["list", "groups", "teams", "profile", "token_add"]
PAGES_FOR_ADMINISTRATORS = ["invite", "group_add", "team_add"]


@pytest.mark.parametrize("page", PAGES_FOR_ALL)
def test_everyone_signed_in_opens_the_common_pages(page, signed_in, admin, colleague, reader):
    for user in (admin, colleague, reader):
        assert signed_in(user).get(reverse(f"accounts:{page}")).status_code == 200


@pytest.mark.parametrize("page", PAGES_FOR_ADMINISTRATORS)
def test_only_administrators_open_the_pages_that_add(page, signed_in, admin, colleague, reader):
    statuses = [signed_in(user).get(reverse(f"accounts:{page}")).status_code for user in (admin, colleague, reader)]
    assert statuses == [200, 403, 403]


@pytest.mark.parametrize("page", ["change", "deactivate", "reactivate", "resend"])
def test_only_administrators_change_users(page, signed_in, admin, colleague, reader):
    url = reverse(f"accounts:{page}", args=[reader.pk])
    for user in (colleague, reader):
        assert signed_in(user).get(url).status_code == 403
        assert signed_in(user).post(url, form_data(reader, title="Boss")).status_code == 403
    assert signed_in(admin).get(url).status_code == 200
    reader.refresh_from_db()
    assert (reader.title, reader.is_active) == ("", True)


def test_visitors_are_sent_to_sign_in(client, reader):
    names = [*PAGES_FOR_ALL, *PAGES_FOR_ADMINISTRATORS]
    urls = [reverse(f"accounts:{name}") for name in names]
    urls += [reverse(f"accounts:{name}", args=[reader.pk]) for name in ("detail", "history", "change", "deactivate")]
    for url in urls:
        response = client.get(url)
        assert response.status_code == 302
        assert response.url.startswith("/account/login/")


def test_the_page_shows_groups_teams_and_manager(signed_in, colleague, reader):
    TeamFactory(name="Länsi", members=[colleague])
    User.objects.filter(pk=colleague.pk).update(manager=reader)
    page = signed_in(reader).get(colleague.get_absolute_url()).text
    for text in ("Kalle Colleague", "Account manager", "Länsi", "Raija Reader", "colleague@example.com"):
        assert text in page


def test_a_tab_asked_for_by_htmx_is_a_fragment(signed_in, reader):
    url = reverse("accounts:history", args=[reader.pk])
    fragment = signed_in(reader).get(url, headers={"HX-Request": "true", "HX-Target": "tab"}).text
    assert "<html" not in fragment
    assert 'aria-current="page"' in fragment


def test_deactivated_users_exist_for_administrators_only(signed_in, admin, colleague):
    gone = UserFactory(last_name="Gone", is_active=False)
    assert signed_in(colleague).get(gone.get_absolute_url()).status_code == 404
    assert "Gone" not in signed_in(colleague).get("/users/").text
    assert "Gone" in signed_in(admin).get("/users/").text


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_queries_for_any_number_of_users(count, signed_in, admin, django_assert_num_queries):
    for _ in range(count - 1):
        TeamFactory(members=[UserFactory(role="account_manager", manager=admin)])
    client = signed_in(admin)
    client.get("/users/")
    with django_assert_num_queries(10):
        client.get("/users/")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=hamalainen", {"Hämäläinen"}),
        ("q=eeva+hämä", {"Hämäläinen"}),
        ("q=chief", {"Boss"}),
        ("group=management", {"Boss"}),
        ("team=Länsi", {"Hämäläinen"}),
        ("state=inactive", {"Gone"}),
        ("state=invited", {"New"}),
        ("state=active", {"Admin", "Hämäläinen", "Boss"}),
        ("q=nobody", set()),
    ],
)
def test_the_list_is_filtered(query, found, signed_in, admin):
    eeva = UserFactory(first_name="Eeva", last_name="Hämäläinen")
    team = TeamFactory(name="Länsi", members=[eeva])
    UserFactory(last_name="Boss", title="Chief", role="management")
    UserFactory(last_name="Gone", is_active=False)
    UserFactory(last_name="New", password=None)
    query = query.replace("Länsi", str(team.pk)).replace("management", str(role("management").pk))
    table = signed_in(admin).get(f"/users/?{query}").context["table"]
    assert {row.object.last_name for row in table.rows} == found


def test_the_state_filter_is_not_offered_to_others(signed_in, colleague):
    response = signed_in(colleague).get("/users/?state=inactive")
    assert "state" not in response.context["filter"].form.fields
    assert response.status_code == 400
    assert response.context["table"].rows == []


def test_the_list_is_exported_as_filtered(signed_in, admin):
    UserFactory(last_name="Äijälä", role="management")
    response = signed_in(admin).get("/users/?export=csv&q=äijälä")
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    assert "Äijälä" in text
    assert "Management" in text
    assert "Admin" not in text


def test_an_invited_user_gets_groups_teams_and_a_mail(signed_in, admin, sent_at_once):
    team, group = TeamFactory(), role("account_manager")
    with sent_at_once():
        response = signed_in(admin).post(reverse("accounts:invite"), DATA | {"groups": [group.pk], "teams": [team.pk]})
    user = User.objects.get(username="uuno")
    assert response.url == user.get_absolute_url()
    assert not user.has_usable_password()
    assert user.roles == [group]
    assert list(user.teams.all()) == [team]
    [message] = mail.outbox
    assert message.to == ["uuno@example.com"]
    assert "uuno" in message.body
    assert "/account/password/reset/key/" in message.body


def test_the_invitation_is_in_the_invited_persons_language(signed_in, admin, sent_at_once):
    for language in ("fi", "en"):
        data = DATA | {"username": language, "email": f"{language}@example.com", "language": language}
        with sent_at_once():
            signed_in(admin).post(reverse("accounts:invite"), data)
    finnish, english = mail.outbox
    assert english.subject == "Welcome to Portaali"
    assert finnish.subject != english.subject


def test_an_invitation_sent_twice_makes_one_user(signed_in, admin, sent_at_once):
    client = signed_in(admin)
    key = client.get(reverse("accounts:invite")).context["form"]["submission_key"].value()
    for _ in range(2):
        with sent_at_once():
            assert client.post(reverse("accounts:invite"), DATA | {"submission_key": key}).status_code == 302
    assert User.objects.filter(username="uuno").count() == 1
    assert len(mail.outbox) == 1
    assert Submission.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"username": ""}, "This field is required."),
        ({"email": ""}, "This field is required."),
        ({"last_name": ""}, "This field is required."),
        ({"email": "no address"}, "Enter a valid email address."),
        ({"username": "COLLEAGUE"}, "Another user has this user name."),
        ({"email": "Colleague@Example.com"}, "Another user has this e-mail address."),
        ({"username": "a b"}, "Enter a valid username."),
        ({"last_name": "x" * 10_000}, "at most 150 characters"),
        ({"title": "x" * 10_000}, "at most 120 characters"),
        ({"first_name": "a\x00b"}, "Null characters are not allowed."),
        ({"groups": [0]}, "is not one of the available choices"),
        ({"manager": 0}, "Select a valid choice."),
        ({"language": "xx"}, "Select a valid choice."),
    ],
)
def test_bad_input_is_said_and_nobody_is_invited(change, message, signed_in, admin, colleague):
    before = User.objects.count()
    response = signed_in(admin).post(reverse("accounts:invite"), DATA | change)
    assert response.status_code == 422
    assert message in response.text
    assert User.objects.count() == before


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "{{ 7*7 }}", "أحمد", "🎉 Juhla", "a; b"])
def test_any_text_is_kept_and_shown_inert(name, signed_in, admin, colleague):
    signed_in(admin).post(reverse("accounts:change", args=[colleague.pk]), form_data(colleague, last_name=name))
    colleague.refresh_from_db()
    assert colleague.last_name == name
    page = signed_in(admin).get(colleague.get_absolute_url()).text
    assert "<script>alert" not in page
    assert "49" not in page.split("<main")[1].split("</h1>")[0]


def test_a_change_is_saved_and_stands_in_the_history(signed_in, admin, colleague):
    client = signed_in(admin)
    data = form_data(colleague, title="Head of sales", groups=[role("management").pk])
    assert client.post(reverse("accounts:change", args=[colleague.pk]), data).status_code == 302
    colleague.refresh_from_db()
    assert colleague.title == "Head of sales"
    assert [group.name for group in colleague.groups.all()] == ["management"]
    history = client.get(reverse("accounts:history", args=[colleague.pk])).text
    for text in ("Head of sales", "Account manager", "Management", "Aino Admin"):
        assert text in history


def test_a_colleagues_change_meanwhile_is_not_overwritten(signed_in, admin, colleague):
    client = signed_in(admin)
    data = form_data(colleague, title="Mine")
    client.post(reverse("accounts:change", args=[colleague.pk]), form_data(colleague, title="Theirs"))
    response = client.post(reverse("accounts:change", args=[colleague.pk]), data)
    assert response.status_code == 422
    assert "Someone else changed this" in response.text
    colleague.refresh_from_db()
    assert colleague.title == "Theirs"


def test_deactivating_says_what_happens_and_closes_the_account(signed_in, admin, colleague):
    client, url = signed_in(admin), reverse("accounts:deactivate", args=[colleague.pk])
    assert "stay with the user" in client.get(url).text
    client.post(url)
    colleague.refresh_from_db()
    assert not colleague.is_active


def test_deactivating_ends_open_sessions_and_removes_keys(signed_in, admin, colleague):
    theirs = signed_in(colleague)
    colleague.api_tokens.create(digest="x")
    signed_in(admin).post(reverse("accounts:deactivate", args=[colleague.pk]))
    assert theirs.get("/users/").status_code == 302
    assert not colleague.api_tokens.exists()


def test_a_deactivated_user_can_be_opened_again(signed_in, admin, colleague):
    client = signed_in(admin)
    client.post(reverse("accounts:deactivate", args=[colleague.pk]))
    client.post(reverse("accounts:reactivate", args=[colleague.pk]))
    colleague.refresh_from_db()
    assert colleague.is_active
    assert [group.name for group in colleague.groups.all()] == ["account_manager"]


def test_administrators_cannot_deactivate_themselves(signed_in, admin):
    UserFactory(role="administrator")
    response = signed_in(admin).post(reverse("accounts:deactivate", args=[admin.pk]), follow=True)
    assert "You cannot deactivate yourself." in response.text
    admin.refresh_from_db()
    assert admin.is_active


def test_administrators_cannot_take_administration_from_themselves(signed_in, admin):
    UserFactory(role="administrator")
    response = signed_in(admin).post(reverse("accounts:change", args=[admin.pk]), form_data(admin, groups=[]))
    assert response.status_code == 422
    assert "You cannot remove your own administrator rights." in response.text
    assert Role.objects.get(name="administrator").user_set.filter(pk=admin.pk).exists()


def test_one_of_two_administrators_may_be_degraded(signed_in, admin):
    other = UserFactory(role="administrator")
    response = signed_in(admin).post(reverse("accounts:change", args=[other.pk]), form_data(other, groups=[]))
    assert response.status_code == 302
    assert not other.groups.exists()


def test_an_invitation_can_be_sent_again_until_it_is_answered(signed_in, admin, sent_at_once, colleague):
    invited = UserFactory(password=None)
    client = signed_in(admin)
    with sent_at_once():
        client.post(reverse("accounts:resend", args=[invited.pk]))
    assert [message.to for message in mail.outbox] == [[invited.email]]
    response = client.post(reverse("accounts:resend", args=[colleague.pk]), follow=True)
    assert "no open invitation" in response.text
    assert len(mail.outbox) == 1


def test_the_last_administrator_stays(admin):
    from accounts.services import user_change
    from core.exceptions import BusinessRuleError

    other = UserFactory(grants=["accounts.view_reports"])
    with pytest.raises(BusinessRuleError) as error:
        user_change(user=admin, by=other, groups=[])
    assert error.value.code == "last_administrator"
    assert User.objects.administrators().get() == admin


def test_users_are_found_by_the_top_search(signed_in, reader, colleague):
    hits = signed_in(reader).get("/search/?q=kalle").text
    assert "Kalle Colleague" in hits
    assert colleague.get_absolute_url() in hits
