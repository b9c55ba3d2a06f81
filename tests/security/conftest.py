from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from core.context_processors import Frame
from customers import favourites
from tests.security.world import World, make_world


@pytest.fixture(scope="module")
def made(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """The world, made once for a module."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_world()
        transaction.set_rollback(True)


@pytest.fixture
def world(made: World, db: None) -> World:
    """The world as it was made: what a test changes is taken back."""
    return copy.deepcopy(made)


@contextmanager
def without_menu() -> Iterator[None]:
    """Draw no menu: half of a page's time, for walks over every page that are about what is in it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Frame, "counts", defaultdict(lambda: (1, False)))
        patch.setattr(Frame, "nav_groups", [])
        patch.setattr(favourites, "_read", lambda _user: [])
        yield


@pytest.fixture
def no_menu() -> Iterator[None]:
    with without_menu():
        yield


@pytest.fixture
def plain_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw the menu with all its lines and no figures from the database: for walks that are about the pages in it."""
    monkeypatch.setattr(Frame, "counts", defaultdict(lambda: (1, False)))
