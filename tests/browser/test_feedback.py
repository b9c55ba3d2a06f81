"""Late negative feedback is escalated; a contact answers the NPS question without signing in."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.site import Site
from tests.browser.test_mail import choose_recipient, open_customer
from tests.browser.waiting import reload_until

Visit = Callable[..., Page]
TITLE = "Kouluttaja ei tullut paikalle"

GO_LATE = f"""
import datetime as dt
from django.utils import timezone
from accounts.models import User
from activities.feedback.models import Feedback
from activities.feedback.tasks import escalate_late_feedback
row = Feedback.objects.filter(activity__title={TITLE!r})
row.update(answer_due=timezone.now() - dt.timedelta(hours=1), responsible=User.objects.get(username="adviser"))
escalate_late_feedback()
"""

ASK = """
from accounts.models import User
from activities.feedback.models import NpsQuestion
from activities.feedback.services.nps import nps_ask
from activities.feedback.services.nps import obstacle_to_asking, secret_of
from customers.models import Contact, Position
for position in Position.objects.current().filter(customer__state="active").select_related("contact", "customer")[:200]:
    if obstacle_to_asking(position.contact) is None:
        user = User.objects.get(username="manager")
        asked = nps_ask(contacts=[position.contact], customer=position.customer, user=user)
        print("secret=" + secret_of(asked[0]))
        break
"""


def test_negative_feedback_goes_late_and_is_told_onwards(visit: Visit, site: Site) -> None:
    page = visit("manager")
    page.goto("/customers/?mine=true")
    page.locator("#list tbody a").first.click()
    customer = re.search(r"/customers/(\d+)/", page.url)
    assert customer
    page.goto(f"/activities/new/?type=feedback&customer={customer[1]}")
    page.fill("main [name=title]", TITLE)
    page.locator("main label", has_text="Kielteinen").click()
    page.locator(".activity-form .form-foot button[type=submit]").click()
    page.wait_for_url(re.compile(r"/(customers|activities)/\d+/$"))

    site.manage("shell", "-v0", "-c", GO_LATE)

    page = visit("adviser")
    page.goto("/notifications/")
    expect(page.locator("main")).to_contain_text(TITLE)
    page.goto("/feedback/?tab=late")
    page.locator("#list").get_by_role("link", name=TITLE).click()
    page.locator("#feedback-panel a[href$='/answer/']").click()
    page.fill("#dialog [name=answer]", "Soitimme ja sovimme uuden ajan.")
    page.locator("#dialog button[type=submit]").first.click()
    expect(page.locator("#feedback-panel")).to_contain_text("Soitimme ja sovimme uuden ajan.")


def test_a_contact_answers_by_the_personal_link_once(visit: Visit, site: Site) -> None:
    secret = re.search(r"secret=(\S+)", site.manage("shell", "-v0", "-c", ASK))
    assert secret
    page = visit(size="narrow")
    page.goto(f"/nps/{secret[1]}/")
    page.locator(".nps-score", has_text="9").click()
    page.fill("[name=comment]", "Hyvä kouluttaja")
    page.locator("button[type=submit]").click()
    expect(page.locator("h1")).to_be_visible()
    expect(page.locator("form")).to_have_count(0)
    page.goto(f"/nps/{secret[1]}/")
    expect(page.locator("form")).to_have_count(0)


def test_feedback_is_answered_by_e_mail_from_its_page(visit: Visit, site: Site) -> None:
    page = visit("manager")
    open_customer(page)
    customer = re.search(r"/customers/(\d+)/", page.url)
    assert customer
    page.goto(f"/activities/new/?type=feedback&customer={customer[1]}")
    page.fill("main [name=title]", "Kahvi oli kylmää")
    page.locator(".activity-form .form-foot button[type=submit]").click()
    page.wait_for_url(re.compile(r"/(customers|activities)/\d+/$"))
    page.goto("/feedback/?q=kahvi")
    page.locator("#list").get_by_role("link", name="Kahvi oli kylmää").click()

    page.locator("#feedback-panel a[href*='feedback=']").click()
    expect(page.locator("[name=subject]")).to_have_value(re.compile("Kahvi oli kylmää"))
    expect(page.locator("trix-editor blockquote")).to_contain_text("Kahvi oli kylmää")
    if not page.locator("#id_to ~ .ts-wrapper .item").count():
        choose_recipient(page)
    page.locator("trix-editor").click()
    page.keyboard.press("Control+Home")
    page.keyboard.type("Ensi kerralla kahvi on kuumaa.")
    page.locator("button[name=send]").click()

    panel = page.locator("#feedback-panel")
    expect(panel).to_be_visible()
    reload_until(page, lambda moment: expect(panel).to_contain_text("Ensi kerralla kahvi on kuumaa.", timeout=moment))
    panel.locator("a[href*='/activities/']").filter(has_text=re.compile("Vastausviesti|Answer message")).click()
    expect(page.locator("#message")).to_contain_text("Kahvi oli kylmää")
