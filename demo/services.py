"""Loading and removing demo data."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Model

from accounts.models import Team, User
from activities.log.models import Activity, ActivitySeries
from activities.log.services.effects import contact_dates_refresh
from activities.mail.models import EmailMessage, EmailThread
from careplans.caremodels.models import ModelVersion, StatutoryTask
from careplans.content.models import Need
from careplans.following.models import CareOccurrence, CareSum
from careplans.plans.evaluations import care_refresh
from careplans.plans.models import CareLook
from careplans.plans.services.stays import stays_refresh
from careplans.scorecards.models import Scorecard, StrategyVersion
from careplans.work.models import CareWork
from core import clock
from core.defaults import load_all
from core.exceptions import BusinessRuleError
from core.metrics import untouched
from core.queue import queue_task, send_task
from customers.models import Contact, Customer, CustomerSearch, CustomerSummary
from customers.search_words import words_refresh
from customers.services.summaries import summaries_refresh
from demo.generate.dice import Dice
from demo.generate.population import MANY, Population
from demo.generate.rows import OfferRow, OrderRow, Row
from demo.generate.users import people
from demo.loading.absences import absences_load
from demo.loading.bare_tables import without_indexes, without_triggers
from demo.loading.bulk import bulk_run_load
from demo.loading.caremodels import TASK_CODES, care_models_load
from demo.loading.casework import casework_load
from demo.loading.criteria import criteria_load
from demo.loading.exceptions import exceptions_load
from demo.loading.metrics import costs_remove, metrics_load
from demo.loading.organisation import seller_load, seller_remove, users_load
from demo.loading.parts import batches
from demo.loading.plancontent import follow_ups_load, plan_content_load, plan_versions_load
from demo.loading.portfolio import decisions_load, goals_remove, moves_load
from demo.loading.products import numbers_give, targets_load
from demo.loading.removal import Removal
from demo.loading.rhythm import rhythm_load, rhythm_remove
from demo.loading.scorecards import scorecards_keep, scorecards_load
from demo.loading.segments import (
    DEMO_SET,
    approvals_load,
    care_team_load,
    demo_scheme_add,
    proposals_load,
    scheme_set_use,
)
from demo.loading.selections import selections_load
from demo.loading.tables import MODELS, STAGED, CopyTable, copy_tables
from demo.loading.views import views_load
from demo.loading.world import read_world
from offers.offers.services.status import offer_sums_refresh
from offers.orders.services.status import order_sums_refresh
from offers.products.models import Product
from segmentation.casework.models import Review
from segmentation.criteria.models import CriteriaVersion
from segmentation.membership.services.present import segments_refresh

BATCH = 2_000
REFRESH_BATCH = 10_000
#: From this many customers on, the tables' indexes are taken away while they are filled.
WORTH_REBUILDING = 1_000
INDEX_MEMORY = "1GB"
#: So many customers, the known ones among them, come before those that several processes make.
FIRST_OF_MANY = 2_000

_DEMO_TEAMS = """
    leader_id IN (SELECT id FROM accounts_user WHERE is_demo) AND id NOT IN (
        SELECT m.team_id FROM accounts_teammembership m JOIN accounts_user u ON u.id = m.user_id WHERE NOT u.is_demo
    )
"""

_DEMO_MESSAGES = """
    activity_id IN (SELECT id FROM activities_activity WHERE is_demo)
    OR user_id IN (SELECT id FROM accounts_user WHERE is_demo)
