from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from accounts.tests.factories import RoleFactory, UserFactory
from customers.enums import CustomerState
from customers.models import Address, Customer, CustomerNumber, Responsibility
from customers.tests.factories import (
    AddressFactory,
    BranchFactory,
    CustomerFactory,
    NodeFactory,
)
from imports.config import BadMapping
from imports.tests.helpers import codes, counts, row, run_import

pytestmark = pytest.mark.django_db
ID_1, ID_2, ID_3 = "0737546-2", "1572860-0", "0112038-9"
NUMBER = {"columns": [{"column": "nro", "field": "number", "system": "ERP"}, {"column": "nimi", "field": "name"}]}
FULL = (
    "Nimi;Y-tunnus;Katuosoite;Postinumero;Postitoimipaikka;Puhelin;Sähköposti;WWW;Henkilöstö;Liikevaihto;Perustettu;Kunta\n"
    f"Äänekosken Sähkö Oy;{ID_1};Tehtaankatu 1;44100;Äänekoski;014 123 456;info@sahko.fi;www.sahko.fi;1 200;12.500,50;"
    "1.5.1996;Äänekoski\n"
)


def test_row_becomes_a_customer_with_all_that_it_says():
    assert counts(run_import(FULL)) == (1, 0, 0, 0, 0)
    customer = Customer.objects.select_related("municipality", "summary").get()
    assert (customer.name, customer.business_id, customer.phone) == ("Äänekosken Sähkö Oy", ID_1, "+35814123456")
    assert (customer.email, customer.website) == ("info@sahko.fi", "https://www.sahko.fi")
    assert (customer.personnel, float(customer.turnover), customer.founded) == (1200, 12500.5, 1996)
    assert customer.municipality.name_fi == "Äänekoski"
    assert str(customer.addresses.get()) == "Tehtaankatu 1, 44100 Äänekoski"
    assert "aanekosken" in customer.search_row.text


def test_only_what_differs_is_written():
    run_import(FULL)
    run = run_import(FULL.replace("014 123 456", "014 999 999").replace("Tehtaankatu 1", "Tehtaankatu 2"))
    assert counts(run) == (0, 1, 0, 0, 0)
    assert sorted(row(run, 2).changed) == ["phone", "visiting_street"]
    customer = Customer.objects.get()
    assert (customer.version, customer.phone) == (2, "+35814999999")
    assert Address.objects.get().street == "Tehtaankatu 2"


def test_empty_cells_erase_nothing():
    customer = CustomerFactory(name="Acme", business_id=ID_1, phone="+35814123456", country="Suomi")
    run = run_import(f"nimi;y-tunnus;puhelin;maa\nAcme;{ID_1};;\n")
    customer.refresh_from_db()
    assert counts(run) == (0, 0, 1, 0, 0)
    assert (customer.phone, customer.country) == ("+35814123456", "Suomi")


def test_empty_cell_empties_the_field_where_the_mapping_says_so():
    customer = CustomerFactory(name="Acme", phone="+35814123456", personnel=5)
    columns = [
        {"column": "nimi", "field": "name"},
        {"column": "puhelin", "field": "phone", "clear": True},
        {"column": "henkilöstö", "field": "personnel", "clear": True},
    ]
    run = run_import("nimi;puhelin;henkilöstö\nAcme;;\n", config={"columns": columns})
    customer.refresh_from_db()
    assert counts(run) == (0, 1, 0, 0, 0)
    assert (customer.phone, customer.personnel) == ("", None)


def test_customer_number_finds_before_business_id_and_name():
    by_number = CustomerFactory(name="One", business_id="", numbers={"ERP": "7"})
    CustomerFactory(name="Two", business_id="")
    run = run_import("nro;nimi\n7;Two\n", config=NUMBER)
    by_number.refresh_from_db()
    assert counts(run) == (0, 1, 0, 0, 0)
    assert by_number.name == "Two"


def test_business_id_finds_before_name():
    by_id = CustomerFactory(name="One", business_id=ID_1)
    CustomerFactory(name="Two", business_id="")
    run_import(f"nimi;y-tunnus\nTwo;{ID_1}\n")
    by_id.refresh_from_db()
    assert by_id.name == "Two"


def test_name_finds_in_any_spelling_and_keeps_ours():
    CustomerFactory(name="Oy Nokian Konepaja Ab", business_id=ID_1)
    run = run_import("nimi;maa\nNOKIAN KONEPAJA;Suomi\n")
    assert counts(run) == (0, 1, 0, 0, 0)
    assert Customer.objects.get().name == "Oy Nokian Konepaja Ab"


