"""The pipeline in the browser: dragging a card does what its menu does, a refused one moves back; charts are drawn."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

MAKE = """
from accounts.models import User
from activities.log.models import ActivityType
from activities.log.services.activities import activity_log
from customers.models import Position
from offers.offers.models import Offer, OfferType
from offers.offers.services.offers import offer_create
from offers.offers.services.status import offer_set_status

user, type = User.objects.get(username="manager"), OfferType.objects.get(code="service_order")
at = Position.objects.current().filter(customer__state="active").first()
customer = at.customer
for name in ("lost", "cancelled", "letter", "keys", "script"):
    offer = Offer(title=f"Dragged {name}", type=type, customer=customer, owner=user, estimate=100)
    offer.contact, offer.expected_close = at.contact, offer.date
    offer = offer_create(offer=offer, user=user)
    if name in ("keys", "script"):
        offer_set_status(offer=offer, status="sent", user=user)
for name in ("refused", "offered"):
    lead = ActivityType.objects.get(code="lead")
    activity_log(user=user, type=lead, title=f"Dragged {name}", customer=customer)
"""


@pytest.fixture(scope="module", autouse=True)
def rows(site):
    """Offers and leads of the manager, one for each test, named by it."""
    site.manage("shell", "-c", MAKE)


def board(page):
    page.goto("/pipeline/?q=Dragged")
    page.locator(".board-card").first.wait_for()
    return page


def card_of(page, name):
    return page.locator(".board-card", has_text=f"Dragged {name}")


def drag(page, name, column):
    """Drag a card onto another column as a hand does it."""
    card, target = card_of(page, name), page.locator(f"[data-column={column}]")
    card.scroll_into_view_if_needed()
    start, end = card.bounding_box(), target.bounding_box()
    page.mouse.move(start["x"] + 40, start["y"] + start["height"] - 8)
    page.mouse.down()
    page.mouse.move(start["x"] + 50, start["y"] + start["height"], steps=4)
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + 60, steps=15)
    page.mouse.move(end["x"] + end["width"] / 2 + 2, end["y"] + 62, steps=3)
    page.mouse.up()


def stands_in(page, name, column):
    expect(page.locator(f"[data-column={column}] .board-card", has_text=f"Dragged {name}")).to_have_count(1)


@pytest.fixture
def page(visit):
    return board(visit("manager"))


def test_a_dropped_card_asks_for_the_reason_and_moves_when_it_is_told(page):
    drag(page, "lost", "lost")
    dialog = page.locator("#dialog[open]")
    dialog.locator("select[name=reason]").wait_for(state="attached")
    page.evaluate(
        """() => { const field = document.querySelector("#dialog select[name=reason]");
            const { value } = [...field.options].find((one) => one.value);
            if (field.tomselect) field.tomselect.setValue(value); else field.value = value; }"""
    )
    with page.expect_event("load"):
        dialog.locator("button[type=submit]").first.click()
    assert page.url.endswith("/pipeline/?q=Dragged")
    stands_in(page, "lost", "lost")
    page.locator(".toastx").first.wait_for()


def test_a_cancelled_move_takes_the_card_back(page):
    drag(page, "cancelled", "order")
    page.locator("#dialog[open] form").wait_for()
    stands_in(page, "cancelled", "order")
    page.keyboard.press("Escape")
    stands_in(page, "cancelled", "open")


def test_back_leaves_the_drop_of_a_card_and_stays_on_the_board(page):
    drag(page, "cancelled", "order")
    page.locator("#dialog[open] form").wait_for()
    page.go_back()
    expect(page.locator("#dialog")).to_be_hidden()
    assert page.url.endswith("/pipeline/?q=Dragged")
    stands_in(page, "cancelled", "open")


def test_a_refused_move_goes_back_with_the_sentence(page):
    drag(page, "refused", "sent")
    page.locator(".toastx.danger").wait_for()
    stands_in(page, "refused", "lead")
    expect(page.locator("#dialog[open]")).to_have_count(0)


def test_a_lead_becomes_an_offer_by_the_form_of_a_new_one(page):
    drag(page, "offered", "open")
    page.locator("#dialog[open] .type-buttons a").last.click()
    page.wait_for_url("**/offers/new/**activity=*")


def test_a_card_dropped_on_sent_stays_on_the_board_and_its_message_undoes_it(page):
    drag(page, "letter", "sent")
    dialog = page.locator("#dialog[open]")
    dialog.locator("a[href*='/send/']").click()
    dialog.locator("trix-editor").wait_for()  # the letter is written over the board
    page.keyboard.press("Escape")
    stands_in(page, "letter", "open")
    drag(page, "letter", "sent")
    dialog.locator("[name=note]").fill("On paper")
    with page.expect_event("load"):
        dialog.locator("button[type=submit]").click()
    assert page.url.endswith("/pipeline/?q=Dragged")
    stands_in(page, "letter", "sent")
    with page.expect_event("load"):
        page.locator(".toastx form button[type=submit]").click()
    assert page.url.endswith("/pipeline/?q=Dragged")
    stands_in(page, "letter", "open")


def test_the_menu_of_a_card_opens_the_same_page_by_keyboard(page):
    card = card_of(page, "keys")
    card.locator("summary").focus()
    page.keyboard.press("Enter")
    card.locator(".menu-box a[href*='to=lost']").focus()
    page.keyboard.press("Enter")
    page.locator("#dialog[open] select[name=reason]").wait_for(state="attached")


def test_without_javascript_the_menu_leads_to_the_page(visit):
    page = board(visit("manager", javascript=False))
    card = card_of(page, "script")
    card.locator("summary").click()
    card.locator(".menu-box a[href*='to=lost']").click()
    page.wait_for_url("**/lose/?next=*")
    expect(page.locator("select[name=reason]")).to_have_count(1)


def test_cards_are_movable_after_a_filter_has_drawn_the_board_again(page):
    page.fill("#list-q", "Dragged refused")
    expect(page.locator(".board-card")).to_have_count(1)
    drag(page, "refused", "order")
    page.locator(".toastx.danger").wait_for()
    stands_in(page, "refused", "lead")


@pytest.mark.parametrize("size", ["wide", "narrow"])
def test_the_board_stays_inside_the_screen(visit, size):
    page = board(visit("manager", size=size))
    assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")


#: Whether the first chart has more colours than an empty one.
DRAWN = """() => {
  const box = document.querySelector(".chart canvas");
  return new Set(box.getContext("2d").getImageData(0, 0, box.width, box.height).data).size > 8;
}"""


@pytest.mark.parametrize("path", ["/pipeline/forecast/", "/offers/reports/hit-rate/", "/offers/reports/types/"])
def test_charts_are_drawn_beside_their_table(visit, path):
    page = visit("management")
    page.goto(path)
    page.locator(".chart canvas").first.wait_for()
    page.wait_for_function(DRAWN)
    assert page.locator("table.t tbody tr").count() > 1


def test_without_javascript_a_report_is_its_table(visit):
    page = visit("management", javascript=False)
    page.goto("/offers/reports/hit-rate/")
    expect(page.locator(".chart").first).to_be_hidden()
    expect(page.locator("table.t tbody tr").first).to_be_visible()
