"""Undo of an import of customers: additions are removed, changes taken back, and what others touched stays."""

from __future__ import annotations

import datetime as dt

import pytest

from accounts.tests.factories import UserFactory
from activities.log.tests.factories import ActivityFactory
from careplans.caremodels.models import CareModel
from careplans.plans.models import ModelStay
from core.exceptions import BusinessRuleError, JobCancelled
from core.jobs import job_cancel
from core.models import Document
from customers.enums import ResponsibilityRole
from customers.models import (
    Address,
    ClassificationNode,
    Customer,
    CustomerClassification,
    CustomerNumber,
    Responsibility,
)
from customers.services.customers import customer_change
from customers.services.responsibilities import owner_change
from customers.tests.factories import BranchFactory, CustomerFactory, NodeFactory
from imports.enums import RunState
from imports.models import ImportRow, ImportRun
from imports.tests.helpers import counts, row, run_import
from imports.tests.undoing import by, outcome, undo
from imports.undo import execution
from imports.undo.services import undo_check, undo_execute, undo_start

pytestmark = pytest.mark.django_db
CONFIG = {
    "columns": [
        {"column": "nimi", "field": "name"},
        {"column": "nro", "field": "number", "system": "ERP"},
        {"column": "puhelin", "field": "phone"},
        {"column": "katu", "field": "visiting_street"},
        {"column": "omistaja", "field": "owner"},
        {"column": "alue", "field": "class:region"},
        {"column": "emo", "field": "parent"},
    ]
}
HEADER = "nimi;nro;puhelin;katu;omistaja;alue;emo\n"


@pytest.fixture(autouse=True)
def regions() -> None:
    branch = BranchFactory(code="region")
    for name in ("North", "South"):
        NodeFactory(branch=branch, name_fi=name, name_en=name)


@pytest.fixture
def manager():
    return UserFactory(username="meri", role="account_manager")


def take(*lines: str, **options) -> ImportRun:
    return run_import(HEADER + "".join(f"{line}\n" for line in lines), config=CONFIG, **options)


def everything() -> dict[str, list]:
    """What the tables of customers hold, without versions and times of change."""
    models = (Customer, Address, CustomerNumber, CustomerClassification, Responsibility)
    found = {model.__name__: list(model.objects.order_by("pk").values()) for model in models}
    for values in found["Customer"]:
        del values["version"], values["updated_at"]
    return found


def test_what_was_added_is_removed_with_all_that_the_row_gave(manager):
    CustomerFactory(name="Old")
    before = everything()
    run = undo(take("Acme;7;0401234567;Katu 1;meri;North;Old"))
    assert everything() == before
    assert (run.state, run.undone, outcome(run, 2)) == (RunState.UNDONE, 1, ("undone", []))
    assert row(run, 2).target_url == ""


def test_the_days_under_a_care_model_keep_no_customer():
    run = take("Nokian Konepaja;;;;;;")
    customer = Customer.objects.get(name="Nokian Konepaja")
    ModelStay.objects.create(customer=customer, model=CareModel.objects.all()[0], first=dt.date(2026, 11, 1))
    undo(run)
    assert not Customer.objects.filter(name="Nokian Konepaja").exists()


def test_what_was_changed_gets_its_former_values_back(manager):
    first = UserFactory(username="first", role="account_manager")
    customer = CustomerFactory(name="Acme", phone="+358409999999", owner=first, numbers={"ERP": "7"})
    Responsibility.objects.filter(customer=customer).update(start=dt.date(2025, 1, 1))
    Address.objects.create(customer=customer, kind="visiting", street="Vanhakatu 1", city="Oulu")
    before = everything()
    run = take("Acme;7;0401234567;Uusikatu 2;meri;South;")
    customer.refresh_from_db()
    assert (counts(run), customer.phone, customer.summary.owner) == ((0, 1, 0, 0, 0), "+358401234567", manager)
    version = customer.version
    run = undo(run)
    assert everything() == before
    customer.refresh_from_db()
    assert (customer.phone, customer.version) == ("+358409999999", version + 1)
    assert (customer.summary.owner, run.state) == (first, RunState.UNDONE)
    street = Address.objects.get().street
    assert (street, Responsibility.objects.get(role=ResponsibilityRole.OWNER).end) == ("Vanhakatu 1", None)


