"""Signing in and out, forgotten passwords, lock-out: through real requests."""

from __future__ import annotations

import datetime as dt
import re

import pytest
import time_machine
from axes.models import AccessAttempt
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.urls import reverse

from accounts.mails import password_url
from accounts.models import User
from accounts.tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

LOGIN = "/account/login/"


@pytest.fixture(autouse=True)
def fresh_limits():
    """Forget the attempts that other tests have made from the same address."""
    cache.clear()


def sign_in(client, login, password=PASSWORD):
    return client.post(LOGIN, {"login": login, "password": password})


def is_signed_in(client):
    return client.get(reverse("accounts:profile")).status_code == 200


def test_the_user_name_has_the_focus_and_nothing_is_said_after_signing_in(client, reader):
    assert "autofocus" in client.get(LOGIN).text
    answer = client.post(LOGIN, {"login": "reader", "password": PASSWORD}, follow=True)
    assert not list(answer.context["messages"])


@pytest.mark.parametrize("login", ["reader", "READER", "reader@example.com", "Reader@Example.COM"])
def test_one_signs_in_by_user_name_or_e_mail(login, client, reader):
    assert sign_in(client, login).status_code == 302
    assert is_signed_in(client)


@pytest.mark.parametrize(
    ("login", "password"),
    [("reader", "wrong"), ("nobody", PASSWORD), ("nobody@example.com", PASSWORD), ("a\x00b", "x")],
)
def test_a_wrong_name_or_password_is_told_apart_by_nobody(login, password, client, reader):
    response = sign_in(client, login, password)
    assert response.status_code == 200
    assert response.context["form"].errors
    assert not is_signed_in(client)


def test_signing_in_leads_to_the_page_that_was_asked_for(client, reader):
    asked = client.get("/users/teams/")
    response = client.post(asked.url, {"login": "reader", "password": PASSWORD, "next": "/users/teams/"})
    assert response.url == "/users/teams/"


def test_signing_in_never_leads_to_another_site(client, reader):
    response = client.post(LOGIN, {"login": "reader", "password": PASSWORD, "next": "https://evil.example/"})
    assert "evil" not in response.url


def test_signing_in_opens_a_page_in_the_users_own_language_and_says_no_more(client):
    UserFactory(username="suomi", language="fi")
    data = {"login": "suomi", "password": PASSWORD}
    page = client.post(LOGIN, data, follow=True, headers={"Accept-Language": "en"}).content.decode()
    assert '<html lang="fi"' in page
    assert "Olet kirjautunut sisään" not in page
    assert "Successfully signed in" not in page


def test_signing_out_ends_the_session(client, reader):
    sign_in(client, "reader")
    assert client.get("/account/logout/").status_code == 200
    assert is_signed_in(client)
    client.post("/account/logout/")
    assert not is_signed_in(client)


def test_there_is_no_open_sign_up(client):
    data = {"username": "me", "email": "me@example.com", "password1": PASSWORD, "password2": PASSWORD}
    client.post("/account/signup/", data)
    assert not User.objects.exists()


def test_a_deactivated_user_cannot_sign_in(client):
    UserFactory(username="gone", is_active=False)
    sign_in(client, "gone")
    assert not is_signed_in(client)


def test_an_invited_user_cannot_sign_in_without_a_password(client):
    UserFactory(username="new", password=None)
    for password in ("", "!", "None"):
        sign_in(client, "new", password)
    assert not is_signed_in(client)


def test_the_invitations_link_lets_one_choose_a_password(client):
    user = UserFactory(username="new", password=None)
    page = client.get(password_url(user).removeprefix(settings.BASE_URL), follow=True)
    response = client.post(page.request["PATH_INFO"], {"password1": PASSWORD, "password2": PASSWORD})
    assert response.status_code == 302
    sign_in(client, "new")
    assert is_signed_in(client)


def test_a_link_works_once(client):
    user = UserFactory(password=None)
    url = password_url(user).removeprefix(settings.BASE_URL)
    page = client.get(url, follow=True)
    client.post(page.request["PATH_INFO"], {"password1": PASSWORD, "password2": PASSWORD})
    assert "no longer works" in client.get(url, headers={"Accept-Language": "en"}).text


