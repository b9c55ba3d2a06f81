"""The internal PDF of a plan: every column of the widest tables is on the paper, whatever people have written."""

from __future__ import annotations

import datetime as dt
import re
import subprocess

import pytest
from django.utils.translation import override

from careplans.content.models import PlanContent, Project, System
from careplans.content.pdf import plans_pdf
from careplans.content.templatetags.plan_paper import hyphenated
from customers.models import Customer

pytestmark = pytest.mark.django_db
ENDLESS = "Asiakaslähtöisyysnäkökulmatarkastelu" * 12
LAST_WORDS = ("Hankeloppu", "Esimiesloppu", "Seurantaloppu", "Nimiloppu", "Toimittajaloppu", "Muuloppu")


def pdf_of(customer: Customer) -> bytes:
    with override("fi"):
        return plans_pdf(Customer.objects.with_summary().filter(pk=customer.pk), dt.date(2026, 5, 2))


def words_on_paper(pdf: bytes) -> list[str]:
    """Return the words that are within the page's edges, as poppler reads them."""
    text = subprocess.run(["pdftotext", "-bbox", "-", "-"], input=pdf, capture_output=True, check=True).stdout.decode()
    found = []
    for page in text.split("<page ")[1:]:
        width = float(re.findall(r'width="([\d.]+)"', page)[0])
        words = re.findall(r'<word xMin="([\d.-]+)" yMin="[\d.]+" xMax="([\d.]+)" yMax="[\d.]+">(.*?)</word>', page)
        found += [word for left, right, word in words if float(left) >= 0 and float(right) <= width]
    return found


def fill(customer: Customer, before: str) -> None:
    """Write into the widest two tables; each text ends with another word."""
    project, manager, follow_up, name, supplier, other = (f"{before} {word}" for word in LAST_WORDS)
    Project.objects.create(
        customer=customer, name=project, priority=1, start=dt.date(2026, 3, 1), end=dt.date(2027, 12, 31),
        manager=manager, budget=280_000, follow_up=follow_up,
    )  # fmt: skip
    System.objects.create(
        customer=customer, name=name, updates=12, next_update=3, contact="Pääkäyttäjä Mäkinen", supplier=supplier,
        keeper="external", resources=2, other=other,
    )  # fmt: skip


@pytest.mark.parametrize("before", ["Toiminnanohjausjärjestelmän pääkäyttäjäkoulutus", ENDLESS[:100]])
def test_the_last_word_of_each_column_is_on_the_paper(before, customer):
    fill(customer, before)
    words = words_on_paper(pdf_of(customer))
    assert not {"Tärkeysjärjestys", "Resurssimme", "Muut", *LAST_WORDS} - set(words)


def test_goals_of_one_endless_word_are_broken(customer):
    PlanContent.objects.create(customer=customer, goals=f"{ENDLESS} Tavoiteloppu")
    assert ENDLESS in "".join(words_on_paper(pdf_of(customer)))


def test_long_finnish_words_are_broken_between_syllables():
    with override("fi"):
        assert hyphenated("Toiminnanohjausjärjestelmä ja 1.3.2026").replace("\u00ad", "-") == (
            "Toi-min-na-noh-jaus-jär-jes-telmä ja 1.3.2026"
        )
    with override("en"):
        assert hyphenated("Toiminnanohjausjärjestelmä") == "Toiminnanohjausjärjestelmä"
