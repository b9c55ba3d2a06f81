"""A selection is built in a few actions, saved in the menu, and used as a list; filters are saved at one press."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.interactions import Hands
from tests.browser.site import Site

Visit = Callable[..., Page]
MOST_ACTIONS = 14
CLASS = "Tavaran- ja palveluntoimittajat"
#: A customer that the selection finds, whatever the demo data has and other tests have done.
FOUND = """
from accounts.models import User
from customers.models import ClassificationNode, Municipality
from customers.tests.factories import ContactFactory, CustomerFactory
from segmentation.membership.tests.factories import segment
customer = CustomerFactory(
    name="Espoon Valimo Oy",
    business_id="",
    municipality=Municipality.objects.get(name_fi="Espoo"),
    segment=segment("B"),
    owner=User.objects.get(username="manager"),
)
ContactFactory(customer=customer, customer__role=ClassificationNode.objects.get(code="decision_maker"))
"""


def test_a_selection_is_built_saved_given_a_class_and_activities_and_put_back(visit: Visit, site: Site) -> None:
    site.manage("shell", "-c", FOUND)
    user = Hands(visit("admin"))
    user.begin("/customers/")
    user.click(user.find("#side").link("Poiminnat"))
    user.click(user.link("Uusi poiminta"))
    palette = user.find(".conditions-box")
    user.click(palette.button("Segmentti"))
    user.click(user.label("B – Kasvavat asiakkaat"))
    user.click(palette.button("Kunta"))
    user.find("[data-new] .ts-wrapper.focus").expect.to_be_visible()
    user.type("Espoo", leave=lambda: user.find("[data-new] .option.active").expect.to_have_text("Espoo"))
    user.click(palette.button("Ei käyntiä … päivään"))
    user.find("[data-new] legend").expect.to_have_text("Toimenpiteet")
    user.click(palette.button("Päättäjä tiedossa"))
    user.find("#preview strong").expect.to_have_text(re.compile(r"^\d+ asiakas(ta)?$"))
    user.find("#preview").expect.to_contain_text("Rooli päätöksenteossa: Päättäjä")
    user.type("Espoon kasvavat", user.find("#builder [name=name]"))
    user.click(user.find("#builder .form-foot [name=save]"))
    user.find("main h1").expect.to_have_text("Espoon kasvavat")
    user.took(MOST_ACTIONS)

    user.click(user.find("#side").link("Espoon kasvavat"))
    user.expect_page().to_have_url(re.compile(r"/customers/\?selection=\d+$"))
    user.find(".chip.on").expect.to_contain_text("Espoon kasvavat")
    user.find("#list tbody").expect.to_contain_text("Espoon Valimo Oy")
    the_list = user.url
    for operation in (give_class, give_activity):
        user.begin(the_list)
        user.press("Shift+X")
        operation(user)
        user.find(".page-head .st").expect.to_have_text("valmis")
        user.click(user.find("main").link("Kumoa"))
        user.click(user.find("#dialog").button("Kumoa"))
        user.find(".page-head .st").expect.to_have_text("kumottu")
        user.took(7)


def give_class(user: Hands) -> None:
    user.click(user.find(".bulkbar").button("Muuta luokkaa"))
    user.find("#dialog .ts-wrapper.focus").expect.to_be_visible()
    user.type(CLASS, leave=lambda: user.find("#dialog .option.active").expect.to_have_text(CLASS))
    user.click(user.find("#dialog [name=start]"))


def give_activity(user: Hands) -> None:
    user.click(user.find(".bulkbar").button("Toimenpide kullekin"))
    user.type("Kevään tarve kartoitetaan", user.find("#dialog [name=title]"), leave=True)
    user.click(user.find("#dialog [name=start]"))


def test_selection_is_built_without_javascript(visit: Visit) -> None:
    page = visit("manager", javascript=False)
    page.goto("/selections/new/")
    page.get_by_role("button", name="Segmentti", exact=True).click()
    page.get_by_label("B – Kasvavat asiakkaat").check()
    page.get_by_role("button", name="Laske rivit").click()
    expect(page.locator("#preview strong")).to_have_text(re.compile(r"\d+\s+asiakasta"))
    page.get_by_role("button", name="Henkilöstö", exact=True).click()
    expect(page.get_by_label("B – Kasvavat asiakkaat")).to_be_checked()
    page.get_by_role("button", name="Poista: Henkilöstö").click()
    page.fill("#builder [name=name]", "Ilman skriptiä")
    page.locator("#builder .form-foot [name=save]").click()
    expect(page.locator("h1")).to_have_text("Ilman skriptiä")


def test_filters_of_the_list_are_saved_at_one_press(visit: Visit) -> None:
    page = visit("manager")
    page.goto("/customers/?obliged=true")
    page.get_by_role("button", name="Tallenna poiminnaksi").click()
    expect(page).to_have_url(re.compile(r"/customers/\?selection=\d+$"))
    expect(page.locator("#side").get_by_role("link", name=re.compile("Ostovelvollinen"))).to_be_visible()