def test_a_class_that_was_replaced_comes_back():
    north, south = (NodeFactory._meta.model.objects.get(name_fi=name) for name in ("North", "South"))
    customer = CustomerFactory(name="Acme")
    CustomerClassification.objects.create(customer=customer, node=north)
    run = take("Acme;;;;;South;")
    assert [item.node for item in customer.classifications.all()] == [south]
    undo(run)
    assert [item.node for item in customer.classifications.all()] == [north]


def test_a_class_that_was_added_for_the_rows_is_removed_with_the_last_of_them():
    columns = [{**column, "create": column["field"] == "class:region"} for column in CONFIG["columns"]]
    run = run_import(HEADER + "Acme;;;;;East;\n", config={"columns": columns})
    assert CustomerClassification.objects.get().node.name_fi == "East"
    undo(run)
    names = ClassificationNode.objects.filter(branch__code="region").values_list("name_fi", flat=True)
    assert set(names) == {"North", "South"}


def test_the_summary_follows():
    customer = CustomerFactory(name="Acme", phone="+358409999999")
    undo(take("Acme;;0401234567;;;;"))
    customer.summary.refresh_from_db()
    assert "9999999" in customer.search_row.text
    assert "1234567" not in customer.search_row.text


def test_a_row_that_changed_nothing_is_not_part_of_it():
    CustomerFactory(name="Acme", phone="+358401234567")
    run = take("Acme;;0401234567;;;;", "Beta;;;;;;")
    run = undo(run)
    assert (counts(run), run.state) == ((1, 0, 1, 0, 0), RunState.UNDONE)
    assert (outcome(run, 2), outcome(run, 3)) == (("", []), ("undone", []))
    assert Customer.objects.get().name == "Acme"


def test_what_somebody_has_changed_since_stays_with_who_and_when():
    user = UserFactory(first_name="Maija", last_name="Meri")
    CustomerFactory(name="Acme", phone="+358409999999")
    run = take("Acme;;0401234567;;;;", "Beta;;;;;;")
    with by(user):
        for customer in Customer.objects.all():
            customer.email = "info@acme.fi"
            customer_change(customer=customer)
    run = undo(run)
    assert (run.state, run.undone) == (RunState.DONE, 0)
    assert (outcome(run, 2), outcome(run, 3)) == (("kept", ["changed_since"]), ("kept", ["changed_since"]))
    [reason] = row(run, 2).undo_reasons
    assert reason.startswith("Customer: changed since by Maija Meri, ")
    assert Customer.objects.get(name="Acme").phone == "+358401234567"


def test_a_part_that_somebody_has_changed_keeps_the_whole_row(manager):
    run = take("Acme;;0401234567;;;;", "Beta;;;;meri;;")
    with by(UserFactory()):
        owner_change(customer=Customer.objects.get(name="Beta"), user=UserFactory(role="account_manager"))
    run = undo(run)
    assert outcome(run, 2) == ("undone", [])
    assert outcome(run, 3)[0] == "kept"
    assert set(outcome(run, 3)[1]) <= {"changed_since", "removed_since"}
    assert (run.state, run.undone) == (RunState.PARTLY, 1)


def test_what_was_changed_and_changed_back_counts_as_unchanged():
    run = take("Acme;;0401234567;;;;")
    with by(UserFactory()):
        Customer.objects.update(phone="+358405555555")
        Customer.objects.update(phone="+358401234567")
    assert undo(run).state == RunState.UNDONE


def test_a_later_import_is_undone_first_and_then_the_earlier_one():
    first = take("Acme;;0401234567;;;;")
    second = take("Acme;;0405555555;;;;")
    assert outcome(undo(first), 2) == ("kept", ["changed_since"])
    undo(second)
    assert Customer.objects.get().phone == "+358401234567"
    assert undo(first).state == RunState.UNDONE
    assert not Customer.objects.exists()


@pytest.mark.parametrize("thing", ["activity", "subsidiary", "class", "favourite", "document"])
def test_what_something_hangs_on_stays(thing):
    run = take("Acme;;;;;;", "Beta;;;;;;")
    acme = Customer.objects.get(name="Acme")
    with by(UserFactory()):
        if thing == "activity":
            ActivityFactory(customer=acme)
        elif thing == "subsidiary":
            CustomerFactory(name="Daughter", parent=acme)
        elif thing == "class":
            CustomerClassification.objects.create(customer=acme, node=NodeFactory(branch__code="other"))
        elif thing == "favourite":
            acme.favourites.create(user=UserFactory())
        else:
            Document.objects.create(target=acme, name="a.pdf", media_type="application/pdf", size=1)
    run = undo(run)
    assert (outcome(run, 2), outcome(run, 3)) == (("kept", ["in_use"]), ("undone", []))
    assert Customer.objects.filter(name="Acme").exists()
    assert not Customer.objects.filter(name="Beta").exists()