def test_same_name_with_another_business_id_is_another_customer():
    CustomerFactory(name="Kioski Oy", business_id=ID_1)
    assert counts(run_import(f"nimi;y-tunnus\nKioski Oy;{ID_2}\n")) == (1, 0, 0, 0, 0)


def test_ambiguous_name_is_held_with_the_candidates():
    CustomerFactory(name="Kioski Oy", business_id=ID_1)
    CustomerFactory(name="Kioski Ab", business_id=ID_2)
    run = run_import("nimi;maa\nKioski;Suomi\n")
    assert counts(run) == (0, 0, 0, 1, 0)
    assert "Kioski Oy" in row(run, 2).reasons[0]
    assert "Kioski Ab" in row(run, 2).reasons[0]
    assert not Customer.objects.exclude(country="").exists()


def test_passive_customer_is_held():
    CustomerFactory(name="Vanha Oy", passive=True)
    run = run_import("nimi;maa\nVanha Oy;Suomi\n")
    assert codes(run, 2) == ["passive"]
    assert Customer.objects.get().state == CustomerState.PASSIVE


def test_active_customer_is_meant_where_a_passive_one_has_its_name():
    CustomerFactory(name="Sama Oy", business_id=ID_1, passive=True)
    active = CustomerFactory(name="Sama Oy", business_id=ID_2)
    run = run_import("nimi;maa\nSama Oy;Suomi\n")
    assert row(run, 2).target_id == active.pk


@pytest.mark.parametrize(
    "second",
    [f"Toinen;{ID_1}", "ACME oy;", f"acme;{ID_1}"],
    ids=["same business id", "same name", "both"],
)
def test_second_row_about_the_same_new_customer_is_held(second):
    run = run_import(f"nimi;y-tunnus\nAcme Oy;{ID_1}\n{second}\n")
    assert counts(run) == (1, 0, 0, 1, 0)
    assert codes(run, 3) == ["same_as"]


def test_second_row_about_the_same_known_customer_by_another_key_is_held():
    CustomerFactory(name="Acme", business_id=ID_1, numbers={"ERP": "7"})
    config = {"columns": [*NUMBER["columns"], {"column": "y", "field": "business_id"}]}
    run = run_import(f"nro;nimi;y\n7;;\n;;{ID_1}\n", config=config)
    assert counts(run) == (0, 0, 1, 1, 0)


def test_number_of_a_row_is_kept_and_finds_the_next_time():
    run_import("nro;nimi\n7;Acme\n", config=NUMBER)
    assert str(CustomerNumber.objects.get()) == "ERP 7"
    run = run_import("nro;nimi\n7;Acme Group\n", config=NUMBER)
    assert counts(run) == (0, 1, 0, 0, 0)
    assert Customer.objects.get().name == "Acme Group"


def test_name_of_a_customer_with_another_number_in_the_system_is_held():
    CustomerFactory(name="Acme", numbers={"ERP": "7"})
    run = run_import("nro;nimi\n8;Acme\n", config=NUMBER)
    assert codes(run, 2) == ["other_number"]


def test_business_id_of_another_customer_is_held():
    CustomerFactory(name="Acme", business_id=ID_1, numbers={"ERP": "7"})
    CustomerFactory(name="Other", business_id=ID_2)
    config = {"columns": [*NUMBER["columns"], {"column": "y", "field": "business_id"}]}
    run = run_import(f"nro;nimi;y\n7;Acme;{ID_2}\n", config=config)
    assert codes(run, 2) == ["business_id_taken"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("nimi;y-tunnus\nAcme;1234567-8\n", "business_id"),
        ("nimi;henkilöstö\nAcme;monta\n", "number"),
        ("nimi;perustettu\nAcme;99\n", "date"),
        ("nimi;maa\n;Suomi\n", "required"),
        ("nimi;maa\n" + "A" * 10_000 + ";Suomi\n", "too_long"),
        ("nimi;maa\nAcme;Suomi;ylimääräinen\n", "extra_cells"),
        ("nimi;kieli\nAcme;klingon\n", "choice"),
    ],
)
def test_row_that_is_not_right_is_refused_with_its_reason(text, code):
    run = run_import(text)
    assert counts(run) == (0, 0, 0, 0, 1)
    assert codes(run, 2) == [code]
    assert row(run, 2).reasons[0]
    assert not Customer.objects.exists()


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [("puhelin", "ei ole", "phone"), ("sähköposti", "a@", "email"), ("kunta", "Narnia", "municipality")],
)
def test_contact_detail_that_is_not_right_is_left_out_and_told(column, value, code):
    run = run_import(f"nimi;{column}\nAcme;{value}\n")
    assert counts(run) == (1, 0, 0, 0, 0)
    assert codes(run, 2) == [code]
    assert list(run.rows.with_problems()) == [row(run, 2)]


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "{{ 7*7 }}", "שלום", "🙂 Oy", "\\N"])
def test_any_unicode_name_is_kept_as_it_is(name):
    run_import(f"nimi;maa\n{name};Suomi\n")
    assert Customer.objects.get().name == name


