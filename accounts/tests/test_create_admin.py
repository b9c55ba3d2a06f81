"""``manage.py create_admin``: how a fresh installation without demo data is entered."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import Role, User

pytestmark = pytest.mark.django_db
PASSWORD = "koivu-lehto-42"


def create_admin(monkeypatch: pytest.MonkeyPatch, *arguments: str, password: str = PASSWORD) -> str:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
    out = io.StringIO()
    call_command("create_admin", *arguments, stdout=out)
    return out.getvalue()


def test_first_administrator_signs_in_and_manages_users(defaults: None, monkeypatch: pytest.MonkeyPatch) -> None:
    output = create_admin(monkeypatch, "aino", "--email", "aino@example.fi")
    assert output == "aino is an administrator and can sign in.\n"
    client = Client()
    done = client.post("/account/login/", {"login": "aino", "password": PASSWORD}, follow=True)
    assert done.wsgi_request.user.is_authenticated
    assert client.get("/users/").status_code == 200
    assert client.get("/imports/").status_code == 200


def test_administrator_is_a_member_of_the_group_and_no_superuser(
    defaults: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_admin(monkeypatch, "aino")
    user = User.objects.get(username="aino")
    assert [group.name for group in user.groups.all()] == ["administrator"]
    assert not user.is_superuser
    assert list(User.objects.administrators()) == [user]


def test_an_existing_user_gets_administration_and_a_new_password(
    defaults: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = User.objects.create_user("aino", "aino@example.fi", "vanha-salasana-1", is_active=False, last_name="Aalto")
    create_admin(monkeypatch, "AINO")
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    assert (user.is_active, user.email, user.last_name) == (True, "aino@example.fi", "Aalto")


@pytest.mark.parametrize(
    ("arguments", "password", "sentence"),
    [
        (("aino",), "short", "too short"),
        (("aino",), "", "too short"),
        (("two words",), PASSWORD, "valid username"),
        (("aino", "--email", "nowhere"), PASSWORD, "valid email"),
    ],
)
def test_bad_input_is_an_error_and_nobody_is_made(
    defaults: None, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], password: str, sentence: str
) -> None:
    with pytest.raises(CommandError, match=sentence):
        create_admin(monkeypatch, *arguments, password=password)
    assert not User.objects.exists()


def test_without_default_data_it_says_what_to_run(monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    Role.objects.all().delete()
    with pytest.raises(CommandError, match="load_defaults"):
        create_admin(monkeypatch, "aino")
