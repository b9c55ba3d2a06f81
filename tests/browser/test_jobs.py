"""Each daily job takes no more actions than in a good peer (`interactions.py` says what an action is)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page

from core import clock
from tests.browser.interactions import Hands, Seen

Visit = Callable[..., Page]
NOKIA = "Nokian Konepaja Oy"


@pytest.fixture
def hands(visit: Visit) -> Callable[[str], Hands]:
    return lambda username: Hands(visit(username))


def customer_page(user: Hands, name: str = NOKIA) -> str:
    """Return the address of the page of the customer."""
    user.begin(f"/customers/?q={name.replace(' ', '+')}")
    user.find("#list tbody").link(name).first.expect.to_be_visible()
    return user.find("#list tbody").link(name).first.address


def choose(user: Hands, text: str, option: str, into: Seen | None = None) -> None:
    """Type into a field that searches, and leave it with the highlighted option."""
    user.type(text, into, leave=lambda: user.find(".ts-dropdown:visible .active").expect.to_contain_text(option))


def test_find_a_customer_by_typing(hands: Callable[[str], Hands]) -> None:
    user = hands("manager")
    user.begin("/activities/")
    user.press("Control+k")
    user.type("nokian konepaja")
    user.find("#palette-results a").first.expect.to_contain_text(NOKIA)
    user.press("Enter")
    user.find("main h1").expect.to_contain_text(NOKIA)
    user.took(3)


def test_log_a_call_on_the_page_of_the_customer(hands: Callable[[str], Hands]) -> None:
    user = hands("manager")
    user.begin(customer_page(user))
    user.press("p")
    user.find("#dialog [name=title]").expect.to_be_focused()
    user.type("Sovittu kevään aikataulu")
    user.press("Enter")
    user.find("main .tl li", has_text="Sovittu kevään aikataulu").expect.to_contain_text("tehty")
    user.took(3)


def test_log_a_call_from_anywhere(hands: Callable[[str], Hands]) -> None:
    user = hands("manager")
    user.begin("/offers/")
    user.press("p")
    user.find("#dialog .ts-wrapper.focus").expect.to_be_visible()
    choose(user, "nokian konepaja", NOKIA)
    user.type("Kysyi hinnastoa", user.find("#dialog [name=title]"))
    user.press("Enter")
    user.find("main h1").expect.to_contain_text("Kysyi hinnastoa")
    user.find("main").expect.to_contain_text(NOKIA)
    user.took(4)


def test_call_a_customer_and_log_the_call(hands: Callable[[str], Hands]) -> None:
    user = hands("manager")
    user.begin(customer_page(user))
    user.click(user.find(".page-head").link("Soita"))
    title = user.find("#dialog [name=title]")
    title.expect.to_have_value(f"Soitto: {NOKIA}")
    title.expect.to_be_focused()
    user.press("Enter")
    user.find("main .tl li", has_text=f"Soitto: {NOKIA}").first.expect.to_contain_text("tehty")
    user.took(2)


def test_log_the_visit_of_yesterday_with_two_follow_ups(hands: Callable[[str], Hands]) -> None:
    user = hands("manager")
    user.begin(customer_page(user))
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


def test_plan_a_visit_of_next_week_in_the_calendar(hands: Callable[[str], Hands]) -> None:
    user = hands("manager")
    user.begin("/calendar/?view=week")
    user.click(user.find("[data-go=next]"))
    monday = clock.today() + timedelta(days=7 - clock.today().weekday())
    slot = user.find(f".fc-timegrid-col[data-date='{monday:%Y-%m-%d}']")
    user.click(slot, at=(40, 330))
    user.find("#dialog .ts-wrapper.focus").expect.to_be_visible()
    choose(user, "nokian konepaja", NOKIA)
    user.type("Syksyn ryhmien sopiminen", user.find("#dialog [name=goal]"))
    user.press("Enter")
    user.find(".fc-event", has_text="Syksyn ryhmien sopiminen").expect.to_be_visible()
    user.took(5)


def write_to_a_contact(user: Hands) -> None:
    user.click(user.find(".people .reach a[aria-label^=Sähköposti]").first)
    user.find("#id_subject").expect.to_be_focused()
    user.type("Kevään kalenteri")
    user.type("Hei, kalenteri on valmis.", user.find("trix-editor"))


def test_write_to_a_contact(hands: Callable[[str], Hands]) -> None:
    user = hands("manager")
    user.begin(customer_page(user))
    write_to_a_contact(user)
    user.click(user.find("#compose").button("Lähetä"))
    user.find(".toasts").expect.to_contain_text("lähdössä")
    user.took(4)


def test_make_an_offer_with_two_products(hands: Callable[[str], Hands]) -> None:
    user = hands("manager")
    user.begin(customer_page(user))
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


def test_change_the_phone_number_of_a_customer(hands: Callable[[str], Hands]) -> None:
    user = hands("manager")
    user.begin(customer_page(user))
    phone = user.find("[data-inline$='/inline/phone/']")
    user.click(phone.find(".inl-pen"))
    user.find("#inline-editor [name=phone]").expect.to_be_focused()
    user.type("050 123 4567", leave=True)
    phone.expect.to_contain_text("050 1234567")
    user.took(2)


def test_add_a_contact(hands: Callable[[str], Hands]) -> None:
    user = hands("manager")
    user.begin(customer_page(user))
    user.click(user.find("main").link("Lisää yhteyshenkilö"))
    form = user.find("#dialog")
    user.type("Aino", form.find("[name=first_name]"))
    user.type("Saarela", form.find("[name=last_name]"))
    user.type("laatupäällikkö", form.find("[name=title]"))
    user.type("040 765 4321", form.find("[name=points-0-value]"))
    user.type("aino.saarela@nokiankonepaja.example", form.find("[name=points-1-value]"))
    user.press("Enter")
    user.find(".people").expect.to_contain_text("Aino Saarela")
    user.took(7)


def test_add_a_contact_from_one_line_of_a_signature(hands: Callable[[str], Hands]) -> None:
    user = hands("manager")
    user.begin(customer_page(user))
    user.click(user.find("main").link("Lisää yhteyshenkilö"))
    form = user.find("#dialog")
    form.find("[name=first_name]").expect.to_be_focused()
    user.type("Veikko Iso-Oja, ostopäällikkö, 040 111 2222, veikko@nokiankonepaja.example", leave=True)
    shown = {"first_name": "Veikko", "last_name": "Iso-Oja", "title": "ostopäällikkö", "points-0-value": "040 111 2222"}
    for name, value in shown.items():
        form.find(f"[name={name}]").expect.to_have_value(value)
    user.press("Control+Enter")
    user.find(".people").expect.to_contain_text("Veikko Iso-Oja")
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


def test_give_a_class_to_120_customers(hands: Callable[[str], Hands]) -> None:
    user = hands("admin")
    user.begin("/customers/")
    user.press("Shift+X")
    user.click(user.find(".bulkbar").button("Muuta luokkaa"))
    user.find("#dialog .ts-wrapper.focus").expect.to_be_visible()
    choose(user, "Tavaran-", "Tavaran-")
    run = user.find("#dialog .form-foot [name=start]")
    run.expect.to_contain_text(re.compile(r"\((1[2-9]\d|\d\s\d{3})\)"))
    user.click(run)
    user.find(".page-head .st").expect.to_have_text("valmis")
    user.took(4)
    user.click(user.find("main").link("Kumoa"))
    user.click(user.find("#dialog").button("Kumoa"))
    user.find(".page-head .st").expect.to_have_text("kumottu")


def test_move_a_card_on_the_board(hands: Callable[[str], Hands]) -> None:
    user = hands("manager")
    user.begin("/pipeline/?mine=true")
    card = user.find("[data-column=sent] .may-move").first
    user.drag(card, user.find("[data-column=lost]"))
    user.find("#dialog form").expect.to_be_visible()  # the board stays, and what is missing is asked on it
    assert "/pipeline/" in user.url
    user.took(1)


def test_write_to_somebody_who_has_refused_marketing(hands: Callable[[str], Hands]) -> None:
    user = hands("manager")
    page = customer_page(user, "Espoon kaupunki")
    user.begin(page)
    person = user.find(".people > div:has(.reach a[aria-label^=Sähköposti]) strong a").first
    name = person.text
    user.begin(f"{person.address}consents/new/?channel=email")
    user.click(user.label("ei"))
    user.type("puhelu", user.find("[name=source]"))
    user.press("Control+Enter")
    user.find(".toasts").expect.to_contain_text("uostumus")

    user.begin(page)
    user.click(user.find(f".reach a[aria-label='Sähköposti: {name}']"))
    user.find("#consent").expect.to_contain_text(name)
    user.type("Sopimuksen liite", user.find("#id_subject"))
    user.type("Tässä sovittu liite.", user.find("trix-editor"))
    user.click(user.find("#consent input[type=checkbox]"))  # on the screen from the start, and the only one more
    user.click(user.find("#compose").button("Lähetä"))
    user.find(".toasts").expect.to_contain_text("lähdössä")
    user.took(5)


def test_the_keyboard_alone_goes_to_a_list_selects_rows_and_walks_through_records(
    hands: Callable[[str], Hands],
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
    user.begin(customer_page(user))
    user.press("e")
    user.find("#id_name").expect.to_have_value(NOKIA)


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
