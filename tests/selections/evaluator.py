"""A condition evaluated in plain Python, row by row: what its SQL must find."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from core import clock
from core.conditions.tree import Group, Node, Rule
from customers.models import ClassificationNode
from offers.products.models import ProductGroup

Rows = dict[str, list[Any]]


class Evaluator:
    def __init__(self, rows: Rows, user: Any) -> None:
        self.rows, self.user = rows, user
        self.paths = dict(ClassificationNode.objects.values_list("pk", "path"))
        self.group_paths = dict(ProductGroup.objects.values_list("pk", "path"))

    def matching(self, tree: Group, subject: str) -> set[int]:
        if subject == "customer":
            rows = [row for row in self.rows["customers"] if row.state == "active"]
        else:
            rows = [row for row in self.rows["contacts"] if not row.is_hidden]
        return {row.pk for row in rows if self.holds(tree, subject, row)}

    def holds(self, node: Node, subject: str, row: Any) -> bool:
        if isinstance(node, Rule):
            return bool(getattr(self, node.field.replace(".", "_"))(node.values, row))
        if node.relation == "person":
            persons = [one for one in self.current() if one.customer_id == row.pk]
            return any(self.joined(node, "person", one) for one in persons)
        if node.relation == "customer":
            at = {one.customer_id for one in self.current() if one.contact_id == row.pk}
            employers = [one for one in self.rows["customers"] if one.pk in at and one.state == "active"]
            return any(self.joined(node, "customer", one) for one in employers)
        return self.joined(node, subject, row)

    def joined(self, group: Group, subject: str, row: Any) -> bool:
        found = [self.holds(part, subject, row) for part in group.parts]
        return all(found) if group.join == "all" else any(found) if group.join == "any" else not any(found)

    def current(self) -> list[Any]:
        return [one for one in self.rows["positions"] if one.end is None or one.end >= clock.today()]

    # Parts

    def below(self, node: int, chosen: Iterable[int], paths: dict[int, str]) -> bool:
        return any(paths[node].startswith(paths[pk]) for pk in chosen)

    def in_period(self, values: Any, at: Any) -> bool:
        if values["when"] == "empty":
            return at is None
        if values["when"] in ("not_last", "not_since"):
            kind = "last" if values["when"] == "not_last" else "between"
            return not self.in_period({**values, "when": kind, "open": True}, at)
        if at is None:
            return False
        first, last = self.ends(values, isinstance(at, dt.datetime))
        ends_open = isinstance(at, dt.datetime)
        return (first is None or at >= first) and (last is None or (at < last if ends_open else at <= last))

    def ends(self, values: Any, is_moment: bool) -> tuple[Any, Any]:
        now = clock.now() if is_moment else clock.today()
        days, when = dt.timedelta(days=values.get("days") or 0), values["when"]
        if when == "last":
            return now - days, None if values.get("open") else now
        if when == "older":
            return None, now - days if is_moment else now - days - dt.timedelta(days=1)
        if when == "next":
            return now, now + days
        if when == "between":
            first, last = (dt.date.fromisoformat(values[name]) if values.get(name) else None for name in ("from", "to"))
            if is_moment:
                last = last + dt.timedelta(days=1) if last else None
                return self.start(first), self.start(last)
            return first, last
        if when == "this_year":
            first, last = dt.date(clock.today().year, 1, 1), dt.date(clock.today().year + 1, 1, 1)
            return (self.start(first), self.start(last)) if is_moment else (first, last - dt.timedelta(days=1))
        return None, None

    def start(self, day: dt.date | None) -> dt.datetime | None:
        from django.utils.timezone import get_default_timezone

        return dt.datetime.combine(day, dt.time(), get_default_timezone()) if day else None

    def enough(self, values: Any, found: int) -> bool:
        if values["amount"] == "none":
            return found == 0
        return found >= values["count"] if values["amount"] == "some" else found <= values["count"]

    def compared(self, values: Any, value: Any, of: Callable[[Any], Any] = int) -> bool:
        if values["op"] in ("empty", "filled"):
            return (value is None) == (values["op"] == "empty")
        if value is None:
            return False
        wanted = of(values["number"])
        return {"at_least": value >= wanted, "at_most": value <= wanted, "equals": value == wanted}[values["op"]]

    def texted(self, values: Any, text: str) -> bool:
        if values["op"] in ("empty", "filled"):
            return (text == "") == (values["op"] == "empty")
        low, wanted = text.lower(), values["text"].lower()
        return {"contains": wanted in low, "begins": low.startswith(wanted), "is": low == wanted}[values["op"]]

    def among(self, values: Any, value: Any, name: str = "rows") -> bool:
        if values["op"] in ("empty", "filled"):
            return (value in (None, "")) == (values["op"] == "empty")
        return (value in values[name]) == (values["op"] == "is")

    # Customers

    def classed(self, values: Any, customer: Any) -> bool:
        own = [row.node_id for row in self.rows["classes"] if row.customer_id == customer.pk]
        found = any(self.below(node, values["rows"], self.paths) for node in own)
        return found == (values["op"] == "is")

    customer_class = classed

    def customer_segment(self, values: Any, customer: Any) -> bool:
        return self.among(values, customer.summary.segment_id)

    def customer_owner(self, values: Any, customer: Any) -> bool:
        if values["op"] == "me":
            return customer.summary.owner_id == self.user.pk
        return self.among(values, customer.summary.owner_id)

    def customer_municipality(self, values: Any, customer: Any) -> bool:
        return self.among(values, customer.municipality_id)

    def customer_region(self, values: Any, customer: Any) -> bool:
        return self.among(values, customer.municipality.region if customer.municipality else None, "values")

    def customer_organisation_form(self, values: Any, customer: Any) -> bool:
        return self.among(values, customer.organisation_form, "values")

    def customer_name(self, values: Any, customer: Any) -> bool:
        return self.texted(values, customer.name)

    def customer_email(self, values: Any, customer: Any) -> bool:
        return self.texted(values, customer.email)

    def customer_personnel(self, values: Any, customer: Any) -> bool:
        return self.compared(values, customer.personnel)

    def customer_ordered(self, values: Any, customer: Any) -> bool:
        return self.compared(values, customer.summary.ordered_12_months, Decimal)

    def customer_obliged(self, values: Any, customer: Any) -> bool:
        return customer.is_obliged_to_buy == (values["answer"] == "yes")

    def customer_last_contact(self, values: Any, customer: Any) -> bool:
        return self.in_period(values, customer.summary.last_contact_at)

    def customer_last_order(self, values: Any, customer: Any) -> bool:
        return self.in_period(values, customer.summary.last_order_on)

    # Activities, feedback

    def acts(self, values: Any, activities: list[Any]) -> bool:
        found = [
            one
            for one in activities
            if self.in_period(values, one.start)
            and (not values.get("types") or one.type_id in values["types"])
            and (not values.get("channels") or one.channel in values["channels"])
            and (not values.get("keywords") or {word.pk for word in one.keywords.all()} & set(values["keywords"]))
            and (not values.get("users") or {user.pk for user in one.users.all()} & set(values["users"]))
            and self.in_state(values.get("state"), one)
        ]
        return self.enough(values, len(found))

    def in_state(self, state: str | None, activity: Any) -> bool:
        is_open = activity.status != "done"
        return {"done": not is_open, "open": is_open, "overdue": is_open and activity.start < clock.now()}.get(
            state or "", True
        )

    def customer_activities(self, values: Any, customer: Any) -> bool:
        return self.acts(values, [one for one in self.rows["activities"] if one.customer_id == customer.pk])

    def contact_activities(self, values: Any, contact: Any) -> bool:
        mine = [one for one in self.rows["activities"] if contact.pk in {person.pk for person in one.contacts.all()}]
        return self.acts(values, mine)

    def customer_feedback(self, values: Any, customer: Any) -> bool:
        found = [
            one
            for one in self.rows["activities"]
            if one.customer_id == customer.pk
            and one.type.code == "feedback"
            and self.in_period(values, one.start)
            and (not values.get("tones") or {word.code for word in one.keywords.all()} & set(values["tones"]))
            and (values.get("state") != "unresolved" or one.status != "done")
            and (values.get("state") != "unanswered" or one.feedback.answered_at is None)
        ]
        return self.enough(values, len(found))

    # Sales

    def customer_offers(self, values: Any, customer: Any) -> bool:
        return self.enough(values, len(self.sold(values, self.rows["offers"], customer)))

    def customer_orders(self, values: Any, customer: Any) -> bool:
        orders = [one for one in self.rows["orders"] if values.get("statuses") or one.status != "cancelled"]
        return self.enough(values, len(self.sold(values, orders, customer)))

    def sold(self, values: Any, rows: list[Any], customer: Any) -> list[Any]:
        return [
            one
            for one in rows
            if one.customer_id == customer.pk
            and self.in_period(values, one.date)
            and (not values.get("statuses") or one.status in values["statuses"])
            and (values.get("net") is None or one.net >= Decimal(values["net"]))
        ]

    def customer_bought(self, values: Any, customer: Any) -> bool:
        orders = [one for one in self.rows["orders"] if one.status != "cancelled"]
        found = [one for one in self.sold(values, orders, customer) if any(map(self.is_of(values), one.lines.all()))]
        return self.enough(values, len(found))

    def is_of(self, values: Any) -> Callable[[Any], bool]:
        def check(line: Any) -> bool:
            if line.product is None:
                return False
            if not values.get("products") and not values.get("groups"):
                return True
            by_group = self.below(line.product.group_id, values.get("groups") or (), self.group_paths)
            return line.product_id in (values.get("products") or ()) or by_group

        return check

    # Contacts and persons

    def person_role(self, values: Any, position: Any) -> bool:
        if values["op"] in ("empty", "filled"):
            return (position.role_id is None) == (values["op"] == "empty")
        found = position.role_id is not None and self.below(position.role_id, values["rows"], self.paths)
        return found == (values["op"] == "is")

    def contact_role(self, values: Any, contact: Any) -> bool:
        roles = [one.role_id for one in self.current() if one.contact_id == contact.pk and one.role_id]
        if values["op"] in ("empty", "filled"):
            return bool(roles) == (values["op"] == "filled")
        return any(self.below(role, values["rows"], self.paths) for role in roles) == (values["op"] == "is")

    def person_title(self, values: Any, position: Any) -> bool:
        return values["text"].lower() in position.title.lower()

    def contact_consent(self, values: Any, contact: Any) -> bool:
        return self.consents(values, contact.pk)

    def person_consent(self, values: Any, position: Any) -> bool:
        return self.consents(values, position.contact_id)

    def consents(self, values: Any, contact: int) -> bool:
        answers = [
            one for one in self.rows["consents"] if (one.contact_id, one.channel) == (contact, values["channel"])
        ]
        if not answers or values["answer"] == "unknown":
            return not answers and values["answer"] == "unknown"
        return answers[-1].is_given == (values["answer"] == "yes")

    def contact_class(self, values: Any, contact: Any) -> bool:
        own = [row.node_id for row in self.rows["contact_classes"] if row.contact_id == contact.pk]
        found = any(self.below(node, values["rows"], self.paths) for node in own)
        return found == (values["op"] == "is")

    def contact_language(self, values: Any, contact: Any) -> bool:
        return self.among(values, contact.language, "values")

    def person_language(self, values: Any, position: Any) -> bool:
        language = next(one.language for one in self.rows["contacts"] if one.pk == position.contact_id)
        return self.among(values, language, "values")
