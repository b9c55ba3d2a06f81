"""Nothing is dropped in silence: columns, cells and rules (H4, P)."""

from __future__ import annotations

import io

import pytest
from django.core.management import call_command
from django.urls import reverse
from openpyxl import Workbook
from rest_framework.test import APIClient

from accounts.tests.factories import UserFactory
from core import import_kinds
from core.import_kinds import fold
from customers.models import ClassificationNode, Contact, Customer
from customers.tests.factories import CustomerFactory
from imports.config import suggest
from imports.jobs import run_summary
from imports.services import run_create, run_execute
from imports.tests.helpers import codes, counts, row, run_import

pytestmark = pytest.mark.django_db
H4 = "Asiakas;Puhelin;Ryhmä;Väri\nAcme;040 123 4567;{group};sininen\nBeta;;{group};\n"


@pytest.fixture
def group():
    return ClassificationNode.objects.filter(branch__purpose="group").first()


@pytest.fixture
def owner():
    return UserFactory(grants=["imports.run_imports"], language="en")


@pytest.mark.parametrize("dry_run", [True, False])
def test_column_that_fills_no_field_is_named_with_count_and_examples(group, dry_run):
    run = run_import(H4.format(group=group.code), dry_run=dry_run)
    assert run.left_out_columns == [{"column": "Väri", "cells": 1, "examples": ["sininen"]}]
    assert [item.left_out for item in run.rows.order_by("number")] == ["Väri: sininen", ""]
    assert "1 column not imported" in run_summary(run)


def test_columns_not_taken_are_on_the_page_in_the_api_in_the_file_and_in_the_command(client, owner, tmp_path, capsys):
    run = run_import("nimi;väri;puhelin\nAcme;sininen;abc\n", owner=owner)
    client.force_login(owner)
    page = client.get(run.get_absolute_url()).content.decode()
    assert "sininen" in page
    assert "The column fills no field: 1 cell." in page
    api = APIClient()
    api.force_authenticate(owner)
    answer = api.get(f"/api/v1/imports/{run.pk}/").json()
    assert answer["left_out_columns"] == [{"column": "väri", "cells": 1, "examples": ["sininen"]}]
    [problem] = answer["problems"]
    assert (problem["code"], problem["count"], problem["first_row"], problem["examples"]) == ("phone", 1, 2, ["abc"])
    file = b"".join(client.get(reverse("imports:fates", args=[run.pk])).streaming_content).decode("utf-8-sig")
    assert file.splitlines()[0].endswith("Not imported")
    assert "väri: sininen" in file
    path = tmp_path / "a.csv"
    path.write_text("nimi;väri\nBeta;punainen\n")
    call_command("import_data", "customers", str(path))
    assert "Column not imported: väri (1 cells: punainen)" in capsys.readouterr().err


def test_other_sheets_are_named():
    book = Workbook()
    book.active.append(["nimi"])
    book.active.append(["Acme"])
    book.create_sheet("Muut").append(["nimi"])
    book.create_sheet("Tyhjä")
    content = io.BytesIO()
    book.save(content)
    assert run_import(content.getvalue()).left_out_sheets == ["Muut"]


@pytest.mark.usefixtures("required_classes")
class TestRequiredClass:
    @pytest.mark.parametrize("dry_run", [True, False])
    def test_new_customer_without_it_is_held_with_the_reason(self, dry_run):
        run = run_import("Asiakas\nAcme\n", dry_run=dry_run)
        assert counts(run) == (0, 0, 0, 1, 0)
        assert codes(run, 2) == ["required_class"]
        assert not Customer.objects.exists()

    def test_column_gives_it(self, group):
        assert counts(run_import(H4.format(group=group.code))) == (2, 0, 0, 0, 0)
        assert {item.classifications.get().node for item in Customer.objects.all()} == {group}

    def test_default_of_the_mapping_gives_it(self, group):
        config = {"columns": [{"column": "nimi", "field": "name"}], "defaults": {"class:group": group.code}}
        assert counts(run_import("nimi\nAcme\n", config=config)) == (1, 0, 0, 0, 0)
        assert Customer.objects.get().classifications.get().node == group

    def test_customer_that_is_here_keeps_it(self, group):
        run_import(H4.format(group=group.code))
        columns = [{"column": "nimi", "field": "name"}, {"column": "ryhmä", "field": "class:group", "clear": True}]
        run = run_import("nimi;ryhmä\nAcme;\n", config={"columns": columns})
        assert codes(run, 2) == ["required"]
        assert Customer.objects.get(name="Acme").classifications.get().node == group


@pytest.mark.parametrize(
    "heading", ["Ryhmä", "asiakasryhmä", "Customer group", "Kundgrupp", "GROUP", "Asia\u200bkasryhmä"]
)
def test_heading_of_the_group_is_known(heading):
    assert import_kinds.kind_of("customers").headings.get(fold(heading)).name == "class:group"


@pytest.mark.parametrize("heading", ["Segmentti", "Asiakassegmentti", "Segment", "Kundsegment"])
def test_heading_of_the_segment_is_known(heading):
    assert import_kinds.kind_of("customers").headings.get(fold(heading)).name == "segment"


