"""The undo of a step, an addition or a deletion, where rows depend on each other."""

from __future__ import annotations

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from accounts.tests.factories import UserFactory, role
from careplans.content.models import Need, PlanTemplate
from careplans.content.services.needs import need_add
from core.form_undo import content_of
from core.notices import notice_of
from customers.models import ClassificationBranch, ClassificationNode, Customer
from customers.saved_views.models import RoleView, SavedView
from customers.services.customers import customer_set_passive
from customers.tests.factories import BranchFactory, CustomerFactory, NodeFactory
from offers.products.models import Product
from offers.products.tests.factories import ProductFactory
from segmentation.membership.tests.factories import SchemeFactory
from segmentation.schemes.models import Scheme

pytestmark = pytest.mark.django_db
CHANGED = "It has been changed since. Nothing was undone."


@pytest.fixture
def admin():
    return UserFactory(role="administrator")


@pytest.fixture
def page(client, admin):
    client.force_login(admin)
    return client


def post(client, name, /, *args, **sent):
    """Send a page; return the text of its message and the undo in it."""
    return told(client.post(reverse(name, args=args), sent))


def told(response):
    assert response.status_code == 302, response.context and response.context["form"].errors
    said = list(get_messages(response.wsgi_request))[-1]
    return str(said), notice_of(said).undo


# Deletions


def test_a_branch_comes_back_with_its_code(page):
    branch = BranchFactory(code="our-own", name_fi="Toimialat")
    _text, undo = post(page, "customers:branch_delete", branch.pk)
    assert not ClassificationBranch.objects.filter(code="our-own").exists()
    text, _undo = told(page.post(undo))
    assert "as it was before" in text
    assert ClassificationBranch.objects.get(code="our-own").name_fi == "Toimialat"


def test_the_last_class_comes_back_to_its_place_below_the_same_one(page):
    top = NodeFactory()
    NodeFactory(parent=top)
    node = NodeFactory(parent=ClassificationNode.objects.get(pk=top.pk), code="our-own")
    _text, undo = post(page, "customers:node_delete", node.pk)
    told(page.post(undo))
    back = ClassificationNode.objects.get(code="our-own")
    assert (back.path, back.name_fi) == (node.path, node.name_fi)


@pytest.mark.parametrize("case", ["with classes below", "not the last"])
def test_a_class_that_would_not_come_back_as_it_was_has_no_undo(page, case):
    top = NodeFactory()
    NodeFactory(**({"parent": top} if case == "with classes below" else {"branch": top.branch}))
    assert post(page, "customers:node_delete", top.pk) == ("The class was deleted.", "")


def test_a_product_comes_back_with_its_prices(page, admin):
    product = ProductFactory(code="K-1")
    before = content_of(page.get(reverse("products:edit", args=[product.pk])).context["form"])
    _text, undo = post(page, "products:delete", product.pk)
    told(page.post(undo))
    back = Product.objects.get(code="K-1")
    after = content_of(page.get(reverse("products:edit", args=[back.pk])).context["form"])
    assert {name for name in after if "-ref" not in name} == {name for name in before if "-ref" not in name}
    assert after["code"] == before["code"]


# Additions


def test_what_was_added_stays_when_something_refers_to_it(page):
    branch = BranchFactory()
    _text, undo = post(
        page, "customers:node_add", branch.pk, name_fi="Uusi", name_en="New", submission_key=""
    )  # fmt: skip
    node = ClassificationNode.objects.get(name_fi="Uusi")
    NodeFactory(parent=node)
    assert told(page.post(undo))[0] == CHANGED
    assert ClassificationNode.objects.filter(pk=node.pk).exists()


def test_a_template_stays_when_somebody_has_changed_a_part_of_it(page):
    scheme = SchemeFactory()
    _text, undo = post(page, "carecontent:template_add", scheme=scheme.pk)
    part = PlanTemplate.objects.get(scheme=scheme).parts.first()
    post(page, "carecontent:part_edit", part.pk, title_fi="Toinen", title_en="Another", order=part.order)
    assert told(page.post(undo))[0] == CHANGED
    assert PlanTemplate.objects.filter(scheme=scheme).exists()


def test_a_team_with_members_has_no_undo(page):
    member = UserFactory()
    assert post(page, "accounts:team_add", name="Ours", kind="unit", members=[member.pk])[1] == ""
    assert post(page, "accounts:team_add", name="Theirs", kind="unit")[1]


