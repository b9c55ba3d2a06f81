"""``manage.py migrate`` and ``manage.py serve`` on a database from before the migrations were reset."""

from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from core.local.errors import LocalServiceError, sentence_for
from crm.management.commands import serve
from crm.management.commands.migrate import BEFORE_RESET, require_upgradable


@pytest.fixture
def old_database(db: None) -> None:
    MigrationRecorder(connection).record_applied(*BEFORE_RESET)


def test_a_database_of_this_version_is_migrated(db: None) -> None:
    call_command("migrate", verbosity=0, interactive=False)


@pytest.mark.usefixtures("old_database")
def test_an_older_data_directory_is_named_in_one_sentence_with_the_way_out(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR, settings.PRIVATE_POSTGRES = tmp_path, True
    with pytest.raises(LocalServiceError, match="is from an older version that cannot be upgraded") as refusal:
        call_command("migrate", verbosity=0, interactive=False)
    sentence = sentence_for(refusal.value)
    assert "mv " in sentence
    assert "DATA_DIR" in sentence


@pytest.mark.usefixtures("old_database")
def test_an_older_database_of_another_server_is_named_without_the_data_directory(
    settings: Any,
) -> None:
    settings.PRIVATE_POSTGRES = False
    with pytest.raises(LocalServiceError, match="set DATABASE_URL to a new database") as refusal:
        require_upgradable()
    assert connection.settings_dict["NAME"] in str(refusal.value)
    assert "mv " not in str(refusal.value)


@pytest.mark.usefixtures("old_database")
def test_make_run_refuses_an_older_database_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "has_pending_migrations", lambda: True)  # none of the new ones is applied there
    with pytest.raises(LocalServiceError, match="then start again"):
        serve.bring_up_to_date()
