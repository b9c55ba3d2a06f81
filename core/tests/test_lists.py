"""Tables, filters and the generic list page, as the list of users shows them."""

from __future__ import annotations

import pytest
from django.db.models import Value
from django.http import QueryDict
from django.test import Client, RequestFactory
from django.utils.html import escape
from openpyxl import load_workbook

from accounts.filters import UserFilter
from accounts.models import User
from accounts.tables import USERS
from accounts.tests.factories import UserFactory, role
from core.tables import Column, Table, bind_rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin():
    return UserFactory(first_name="Aino", last_name="Admin", role="administrator")


@pytest.fixture
def client(admin):
    client = Client()
    client.force_login(admin)
    return client


class TestTable:
    table = Table((Column("name", "Name", sort="sort_key"), Column("note", "Note", shown=False)), default_sort="-name")

    def test_a_wide_column_that_one_has_chosen_shows_on_a_phone_too(self):
        table = Table((Column("name", "Name"), Column("note", "Note", wide=True)), default_sort="name")
        assert [column.wide for column in table.chosen([])] == [False, True]
        assert [column.wide for column in table.chosen(["name", "note"])] == [False, False]

    @pytest.mark.parametrize(
        ("asked", "order"),
        [
            ("", "-sort_key"),
            ("name", "sort_key"),
            ("-name", "-sort_key"),
            ("note", "-sort_key"),
            ("password", "-sort_key"),
        ],
    )
    def test_only_declared_columns_sort(self, asked, order):
        assert self.table.order(asked) == order

    @pytest.mark.parametrize(
        ("asked", "shown"),
        [([], ["name"]), (["note"], ["note"]), (["note", "name"], ["note", "name"]), (["x"], ["name"])],
    )
    def test_chosen_columns_come_in_the_order_of_the_choice(self, asked, shown):
        assert [column.name for column in self.table.chosen(asked)] == shown

    def test_a_cell_is_escaped(self):
        user = UserFactory(title="<b>Boss</b>")
        [row] = bind_rows([Column("title", "Title")], [user])
        assert row.cells[0].html == "&lt;b&gt;Boss&lt;/b&gt;"
        assert row.html() == "<tr><td>&lt;b&gt;Boss&lt;/b&gt;</td></tr>"

    def test_a_link_is_escaped_too(self):
        [row] = bind_rows([Column("title", "Title", link=True)], [UserFactory(title="<b>")])
        assert "<b>" not in row.cells[0].html
        assert row.cells[0].html.startswith("<a href=")

    @pytest.mark.parametrize("value", [None, ""])
    def test_an_empty_cell_is_a_dash(self, value):
        assert Column("x", "X", value=lambda row: value).html(object()) == "–"

    def test_a_path_stops_at_what_is_missing(self):
        assert Column("x", "X", value="manager.title").get(UserFactory()) is None


def filterset(query, user):
    request = RequestFactory().get("/", QueryDict(query).dict())
    request.user = user
    return UserFilter(QueryDict(query), queryset=User.objects.all(), request=request)


class TestFilters:
    def test_a_value_that_cannot_be_read_gives_no_rows(self, admin):
        for query in ("group=x", "team=999", "state=odd", "q=%00"):
            assert not filterset(query, admin).qs.exists(), query

    def test_active_filters_say_their_value_and_how_to_remove_them(self, admin):
        group = role("management")
        found = filterset(f"q=x&group={group.pk}&state=active&after=abc&sort=name", admin).active()
        assert [(str(item.label), item.value) for item in found] == [("Group", str(group)), ("State", "active")]
        assert found[0].remove_url == "?q=x&state=active&sort=name"

    def test_nothing_is_active_without_parameters(self, admin):
        assert filterset("", admin).active() == []


