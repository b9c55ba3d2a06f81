from __future__ import annotations

import io
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.tests.factories import UserFactory
from core.models import Job
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from imports.enums import RunState
from imports.models import ImportMapping, ImportRun
from imports.services import run_create, run_execute
from imports.tests.helpers import counts, make_mapping, run_import

pytestmark = pytest.mark.django_db
TEXT = "nimi;maa\nAcme;Suomi\nBeta;Ruotsi\n"


@pytest.fixture
def owner():
    return UserFactory(grants=["imports.run_imports"])


@pytest.fixture
def page(client, owner):
    client.force_login(owner)
    return client


@pytest.fixture
def draft(owner):
    return run_create(kind="customers", file=io.BytesIO(TEXT.encode()), name="rows.csv", owner=owner)


def finish(run):
    """Do what the job would do."""
    run.refresh_from_db()
    return run_execute(run, lambda done, total: None)


def form_data(page, run, **changes):
    """The mapping form as the browser would send it unchanged, with ``changes``."""
    form = page.get(reverse("imports:mapping", args=[run.pk])).context["form"]
    data = {}
    for field in form:
        value = field.value()
        if value not in (None, "", False):
            data[field.html_name] = "on" if value is True else value
    return data | changes


PAGES = ["list", "new", "held", "mappings"]
RUN_PAGES = ["detail", "mapping", "check", "start", "delete", "fates", "mend"]


@pytest.mark.parametrize("name", PAGES)
def test_pages_are_for_those_who_may_import(client, name):
    url = reverse(f"imports:{name}")
    assert client.get(url).status_code == 302
    client.force_login(UserFactory(role="account_manager"))
    assert client.get(url).status_code == 403
    client.force_login(UserFactory(role="administrator"))
    assert client.get(url).status_code == 200


@pytest.mark.parametrize("name", RUN_PAGES)
def test_pages_of_an_import_exist_for_those_who_may_import(client, draft, name):
    url = reverse(f"imports:{name}", args=[draft.pk])
    assert client.get(url).status_code == 302
    client.force_login(UserFactory(role="read_only"))
    assert client.get(url).status_code == 404
    client.force_login(UserFactory(role="administrator"))
    assert client.get(url).status_code == 200
    assert client.get(reverse(f"imports:{name}", args=[draft.pk + 1])).status_code == 404


@pytest.mark.parametrize("name", ["check", "start", "mapping", "delete"])
def test_import_of_users_is_not_for_those_who_may_not_manage_users(page, name):
    run = run_create(kind="users", file=io.BytesIO(b"nimi\nAino\n"), name="u.csv", owner=None)
    assert page.get(reverse(f"imports:{name}", args=[run.pk])).status_code == 403
    assert page.post(reverse(f"imports:{name}", args=[run.pk])).status_code == 403
    assert ImportRun.objects.filter(pk=run.pk, state=RunState.DRAFT).exists()


def test_users_are_not_offered_to_those_who_may_not_manage_them(page):
    response = page.post(
        reverse("imports:new"), {"kind": "users", "file": SimpleUploadedFile("u.csv", b"nimi\nAino\n")}
    )
    assert response.status_code == 422
    assert not ImportRun.objects.exists()


def upload(page, content=b"nimi;maa\nAcme;Suomi\n", **data):
    file = SimpleUploadedFile("rows.csv", content)
    return page.post(reverse("imports:new"), {"kind": "customers", "file": file} | data)


def test_upload_leads_to_the_columns(page):
    response = upload(page)
    run = ImportRun.objects.get()
    assert response["Location"] == reverse("imports:mapping", args=[run.pk])
    assert [column["field"] for column in run.config["columns"]] == ["name", "country"]


def test_upload_sent_twice_makes_one_import(page):
    key = str(uuid.uuid4())
    locations = {upload(page, submission_key=key)["Location"] for _time in range(2)}
    assert len(locations) == 1
    assert ImportRun.objects.count() == 1