"""

Say = Callable[[str], None]
Tables = dict[type[Row], CopyTable]


def demo_load(
    *,
    customers: int = 4_000,
    seed: int = 1,
    scheme_set: str = "",
    force: bool = False,
    say: Say = lambda text: None,
) -> None:
    """Fill the database with a made-up organisation, marked as demo data. All or nothing.

    ``scheme_set`` names the set of schemes to segment the customers by, instead of that of the first start.

    Raises :class:`BusinessRuleError`: ``not_demo`` outside demo mode, ``demo_exists`` when it is loaded already,
    ``own_customers`` when there are customers of one's own (unless ``force``), ``username_taken``.
    """
    _check_allowed(force=force)
    load_all()
    demo_scheme_add()
    with transaction.atomic(), without_triggers(keep=frozenset({"make_summary"})):
        persons = list(people(Dice(seed), customers))
        staff = users_load(persons)
        accounts = [staff[person.role][0] for person in persons if person.is_account]
        world = read_world(clock.today(), staff, accounts)
        with ExitStack() as stack:
            if customers >= WORTH_REBUILDING:
                stack.enter_context(without_indexes([CustomerSummary, CustomerSearch]))
            _fill(Population(world, seed, many=customers >= MANY), customers, say)
            with untouched():
                _summarise(world.sellers, say)
        bulk_run_load("manager")
        selections_load()
        views_load()
        if (name := scheme_set or settings.SCHEME_SET) == DEMO_SET:
            approvals_load()
            care_team_load()
            proposals_load()
            moves_load()
        else:
            scheme_set_use(name)
        say("computing metrics")
        metrics_load(customers)
        decisions_load()
        criteria_load(customers)
        casework_load()
        care_models_load()
        absences_load()
        plan_content_load()
        rhythm_load()
        scorecards_load()
    _vacuum([*MODELS.values(), CustomerSummary, CustomerSearch])
    queue_task("demo.tasks.refresh_first_night")


def first_night() -> None:
    """Bring care plans up to date, with occurrences and figures, and then what scorecards say of them."""
    stays_refresh()
    send_task("careplans.plans.tasks.refresh_beside_the_night")
    care_refresh()
    with transaction.atomic():  # wait for what the other process still evaluates
        list(CareLook.objects.select_for_update().filter(next_look__lte=clock.today()).values_list("pk"))
    scorecards_keep()
    with transaction.atomic():
        plan_versions_load()
        follow_ups_load()
        exceptions_load()
    _vacuum([CareOccurrence, CareSum, CareWork])


@transaction.atomic
def demo_remove() -> dict[str, int]:
    """Remove all demo data, with its history and with what people have added to it since; return what there was.

    Rows of one's own stay; where they name a demo user or a demo parent company, they name none any more.
    """
    removal = Removal()
    with without_triggers():
        removal.mark(EmailMessage, _DEMO_MESSAGES)
        removal.mark(ActivitySeries, "created_by_id IN (SELECT id FROM accounts_user WHERE is_demo)")
        for model in (Activity, Contact, Customer, Product):
            removal.mark(model, "is_demo")
        removal.mark(Team, _DEMO_TEAMS)
        removal.mark(User, "is_demo")
        removal.mark(CriteriaVersion, "is_demo")
        removal.mark(Review, "is_demo")
        removal.mark(ModelVersion, "is_demo")
        removal.mark(Need, "is_demo")
        removal.mark(Scorecard, "is_demo")
        removal.mark(StrategyVersion, "is_demo")
        removal.mark(StatutoryTask, f"code IN {TASK_CODES}")
        removal.mark(EmailThread, removal.only_of_marked(EmailMessage, "thread_id"))
        removed = removal.carry_out()
        seller_remove()
        costs_remove()
        goals_remove()
        rhythm_remove()
    return {str(model._meta.db_table): count for model, count in removed.items()}


def _check_allowed(*, force: bool) -> None:
    if not settings.DEMO:
        raise BusinessRuleError(
            "not_demo", "The password of the demo accounts is public: demo data is loaded only if DEMO=1 is set."
        )
    if User.objects.filter(is_demo=True).exists() or Customer.objects.filter(is_demo=True).exists():
        raise BusinessRuleError("demo_exists", "The demo data is loaded already; remove_demo takes it away.")
    if not force and Customer.objects.exists():
        raise BusinessRuleError(
            "own_customers", "There are customers that are not demo data; --force puts the demo data beside them."
        )


def _fill(population: Population, customers: int, say: Say) -> None:
    tables = copy_tables()
    first = min(customers, FIRST_OF_MANY) if population.many else customers
    with ExitStack() as stack, connection.cursor() as cursor:
        if customers >= WORTH_REBUILDING:
            cursor.execute("SET LOCAL maintenance_work_mem = %s", [INDEX_MEMORY])
            stack.enter_context(without_indexes(MODELS.values()))
        else:
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")  # lines come before their offers
        for row in STAGED:
            tables[row].stage(cursor)
        _write(population.customers(first), tables, cursor, say)
        written = first
        say(f"{written:,} customers written")
        for batch in batches(population, customers - first) if first < customers else ():
            for table, rows in zip(tables.values(), batch.tables, strict=True):
                table.copy(cursor, rows)
            written += batch.customers
            say(f"{written:,} customers written")
        _write(population.own_work(), tables, cursor, lambda _text: None)
        say("numbering offers")
        numbers_give(tables[OfferRow], tables[OrderRow])
        say("building indexes") if customers >= WORTH_REBUILDING else None


def _write(bundles: Iterable[list[Row]], tables: Tables, cursor: Any, say: Say) -> None:
    for number, bundle in enumerate(bundles, 1):
        for row in bundle:
            tables[type(row)].add(row)
        if number % BATCH == 0:
            _copy(tables, cursor)
            say(f"{number:,} …")
    _copy(tables, cursor)


def _copy(tables: Tables, cursor: Any) -> None:
    for table in tables.values():
        table.copy(cursor, table.take())


def _summarise(sellers: list[int], say: Say) -> None:
    """Compute the customers' summaries and the targets; statistics first, so that the planner knows the new sizes."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    seller_load()
    targets_load(sellers)
    words_refresh()
    say("computing summaries")
    ids = list(Customer.objects.filter(is_demo=True).order_by("pk").values_list("pk", flat=True))
    summaries_refresh(ids)
    for start in range(0, len(ids), REFRESH_BATCH):
        batch = ids[start : start + REFRESH_BATCH]
        segments_refresh(batch)
        contact_dates_refresh(batch)
        offer_sums_refresh(batch)
        order_sums_refresh(batch)


def _vacuum(models: Iterable[type[Model]]) -> None:
    """Leave statistics and visibility as autovacuum would after a while (not inside somebody's transaction)."""
    if not connection.in_atomic_block:
        names = ", ".join(f'"{model._meta.db_table}"' for model in models)
        with connection.cursor() as cursor:
            cursor.execute(f"VACUUM (ANALYZE) {names}")
