from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command

from accounts.tests.factories import UserFactory
from customers.models import Customer
from imports.models import ImportRun
from imports.tests.helpers import make_mapping

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("nimi;y-tunnus\nAcme;0737546-2\nOther;1234567-8\n")
    return path


def call(*args, **options):
    out, err = io.StringIO(), io.StringIO()
    call_command("import_data", *map(str, args), stdout=out, stderr=err, **options)
    return out.getvalue(), err.getvalue()


def test_last_line_tells_the_counts_and_problems_go_to_the_error_stream(file):
    out, err = call("customers", file)
    assert out == "created=1 updated=0 unchanged=0 held=0 refused=1\n"
    assert "row 3" in err
    assert "business ID" in err


def test_same_file_again_changes_nothing(file):
    call("customers", file)
    assert call("customers", file)[0] == "created=0 updated=0 unchanged=1 held=0 refused=1\n"


def test_dry_run_writes_nothing(file):
    assert call("customers", file, dry_run=True)[0] == "created=1 updated=0 unchanged=0 held=0 refused=1\n"
    assert not Customer.objects.exists()


def test_mapping_is_used_by_its_name(file):
    make_mapping({"columns": [{"column": "nimi", "field": "name"}]}, name="register")
    assert call("customers", file, mapping="register")[0] == "created=2 updated=0 unchanged=0 held=0 refused=0\n"


def test_history_tells_in_whose_name_it_was_done(file):
    user = UserFactory(grants=["imports.run_imports"])
    call("customers", file, user=user.username)
    run = ImportRun.objects.get()
    assert run.owner == user
    event = Customer.pgh_event_model.objects.select_related("pgh_context").get()
    assert event.pgh_context.metadata == {"command": "import_data", "user": user.pk, "import_run": run.pk}


@pytest.mark.parametrize(
    ("content", "options", "words"),
    [
        (b"", {}, "empty"),
        (b"nimi\n", {}, "no rows"),
        (b"\x00\x01\x02", {}, "binary"),
        (b'nimi,maa\n"A"x,b\n', {}, "line 2"),
        (b"x,y\n1,2\n", {}, "No column identifies"),
        (b"nimi\nA\n", {"mapping": "none"}, "no mapping"),
        (b"nimi\nA\n", {"user": "nobody"}, "no active user"),
    ],
)
def test_bad_input_is_one_sentence_and_writes_nothing(tmp_path, content, options, words):
    (tmp_path / "bad.csv").write_bytes(content)
    with pytest.raises(CommandError) as error:
        call("customers", tmp_path / "bad.csv", **options)
    assert words in str(error.value)
    assert "\n" not in str(error.value)
    assert not Customer.objects.exists()
    assert not ImportRun.objects.exists()


def test_missing_file_is_one_sentence(tmp_path):
    with pytest.raises(CommandError, match="No such file"):
        call("customers", tmp_path / "missing.csv")


def test_file_over_the_limit_is_told(file, settings):
    settings.IMPORT_MAX_BYTES = 10
    with pytest.raises(CommandError, match="larger than"):
        call("customers", file)
