"""Imports of long ago go with their files; what they wrote stays with its history."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from customers.models import Customer
from imports.enums import RunState
from imports.models import ImportRow, ImportRun
from imports.tasks import purge_old_imports
from imports.tests.helpers import run_import

pytestmark = pytest.mark.django_db


def aged(run: ImportRun, days: int) -> ImportRun:
    then = timezone.now() - dt.timedelta(days=days)
    ImportRun.objects.filter(pk=run.pk).update(created_at=then, finished_at=then)
    return run


def test_an_import_of_more_than_a_year_ago_goes_with_its_file_and_rows(django_capture_on_commit_callbacks):
    run = aged(run_import("Nimi\nVanha Oy\n"), 366)
    with django_capture_on_commit_callbacks(execute=True):
        purge_old_imports()
    assert not ImportRun.objects.exists()
    assert not ImportRow.objects.exists()
    assert not run.file.storage.exists(run.file.name)


def test_what_it_wrote_stays_with_its_history():
    aged(run_import("Nimi\nVanha Oy\n"), 366)
    customer = Customer.objects.get(name="Vanha Oy")
    history = customer.pgh_event_model.objects.filter(pgh_obj_id=customer.pk).count()
    purge_old_imports()
    assert customer.pgh_event_model.objects.filter(pgh_obj_id=customer.pk).count() == history == 1


def test_a_younger_one_stays_and_the_setting_says_how_long(settings):
    run = aged(run_import("Nimi\nUusi Oy\n"), 364)
    purge_old_imports()
    assert ImportRun.objects.get() == run
    settings.IMPORT_KEEP_DAYS = 30
    purge_old_imports()
    assert not ImportRun.objects.exists()


def test_one_that_waits_as_a_draft_goes_too():
    run = aged(run_import("Nimi\nVanha Oy\n", dry_run=True), 400)
    ImportRun.objects.filter(pk=run.pk).update(state=RunState.DRAFT)
    purge_old_imports()
    assert not ImportRun.objects.exists()


def test_one_that_can_still_be_undone_stays(settings):
    settings.IMPORT_KEEP_DAYS = 1
    run = aged(run_import("Nimi\nUusi Oy\n"), 29)
    purge_old_imports()
    assert ImportRun.objects.get() == run
    aged(run, 31)
    purge_old_imports()
    assert not ImportRun.objects.exists()
