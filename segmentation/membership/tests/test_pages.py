"""Pages of a customer's segments and of proposals: what they show, what they offer, what they do."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.enums import TeamKind
from accounts.models import TeamNote
from accounts.tests.factories import TeamFactory, UserFactory
from core import clock
from customers.models import CustomerSummary
from customers.tests.factories import CustomerFactory
from segmentation.membership.models import Proposal
from segmentation.membership.services.moves import segment_set
from segmentation.membership.services.proposals import proposal_comment, proposal_make
from segmentation.membership.tests.factories import MembershipFactory, segment
from segmentation.schemes.models import Segment

pytestmark = pytest.mark.django_db


@pytest.fixture
def proposal(customer, owner):
    return proposal_make(customer=customer, segment=segment("A"), user=owner, text="Wide cooperation.")


def page_of(client, user, url):
    client.force_login(user)
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_page_of_a_proposal_tells_its_reasons_comments_and_history(client, proposal, owner, director):
    proposal_comment(proposal=proposal, user=owner, text="They asked for it.")
    page = page_of(client, director, proposal.get_absolute_url())
    assert "Wide cooperation." in page
    assert "They asked for it." in page
    assert "No changes yet." not in page
    assert page.count("<main") == 1
    assert reverse("membership:approve", args=[proposal.pk]) in page


def test_only_who_decides_is_offered_a_decision_and_a_reader_nothing(client, proposal, owner, director):
    reader = UserFactory(role="read_only", language="en")
    urls = [reverse(f"membership:{name}", args=[proposal.pk]) for name in ("approve", "withdraw", "comment")]
    own, directors, readers = (page_of(client, user, proposal.get_absolute_url()) for user in (owner, director, reader))
    assert [url in own for url in urls] == [False, True, True]
    assert [url in directors for url in urls] == [True, True, True]
    assert [url in readers for url in urls] == [False, False, False]
    assert "Somebody else decides about your own proposal." in own


def test_approving_on_the_page_moves_the_customer(client, proposal, customer, director):
    client.force_login(director)
    answer = client.post(reverse("membership:approve", args=[proposal.pk]), {"text": "Agreed."}, follow=True)
    assert "The proposal was approved." in answer.content.decode()
    assert CustomerSummary.objects.get(pk=customer.pk).segment == segment("A")


def test_a_rejection_without_a_reason_is_refused_at_the_field(client, proposal, director):
    client.force_login(director)
    url = reverse("membership:reject", args=[proposal.pk])
    answer = client.post(url, {"text": ""})
    assert answer.status_code == 422
    assert "text" in answer.context["form"].errors
    client.post(url, {"text": "Not yet."})
    assert Proposal.objects.get().status == "rejected"


def test_a_proposal_is_made_on_the_page_and_listed_as_open(client, customer, owner, director):
    client.force_login(owner)
    data = {"segment": segment("A").pk, "text": "Grows.", "submission_key": "a" * 32}
    client.post(reverse("membership:propose", args=[customer.pk]), data)
    made = Proposal.objects.get()
    assert (made.customer, made.proposed_by, made.status) == (customer, owner, "open")
    assert customer.name in page_of(client, director, reverse("membership:proposals"))


def test_the_tab_shows_the_present_segment_its_decisions_and_the_undone_pair(client, customer, owner):
    segment_set(customer=customer, segment=segment("C"), user=owner, text="First talks.")
    segment_set(customer=customer, segment=segment("B"), user=owner, text="They order.")
    url = reverse("membership:tab", args=[customer.pk])
    page = page_of(client, owner, url)
    assert "First talks." in page
    assert "They order." in page
    client.post(f"{reverse('membership:undo', args=[customer.pk])}?scheme={segment('B').scheme_id}")
    assert CustomerSummary.objects.get(pk=customer.pk).segment == segment("C")
    assert "Undone" in page_of(client, owner, url)


def test_the_tab_shows_what_the_care_team_of_the_segment_knows(client, customer, owner):
    present, other = segment("C"), segment("B")
    for of, title in ((present, "Sovittu kevään tapaamisesta"), (other, "Muiden asia")):
        of.team = TeamFactory(kind=TeamKind.CARE)
        of.save()
        TeamNote.objects.create(team=of.team, title=title, text="Teksti")
    TeamNote.objects.create(team=present.team, title="Poistettu", text="Teksti", deleted_at=clock.now())
    segment_set(customer=customer, segment=present, user=owner)
    text = page_of(client, owner, f"/customers/{customer.pk}/segments/")
    assert "Sovittu kevään tapaamisesta" in text
    assert "Muiden asia" not in text
    assert "Poistettu" not in text


def test_who_only_reads_sees_the_segments_and_is_offered_nothing(client, customer, owner):
    segment_set(customer=customer, segment=segment("C"), user=owner)
    page = page_of(client, UserFactory(role="read_only", language="en"), reverse("membership:tab", args=[customer.pk]))
    assert str(segment("C")) in page
    assert reverse("membership:set", args=[customer.pk]) not in page
    assert reverse("membership:propose", args=[customer.pk]) not in page


def test_the_list_of_proposals_is_asked_by_tab(client, proposal, director):
    other = proposal_make(customer=CustomerFactory(name="Toinen Oy"), segment=segment("A"), user=director)
    client.force_login(UserFactory(role="management", language="en"))
    client.post(reverse("membership:reject", args=[other.pk]), {"text": "No."})
    url = reverse("membership:proposals")
    assert "Toinen Oy" not in page_of(client, director, url)
    assert "Toinen Oy" in page_of(client, director, f"{url}?tab=decided")


def in_dialog(client, url, page, data):
    """Send a form as the dialog of ``page`` does."""
    headers = {"HX-Request": "true", "HX-Target": "dialog", "HX-Current-URL": f"http://testserver{page}"}
    return client.post(url, data, headers=headers)


def test_a_dialog_goes_back_to_the_page_that_opened_it(client, customer, owner):
    client.force_login(owner)
    url = reverse("membership:set", args=[customer.pk])
    answer = in_dialog(client, url, "/customers/?mine=true", {"segment": segment("C").pk})
    assert answer["HX-Redirect"] == "/customers/?mine=true"
    answer = client.post(url, {"segment": segment("B").pk})
    assert answer["Location"] == reverse("membership:tab", args=[customer.pk])


def test_a_full_segment_leads_to_a_proposal_of_it(client, customer, owner):
    full = segment("A")
    Segment.objects.filter(pk=full.pk).update(limit=1)
    MembershipFactory(customer=CustomerFactory(), segment=full)
    client.force_login(owner)
    answer = in_dialog(client, reverse("membership:set", args=[customer.pk]), "/customers/", {"segment": full.pk})
    assert answer.status_code == 422
    url = reverse("membership:propose", args=[customer.pk], query={"segment": full.pk})
    assert f'href="{url}"' in answer.content.decode()
    assert f'<option value="{full.pk}" selected>' in page_of(client, owner, url)


def test_a_refusal_of_another_kind_leads_to_no_proposal(client, customer, owner):
    client.force_login(owner)
    answer = client.post(reverse("membership:set", args=[customer.pk]), {"segment": 0})
    assert answer.status_code == 422
    assert reverse("membership:propose", args=[customer.pk]) not in answer.content.decode()