def test_a_weak_password_is_refused(client):
    user = UserFactory(username="new", password=None)
    page = client.get(password_url(user).removeprefix(settings.BASE_URL), follow=True)
    client.post(page.request["PATH_INFO"], {"password1": "12345", "password2": "12345"})
    user.refresh_from_db()
    assert not user.has_usable_password()


def test_a_forgotten_password_is_reset_by_e_mail(client, reader, tasks_at_once):
    response = client.post("/account/password/reset/", {"email": "Reader@example.com"})
    assert response.status_code == 302
    [message] = mail.outbox
    path = re.search(r"https?://[^/]+(/account/password/reset/key/\S+)", message.body).group(1)
    page = client.get(path, follow=True)
    client.post(page.request["PATH_INFO"], {"password1": "another-good-one", "password2": "another-good-one"})
    sign_in(client, "reader", "another-good-one")
    assert is_signed_in(client)


def test_the_mail_names_our_address_whatever_host_was_asked(client, reader, tasks_at_once):
    client.post("/account/password/reset/", {"email": reader.email}, headers={"Host": "localhost:6666"})
    [message] = mail.outbox
    assert f"{settings.BASE_URL}/account/password/reset/key/" in message.body
    assert "6666" not in message.subject + message.body


@pytest.mark.parametrize("email", ["nobody@example.com", "gone@example.com"])
def test_no_mail_goes_to_who_is_no_user_and_nobody_can_tell(email, client, reader, tasks_at_once):
    UserFactory(username="gone", is_active=False)
    answers = [client.post("/account/password/reset/", {"email": address}) for address in (email, reader.email)]
    assert {(answer.status_code, answer.url) for answer in answers} == {(302, "/account/password/reset/done/")}
    assert [message.to for message in mail.outbox] == [[reader.email]]


def test_ones_own_addresses_are_not_changed_past_the_administrator(client, reader):
    sign_in(client, "reader")
    assert client.get("/account/email/").status_code == 404


def later(**delta):
    return time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(**delta), tick=True)


class TestLockOut:
    """After ten failures the name is locked at that address for a quarter of an hour."""

    def fail(self, client, login="reader", times=settings.AXES_FAILURE_LIMIT):
        for _ in range(times):
            response = sign_in(client, login, "wrong")
        return response

    def test_the_page_says_so_and_when_to_try_again(self, client, reader):
        response = self.fail(client)
        assert response.status_code == 429
        assert (
            "Wait 15 minutes"
            in client.post(LOGIN, {"login": "reader", "password": "wrong"}, headers={"Accept-Language": "en"}).text
        )

    def test_the_right_password_does_not_help_meanwhile(self, client, reader):
        self.fail(client)
        assert sign_in(client, "reader").status_code == 429
        assert not is_signed_in(client)

    def test_a_name_in_capitals_or_the_e_mail_address_is_the_same_name(self, client, reader):
        self.fail(client, "reader", 5)
        self.fail(client, "READER", 4)
        assert self.fail(client, "reader@example.com", 1).status_code == 429
        assert AccessAttempt.objects.count() == 1

    def test_others_sign_in_all_the_same(self, client, reader, colleague):
        self.fail(client)
        assert sign_in(client, "colleague").status_code == 302

    def test_the_lock_opens_again(self, client, reader):
        self.fail(client)
        with later(minutes=16):
            assert sign_in(client, "reader").status_code == 302
            assert is_signed_in(client)

    def test_a_success_starts_the_count_again(self, client, reader):
        self.fail(client, times=9)
        sign_in(client, "reader")
        client.post("/account/logout/")
        assert self.fail(client, times=9).status_code == 200


@pytest.mark.parametrize(
    ("language", "labels"),
    [("fi", ["Käyttäjätunnus tai sähköposti", "Pysy kirjautuneena"]), ("en", ["User name or e-mail"])],
)
def test_the_sign_in_page_speaks_the_browsers_language(language, labels, client):
    text = client.get(LOGIN, headers={"accept-language": language}).text
    assert [label for label in labels if label in text] == labels
    assert "Remember Me" not in text
