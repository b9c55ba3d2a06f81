"""A kind of import is one object that an app registers: fields, needed fields, handler, page, permission."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.tests.factories import UserFactory
from core import import_kinds
from core.import_kinds import Field, Kind, plain
from customers.enums import BranchTarget
from customers.tests.factories import BranchFactory
from imports.config import BadMapping, ColumnMap, Config, check, suggest
from imports.enums import ImportKind
from imports.permissions import may_import_kind
from imports.pipeline.base import RowHandler
from imports.problems import label_of
from imports.services import run_now


def test_the_registered_kinds_are_those_of_the_database_in_order():
    assert [(kind.name, kind.label) for kind in import_kinds.kinds()] == ImportKind.choices


@pytest.mark.parametrize("kind", import_kinds.kinds(), ids=lambda kind: kind.name)
def test_a_kind_is_complete(kind):
    names = {field.name for field in kind.fixed_fields}
    assert {name for group in (*kind.needed, kind.required) for name in group} <= names
    assert issubclass(kind.handler, RowHandler)
    assert reverse(kind.page, args=[1])


def test_a_kind_is_registered_once(monkeypatch):
    users = import_kinds.static_kind("users")
    monkeypatch.setattr(import_kinds, "declared", lambda name: [users, users])
    with pytest.raises(ValueError, match="users is registered twice"):
        import_kinds._kinds.__wrapped__()


@pytest.fixture
def visits():
    fields = [Field("day", "day", plain(str), "päivä, day"), Field("who", "who", plain(str), "kuka, day")]
    return Kind(
        name="visits",
        label="visits",
        handler=RowHandler,
        fixed_fields=fields,
        needed=[("day",)],
        required=("who",),
        page="",
    )


def test_the_engine_asks_the_kind_alone(visits):
    config = suggest(visits, ["Kuka", "DAY", "Other"])
    assert [(column.column, column.field) for column in config.columns] == [("Kuka", "who"), ("DAY", "day")]
    check(visits, config, ["Kuka", "DAY", "Other"])
    with pytest.raises(BadMapping, match=r"No column identifies the rows.*day"):
        check(visits, Config(columns=(ColumnMap("Kuka", "who"),)), ["Kuka"])
    with pytest.raises(BadMapping, match="one value for all rows, for: who"):
        check(visits, Config(columns=(ColumnMap("Day", "day"),)), ["Day"])


@pytest.mark.django_db
def test_a_run_reads_its_fields_once():
    BranchFactory(code="region", target=BranchTarget.CUSTOMERS)
    with CaptureQueriesContext(connection) as captured:
        run = run_now(kind="customers", file=BytesIO(b"nimi\nAkaan Konepaja Oy\n"), name="a.csv", owner=None)
    asked = [query["sql"] for query in captured if '"customers_classificationbranch"."target" IN' in query["sql"]]
    assert (len(asked), run.created) == (1, 1)


@pytest.mark.django_db
def test_classes_are_fields_from_when_the_kind_was_made():
    before = import_kinds.kind_of("customers")
    assert "class:region" not in before.fields
    BranchFactory(code="region", target=BranchTarget.CUSTOMERS, name_en="Region")
    BranchFactory(code="skill", target=BranchTarget.CONTACTS)
    after = import_kinds.kind_of("customers")
    assert ("class:region" in before.fields, "class:region" in after.fields) == (False, True)
    assert (after.label_of("class:region"), "class:skill" in after.fields) == ("Region", False)


@pytest.mark.django_db
def test_fields_have_labels_and_what_is_gone_its_code():
    assert (label_of("business_id"), label_of("class:gone"), label_of("odd")) == ("business ID", "gone", "odd")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "kind", "may"),
    [("administrator", "users", True), ("management", "users", False), ("read_only", "customers", False)],
)
def test_a_kind_may_ask_for_more_than_the_right_to_import(role, kind, may):
    assert may_import_kind(UserFactory(role=role), kind) == may
