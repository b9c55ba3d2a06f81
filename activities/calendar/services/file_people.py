"""The people of a calendar file: the owners of its e-mail addresses, and the customer that they suggest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from accounts.models import User
from activities.calendar.ical.read import ReadEvent
from activities.mail.selectors import PUBLIC_DOMAINS, contacts_of, customers_of_domains
from activities.mail.senders import own_users
from customers.models import Contact, Customer, Position


class People:
    """The owners of the e-mail addresses of a file: contacts with their customers, colleagues, customers by domain."""

    def __init__(self, user: User, events: Iterable[ReadEvent]) -> None:
        addresses = {email for event in events for email in event.emails}
        by_email = contacts_of(addresses)
        ids = {contact.pk for contacts in by_email.values() for contact in contacts}
        visible = Contact.objects.visible_to(user).in_bulk(ids)
        self.contacts = {
            email: [contact for contact in contacts if contact.pk in visible] for email, contacts in by_email.items()
        }
        self.users = own_users(addresses)
        domains = {email.rpartition("@")[2] for email in addresses - self.users.keys()} - {*PUBLIC_DOMAINS}
        domains -= {own.rpartition("@")[2] for own in self.users}
        by_domain = customers_of_domains(sorted(domains))
        positions = Position.objects.current().filter(contact__in=visible).values_list("contact", "customer")
        self.employers: dict[int, list[int]] = {}
        for contact, customer in positions:
            self.employers.setdefault(contact, []).append(customer)
        customer_ids = {pk for ids in (*by_domain.values(), *self.employers.values()) for pk in ids}
        self.customers = Customer.objects.visible_to(user).active().in_bulk(customer_ids)
        self.by_domain = by_domain

    def of(self, emails: Sequence[str]) -> tuple[Customer | None, list[Contact], list[User]]:
        """Return the customer, the employer of most contacts, else by the domain; its contacts; and colleagues."""
        contacts = [contact for email in emails for contact in self.contacts.get(email, ())]
        employers = Counter(
            pk for contact in contacts for pk in self.employers.get(contact.pk, ()) if pk in self.customers
        )
        domains = [pk for email in emails for pk in self.by_domain.get(email.rpartition("@")[2], ())]
        guesses = [pk for pk, _n in employers.most_common()] + [pk for pk in domains if pk in self.customers]
        customer = self.customers[guesses[0]] if guesses else None
        known = [contact for contact in contacts if customer and customer.pk in self.employers.get(contact.pk, ())]
        return customer, known, [self.users[email] for email in emails if email in self.users]
