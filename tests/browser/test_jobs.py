"""Each daily job takes no more actions than in a good peer (`interactions.py` says what an action is)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page

from core import clock
from tests.browser.interactions import Hands, Seen
from tests.browser.site import Site

Visit = Callable[..., Page]
NAME = "Kalevan Kellosepät Oy"
#: A customer of these tests alone: what the demo data has, and what other tests have done, does not matter.
SETUP = f"""
from accounts.models import User
from customers.models import ClassificationNode, Consent
from customers.tests.factories import ContactFactory, CustomerFactory
from offers.offers.enums import OfferStatus
from offers.offers.models import OfferType
from offers.offers.tests.factories import OfferFactory
manager = User.objects.get(username="manager")
customer = CustomerFactory(name="{NAME}", business_id="", phone="+358401112233", owner=manager)
decides = ClassificationNode.objects.get(code="decision_maker")
points = {{"email": "helmi@kellot.example", "phone": "+358405550001"}}
ContactFactory(first_name="Helmi", last_name="Kello", customer=customer, customer__role=decides, **points)
refuses = ContactFactory(first_name="Otso", last_name="Hiljainen", customer=customer, email="otso@kellot.example")
Consent.objects.create(contact=refuses, channel="email", is_given=False, source="call")
kind = OfferType.objects.get(code="service_order")
OfferFactory(title="Siirrettävä kortti", type=kind, customer=customer, owner=manager, status=OfferStatus.SENT)
OfferFactory(title="Lähetettävä kortti", type=kind, customer=customer, owner=manager)
print(f"customer={{customer.pk}}")
"""


@pytest.fixture
def hands(visit: Visit) -> Callable[[str], Hands]:
    return lambda username: Hands(visit(username))


@pytest.fixture(scope="module")
def customer(site: Site) -> str:
    """The address of the customer's page."""
    found = re.search(r"customer=(\d+)", site.manage("shell", "-v0", "-c", SETUP))
    assert found
    return f"/customers/{found[1]}/"


def choose(user: Hands, text: str, option: str, into: Seen | None = None) -> None:
    """Type into a field that searches, and leave it with the highlighted option."""
    user.type(text, into, leave=lambda: user.find(".ts-dropdown:visible .active").expect.to_contain_text(option))


def test_find_a_customer_by_typing(hands: Callable[[str], Hands], customer: str) -> None:
    user = hands("manager")
    user.begin("/activities/")
    user.press("Control+k")
    user.type("kalevan kello")
    user.find("#palette-results a").first.expect.to_contain_text(NAME)
    user.press("Enter")
    user.find("main h1").expect.to_contain_text(NAME)
    user.took(3)


def test_log_a_call_on_the_page_of_the_customer(hands: Callable[[str], Hands], customer: str) -> None:
    user = hands("manager")
    user.begin(customer)
    user.press("p")
    user.find("#dialog [name=title]").expect.to_be_focused()
    user.type("Sovittu kevään aikataulu")
    user.press("Enter")
    user.find("main .tl li", has_text="Sovittu kevään aikataulu").expect.to_contain_text("tehty")
    user.took(3)


def test_log_a_call_from_anywhere(hands: Callable[[str], Hands], customer: str) -> None:
    user = hands("manager")
    user.begin("/offers/")
    user.press("p")
    user.find("#dialog .ts-wrapper.focus").expect.to_be_visible()
    choose(user, "kalevan kello", NAME)
    user.type("Kysyi hinnastoa", user.find("#dialog [name=title]"))
    user.press("Enter")
    user.find("main h1").expect.to_contain_text("Kysyi hinnastoa")
    user.find("main").expect.to_contain_text(NAME)
    user.took(4)


def test_call_a_customer_and_log_the_call(hands: Callable[[str], Hands], customer: str) -> None:
    user = hands("manager")
    user.begin(customer)
    user.click(user.find(".page-head").link("Soita"))
    title = user.find("#dialog [name=title]")
    title.expect.to_have_value(f"Soitto: {NAME}")
    title.expect.to_be_focused()
    user.press("Enter")
    user.find("main .tl li", has_text=f"Soitto: {NAME}").first.expect.to_contain_text("tehty")
    user.took(2)