def test_a_deputy_that_was_added_is_removed_and_the_message_names_who(page):
    customer, deputy = CustomerFactory(), UserFactory(role="account_manager")
    sent = {"role": "deputy", "user": deputy.pk, "start": "1.2.2027"}
    _text, undo = post(page, "customers:responsibility_add", customer.pk, **sent)
    assert told(page.post(undo))[0] == f"The responsibility of {deputy} was ended."
    assert not customer.responsibilities.exists()


# Steps


def test_an_activated_customer_is_passive_again_for_the_same_reason(page):
    customer = customer_set_passive(customer=CustomerFactory(), reason="other", note="Moved away")
    day = customer.passive_since
    _text, undo = post(page, "customers:set_active", customer.pk)
    told(page.post(undo))
    now = Customer.objects.get(pk=customer.pk)
    assert (now.state, now.passive_reason, now.passive_note, now.passive_since) == (
        "passive",
        "other",
        "Moved away",
        day,
    )


def test_the_former_scheme_is_the_primary_one_again_unless_somebody_has_chosen_a_third(page):
    former, second, third = Scheme.objects.primary().get(), SchemeFactory(), SchemeFactory()
    _text, undo = post(page, "schemes:primary", second.pk)
    told(page.post(undo))
    assert Scheme.objects.primary().get() == former
    _text, undo = post(page, "schemes:primary", second.pk)
    post(page, "schemes:primary", third.pk)
    assert told(page.post(undo))[0] == CHANGED
    assert Scheme.objects.primary().get() == third


def test_a_moved_class_goes_back_under_the_same_one(page):
    top = NodeFactory()
    other = NodeFactory(branch=top.branch)
    node = NodeFactory(parent=top)
    _text, undo = post(page, "customers:node_move", node.pk, parent=other.pk)
    assert ClassificationNode.objects.get(pk=node.pk).path.startswith(other.path)
    assert "as it was before" in told(page.post(undo))[0]
    assert ClassificationNode.objects.get(pk=node.pk).path.startswith(top.path)


def test_a_class_that_was_not_the_last_is_not_moved_back_as_the_last(page):
    top = NodeFactory()
    other, first = NodeFactory(branch=top.branch), NodeFactory(parent=top)
    NodeFactory(parent=ClassificationNode.objects.get(pk=top.pk))
    assert post(page, "customers:node_move", first.pk, parent=other.pk)[1] == ""


def test_a_group_opens_a_list_with_its_former_view(page, admin):
    views = [SavedView.objects.create(owner=admin, list="customers:list", name=name, sharing="all") for name in "ab"]
    group = role("account_manager")
    _text, undo_first = post(page, "views:roles", role=group.pk, view=views[0].pk)
    _text, undo = post(page, "views:roles", role=group.pk, view=views[1].pk)
    told(page.post(undo))
    assert RoleView.objects.get(role=group).view == views[0]
    told(page.post(undo_first))
    assert not RoleView.objects.filter(role=group).exists() or RoleView.objects.get(role=group).view == views[0]


# Forms


def test_a_form_is_not_undone_to_what_it_would_refuse(page):
    customer = CustomerFactory()
    ClassificationBranch.objects.update(is_required=False)
    node = NodeFactory(branch=BranchFactory(is_required=True, target="customers"))
    url = reverse("customers:classes_edit", args=[customer.pk])
    sent = content_of(page.get(url).context["form"]) | {node.branch.code: [str(node.pk)]}
    assert told(page.post(url, sent))[1] == ""


def test_a_need_is_shared_with_a_customer_and_not_and_again(page, admin):
    need = need_add(need=Need(name="Work ability"), customer=CustomerFactory(), user=admin)
    other = CustomerFactory()
    _text, undo = post(page, "carecontent:need_share", need.pk, customer=other.pk, noticed_on="1.2.2026")
    assert told(page.post(undo))[0] == f"{other} has the need no more."
    assert need.customers.count() == 1
    post(page, "carecontent:need_share", need.pk, customer=other.pk, noticed_on="1.2.2026")
    _text, back = post(page, "carecontent:need_unshare", need.customers.get(customer=other).pk)
    told(page.post(back))
    assert need.customers.get(customer=other).noticed_on.isoformat() == "2026-02-01"
    assert told(page.post(back))[0] == CHANGED