def test_mapping_of_another_kind_is_told(page):
    mapping = make_mapping({"columns": [{"column": "nimi", "field": "full_name"}]}, "contacts")
    response = upload(page, mapping=mapping.pk)
    assert response.status_code == 422
    assert "another type of data" in response.content.decode()


@pytest.mark.parametrize("content", [b"", b"nimi\n", b"\x00\x01" * 50, b'nimi,maa\n"A"x,b\n"'])
def test_bad_file_is_told_at_the_field(page, content):
    response = upload(page, content)
    assert response.status_code == 422
    assert response.context["form"].errors["file"]
    assert not Customer.objects.exists()


def test_whole_way_from_columns_to_customers(page, draft):
    response = page.post(reverse("imports:mapping", args=[draft.pk]), form_data(page, draft, save_as="register"))
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("core:job", args=[Job.objects.get().pk]))
    checked = finish(draft)
    assert (checked.state, counts(checked)) == (RunState.CHECKED, (2, 0, 0, 0, 0))
    assert not Customer.objects.exists()
    assert ImportMapping.objects.get(name="register").config["columns"][0] == {"column": "nimi", "field": "name"}
    assert "Acme" in page.get(draft.get_absolute_url()).content.decode()
    page.post(reverse("imports:start", args=[draft.pk]))
    assert counts(finish(draft)) == (2, 0, 0, 0, 0)
    assert Customer.objects.count() == 2
    assert page.get(reverse("imports:mapping", args=[draft.pk])).status_code == 302


def test_changed_columns_are_what_is_imported(page, draft):
    data = form_data(page, draft, field_1="source", translations_1="Suomi = Finland")
    data |= {"constant_field_0": "country", "constant_value_0": "Norja", "constant_new_0": "on"}
    page.post(reverse("imports:mapping", args=[draft.pk]), data)
    draft.refresh_from_db()
    assert draft.config["columns"][1] == {
        "column": "maa",
        "field": "source",
        "translations": {"Suomi": "Finland"},
    }
    assert draft.config["defaults"] == {"country": "Norja"}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"field_0": ""}, "No column identifies"),
        ({"field_1": "name"}, "Two columns"),
        ({"translations_1": "only this"}, "Enter one per line"),
        ({"factor_1": "many"}, "multiplier"),
        ({"header_row": "0"}, "greater than or equal to 1"),
        ({"save_as": "x" * 101}, "100"),
        ({"field_1": "number"}, "system"),
    ],
)
def test_mapping_that_can_not_be_used_is_told_and_starts_nothing(page, draft, changes, words):
    response = page.post(reverse("imports:mapping", args=[draft.pk]), form_data(page, draft, **changes))
    assert response.status_code == 422
    assert words in response.content.decode()
    assert not Job.objects.exists()
    draft.refresh_from_db()
    assert draft.state == RunState.DRAFT


def test_read_again_with_other_options(page, draft):
    data = form_data(page, draft, delimiter=",", reread="1")
    page.post(reverse("imports:mapping", args=[draft.pk]), data)
    draft.refresh_from_db()
    assert draft.header == ["nimi;maa"]
    sample = page.get(reverse("imports:mapping", args=[draft.pk])).context["sample"]
    assert sample.columns == [["Acme;Suomi", "Beta;Ruotsi"]]


def test_row_page_shows_fates_filtered(page, owner):
    CustomerFactory(name="Acme", passive=True)
    run = run_import(TEXT, owner=owner)
    response = page.get(run.get_absolute_url(), {"fate": "held"})
    assert [row.object.number for row in response.context["table"].rows] == [2]
    assert "Acme" in response.content.decode()
    assert page.get(run.get_absolute_url(), {"fate": "nonsense"}).context["count"] == 0


def test_fragment_of_the_row_page(page, owner):
    run = run_import(TEXT, owner=owner)
    response = page.get(run.get_absolute_url(), headers={"HX-Request": "true", "HX-Target": "list"})
    assert "<html" not in response.content.decode()


def test_what_stands_in_a_file_is_inert_on_the_page(page, owner):
    run = run_import("nimi;y-tunnus\n<script>alert(1)</script>{{ 7*7 }};1\n", owner=owner)
    text = page.get(run.get_absolute_url()).content.decode()
    assert "<script>alert" not in text
    assert "&lt;script&gt;" in text
    assert "{{ 7*7 }}" in text


