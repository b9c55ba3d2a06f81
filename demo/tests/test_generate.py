"""What is made up: repeatable, plausible, well formed. No database here."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from decimal import Decimal
from itertools import count, islice

import pytest

from core.phones import clean_phone
from customers.validators import clean_business_id
from demo.generate import rows, words
from demo.generate.dice import Dice
from demo.generate.organisations import KNOWN, Organisations
from demo.generate.population import Population, population
from demo.generate.texts import TITLES
from demo.generate.users import ORGANISATION, OTHERS, account_teams, how_many, people, team_plans
from demo.generate.words import genitive
from demo.generate.world import Address, Days, Kind, Product, SizeClass, World

TODAY = dt.date(2026, 11, 21)
SIZES = ((0, 0), (1, 4), (5, 9), (10, 19), (20, 49), (50, 99), (100, 249), (250, 499), (500, 999), (1000, 4000))


class Anything(dict[str, int]):
    """Gives every code its own number."""

    numbers = count(1)

    def __missing__(self, code: str) -> int:
        self[code] = next(self.numbers)
        return self[code]


def make_world() -> World:
    users = count(1)
    staff = {role: list(islice(users, number)) for role, number in {**ORGANISATION, **OTHERS}.items()}
    return World(
        today=TODAY,
        nodes=defaultdict(Anything),
        scheme_id=1,
        sizes={str(code): SizeClass(str(code), *bounds) for code, bounds in enumerate(SIZES)},
        kinds={code: Kind(number, code, "meeting", 60) for number, code in enumerate(TITLES, 1)},
        keywords=Anything(),
        municipalities=Anything(),
        staff=staff,
        demo_users=[staff["account_manager"][0], staff["read_only"][0]],
        people={pk: Address(pk, f"Person {pk}", f"p{pk}@portaali.example") for keys in staff.values() for pk in keys},
        contact_reasons=[1, 2],
        lead_sources=[1, 2, 3],
        lead_close_reasons=[1, 2],
        customer_ids=count(1),
        contact_ids=count(1),
        activity_ids=count(1),
        series_ids=count(1),
        thread_ids=count(1),
        message_ids=count(1),
        offer_types={"apprenticeship": 1, "labour_market": 2, "personnel_training": 3, "service_order": 4},
        lost_reasons=[1, 2],
        products=[Product(1, "Koulutus", "person", 1, Decimal(0), Decimal(90), staff["product_manager"][0])],
        offer_ids=count(1),
        order_ids=count(1),
    )


def made(customers: int = 60, seed: int = 1) -> list[rows.Row]:
    return [row for bundle in population(make_world(), customers, seed) for row in bundle]


@pytest.fixture(scope="module")
def world() -> World:
    """The world of ``everything``."""
    return make_world()


@pytest.fixture(scope="module")
def everything(world: World) -> list[rows.Row]:
    return [row for bundle in population(world, 1_000, 1) for row in bundle]


def of(kind: type[rows.Row], everything: list[rows.Row]) -> list:
    return [row for row in everything if type(row) is kind]


def texts(seed: int) -> list[tuple[str, ...]]:
    """The texts and times of rows without the ids of classes, which differ between worlds."""
    return [tuple(value for value in row if isinstance(value, str)) for row in made(seed=seed)]


def test_same_seed_and_day_make_the_same_rows():
    assert texts(1) == texts(1)


def test_another_seed_makes_other_rows():
    assert texts(1) != texts(2)


def test_makes_as_many_customers_as_asked(everything):
    assert len(of(rows.CustomerRow, everything)) == 1_000


def test_contacts_and_activities_are_as_many_as_an_organisation_like_this_has(everything):
    activities = [row for row in of(rows.ActivityRow, everything) if row.customer_id]
    assert 2.4 < len(of(rows.ContactRow, everything)) / 1_000 < 3.6
    assert 9 < len(activities) / 1_000 < 14


def test_many_customers_have_fewer_activities_each(monkeypatch):
    before = len(of(rows.ActivityRow, made(300)))
    monkeypatch.setattr("demo.generate.population.MANY", 300)
    assert len(of(rows.ActivityRow, made(300))) < before * 0.75


def test_business_ids_are_valid_and_none_comes_twice():
    found = list(islice(words.business_ids(1), 5_000))
    assert len(set(found)) == 5_000
    assert [clean_business_id(text) for text in found] == found


def test_phones_are_stored_as_the_product_stores_them(everything):
    phones = [row.value for row in of(rows.PointRow, everything) if row.kind == "phone"]
    assert phones
    assert all(clean_phone(phone) == phone for phone in phones[:200])


def test_addresses_of_the_net_are_reserved_ones(everything):
    emails = [row.value for row in of(rows.PointRow, everything) if row.kind == "email"]
    emails += [row.email for row in of(rows.CustomerRow, everything) if row.email]
    assert all(email.isascii() and email.endswith(".example") for email in emails)


def test_names_are_not_repeated(everything):
    names = [row.name for row in of(rows.CustomerRow, everything)]
    assert len(set(names)) == len(names)


def test_known_organisations_come_first():
    organisations = Organisations(Dice(1))
    assert [organisations.next().name for _known in KNOWN][:6:5] == ["Espoon kaupunki", "Nokian Konepaja Oy"]


def test_known_organisations_are_as_large_as_they_are_known_to_be(everything):
    customers = {row.name: row for row in of(rows.CustomerRow, everything)}
    assert 100 <= customers["Nokian Konepaja Oy"].personnel <= 249
    assert customers["Espoon kaupunki"].personnel >= 1_000


def test_at_most_five_are_key_customers(world, everything):
    present = Counter(row.segment_id for row in of(rows.MembershipRow, everything) if row.period.endswith(",)"))
    numbers = {code: present[segment] for code, segment in world.nodes["segment"].items()}
    assert numbers["A"] == 5
    assert 30 < numbers["B"] < 80
    assert 600 < numbers["C"] < 800


def test_a_customers_next_segment_begins_where_the_last_ended(everything):
    by_customer = defaultdict(list)
    for row in of(rows.MembershipRow, everything):
        by_customer[row.customer_id].append([*row.period.strip('["),').split('","'), row.ended_as])
    pairs = [periods for periods in by_customer.values() if len(periods) == 2]
    assert len(pairs) > 20
    assert all(first[1] == second[0] for first, second in pairs)
    assert {periods[-1][-1] for periods in by_customer.values()} == {"", "inactive"}


def test_parents_come_before_their_children(everything):
    children = [row for row in of(rows.CustomerRow, everything) if row.parent_id]
    assert children
    assert all(row.parent_id < row.id for row in children)


def test_passive_customers_have_reason_and_day_and_nothing_open(everything):
    passive = {row.id: row for row in of(rows.CustomerRow, everything) if row.state == "passive"}
    assert passive
    assert all(row.passive_reason and row.passive_since for row in passive.values())
    work = [row for row in of(rows.ActivityRow, everything) if row.customer_id in passive]
    assert work
    assert {row.status for row in work} == {"done"}


def test_every_visit_has_a_goal(everything):
    number = make_world().kinds["visit"].id
    visits = [row for row in of(rows.ActivityRow, everything) if row.type_id == number]
    assert visits
    assert all(visit.goal for visit in visits)


def test_what_lies_ahead_is_open_and_what_is_done_lies_behind(everything):
    today = TODAY.isoformat()
    activities = of(rows.ActivityRow, everything)
    assert {row.status for row in activities if row.start[:10] > today} == {"open"}
    assert all(row.start[:10] < today for row in activities if row.status == "done")


def test_some_work_is_overdue(everything):
    overdue = [
        row for row in of(rows.ActivityRow, everything) if row.status == "open" and row.start[:10] < TODAY.isoformat()
    ]
    assert overdue


def test_negative_feedback_is_open_or_settled(everything):
    negative = [row for row in of(rows.ActivityRow, everything) if row.title.startswith("Kielteinen")]
    assert {row.status for row in negative} == {"open", "done"}
    assert all(bool(row.settlement) == (row.status == "done") for row in negative)


def test_a_customer_has_one_owner_at_a_time(everything):
    owners = defaultdict(list)
    for row in of(rows.ResponsibilityRow, everything):
        if row.role == "owner":
            owners[row.customer_id].append((row.start, row.end or "9999"))
    changed = [sorted(spans) for spans in owners.values() if len(spans) > 1]
    assert changed
    assert all(first[1] < second[0] for first, second in changed)


def test_some_customers_have_no_owner(everything):
    owned = {row.customer_id for row in of(rows.ResponsibilityRow, everything) if row.role == "owner"}
    assert 900 < len(owned) < 1_000


def test_the_organisation_has_its_real_group_sizes_and_the_other_roles_one_each():
    roles = Counter(person.role for person in people(Dice(1)))
    assert sum(ORGANISATION.values()) == 46
    assert roles == {**ORGANISATION, **OTHERS}


def test_staff_grows_with_the_customers_one_account_manager_for_800_of_them():
    assert how_many(4_000) == {**ORGANISATION, **OTHERS}
    assert [how_many(customers)["account_manager"] for customers in (20_000, 1_000_000)] == [25, 1_250]
    names = [person.username for person in people(Dice(1), 1_000_000)]
    assert len(names) == len(set(names)) == sum(how_many(1_000_000).values())


@pytest.mark.parametrize("customers", [4_000, 20_000, 1_000_000])
def test_teams_are_of_one_size_and_a_key_account_manager_leads_each_account_team(customers):
    numbers = count(1)
    staff = {role: list(islice(numbers, size)) for role, size in how_many(customers).items()}
    teams = [*team_plans(staff)]
    assert all(6 <= len(team.members) <= 16 for team in teams)
    assert len({team.name for team in teams}) == len(teams)
    members = [user for team in account_teams(staff) for user in team.members]
    assert set(staff["account_manager"]) <= set(members)
    assert len(members) == len(set(members))
    assert {team.members[0] for team in account_teams(staff)} <= set(staff["key_account_manager"])


def test_parts_of_a_population_repeat_nothing_and_share_the_week():
    whole = Population(make_world(), 1)
    first = [row for bundle in whole.customers(80) for row in bundle]
    parts = [whole.part(whole.world, number, 2) for number in range(2)]
    made = first + [row for part in parts for bundle in part.customers(150) for row in bundle]
    ids = [row.business_id for row in of(rows.CustomerRow, made) if row.business_id]
    assert len(of(rows.CustomerRow, made)) == 380
    assert len(ids) == len(set(ids))
    assert max(hours for part in parts for hours in part.work_maker.builder.hours.used.values()) <= 37.5 / 2
    assert len(of(rows.FavouriteRow, made)) == len(of(rows.FavouriteRow, first))


def test_user_names_are_unique_and_the_accounts_are_the_first_of_their_role():
    persons = list(people(Dice(1)))
    assert len({person.username for person in persons}) == len(persons)
    first: dict[str, str] = {}
    for person in persons:
        first.setdefault(person.role, person.username)
    accounts = {person.username for person in persons if person.is_account}
    assert accounts == {
        "admin", "management", "keymanager", "manager", "assistant", "marketing", "adviser", "viewer"
    }  # fmt: skip
    assert accounts <= set(first.values())


@pytest.mark.parametrize(
    ("name", "whose"),
    [("Virtanen", "Virtasen"), ("Mäkelä", "Mäkelän"), ("Koski", "Kosken"), ("Nyman", "Nymanin"), ("Aalto", "Aallon")],
)
def test_genitive_of_surnames(name, whose):
    assert genitive(name) == whose


def test_moments_are_in_helsinki_time_in_summer_and_winter():
    days = Days(TODAY)
    assert days.moment(0, 9 * 60 + 5) == "2026-11-21 09:05:00+02"
    assert days.moment((dt.date(2026, 7, 1) - TODAY).days, 600) == "2026-07-01 10:00:00+03"