class TestListPage:
    def test_visitors_sign_in_first(self):
        assert Client().get("/users/?export=csv").status_code == 302

    def test_htmx_gets_the_list_only(self, client):
        response = client.get("/users/", headers={"HX-Request": "true", "HX-Target": "list"})
        assert "<html" not in response.text
        assert "Aino Admin" in response.text
        assert "HX-Target" in response.headers["Vary"]

    def test_another_target_gets_the_whole_page(self, client):
        assert "<html" in client.get("/users/", headers={"HX-Request": "true", "HX-Target": "main"}).text

    @pytest.mark.parametrize("query", ["after=x", "before=%00", "columns=nothing", "page=2"])
    def test_an_odd_address_is_refused_with_no_rows(self, query, client):
        answer = client.get(f"/users/?{query}")
        assert (answer.status_code, answer.context["table"].rows) == (400, [])

    def test_pages_follow_each_other(self, client, monkeypatch):
        monkeypatch.setattr("accounts.views.users.UserListView.paginate_by", 2)
        for number in range(4):
            UserFactory(last_name=f"Name{number}")
        first = client.get("/users/").context
        second = client.get(first["page"]["next_url"]).context
        assert [row.object.last_name for row in first["table"].rows] == ["Admin", "Name0"]
        assert [row.object.last_name for row in second["table"].rows] == ["Name1", "Name2"]
        back = client.get(second["page"]["previous_url"]).context
        assert [row.object.last_name for row in back["table"].rows] == ["Admin", "Name0"]

    def test_a_header_turns_the_order(self, client):
        header = client.get("/users/?q=a&sort=name").context["table"].columns[0]
        assert (header.sorted, header.sort_url) == ("asc", "/users/?q=a&sort=-name")

    def test_columns_are_chosen_and_have_the_order_of_the_choice(self, client):
        table = client.get("/users/?columns=username&columns=name").context["table"]
        assert [column.name for column in table.columns] == ["username", "name"]
        assert [choice.name for choice in table.all_columns if choice.shown] == ["username", "name"]
        export = client.get("/users/?columns=username&columns=name&export=csv")
        assert b"".join(export.streaming_content).decode("utf-8-sig").startswith("User name;Name")

    def test_column_is_moved_one_place_forward_by_a_link(self, client):
        [first, second, *_others] = client.get("/users/?q=a&columns=username&columns=name").context["table"].all_columns
        assert first.up_url == ""
        assert second.up_url == "/users/?q=a&columns=name&columns=username"
        moved = client.get(second.up_url).context["table"]
        assert [column.name for column in moved.columns] == ["name", "username"]

    def test_columns_that_nobody_has_chosen_are_moved_too(self, client):
        table = client.get("/users/").context["table"]
        names = [column.name for column in table.columns]
        moved = client.get(table.all_columns[1].up_url).context["table"]
        assert [column.name for column in moved.columns] == [names[1], names[0], *names[2:]]

    def test_the_rows_of_a_whole_page_are_their_number(self, client):
        page = client.get("/users/?q=admin")
        assert (page.context["count_label"], page.context["count_url"]) == ("1", "")

    def test_the_number_of_more_rows_comes_by_a_request_of_its_own(self, client, monkeypatch):
        monkeypatch.setattr("accounts.views.users.UserListView.paginate_by", 2)
        for number in range(4):
            UserFactory(last_name=f"Name{number}")
        first = client.get("/users/?q=name&sort=-name")
        assert first.context["count_label"] == "2+"
        assert f'hx-get="{escape(first.context["count_url"])}"' in first.text
        assert client.get(first.context["count_url"]).text == "4"
        second = client.get(first.context["page"]["next_url"])
        assert client.get(second.context["count_url"]).text == "4"

    def test_more_rows_than_are_counted_are_said_so(self, client, monkeypatch):
        monkeypatch.setattr("core.list_counts.count_up_to", lambda rows: (10_000, True))
        assert client.get("/users/?total=1").text == "10,000+"

    @pytest.mark.parametrize("query", ["total=1&nosuch=1", "total=x"])
    def test_no_number_of_rows_comes_for_what_cannot_be_read(self, query, client):
        answer = client.get(f"/users/?{query}")
        assert (answer.status_code, answer.text) == (400, "0")


class TestExport:
    def rows(self, client, query):
        response = client.get(f"/users/?{query}")
        content = b"".join(response.streaming_content)
        assert "attachment" in response.headers["Content-Disposition"]
        return response, content

    def test_csv_has_the_columns_and_rows_of_the_screen(self, client):
        UserFactory(last_name="Toinen", first_name="Ästi")
        _response, content = self.rows(client, "export=csv&q=toinen&columns=name&columns=username&sort=-name")
        lines = content.decode("utf-8-sig").splitlines()
        assert lines[0] == "Name;User name"
        assert len(lines) == 2
        assert lines[1].startswith("Ästi Toinen;")

    def test_excel_opens(self, client, tmp_path):
        response, content = self.rows(client, "export=xlsx&columns=name")
        (tmp_path / "list.xlsx").write_bytes(content)
        sheet = load_workbook(tmp_path / "list.xlsx").active
        assert [[cell.value for cell in row] for row in sheet] == [["Name"], ["Aino Admin"]]
        assert ".xlsx" in response.headers["Content-Disposition"]

    @pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1"])
    @pytest.mark.parametrize("kind", ["csv", "xlsx"])
    def test_formulas_are_made_harmless(self, text, kind, client, tmp_path):
        User.objects.filter(pk=UserFactory(last_name="Formula").pk).update(title=Value(text))
        _response, content = self.rows(client, f"export={kind}&q=formula&columns=title")
        if kind == "csv":
            assert content.decode("utf-8-sig").splitlines()[1].lstrip('"').startswith("'")
        else:
            (tmp_path / "list.xlsx").write_bytes(content)
            cell = load_workbook(tmp_path / "list.xlsx").active["A2"]
            assert (cell.data_type, cell.value) == ("s", text)

    def test_another_kind_is_refused(self, client):
        assert client.get("/users/?export=exe").status_code == 400

    def test_a_long_list_becomes_a_job_that_writes_the_same_rows(self, client, admin, monkeypatch):
        from core.jobs import job_run
        from core.models import Job

        UserFactory(last_name="Toinen")
        monkeypatch.setattr("core.exports.DIRECT_ROWS", 1)
        asked = client.get("/users/?export=csv&columns=name")
        assert "form" in asked.text
        assert not Job.objects.exists()  # a link starts nothing
        response = client.post("/users/?export=csv&columns=name")
        job = Job.objects.get()
        assert response.url == f"/jobs/{job.pk}/"
        job_run(str(job.pk))
        job.refresh_from_db()
        assert (job.state, job.done, job.total) == ("done", 2, 2)
        with job.result.open() as file:
            lines = file.read().decode("utf-8-sig").splitlines()
        assert lines[1] == "Aino Admin"
        assert len(lines) == 3

    def test_a_job_writes_only_what_its_owner_still_sees(self, client, admin, monkeypatch):
        from core.jobs import job_run
        from core.models import Job

        UserFactory(last_name="Gone", is_active=False)
        monkeypatch.setattr("core.exports.DIRECT_ROWS", 1)
        client.post("/users/?export=csv&columns=name")
        admin.groups.clear()
        job_run(str(Job.objects.get().pk))
        with Job.objects.get().result.open() as file:
            assert b"Gone" not in file.read()


def test_the_users_table_sorts_by_indexed_columns_only():
    assert set(USERS.sort_paths.values()) == {"sort_key", "last_login"}