def test_parent_further_down_in_the_file_is_linked():
    run_import("nimi;emoyhtiö\nTytär;Emo\nEmo;\n")
    assert Customer.objects.get(name="Tytär").parent.name == "Emo"


def test_parent_is_found_by_business_id_and_by_number():
    CustomerFactory(name="Emo", business_id=ID_1, numbers={"ERP": "7"})
    run_import(f"nimi;emoyhtiö\nTytär;{ID_1}\n")
    config = {"columns": [*NUMBER["columns"], {"column": "emo", "field": "parent"}]}
    run_import("nro;nimi;emo\n8;Toinen;7\n", config=config)
    assert Customer.objects.filter(parent__name="Emo").count() == 2


def test_parent_loop_is_told_and_not_written():
    run = run_import("nimi;emoyhtiö\nA;B\nB;C\nC;A\n")
    assert counts(run) == (3, 0, 0, 0, 0)
    assert codes(run, 4) == ["parent_loop"]
    assert Customer.objects.get(name="C").parent is None


def test_own_parent_is_told():
    assert codes(run_import("nimi;emoyhtiö\nA;A\n"), 2) == ["parent_loop"]


@pytest.mark.parametrize("again", [False, True])
def test_unknown_parent_is_told_each_time(again):
    for _time in range(1 + again):
        run = run_import("nimi;emoyhtiö\nA;Tuntematon\n")
    assert codes(run, 2) == ["unknown_parent"]
    assert counts(run) == ((0, 0, 1, 0, 0) if again else (1, 0, 0, 0, 0))


def test_changed_parent_counts_as_a_change():
    run_import("nimi;emoyhtiö\nEmo;\nToinen;\nTytär;Emo\n")
    run = run_import("nimi;emoyhtiö\nTytär;Toinen\n")
    assert counts(run) == (0, 1, 0, 0, 0)
    assert row(run, 2).changed == ["parent"]
    assert Customer.objects.get(name="Tytär").version == 2


@pytest.mark.parametrize("text", ["maija.meri", "Maija Meri", "Meri Maija", "maija@example.fi"])
def test_owner_is_found_by_user_name_e_mail_or_name(text):
    person = {"username": "maija.meri", "first_name": "Maija", "last_name": "Meri", "email": "maija@example.fi"}
    user = UserFactory(role="account_manager", **person)
    run_import(f"nimi;vastuuhenkilö\nAcme;{text}\n")
    assert Customer.objects.get().summary.owner == user


def test_unknown_owner_is_left_out_and_told():
    run = run_import("nimi;vastuuhenkilö\nAcme;Ei Kukaan\n")
    assert counts(run) == (1, 0, 0, 0, 0)
    assert codes(run, 2) == ["unknown_user"]


def test_who_may_not_edit_customers_becomes_no_owner():
    UserFactory(username="lukija", role="read_only")
    run = run_import("nimi;vastuuhenkilö\nAcme;lukija\n")
    assert codes(run, 2) == ["may_not_own"]
    assert Customer.objects.get().summary.owner is None


def test_new_owner_follows_the_old_one_and_the_history_stays():
    old, new = UserFactory(username="vanha"), UserFactory(username="uusi", role="account_manager")
    customer = CustomerFactory(name="Acme", owner=old)
    run = run_import("nimi;omistaja\nAcme;uusi\n")
    today = timezone.localdate()
    periods = Responsibility.objects.order_by("start").values_list("user", "end")
    assert row(run, 2).changed == ["owner"]
    assert list(periods) == [(old.pk, today - dt.timedelta(days=1)), (new.pk, None)]
    customer.summary.refresh_from_db()
    assert customer.summary.owner == new