def test_log_the_visit_of_yesterday_with_two_follow_ups(hands: Callable[[str], Hands], customer: str) -> None:
    user = hands("manager")
    user.begin(customer)
    user.press("n")
    form = user.find("#dialog")
    user.type("eilen 13", form.find("[name=start]"))
    user.type("Hitsaajien pätevyydet", form.find("[name=goal]"))
    form.find("[name=title]").expect.to_have_attribute("placeholder", "Hitsaajien pätevyydet")
    user.type("Lähetä pätevyysluettelo", form.find("[name=follow-0-title]"))
    user.type("Varaa hitsaussali", form.find("[name=follow-1-title]"))
    user.press("Enter")
    visit = user.find("main .tl li", has_text="Hitsaajien pätevyydet")
    visit.expect.to_contain_text(f"{clock.today() - timedelta(days=1):%-d.%-m.}")
    for agreed in ("Lähetä pätevyysluettelo", "Varaa hitsaussali"):
        user.find("main .tl li", has_text=agreed).expect.to_be_visible()
    user.took(6)


def test_plan_a_visit_of_next_week_in_the_calendar(hands: Callable[[str], Hands], customer: str) -> None:
    user = hands("manager")
    user.begin("/calendar/?view=week")
    user.click(user.find("[data-go=next]"))
    saturday = clock.today() + timedelta(days=12 - clock.today().weekday())  # the demo data plans little for it
    slot = user.find(f".fc-timegrid-col[data-date='{saturday:%Y-%m-%d}']")
    user.click(slot, at=(40, 330))
    user.find("#dialog .ts-wrapper.focus").expect.to_be_visible()
    choose(user, "kalevan kello", NAME)
    user.type("Syksyn ryhmien sopiminen", user.find("#dialog [name=goal]"))
    user.press("Enter")
    user.find(".fc-event", has_text="Syksyn ryhmien sopiminen").expect.to_be_visible()
    user.took(5)


def write_to_a_contact(user: Hands) -> None:
    user.click(user.find(".people .reach a[aria-label^=Sähköposti]").first)
    user.find("#id_subject").expect.to_be_focused()
    user.type("Kevään kalenteri")
    user.type("Hei, kalenteri on valmis.", user.find("trix-editor"))


def test_write_to_a_contact(hands: Callable[[str], Hands], customer: str) -> None:
    user = hands("manager")
    user.begin(customer)
    write_to_a_contact(user)
    user.click(user.find("#compose").button("Lähetä"))
    user.find(".toasts").expect.to_contain_text("lähdössä")
    user.took(4)


def test_make_an_offer_with_two_products(hands: Callable[[str], Hands], customer: str) -> None:
    user = hands("manager")
    user.begin(customer)
    user.click(user.find("main .tabs a[href$='/offers/']"))
    user.click(user.link("Uusi tarjous"))
    user.click(user.find("#dialog .type-buttons a, main .type-buttons a").first)
    user.find("#id_title").expect.to_be_visible()
    user.type("Hitsauskurssit", user.find("#id_title"))
    for number, text in enumerate(("excel", "hygieniapassi")):
        choose(user, text, "", user.find("#id_line-product-ts-control"))
        user.find("[data-line]").nth(number).expect.to_be_visible()
    user.press("Control+Enter")
    user.find("main h1").expect.to_contain_text("Hitsauskurssit")
    user.took(9)


def test_change_the_phone_number_of_a_customer(hands: Callable[[str], Hands], customer: str) -> None:
    user = hands("manager")
    user.begin(customer)
    phone = user.find("[data-inline$='/inline/phone/']")
    user.click(phone.find(".inl-pen"))
    user.find("#inline-editor [name=phone]").expect.to_be_focused()
    user.type("050 123 4567", leave=True)
    phone.expect.to_contain_text("050 1234567")
    user.took(2)