def test_the_reason_counts_what_hangs_on_it():
    run = take("Acme;;;;;;")
    with by(UserFactory()):
        ActivityFactory.create_batch(2, customer=Customer.objects.get())
    assert row(undo(run), 2).undo_reasons == ["Something else refers to it now: activities (2)."]


def test_parents_and_subsidiaries_of_the_same_file_go_together(monkeypatch):
    monkeypatch.setattr(execution, "BATCH", 1)
    run = take("A;;;;;;", "B;;;;;;A", "C;;;;;;B", "D;;;;;;C")
    assert Customer.objects.exclude(parent=None).count() == 3
    assert undo(run).state == RunState.UNDONE
    assert not Customer.objects.exists()


def test_a_parent_is_free_once_the_changed_subsidiary_goes_back():
    CustomerFactory(name="Daughter")
    run = undo(take("Daughter;;;;;;Mother", "Mother;;;;;;"))
    assert run.state == RunState.UNDONE
    assert list(Customer.objects.values_list("name", "parent")) == [("Daughter", None)]


def test_chosen_rows_are_undone_and_the_others_later():
    run = take("A;;;;;;", "B;;;;;;", "C;;;;;;")
    run = undo(run, ids=[row(run, 3).pk])
    assert (run.state, run.undone) == (RunState.PARTLY, 1)
    assert set(Customer.objects.values_list("name", flat=True)) == {"A", "C"}
    run = undo(run)
    assert (run.state, run.undone, Customer.objects.count()) == (RunState.UNDONE, 3, 0)


def test_a_record_that_is_gone_is_told():
    run = take("A;;;;;;", "B;;;;;;")
    with by(UserFactory(first_name="Maija", last_name="Meri")):
        Customer.objects.filter(name="A").delete()
    run = undo(run)
    assert outcome(run, 2)[0] == "kept"
    assert "removed_since" in outcome(run, 2)[1]
    assert outcome(run, 3) == ("undone", [])


def test_a_former_value_that_is_taken_now_is_told_alone():
    CustomerFactory(name="Acme", business_id="0737546-2", numbers={"ERP": "7"})
    config = {
        "columns": [
            {"column": "nro", "field": "number", "system": "ERP"},
            {"column": "ytunnus", "field": "business_id"},
            {"column": "nimi", "field": "name"},
        ]
    }
    run = run_import("nro;ytunnus;nimi\n7;1572860-0;Acme\n8;;Beta\n", config=config)
    with by(UserFactory()):
        CustomerFactory(name="Other", business_id="0737546-2")
    run = undo(run)
    assert (outcome(run, 2), outcome(run, 3)) == (("kept", ["clash"]), ("undone", []))
    assert Customer.objects.get(name="Acme").business_id == "1572860-0"


def test_an_older_import_that_recorded_nothing_says_so():
    run = take("Acme;;;;;;")
    ImportRun.objects.update(contexts=[])
    run = undo(run)
    assert (outcome(run, 2), run.state) == (("kept", ["not_recorded"]), RunState.DONE)


def test_undone_twice_changes_nothing_more():
    run = undo(take("Acme;;;;;;"))
    with pytest.raises(BusinessRuleError) as error:
        undo(run)
    assert error.value.code == "transition"


@pytest.mark.parametrize(("days", "may"), [(29, True), (31, False)])
def test_it_is_possible_for_thirty_days(days, may):
    run = take("Acme;;;;;;")
    ImportRun.objects.update(finished_at=run.finished_at - dt.timedelta(days=days))
    run.refresh_from_db()
    if may:
        assert undo(run).state == RunState.UNDONE
        return
    with pytest.raises(BusinessRuleError) as error:
        undo(run)
    assert (error.value.code, Customer.objects.count()) == ("undo_too_late", 1)


@pytest.mark.parametrize(
    ("options", "may"),
    [({"role": "administrator"}, True), ({"grants": ["imports.run_imports"]}, False), ({"role": "management"}, False)],
)
def test_an_administrator_may_and_another_importer_may_not(options, may):
    run = take("Acme;;;;;;", owner=UserFactory(grants=["imports.run_imports"]))
    user = UserFactory(**options)
    if may:
        assert undo(run, user).state == RunState.UNDONE
        return
    with pytest.raises(BusinessRuleError) as error:
        undo(run, user)
    assert (error.value.code, Customer.objects.count()) == ("forbidden", 1)


