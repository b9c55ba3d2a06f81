"""Guessing passwords is slow from everywhere, and nobody can lock out somebody else: through real requests."""

from __future__ import annotations

import datetime as dt
import re
import socket

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import TOTP
from axes.models import AccessAttempt
from django.conf import settings
from django.core import mail
from django.core.cache import cache, caches
from django.test import Client
from django.utils import translation
from structlog.testing import capture_logs

from accounts.mails import password_url
from accounts.models import Notification
from accounts.sign_in_limits import FAILURES_ALTOGETHER, NAMES_OF_A_NETWORK, _delay
from accounts.tests.factories import PASSWORD, UserFactory
from core.cache import SECONDS_AWAY, TolerantRedisCache

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tasks_at_once")]

LOGIN = "/account/login/"
START = dt.datetime(2026, 11, 2, 9, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def fresh_limits():
    cache.clear()


@pytest.fixture
def clock():
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


def attempt(address, login="reader", password="wrong", client=None):
    client = client or Client()
    return client.post(LOGIN, {"login": login, "password": password}, REMOTE_ADDR=address, headers=ENGLISH)


ENGLISH = {"Accept-Language": "en"}


def fail(address, times, login="reader"):
    return [attempt(address, login).status_code for _ in range(times)]


class TestOneName:
    def test_ten_failures_from_one_network_lock_it_out_and_nobody_else(self, reader, clock):
        assert fail("203.0.113.1", 10) == [200] * 9 + [429]
        clock.shift(dt.timedelta(seconds=31))
        assert attempt("203.0.113.1", password=PASSWORD).status_code == 429
        assert attempt("203.0.113.2", password=PASSWORD).status_code == 302

    def test_trying_while_locked_neither_prolongs_the_lock_nor_keeps_others_waiting(self, reader, clock):
        fail("203.0.113.1", 10)
        clock.shift(dt.timedelta(minutes=14))
        assert fail("203.0.113.1", 2) == [429, 429]
        assert attempt("203.0.113.2", password=PASSWORD).status_code == 302
        clock.shift(dt.timedelta(minutes=1, seconds=1))
        assert attempt("203.0.113.1", password=PASSWORD).status_code == 302

    def test_addresses_of_one_ipv6_network_count_together(self, reader, clock):
        codes = [attempt(f"2001:db8:1:2::{n}").status_code for n in range(1, 11)]
        assert codes == [200] * 9 + [429]
        assert attempt("2001:db8:1:2:ffff::1", password=PASSWORD).status_code == 429

    def test_the_delay_doubles_after_three_failures_elsewhere_up_to_thirty_seconds(self):
        assert [_delay(failures) for failures in range(10)] == [0, 0, 0, 0, 2, 4, 8, 16, 30, 30]
        assert _delay(10_000) == 30

    def test_three_failures_elsewhere_delay_nobody(self, reader, clock):
        fail("203.0.113.1", 3)
        assert attempt("203.0.113.2", password=PASSWORD).status_code == 302

    def test_more_failures_elsewhere_say_how_long_to_wait_and_try_no_password(self, reader, clock):
        fail("203.0.113.1", 9)
        client = Client()
        response = attempt("203.0.113.2", password=PASSWORD, client=client)
        assert (response.status_code, response["Retry-After"]) == (429, "30")
        assert "Try again in 30 seconds." in response.text
        assert "_auth_user_id" not in client.session

    def test_the_delay_ends_and_trying_meanwhile_does_not_make_it_longer(self, reader, clock):
        fail("203.0.113.1", 9)
        clock.shift(dt.timedelta(seconds=29))
        assert attempt("203.0.113.2", password=PASSWORD)["Retry-After"] == "1"
        clock.shift(dt.timedelta(seconds=1))
        assert attempt("203.0.113.2", password=PASSWORD).status_code == 302

    def test_many_networks_together_are_as_slow_as_one(self, reader, clock):
        fail("203.0.113.1", 8)
        clock.shift(dt.timedelta(seconds=30))
        assert fail("203.0.113.2", 2) == [200, 429]
        assert fail("203.0.113.3", 1) == [429]

    def test_a_quarter_of_an_hour_later_all_is_forgotten(self, reader, clock):
        fail("203.0.113.1", 10)
        clock.shift(dt.timedelta(minutes=15, seconds=1))
        assert attempt("203.0.113.1", password=PASSWORD).status_code == 302

    def test_the_page_says_it_in_finnish_too(self, reader, clock):
        fail("203.0.113.1", 9)
        data = {"login": "reader", "password": "x"}
        response = Client().post(LOGIN, data, REMOTE_ADDR="203.0.113.2", headers={"Accept-Language": "fi"})
        assert "Yritä uudelleen 30 sekunnin kuluttua." in response.text


class TestKnownBrowser:
    def test_a_browser_that_has_signed_in_before_does_not_wait(self, reader, clock):
        client = Client()
        response = attempt("203.0.113.2", password=PASSWORD, client=client)
        cookie = response.cookies[f"browser_{reader.pk}"]
        assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/account/")
        client.post("/account/logout/")
        fail("203.0.113.1", 9)
        assert attempt("203.0.113.2", password=PASSWORD, client=client).status_code == 302
        assert attempt("203.0.113.2", password=PASSWORD).status_code == 429

    def test_the_cookie_of_one_user_spares_no_other(self, reader, colleague, clock):
        client = Client()
        attempt("203.0.113.2", "colleague", PASSWORD, client)
        client.post("/account/logout/")
        client.cookies[f"browser_{reader.pk}"] = client.cookies[f"browser_{colleague.pk}"].value
        fail("203.0.113.1", 9)
        assert attempt("203.0.113.2", password=PASSWORD, client=client).status_code == 429

    def test_a_cookie_that_somebody_made_is_worth_nothing(self, reader, clock):
        client = Client()
        client.cookies[f"browser_{reader.pk}"] = f"{reader.pk}:forged"
        fail("203.0.113.1", 9)
        assert attempt("203.0.113.2", password=PASSWORD, client=client).status_code == 429

    def test_the_cookie_ends_with_the_password_it_was_given_for(self, reader, clock):
        client = Client()
        attempt("203.0.113.2", password=PASSWORD, client=client)
        client.post("/account/logout/")
        reader.set_password("another-good-one")
        reader.save()
        fail("203.0.113.1", 9)
        assert attempt("203.0.113.2", password="another-good-one", client=client).status_code == 429

    def test_a_password_chosen_by_mail_ends_the_wait(self, reader, clock):
        fail("203.0.113.1", 9)
        client = Client()
        page = client.get(password_url(reader).removeprefix(settings.BASE_URL), follow=True)
        client.post(page.request["PATH_INFO"], {"password1": "another-good-one", "password2": "another-good-one"})
        assert attempt("203.0.113.2", password="another-good-one", client=client).status_code == 302


class TestSpraying:
    """One password tried on many names."""

    def spray(self, address, names):
        return [attempt(address, f"name{number}").status_code for number in range(names)]

    def test_the_tenth_name_from_one_network_slows_it_down(self, reader, clock):
        assert self.spray("203.0.113.1", NAMES_OF_A_NETWORK) == [200] * 10
        response = attempt("203.0.113.1", password=PASSWORD)
        assert (response.status_code, response["Retry-After"]) == (429, "30")
        assert attempt("203.0.113.2", password=PASSWORD).status_code == 302
        clock.shift(dt.timedelta(seconds=30))
        assert attempt("203.0.113.1", password=PASSWORD).status_code == 302

    def test_nine_names_slow_nobody_down(self, reader, clock):
        self.spray("203.0.113.1", NAMES_OF_A_NETWORK - 1)
        assert attempt("203.0.113.1", password=PASSWORD).status_code == 302

    def test_administrators_are_warned_once_an_hour(self, admin, clock):
        with capture_logs() as lines:
            self.spray("203.0.113.1", NAMES_OF_A_NETWORK)
            clock.shift(dt.timedelta(seconds=30))
            attempt("203.0.113.1", "another")
        [line] = [line for line in lines if line["event"] == "sign_in_attack"]
        assert line | {"log_level": "error", "kind": "network", "network": "203.0.113.1", "names": 10} == line
        [notification] = Notification.objects.filter(user=admin)
        with translation.override("en"):
            from accounts.registrations import attack_text

            assert attack_text(notification.data) == (
                "Sign-in from 203.0.113.1 has failed with 10 user names in 15 minutes."
            )

    def siege(self, failures):
        """As if so many attempts had failed, from three networks."""
        for number in range(1, 4):
            AccessAttempt.objects.create(
                username=f"name{number}", ip_address=f"203.0.113.{number}", failures_since_start=failures // 3
            )

    def test_failures_altogether_slow_each_network_that_fails_and_are_told(self, admin, reader, clock):
        self.siege(99)
        assert Notification.objects.count() == 0
        attempt("203.0.113.9", "another")
        assert FAILURES_ALTOGETHER == 100
        assert [row.data["attack"] for row in Notification.objects.all()] == ["altogether"]
        assert attempt("203.0.113.9", password=PASSWORD).status_code == 429

    def test_in_a_siege_the_first_attempt_of_a_network_waits_once(self, reader, clock):
        self.siege(102)
        first = attempt("203.0.113.200", password=PASSWORD)
        assert (first.status_code, first["Retry-After"]) == (429, "30")
        clock.shift(dt.timedelta(seconds=29))
        assert attempt("203.0.113.200", password=PASSWORD)["Retry-After"] == "1"
        clock.shift(dt.timedelta(seconds=1))
        assert attempt("203.0.113.201", password=PASSWORD).status_code == 429
        assert attempt("203.0.113.200", password=PASSWORD).status_code == 302

    def test_in_a_siege_a_known_browser_does_not_wait(self, reader, clock):
        client = Client()
        attempt("203.0.113.200", password=PASSWORD, client=client)
        client.post("/account/logout/")
        self.siege(102)
        assert attempt("203.0.113.201", password=PASSWORD, client=client).status_code == 302


class TestMailToTheUser:
    def test_the_tenth_failure_is_mailed_once_a_day(self, reader, clock):
        fail("203.0.113.1", 9)
        assert mail.outbox == []
        fail("203.0.113.1", 1)
        [message] = mail.outbox
        assert message.to == [reader.email]
        assert message.subject == "Failed sign-in attempts"
        assert f"{settings.BASE_URL}/account/password/reset/" in message.body
        clock.shift(dt.timedelta(hours=1))
        fail("203.0.113.2", 10)
        assert len(mail.outbox) == 1

    def test_it_is_in_the_users_language(self, clock):
        UserFactory(username="aino", language="fi")
        fail("203.0.113.1", 10, "aino")
        [message] = mail.outbox
        assert re.search("käyttäjätunnuksellasi aino on epäonnistunut", message.body)

    def test_nobody_is_mailed_about_a_name_that_is_no_active_user(self, clock):
        UserFactory(username="gone", is_active=False)
        fail("203.0.113.1", 10, "gone")
        fail("203.0.113.2", 10, "nobody")
        assert mail.outbox == []


def test_codes_of_the_second_factor_cannot_be_guessed(reader, monkeypatch):
    TOTP.activate(reader, "JBSWY3DPEHPK3PXP")
    client = Client()
    assert attempt("203.0.113.1", password=PASSWORD, client=client).url == "/account/2fa/authenticate/"

    def code(value):
        return client.post("/account/2fa/authenticate/", {"code": value}, headers=ENGLISH)

    assert [code("000000").status_code for _ in range(5)] == [200] * 5
    monkeypatch.setattr(TOTP, "validate_code", lambda self, code: True)
    assert "Too many" in str(code("123456").context["form"].errors)
    assert "_auth_user_id" not in client.session
    cache.clear()
    assert code("123456").status_code == 302


class TestSilentCache:
    """The cache's server takes connections and says nothing."""

    @pytest.fixture(autouse=True)
    def silence(self, settings, monkeypatch):
        with socket.create_server(("127.0.0.1", 0)) as server:
            url = f"redis://127.0.0.1:{server.getsockname()[1]}/0"
            settings.CACHES = {"default": {"BACKEND": "core.cache.TolerantRedisCache", "LOCATION": url}}
            monkeypatch.setattr(TolerantRedisCache, "_away_until", 0.0)
            yield
        monkeypatch.undo()

    def test_signing_in_works_and_its_limits_hold(self, reader):
        assert attempt("203.0.113.9", password=PASSWORD).status_code == 302
        assert fail("203.0.113.1", 10)[-1] == 429
        assert attempt("203.0.113.2", password=PASSWORD).status_code == 429

    def test_pages_behind_links_answer(self):
        assert Client().get("/offer/unknown/").status_code == 404

    def test_it_is_logged_once_and_the_server_left_alone_for_a_while(self):
        with capture_logs() as lines:
            assert caches["default"].get("x", "nothing") == "nothing"
            assert caches["default"].add("x", 1) is True
        assert [line["event"] for line in lines] == ["cache_unavailable"]
        assert SECONDS_AWAY == 10
