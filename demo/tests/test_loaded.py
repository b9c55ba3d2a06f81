"""What lies in the database after loading, and how it is taken away again."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from decimal import Decimal
from io import StringIO

import pytest
from django.contrib.auth import authenticate
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db.models import Count, F
from django.test import RequestFactory
from django.utils import timezone

from accounts.models import Notification, User
from accounts.tests.factories import UserFactory
from activities.calendar.models import Invitation, WorkTarget
from activities.feedback.models import Feedback, NpsQuestion
from activities.leads.models import Lead
from activities.log.models import Activity, ActivitySeries, ActivityType, Encounter, Participation, Reminder
from activities.mail.models import EmailMessage, EmailRecipient, EmailThread
from careplans.caremodels.models import ModelVersion
from careplans.plans.models import CustomerAction, PlanException
from careplans.scorecards.models import ScoreLine
from core import clock
from core.documents import document_add
from core.exceptions import BusinessRuleError
from core.models import Document
from customers.models import Contact, Customer, CustomerNumber, CustomerSummary, Favourite, NameWord, Responsibility
from customers.scores import score_metrics, score_of
from customers.search_words import meant
from demo import services
from demo.bench.flow import measure_flow
from demo.generate.users import ACCOUNTS
from demo.tests.helpers import CUSTOMERS, history_rows
from offers.offers.models import NumberSeries, Offer, OfferLine, OfferStatusChange, SellerDetails
from offers.orders.invoices import missing_of_seller
from offers.orders.models import Order, OrderLine, OrderStatusChange
from offers.products.models import Product, ProductPrice
from offers.sales.models import SalesTarget
from segmentation.criteria.models import CriteriaVersion, Evaluation
from segmentation.membership.models import Membership, Proposal
from segmentation.metrics.models import OwnValue
from segmentation.schemes.models import SegmentGoal


def test_a_misspelt_name_finds_the_customer(loaded):
    assert NameWord.objects.filter(of_contacts=True).exists()
    assert meant(["nokain"], of_contacts=False)["nokain"][0] == "nokian"


def test_loads_customers_contacts_and_activities_marked_as_demo(loaded):
    assert Customer.objects.filter(is_demo=True).count() == CUSTOMERS
    assert Contact.objects.filter(is_demo=True).count() == Contact.objects.count() > CUSTOMERS
    assert Activity.objects.filter(is_demo=True).count() == Activity.objects.count() > CUSTOMERS


def test_loads_what_belongs_to_them(loaded):
    for model in (CustomerNumber, Responsibility, Favourite, Participation):
        assert model.objects.exists(), model


def test_all_fifteen_types_of_activity_are_used(loaded):
    assert ActivityType.objects.count() == 15
    assert Activity.objects.values("type").distinct().count() == 15


def test_no_more_than_five_key_customers(loaded):
    assert CustomerSummary.objects.filter(segment__code="A").count() == 5


def test_segments_have_three_years_of_history_with_reasons(loaded):
    years = set(Membership.objects.values_list("period__startswith__year", flat=True))
    assert len(years) >= 3
    assert Membership.objects.filter(period__upper_inf=False, ended_as="").exists()


def test_two_versions_of_the_criteria_suggest_and_owners_override_with_reasons(loaded):
    versions = CriteriaVersion.objects.filter(scheme__code="omn").order_by("number")
    assert [version.status for version in versions] == ["superseded", "in_force", "team"]
    assert set(versions[2].opinions.values_list("stance", flat=True)) == {"agrees", "objects"}
    overrides = Membership.objects.present().filter(overrides=True)
    assert overrides.exists()
    assert not overrides.filter(text="").exists()
    assert set(overrides.values_list("criteria_version", flat=True)) == {versions[1].number}
    assert Evaluation.objects.filter(is_suggestion=True).exists()


def test_a_care_model_waits_for_management_with_what_the_account_team_said(loaded):
    version = ModelVersion.objects.get(status="waiting")
    assert set(version.opinions.values_list("stance", flat=True)) == {"agrees", "objects"}


def test_proposals_wait_and_the_care_team_looks_after_the_key_customers(loaded):
    opened = Proposal.objects.open()
    assert opened.filter(leaver__isnull=False).count() == 2
    assert opened.filter(from_segment__code="A", segment__code="B").count() == 1
    proposal = opened.get(leaver__isnull=False, comments__isnull=False)
    team = proposal.segment.team
    assert (team.kind, team.parent.kind, team.parent.parent.kind) == ("care", "unit", "unit")
    assert team.notes.alive().count() == 3
    assert not SalesTarget.objects.filter(team=team).exists()


def test_soft_values_are_of_several_ages_and_some_have_expired(loaded):
    today = clock.today()
    values = OwnValue.objects.filter(metric__kind="scale")
    assert values.filter(expires_on__lt=today).exists()
    assert values.filter(expires_on__gte=today, given_on__lt=today - dt.timedelta(days=365)).exists()
    assert values.values("customer", "metric").annotate(n=Count("pk")).filter(n__gt=1).exists()


def test_every_segment_has_goals_for_three_years(loaded):
    goals = SegmentGoal.objects.filter(segment__scheme__code="omn")
    assert set(goals.values_list("segment__code", flat=True)) == {"A", "B", "C", "P"}
    assert goals.values("year").distinct().count() == 3


def test_management_has_approved_every_key_customer(loaded):
    rows = Membership.objects.filter(segment__needs_approval=True)
    assert rows.count() >= 5
    assert set(rows.values_list("kind", "decided_by__username")) == {("approved", "management")}
    assert not rows.filter(text="").exists()


def test_summaries_are_computed(loaded):
    towns = CustomerSummary.objects.filter(customer__name="Espoon kaupunki")
    owner, segment, last, following, text = towns.values_list(
        "owner__username", "segment__code", "last_contact_at", "next_contact_at", "customer__search_row__text"
    ).get()
    assert (owner, segment) == ("manager", "A")
    assert last
    assert following
    assert last < timezone.now() < following
    assert "espoon kaupunki" in text


def test_offers_and_orders_are_numbered_by_year_without_gaps(loaded):
    for model, kind in ((Offer, "TA"), (Order, "TI")):
        by_year = defaultdict(list)
        for number in model.objects.values_list("number", flat=True):
            assert number.startswith(kind)
            by_year[number[2:6]].append(int(number.split("-")[1]))
        assert by_year
        for year, numbers in by_year.items():
            assert sorted(numbers) == list(range(1, len(numbers) + 1))
            assert NumberSeries.objects.get(kind=kind, year=year).last == len(numbers)


def test_customers_know_what_they_have_ordered_and_sellers_have_targets(loaded):
    assert CustomerSummary.objects.filter(ordered_12_months__gt=0).exists()
    assert SalesTarget.objects.filter(user__username="manager").exists()


@pytest.mark.parametrize(
    "model",
    [Offer, OfferLine, OfferStatusChange, Order, OrderLine, OrderStatusChange, Product, ProductPrice, SalesTarget,
     Encounter, Feedback, Lead, NpsQuestion, ActivitySeries, Reminder, Invitation, EmailThread, EmailMessage,
     EmailRecipient, Notification, WorkTarget],
)  # fmt: skip
def test_loads_what_activities_tell_besides(loaded, model):
    assert model.objects.exists()


def test_feedback_and_leads_all_have_their_own_fields(loaded):
    assert not Activity.objects.filter(type__details="feedback", feedback__isnull=True).exists()
    assert not Activity.objects.filter(type__details="lead", lead__isnull=True).exists()


def test_a_series_is_not_made_again_where_it_has_been_made(loaded):
    for series in ActivitySeries.objects.all():
        assert series.activities.order_by("-start").first().start < series.made_until


def test_notifications_can_be_read(loaded):
    for notification in Notification.objects.all():
        assert "%" not in notification.text
        assert notification.text != notification.kind


def test_links_of_nps_questions_cannot_be_guessed(loaded):
    assert NpsQuestion.objects.values("digest").distinct().count() == NpsQuestion.objects.count()


def test_starts_of_participants_agree_with_their_activities(loaded):
    assert not Participation.objects.exclude(start_at=F("activity__start")).exists()


def test_due_dates_of_participants_agree_with_their_activities(loaded):
    done = Participation.objects.filter(activity__status="done", due_at__isnull=False)
    unfinished = Participation.objects.exclude(activity__status="done")
    assert not done.exists()
    assert unfinished.exists()
    assert all(row.due_at == row.activity.due_at for row in unfinished.select_related("activity"))


def test_rows_hold_what_forms_would_accept(loaded):
    for model in (Customer, Contact, Activity):
        for row in model.objects.order_by("pk")[:40]:
            row.clean_fields()


def test_has_46_people_of_the_organisation_and_three_more(loaded):
    assert User.objects.filter(is_demo=True).count() == 49


@pytest.mark.parametrize(("role", "account"), [(role, account[0]) for role, account in ACCOUNTS.items()])
def test_demo_accounts_sign_in_with_the_known_password(loaded, role, account):
    request = RequestFactory().post("/")
    user = authenticate(request, username=account, password="portaali-demo")
    assert user
    assert list(user.groups.values_list("name", flat=True)) == [role]


def test_other_people_have_no_password(loaded):
    names = [account[0] for account in ACCOUNTS.values()]
    assert not any(user.has_usable_password() for user in User.objects.exclude(username__in=names))


def test_history_is_kept_again_after_loading(loaded):
    before = history_rows()
    Customer.objects.get(name="Espoon kaupunki").save()
    User.objects.create(username="newcomer")
    assert history_rows() == before + 2


def test_orders_can_be_invoiced_at_once(loaded):
    assert missing_of_seller(SellerDetails.objects.get()) == []
    begun = Order.objects.exclude(status__in=("waiting", "cancelled"))
    assert begun.filter(lines=None).count() == 0


def test_removal_takes_our_data_unless_they_are_ones_own(loaded):
    SellerDetails.objects.update(name="Oma Opisto")
    services.demo_remove()
    assert SellerDetails.objects.get().name == "Oma Opisto"


def test_removal_takes_our_data_of_the_demo(loaded):
    services.demo_remove()
    assert not SellerDetails.objects.exists()


def test_loading_twice_is_refused(loaded):
    with pytest.raises(BusinessRuleError, match="remove_demo"):
        services.demo_load(customers=5)
    assert Customer.objects.count() == CUSTOMERS


def test_removal_takes_what_people_have_added_to_demo_customers(loaded, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    user = UserFactory(username="own.user")
    customer = Customer.objects.get(name="Espoon kaupunki")
    history = history_rows()
    Activity.objects.create(
        type=ActivityType.objects.get(code="call"), customer=customer, title="Kokeilu", created_by=user
    )
    services.demo_remove()
    assert not Activity.objects.exists()
    assert history_rows() == history


def test_removal_takes_threads_series_and_notifications(loaded):
    services.demo_remove()
    for model in (ActivitySeries, EmailThread, EmailMessage, EmailRecipient, NpsQuestion, Notification, Lead, Feedback):
        assert not model.objects.exists(), model


def test_removal_leaves_a_thread_in_which_somebody_else_writes(loaded):
    thread = EmailThread.objects.filter(messages__state="filed").first()
    own = EmailMessage.objects.create(thread=thread, direction="in", state="inbox", message_id="own@example.org")
    services.demo_remove()
    assert list(EmailThread.objects.all()) == [thread]
    assert list(EmailMessage.objects.all()) == [own]


def test_removal_empties_the_links_of_own_rows(loaded):
    admin, town = User.objects.get(username="admin"), Customer.objects.get(name="Espoon kaupunki")
    own = Customer.objects.create(name="Oma Asiakas Oy", parent=town)
    Responsibility.objects.create(customer=own, user=admin, start="2026-01-01")
    work = Activity.objects.create(
        type=ActivityType.objects.get(code="call"), customer=own, title="Työ", created_by=admin
    )
    services.demo_remove()
    own.refresh_from_db()
    work.refresh_from_db()
    assert (own.parent, work.created_by) == (None, None)
    assert not own.responsibilities.exists()


def test_remove_command_tells_what_it_removed(loaded):
    out = StringIO()
    call_command("remove_demo", stdout=out)
    assert f"{CUSTOMERS}  customers_customer" in out.getvalue()


def test_removal_takes_documents_of_demo_customers_and_their_files(
    loaded, settings, django_capture_on_commit_callbacks
):

    customer = Customer.objects.get(name="Espoon kaupunki")
    upload = SimpleUploadedFile("muistio.txt", b"Terve")
    document = document_add(target=customer, upload=upload, user=UserFactory())
    assert document.file.storage.exists(str(document.file.name))
    with django_capture_on_commit_callbacks(execute=True):
        services.demo_remove()
    assert not Document.objects.exists()
    assert not document.file.storage.exists(str(document.file.name))


def test_the_flow_of_a_year_is_measured_with_the_customers_of_its_largest_move(loaded):
    whole, move = measure_flow(CUSTOMERS)
    assert whole.rows >= Customer.objects.active().count()
    assert 0 < move.rows < whole.rows


def test_scorecards_keep_the_figures_of_care_plans_of_the_first_night(loaded):
    """What was not known when they were made is not kept as a figure: adherence is that of its page."""
    today = clock.today()
    lines = ScoreLine.objects.filter(card__is_demo=True, metric="adherence").select_related("card__team")
    assert {line.value for line in lines} == {None}
    services.first_night()
    last, now = (lines.filter(card__year=year, card__kind="team") for year in (today.year - 1, today.year))
    assert any(line.value is not None for line in now.all())
    for line in last.all():
        assert line.kept == line.value == score_of(score_metrics()["adherence"], line.card.scope, today.year - 1)
    assert {line.series for line in now.all()} == {line.series for line in last.all()}
    overdue = ScoreLine.objects.filter(metric="contact_overdue", card__year=today.year, value__gt=0)
    assert overdue
    for line in overdue.select_related("based_on"):
        assert line.target <= line.value + 1 <= line.based_on.kept + 1


def test_owners_have_asked_for_exceptions_of_which_one_is_in_force(loaded):
    services.first_night()
    statuses = list(PlanException.objects.order_by("pk").values_list("status", flat=True))
    assert statuses[-1] == "approved"
    assert statuses[:-1]
    assert set(statuses[:-1]) == {"requested"}


def test_follow_ups_of_key_customers_wait_for_the_management(loaded):
    services.first_night()
    waiting = CustomerAction.objects.waiting()
    assert waiting
    assert all(row.asked_by_id and row.customer.is_demo for row in waiting.select_related("customer"))


def test_targets_of_scorecards_are_near_what_the_demo_reaches(loaded):
    lines = ScoreLine.objects.filter(card__is_demo=True, card__year=clock.today().year - 1, metric="ordered")
    reached = [line for line in lines if line.value]
    assert reached
    for line in reached:
        assert line.value < line.target < line.value * Decimal("1.2")