def test_its_owner_may():
    owner = UserFactory(grants=["imports.run_imports"])
    run = undo(take("Acme;;;;;;", owner=owner), owner)
    assert (run.state, run.undone_by) == (RunState.UNDONE, owner)


def test_stopped_half_way_it_goes_on_with_the_rest(monkeypatch):
    monkeypatch.setattr(execution, "BATCH", 2)
    run = take(*(f"{name};;;;;;" for name in "ABCDE"))
    user = UserFactory(role="administrator")
    run = undo_start(run=run, user=user)

    def stop(done, total):
        assert total == 5
        if done >= 4:
            raise JobCancelled

    with by(user), pytest.raises(JobCancelled):
        undo_execute(run, stop, everything=True)
    run.refresh_from_db()
    assert (run.state, run.undone, Customer.objects.count()) == (RunState.PARTLY, 4, 1)
    run = undo(run)
    assert (run.state, run.undone, Customer.objects.count()) == (RunState.UNDONE, 5, 0)


def test_a_worker_that_dies_in_the_middle_loses_and_doubles_nothing(monkeypatch):
    monkeypatch.setattr(execution, "BATCH", 2)
    run = undo_start(run=take(*(f"{name};;;;;;" for name in "ABCDE")), user=UserFactory(role="administrator"))

    def die(done, total):
        if done >= 2:
            raise KeyboardInterrupt  # as a kill: no code after it runs

    with by(None), pytest.raises(KeyboardInterrupt):
        undo_execute(run, die, everything=True)
    assert (ImportRun.objects.get().state, Customer.objects.count()) == (RunState.UNDOING, 3)
    run = ImportRun.objects.get()
    with by(None):
        undo_execute(run, lambda done, total: None, everything=True)
    run.refresh_from_db()
    assert (run.state, run.undone, Customer.objects.count()) == (RunState.UNDONE, 5, 0)


def test_an_undo_cancelled_before_it_began_can_be_started_again():
    run = take("A;;;;;;", "B;;;;;;")
    run = undo_start(run=run, user=UserFactory(role="administrator"), ids=[row(run, 2).pk])
    job_cancel(run.job)
    run = ImportRun.objects.select_related("job").get()
    assert run.real_state == RunState.DONE
    undo_check(run=run, user=UserFactory(role="administrator"))
    assert [outcome(run, number) for number in (2, 3)] == [("can", []), ("can", [])]
    assert undo(run).state == RunState.UNDONE


def test_a_stopped_import_can_be_undone():
    run = take("A;;;;;;", "B;;;;;;")
    ImportRow.objects.filter(run=run, number=3).update(fate="", target_id=None)
    ImportRun.objects.update(state=RunState.STOPPED, finished_at=None, created=0)
    run.refresh_from_db()
    run = undo(run)
    assert (run.state, list(Customer.objects.values_list("name", flat=True))) == (RunState.UNDONE, ["B"])


def test_a_check_says_the_same_and_changes_nothing(monkeypatch):
    monkeypatch.setattr(execution, "BATCH", 1)
    CustomerFactory(name="Old", phone="+358409999999")
    run = take("A;;;;;;", "B;;;;;;A", "Old;;0401234567;;;;", "C;;;;;;", "D;;;;;;")
    with by(UserFactory()):
        ActivityFactory(customer=Customer.objects.get(name="C"))
        Customer.objects.filter(name="D").update(phone="+358401111111")
    before = everything()
    assert undo_check(run=run, user=UserFactory(role="administrator")) is None
    expected = [("can", []), ("can", []), ("can", []), ("kept", ["in_use"]), ("kept", ["changed_since"])]
    assert [outcome(run, number) for number in range(2, 7)] == expected
    assert everything() == before
    run = undo(run)
    done = [("undone", []), ("undone", []), ("undone", []), ("kept", ["in_use"]), ("kept", ["changed_since"])]
    assert [outcome(run, number) for number in range(2, 7)] == done


def test_what_was_removed_keeps_its_history():
    run = take("Acme;;;;;;")
    pk = Customer.objects.get().pk
    user = UserFactory(role="administrator")
    undo(run, user)
    events = Customer.pgh_event_model.objects.filter(pgh_obj_id=pk).order_by("pgh_id")
    assert [(event.pgh_label, event.name) for event in events] == [("insert", "Acme"), ("delete", "Acme")]
    assert events.last().pgh_context.metadata["user"] == user.pk
