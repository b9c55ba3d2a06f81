"""Names of people as one text (O)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customers.models import Contact
from customers.tests.factories import CustomerFactory
from imports.names import PersonName, read_name, strip_degrees
from imports.tests.helpers import codes, counts, run_import


@pytest.mark.parametrize(
    ("full", "first", "last", "rest"),
    [
        ("Mika Lehto, DI", "Mika", "Lehto", "DI"),
        ("Lahti, Sari", "Sari", "Lahti", ""),
        ("Kari Salo, KTM, MBA", "Kari", "Salo", "KTM, MBA"),
        ("Lehto, Mika, DI", "Mika", "Lehto", "DI"),
        ("Lehto, DI, Mika", "Mika", "Lehto", "DI"),
        ("Smith, John, Jr.", "John", "Smith", "Jr."),
        ("Anne Ahti-Virta, Ph.D.", "Anne", "Ahti-Virta", "Ph.D."),
        ("Mika Lehto DI", "Mika", "Lehto", "DI"),
        ("Mika Lehto, toimitusjohtaja", "Mika", "Lehto", "toimitusjohtaja"),
        ("Dr. Mika Lehto", "Mika", "Lehto", "Dr."),
        ("van der Berg, Jan", "Jan", "van der Berg", ""),
        ("Jan van der Berg", "Jan", "van der Berg", ""),
        ("Carl von Knorring", "Carl", "von Knorring", ""),
        ("Lahti, JP", "JP", "Lahti", ""),
        ("Vera Di", "Vera", "Di", ""),
        ("Nguyen, Di", "Di", "Nguyen", ""),
        ("Anna Maria Virtanen", "Anna Maria", "Virtanen", ""),
        ("Lahti,", "", "Lahti", ""),
        ("Ve\u200bra Di", "Vera", "Di", ""),
    ],
)
def test_name_and_what_is_beside_it(full, first, last, rest):
    assert read_name(full) == PersonName(first, last, rest)


def test_degrees_are_taken_off_a_last_name():
    assert strip_degrees("Lehto, DI") == ("Lehto", "DI")
    assert strip_degrees("Lehto, Mika") == ("Lehto, Mika", "")


@settings(max_examples=50)
@given(st.lists(st.sampled_from(["Mika", "Lehto", "von", "DI", "KTM", ",", "Jr.", "Dr.", "Ä"]), min_size=1, max_size=6))
def test_no_word_of_a_name_is_lost(words):
    name = read_name(" ".join(words))
    left = f"{name.first} {name.last} {name.rest}".replace(",", " ").split()
    assert sorted(left) == sorted(word for word in words if word != ",")


HEADER = "Yritys;Nimi;Sähköposti;Puhelin\n"
MATTI = "Acme;Matti Aho;matti@acme.fi;040 123 4501\n"
OTHER = "Acme;Matti Aho;m.aho@acme.fi;040 123 4502\n"


@pytest.mark.django_db
class TestNamesakes:
    @pytest.fixture(autouse=True)
    def _customer(self):
        CustomerFactory(name="Acme")

    @pytest.mark.parametrize("dry_run", [True, False])
    def test_other_e_mail_and_phone_are_held_within_a_file(self, dry_run):
        run = run_import(HEADER + MATTI + OTHER, "contacts", dry_run=dry_run)
        assert (counts(run), codes(run, 3)) == ((1, 0, 0, 1, 0), ["namesake"])

    @pytest.mark.parametrize("dry_run", [True, False])
    def test_other_e_mail_and_phone_are_held_in_a_second_file(self, dry_run):
        run_import(HEADER + MATTI, "contacts")
        run = run_import(HEADER + OTHER, "contacts", dry_run=dry_run)
        assert (counts(run), codes(run, 2)) == ((0, 0, 0, 1, 0), ["namesake"])
        assert Contact.objects.get().points.count() == 2

    @pytest.mark.parametrize(
        "line",
        ["Acme;Matti Aho;m.aho@acme.fi;\n", "Acme;Matti Aho;;040 123 4502\n", "Acme;Matti Aho;x@acme.fi;040 1234501\n"],
    )
    def test_one_other_key_is_added_to_the_person(self, line):
        run_import(HEADER + MATTI, "contacts")
        assert counts(run_import(HEADER + line, "contacts")) == (0, 1, 0, 0, 0)

    def test_degree_is_no_part_of_the_name_and_is_named(self):
        run_import(HEADER + MATTI, "contacts")
        run = run_import(HEADER + MATTI.replace("Matti Aho", '"Matti Aho, DI"'), "contacts")
        assert (counts(run), codes(run, 2)) == ((0, 0, 1, 0, 0), ["beside_name"])

    def test_customer_of_the_name_with_other_e_mail_and_phone_is_held(self):
        header = "nimi;sähköposti;puhelin\n"
        run_import(header + "Beta;info@beta.fi;09 310 1601\n")
        run = run_import(header + "Beta Oy;beta@toinen.fi;09 310 1602\n")
        assert (counts(run), codes(run, 2)) == ((0, 0, 0, 1, 0), ["namesake"])