def test_add_a_contact(hands: Callable[[str], Hands], customer: str) -> None:
    user = hands("manager")
    user.begin(customer)
    user.click(user.find("main").link("Lisää yhteyshenkilö"))
    form = user.find("#dialog")
    user.type("Ainikki", form.find("[name=first_name]"))
    user.type("Sarvanto", form.find("[name=last_name]"))
    user.type("laatupäällikkö", form.find("[name=title]"))
    user.type("040 765 4398", form.find("[name=points-0-value]"))
    user.type("ainikki.sarvanto@kellot.example", form.find("[name=points-1-value]"))
    user.press("Enter")
    user.find(".people").expect.to_contain_text("Ainikki Sarvanto")
    user.took(7)


def test_add_a_contact_from_one_line_of_a_signature(hands: Callable[[str], Hands], customer: str) -> None:
    user = hands("manager")
    user.begin(customer)
    user.click(user.find("main").link("Lisää yhteyshenkilö"))
    form = user.find("#dialog")
    form.find("[name=first_name]").expect.to_be_focused()
    user.type("Veikko Iso-Ojanen, ostopäällikkö, 040 111 2298, veikko.ojanen@kellot.example", leave=True)
    shown = {
        "first_name": "Veikko",
        "last_name": "Iso-Ojanen",
        "title": "ostopäällikkö",
        "points-0-value": "040 111 2298",
    }
    for name, value in shown.items():
        form.find(f"[name={name}]").expect.to_have_value(value)
    user.press("Control+Enter")
    user.find(".people").expect.to_contain_text("Veikko Iso-Ojanen")
    user.took(3)


def test_add_a_class_to_the_tree(hands: Callable[[str], Hands]) -> None:
    user = hands("admin")
    user.begin("/classifications/")
    user.press("n")
    user.find("#dialog [name=name_fi]").expect.to_be_focused()
    user.type("Kausiasiakkaat")
    user.press("Enter")
    user.find("main .tree").expect.to_contain_text("Kausiasiakkaat")
    user.took(3)


def test_invite_a_user(hands: Callable[[str], Hands]) -> None:
    user = hands("admin")
    user.begin("/users/")
    user.press("n")
    user.find("#id_email").expect.to_be_focused()
    user.type("hanna.kivi-aho@example.com")
    user.find("#id_username").expect.to_have_value("hanna.kivi-aho")
    user.find("#id_last_name").expect.to_have_value("Kivi-Aho")
    user.click(user.label("Asiakasvastaava"))
    user.press("Control+Enter")
    user.find("main h1").expect.to_contain_text("Hanna Kivi-Aho")
    user.took(4)


def test_see_the_week_of_the_team(hands: Callable[[str], Hands]) -> None:
    user = hands("management")
    user.begin("/start/")
    user.click(user.find("#panel-start_hours").link("Tiimin viikko"))
    user.expect_page().to_have_url(re.compile(r"/team-week/"))
    assert user.screens <= 3
    user.took(1)


def test_give_a_class_to_120_customers(hands: Callable[[str], Hands]) -> None:
    user = hands("admin")
    user.begin("/customers/")
    user.press("Shift+X")
    user.click(user.find(".bulkbar").button("Muuta luokkaa"))
    user.find("#dialog .ts-wrapper.focus").expect.to_be_visible()
    choose(user, "Tavaran-", "Tavaran-")
    run = user.find("#dialog .form-foot [name=start]")
    run.expect.to_contain_text(re.compile(r"\((1[2-9]\d|[2-9]\d\d|\d\s\d{3})\)"))
    user.click(run)
    user.find(".page-head .st").expect.to_have_text("valmis")
    user.took(4)
    user.click(user.find("main").link("Kumoa"))
    user.click(user.find("#dialog").button("Kumoa"))
    user.find(".page-head .st").expect.to_have_text("kumottu")


