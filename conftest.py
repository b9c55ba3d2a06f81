"""Gives the test run its own environment and private services, before Django reads its settings."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import django
import pytest
from hypothesis import settings as hypothesis_settings

from core import testing

BASE_DIR = Path(__file__).resolve().parent

os.environ["DJANGO_SETTINGS_MODULE"] = "crm.settings.test"
if "PYTEST_XDIST_WORKER" not in os.environ:  # the workers of one run share its services
    os.environ["DATA_DIR"] = os.environ.get("TEST_DATA_DIR") or str(testing.free_data_dir(BASE_DIR / "var"))
os.environ["SECRET_KEY"] = "for-tests-only"
for name in ("BASE_URL", "PORT", "DEBUG", "DEMO", "MEDIA_ROOT", "ALLOWED_HOSTS", "EMAIL_URL", "TRUSTED_PROXIES"):
    os.environ.pop(name, None)

if "CI" in os.environ:  # there the same examples every time: a change fails for what it changes
    hypothesis_settings.load_profile("ci")

django.setup()  # before the tests and their conftest files are read: they import models

from django.db.models import Model, ProtectedError  # noqa: E402
from django.test import TransactionTestCase  # noqa: E402

# Django would empty every table, the default data with them. A new copy of the template is quicker too.
TransactionTestCase._fixture_teardown = lambda _test: testing.restore_database()  # type: ignore[attr-defined]


def pytest_sessionstart() -> None:
    """Start the private services, which all processes of one run share; end with the sentence where that fails."""
    from core.local.errors import LocalServiceError
    from core.local.services import ensure_running

    try:
        ensure_running(throwaway=True)
    except LocalServiceError as error:
        pytest.exit(str(error), returncode=1)
    from django.conf import settings

    template = testing.database_template(Path(os.environ["DATA_DIR"]))
    settings.DATABASES["default"].setdefault("TEST", {})["TEMPLATE"] = template


@pytest.fixture
def celery_worker_process(transactional_db: None) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a real Celery worker on the test database. Tests that use it need ``django_db(transaction=True)``."""
    testing.empty_broker()
    with testing.running_worker() as worker:
        yield worker


@pytest.fixture
def queued(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """Keep what is given to the workers instead: the name of each task with its arguments."""
    from crm.celery import app

    tasks: list[tuple[Any, ...]] = []
    monkeypatch.setattr(app, "send_task", lambda name, args, **_options: tasks.append((name, *args)))
    return tasks


@pytest.fixture
def tasks_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do at once, in this process, what is given to the workers."""
    from crm.celery import app

    app.loader.import_default_modules()  # only workers do so of themselves
    monkeypatch.setattr(app, "send_task", lambda name, args, **_options: app.tasks[name](*args))


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Start each test in English; the language that a request activates ends with the test."""
    from django.utils import translation

    with translation.override("en"):
        yield


@pytest.fixture
def defaults(db: None) -> None:
    """The default data of every app (groups, classification tree, types), which every test database has."""


@pytest.fixture
def without(db: None) -> Callable[..., None]:
    """``without(Unit, VatClass)`` removes the default rows of these models from a test that has only its own.

    Rows of other models that protect them are removed first.
    """

    def remove(*models: type[Model]) -> None:
        for model in models:
            rows = model._base_manager.all()
            while True:
                try:
                    rows.delete()
                    break
                except ProtectedError as error:
                    remove(*{type(row) for row in error.protected_objects})

    return remove


@pytest.hookimpl(trylast=True)  # once each folder has marked its tests
def pytest_collection_modifyitems(items: list[Any]) -> None:
    """Run the browser tests last: all others fail faster."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)