def test_check_speaks_of_the_future_and_says_that_nothing_is_imported(client, owner):
    run = run_create(kind="customers", file=io.BytesIO(b"nimi\nAcme\n"), name="a.csv", owner=owner)
    run.state, run.dry_run = "checking", True
    run.save()
    run_execute(run, lambda done, total: None)
    client.force_login(owner)
    page = client.get(run.get_absolute_url()).content.decode()
    assert "Nothing has been imported yet." in page
    assert "will be added" in page
    assert str(row(run, 2).result_label) == "will be added"
    assert run_summary(run).startswith("Nothing has been imported yet. 1 will be added")


def contacts(line, columns="Yritys;Etunimi;Sukunimi;Sähköposti;Puhelin"):
    CustomerFactory(name="Acme")
    return run_import(f"{columns}\nAcme;Raija;Moni;{line}\n", "contacts")


def points(kind):
    return list(Contact.objects.get().points.filter(kind=kind).order_by("pk").values_list("value", "label"))


@pytest.mark.parametrize("mark", [" ::: ", "; ", "\n", " / ", " tai "])
def test_every_number_and_address_of_a_cell_is_taken(mark):
    run = contacts(f'"r@acme.fi{mark}raija@koti.fi";"040 123 4505{mark}09 310 1691"')
    assert (counts(run), codes(run, 2)) == ((1, 0, 0, 0, 0), [])
    assert points("email") == [("r@acme.fi", ""), ("raija@koti.fi", "")]
    assert points("phone") == [("+358401234505", ""), ("+35893101691", "")]


@pytest.mark.parametrize(
    ("cell", "label"),
    [
        ("+358 9 310 1695 ext. 12", "ext. 12"),
        ("09 310 1695, alanro 15", "alanro 15"),
        ("09 310 1695 (vain aamuisin)", "vain aamuisin"),
        ("09 310 1695 x15", "x15"),
        ("puh. 09 310 1695 anknytning 7", "anknytning 7"),
    ],
)
def test_extension_and_remark_are_kept_beside_the_number(cell, label):
    run = contacts(f";{cell}")
    assert codes(run, 2) == []
    assert points("phone") == [("+35893101695", label)]


def test_unreadable_value_among_others_is_named_and_the_others_are_taken():
    run = contacts("r@acme.fi;040 123 4505 / 3.58401E+11")
    assert codes(run, 2) == ["phone"]
    assert points("phone") == [("+358401234505", "")]


def test_several_columns_fill_phones_and_their_headings_say_which():
    run = contacts(
        "r@acme.fi;a@b.fi;040 123 4505;09 310 1691",
        "Yritys;Etunimi;Sukunimi;Sähköposti;Sähköposti 2;Matkapuhelin;Puhelin (työ)",
    )
    assert run.left_out_columns == []
    assert points("phone") == [("+358401234505", "Matkapuhelin"), ("+35893101691", "Puhelin (työ)")]
    assert [value for value, _label in points("email")] == ["r@acme.fi", "a@b.fi"]


def test_customer_has_room_for_one_number_and_says_what_was_left_out():
    run = run_import("nimi;puhelin\nAcme;09 310 1691 ext. 5; 040 123 4505\n".replace("1691 ext. 5;", "1691 ext. 5 /"))
    assert Customer.objects.get().phone == "+35893101691"
    assert [str(problem["params"]["value"]) for problem in row(run, 2).problems] == ["ext. 5", "+358401234505"]
    assert codes(run, 2) == ["note_left_out", "more_values"]


def test_check_finds_the_same_as_the_run():
    """Contacts that earlier rows add, numbers of two systems, parents that form a loop, needed classes."""
    CustomerFactory(name="Acme")
    people = (
        "Yritys;Nimi;Sähköposti;Puhelin\nAcme;Matti Aho;m@acme.fi;040 123 4501\nAcme;Matti Aho;x@acme.fi;040 123 4502\n"
        "Acme;Matti Aho;m@acme.fi;\nAcme;Liisa Aho;m@acme.fi;040 123 4509\nAcme;Matti Aho;y@acme.fi;\n"
        "Acme;Matti Aho, DI;m@acme.fi;\n"
    )
    columns = [
        {"column": "nimi", "field": "name"},
        {"column": "a", "field": "number", "system": "A"},
        {"column": "b", "field": "number", "system": "B"},
        {"column": "emo", "field": "parent"},
    ]
    customers = "nimi;a;b;emo\nX;1;9;Y\nY;2;9;X\nZ;3;8;Q\nW;4;9;Z\nQ;5;7;Z\n"
    for text, kind, config in ((people, "contacts", None), (customers, "customers", {"columns": columns})):
        found = [
            [(item.number, item.fate, item.problems, item.changed) for item in run.rows.order_by("number")]
            for run in (run_import(text, kind, config=config, dry_run=dry_run) for dry_run in (True, False))
        ]
        assert found[0] == found[1]
        assert any(problems for _number, _fate, problems, _changed in found[0])


def test_title_is_the_salutation_where_a_job_title_exists():
    kind = import_kinds.kind_of("contacts")
    mapped = {column.column: column.field for column in suggest(kind, ["Title", "Job Title", "Last Name"]).columns}
    assert mapped == {"Job Title": "title", "Last Name": "last_name"}
    mapped = {column.column: column.field for column in suggest(kind, ["Salutation", "Title", "Last Name"]).columns}
    assert mapped == {"Title": "title", "Last Name": "last_name"}