def branch(**options):
    made = BranchFactory(code="colour", name_fi="Väri", name_en="Colour", **options)
    for code in ("red", "blue"):
        NodeFactory(branch=made, code=code, name_fi=f"{code}-fi", name_en=f"{code}-en")
    return made


@pytest.mark.parametrize("text", ["red", "red-fi", "RED-EN"])
def test_class_is_given_by_code_or_name(text):
    branch()
    run_import(f"nimi;väri\nAcme;{text}\n")
    assert Customer.objects.get().classifications.get().node.code == "red"


def test_class_of_a_single_branch_is_replaced_and_of_a_multiple_one_added():
    single = branch()
    run_import("nimi;väri\nAcme;red\n")
    run_import("nimi;väri\nAcme;blue\n")
    assert [item.node.code for item in Customer.objects.get().classifications.all()] == ["blue"]
    single.is_multiple = True
    single.save()
    run = run_import("nimi;väri\nAcme;red; blue\n".replace("red; blue", "red|blue"))
    assert row(run, 2).changed == ["class:colour"]
    assert Customer.objects.get().classifications.count() == 2


def test_unknown_class_holds_the_row():
    branch()
    run = run_import("nimi;väri\nAcme;green\n")
    assert codes(run, 2) == ["unknown_class"]
    assert not Customer.objects.exists()


def test_retired_class_holds_the_row():
    branch().nodes.filter(code="red").update(retired_at=timezone.now())
    assert codes(run_import("nimi;väri\nAcme;red\n"), 2) == ["retired_class"]


def test_class_that_the_importer_may_not_assign_holds_the_row():
    branch().assigners.add(RoleFactory())
    owner = UserFactory(grants=["imports.run_imports"])
    assert codes(run_import("nimi;väri\nAcme;red\n", owner=owner), 2) == ["forbidden_class"]


def test_missing_class_is_added_where_the_mapping_says_so():
    made = branch()
    columns = [{"column": "nimi", "field": "name"}, {"column": "väri", "field": "class:colour", "create": True}]
    run = run_import("nimi;väri\nA;green\nB;green\n", config={"columns": columns})
    assert counts(run) == (2, 0, 0, 0, 0)
    assert made.nodes.filter(name_fi="green").count() == 1


def test_constants_fill_every_row_and_defaults_only_new_ones():
    CustomerFactory(name="Vanha", country="Ruotsi")
    config = {
        "columns": [{"column": "nimi", "field": "name"}],
        "constants": {"source": "Rekisteri"},
        "defaults": {"country": "Suomi"},
    }
    run_import("nimi\nVanha\nUusi\n", config=config)
    found = Customer.objects.order_by("pk").values_list("name", "country", "source")
    assert list(found) == [("Vanha", "Ruotsi", "Rekisteri"), ("Uusi", "Suomi", "Rekisteri")]


def test_batches_see_each_other(monkeypatch):
    monkeypatch.setattr("imports.pipeline.customers.CustomerHandler.batch_size", 2)
    AddressFactory()
    rows = "".join(f"Yritys {n};Yritys {n + 1}\n" for n in range(7))
    assert counts(run_import("nimi;emoyhtiö\n" + rows)) == (7, 0, 0, 0, 0)
    assert Customer.objects.exclude(parent=None).count() == 6


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"columns": [{"column": "puuttuu", "field": "name"}]}, "puuttuu"),
        ({"columns": [{"column": "nimi", "field": "no_such"}]}, "no_such"),
        ({"columns": [{"column": "maa", "field": "country"}]}, "No column identifies"),
        ({"columns": [{"column": "nimi", "field": "name"}, {"column": "maa", "field": "name"}]}, "Two columns"),
        ({"columns": [{"column": "nimi", "field": "number"}]}, "system"),
        ({"columns": [{"column": "nimi", "field": "name", "factor": "x"}]}, "multiplier"),
        ({"columns": [{"column": "nimi", "field": "name"}], "constants": {"email": "x"}}, "e-mail address"),
    ],
)
def test_mapping_that_does_not_fit_is_told_in_a_sentence(config, words):
    from django.utils.translation import override

    with override("en"), pytest.raises(BadMapping) as error:
        run_import("nimi;maa\nAcme;Suomi\n", config=config)
    assert words in str(error.value)
    assert not Customer.objects.exists()