def test_move_a_card_on_the_board(hands: Callable[[str], Hands], customer: str) -> None:
    user = hands("manager")
    user.begin("/pipeline/?q=Siirrettävä")
    card = user.find("[data-column=sent] .may-move", has_text="Siirrettävä kortti")
    user.drag(card, user.find("[data-column=lost]"))
    reason = user.find("#dialog select[name=reason]")  # the board stays, and what is missing is asked on it
    reason.expect.to_be_focused()
    user.type("Hinta")
    user.press("Control+Enter")
    user.find("[data-column=lost] .board-card", has_text="Siirrettävä kortti").expect.to_contain_text("Hinta")
    user.find("[data-column=sent] .board-card", has_text="Siirrettävä kortti").expect.to_have_count(0)
    assert "/pipeline/" in user.url
    # A peer moves a card by one drag where it asks nothing. A lost offer has a reason here, as the rules require:
    # choosing it and saving are what a peer with a required reason takes too.
    user.took(3)


def test_move_a_card_to_what_was_sent_otherwise(hands: Callable[[str], Hands], customer: str) -> None:
    user = hands("manager")
    user.begin("/pipeline/?q=Lähetettävä")
    card = user.find("[data-column=open] .may-move", has_text="Lähetettävä kortti")
    user.drag(card, user.find("[data-column=sent]"))
    user.find("#dialog input[name=note]").expect.to_be_focused()
    user.press("Enter")  # one more than a peer, which sends nothing: here the dialog says how it was sent
    user.find("[data-column=sent] .board-card", has_text="Lähetettävä kortti").expect.to_be_visible()
    assert "/pipeline/" in user.url
    user.took(2)


def test_write_to_somebody_who_has_refused_marketing(hands: Callable[[str], Hands], customer: str) -> None:
    user = hands("manager")
    user.begin(customer)
    user.click(user.find(".reach a[aria-label='Sähköposti: Otso Hiljainen']"))
    user.find("#consent").expect.to_contain_text("Otso Hiljainen")
    user.type("Sopimuksen liite", user.find("#id_subject"))
    user.type("Tässä sovittu liite.", user.find("trix-editor"))
    button = user.find("#compose").button("Lähetä henkilökohtaisena viestinä")
    user.press("Control+Enter")  # a habit: goes to the button that says what it sends, but does not press it
    button.expect.to_be_focused()
    user.actions.pop()
    user.click(button)
    user.find(".toasts").expect.to_contain_text("lähdössä")
    user.took(4)


def test_the_keyboard_alone_goes_to_a_list_selects_rows_and_walks_through_records(
    hands: Callable[[str], Hands],
    customer: str,
) -> None:
    user = hands("manager")
    user.begin("/activities/")
    user.press("g")
    user.press("c")
    user.find("main h1").expect.to_have_text("Asiakkaat")
    rows = user.find("#list tbody tr")
    user.press("j")
    user.press("j")
    rows.nth(1).find("td:not(.tick) a").first.expect.to_be_focused()
    user.press("x")
    rows.nth(1).find("input[name=ids]").expect.to_be_checked()
    user.press("k")
    name = rows.nth(1).find("td:not(.tick) a").first.text
    user.press("Enter")
    user.find(".walk").expect.to_be_visible()
    user.press("j")
    user.find("main h1").expect.to_have_text(name)
    user.press("?")
    user.find("#shortcuts").expect.to_contain_text("Siirry asiakkaisiin")
    user.begin(customer)
    user.press("e")
    user.find("#id_name").expect.to_have_value(NAME)


def test_letters_do_nothing_while_a_field_has_the_focus_and_on_a_form_that_lost_it(
    hands: Callable[[str], Hands],
) -> None:
    user = hands("manager")
    user.begin("/customers/")
    user.type("gxjkl", user.find("#list-q"))
    user.find("#list-q").expect.to_have_value("gxjkl")
    user.begin("/customers/new/")
    user.click(user.find("main h1"))
    for key in ("g", "c", "l", "p", "n"):
        user.press(key)
    user.find("#dialog").expect.to_be_hidden()
    assert user.url.endswith("/customers/new/")
