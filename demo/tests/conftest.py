"""A small made-up organisation, loaded once for all tests of a module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import transaction
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from demo import services
from demo.tests.helpers import CUSTOMERS


@pytest.fixture(scope="module")
def organisation(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The demo data, loaded once for this module; each test's own changes are taken back."""
    with django_db_blocker.unblock(), transaction.atomic(), override_settings(DEMO=True):
        services.demo_load(customers=CUSTOMERS)
        yield
        transaction.set_rollback(True)


@pytest.fixture
def loaded(organisation: None, db: None) -> None:
    """The demo data in this test's transaction."""