def test_rows_to_mend_go_out_and_come_in_mended(page, owner):
    run = run_import("nimi;puhelin;y-tunnus\nAcme;+358401234567;1234567-8\nBeta;;\n", owner=owner)
    assert counts(run) == (1, 0, 0, 0, 1)
    response = page.get(reverse("imports:mend", args=[run.pk]))
    content = b"".join(response.streaming_content).decode("utf-8-sig")
    assert len(content.splitlines()) == 2
    assert "1234567-8" in content
    mended = run_import(content.replace("1234567-8", "0737546-2"))
    assert counts(mended) == (1, 0, 0, 0, 0)
    assert Customer.objects.get(name="Acme").phone == "+358401234567"


def test_all_fates_go_out_with_formulas_made_harmless(page, owner):
    run = run_import('nimi;maa\n"=1+1";Suomi\n', owner=owner)
    content = b"".join(page.get(reverse("imports:fates", args=[run.pk])).streaming_content).decode("utf-8-sig")
    assert content.splitlines()[1].startswith("'=1+1;Suomi;")


def test_held_rows_of_all_imports(page, owner):
    CustomerFactory(name="Acme", passive=True)
    run_import(TEXT, owner=owner)
    run_import(TEXT, owner=owner, dry_run=True)
    assert page.get(reverse("imports:held")).context["count"] == 1


def test_delete_takes_the_file_and_leaves_the_customers(page, owner, django_capture_on_commit_callbacks):
    run = run_import(TEXT, owner=owner)
    storage, path = run.file.storage, run.file.name
    with django_capture_on_commit_callbacks(execute=True):
        response = page.post(reverse("imports:delete", args=[run.pk]))
    assert response["Location"] == reverse("imports:list")
    assert not storage.exists(path)
    assert not ImportRun.objects.exists()
    assert Customer.objects.count() == 2


def test_mapping_is_renamed_and_a_taken_name_is_told(page):
    mapping, other = make_mapping({}, name="one"), make_mapping({}, name="two")
    url = reverse("imports:mapping_rename", args=[mapping.pk])
    assert page.post(url, {"name": other.name, "version": 1}).status_code == 422
    assert page.post(url, {"name": "three", "version": 1}).status_code == 302
    mapping.refresh_from_db()
    assert (mapping.name, mapping.version) == ("three", 2)
    assert page.post(url, {"name": "four", "version": 1}).status_code == 422


def test_mapping_is_deleted_and_imports_made_with_it_stay(page, draft):
    mapping = make_mapping({})
    ImportRun.objects.update(mapping=mapping)
    page.post(reverse("imports:mapping_delete", args=[mapping.pk]))
    assert not ImportMapping.objects.filter(pk=mapping.pk).exists()
    assert ImportRun.objects.get().mapping is None


FRAGMENT = {"HX-Request": "true", "HX-Target": "list"}
QUERIES = {"list": 4, "held": 4, "mappings": 4}


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("name", QUERIES)
def test_lists_cost_the_same_whatever_they_hold(page, owner, name, rows, without, django_assert_num_queries):
    without(ImportMapping)
    CustomerFactory(name="Acme", passive=True)
    for number in range(rows):
        run_import("nimi;maa\nAcme;Suomi\n", owner=owner)
        make_mapping({}, name=f"mapping {number}")
    with django_assert_num_queries(QUERIES[name]):
        assert page.get(reverse(f"imports:{name}"), headers=FRAGMENT).context["count"] == rows


@pytest.mark.parametrize("rows", [1, 3])
def test_rows_of_an_import_cost_the_same_however_many(page, owner, rows, django_assert_num_queries):
    run = run_import("nimi;puhelin\n" + "".join(f"Yritys {n};x\n" for n in range(rows)), owner=owner)
    with django_assert_num_queries(6):
        assert page.get(run.get_absolute_url(), headers=FRAGMENT).context["count"] == rows
