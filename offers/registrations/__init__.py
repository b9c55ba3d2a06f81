"""Where products, offers and orders show on other pages, by subject."""

from __future__ import annotations

from offers.registrations import invoicing, offers, orders, pipeline, products, sending, targets


def register() -> None:
    for subject in (invoicing, offers, orders, pipeline, products, sending, targets):
        subject.register()
