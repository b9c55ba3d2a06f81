"""The environment variables: read once, errors reported in one sentence, all of them documented."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from crm import env


def manage(data_dir: Path, *arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(data_dir), **variables}
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, env=environment, cwd=env.BASE_DIR, text=True, capture_output=True)


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"PORT": "abc"}, "PORT must be a whole number from 1 on, not 'abc'."),
        ({"DEMO": "maybe"}, "DEMO must be 1 or 0, not 'maybe'."),
        ({"LOG_LEVEL": "LOUD"}, "LOG_LEVEL must be one of INFO, DEBUG, WARNING, ERROR, not 'LOUD'."),
        ({"BASE_URL": "crm.example"}, "BASE_URL is not an http or https address: crm.example"),
        ({"DATABASE_URL": "mysql://x@y/z", "SECRET_KEY": "x"}, "DATABASE_URL must be a postgres:// address"),
        ({"DATABASE_URL": "postgres://x@y/z"}, "SECRET_KEY is not set: give a long random value."),
        ({"REDIS_URL": "nonsense"}, "REDIS_URL must be a redis://, rediss:// or unix:// address."),
    ],
)
def test_a_malformed_variable_ends_every_command_with_its_sentence(
    data_dir: Path, variables: dict[str, str], sentence: str
) -> None:
    done = manage(data_dir, "check", **variables)
    assert done.returncode == 1
    assert done.stderr.startswith(f"Portaali: {sentence}")
    assert done.stderr.count("\n") == 1


def test_a_database_that_does_not_answer_is_one_sentence(data_dir: Path) -> None:
    nowhere = {"DATABASE_URL": "postgres://x:y@127.0.0.1:1/z", "REDIS_URL": "redis://127.0.0.1:1/0", "SECRET_KEY": "x"}
    done = manage(data_dir, "migrate", **nowhere)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert done.stderr.startswith("Portaali: The database cannot be reached: connection to server at")


def test_a_broker_that_does_not_answer_ends_the_start_before_the_database_is_touched(data_dir: Path) -> None:
    nowhere = {"DATABASE_URL": "postgres://x:y@127.0.0.1:1/z", "REDIS_URL": "redis://127.0.0.1:1/0", "SECRET_KEY": "x"}
    done = manage(data_dir, "serve", PORT="58231", **nowhere)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert done.stderr.startswith("Portaali: The broker at REDIS_URL cannot be reached: ")


def test_every_variable_stands_in_the_documentation_and_no_other() -> None:
    source = (env.BASE_DIR / "crm" / "env.py").read_text()
    read = set(re.findall(r'_(?:env\.\w+|switch|number|choice)\(\s*"([A-Z_]+)"', source))
    settings = (env.BASE_DIR / "docs" / "operations.md").read_text().split("## Settings")[1].split("\n## ")[0]
    documented = {
        name for row in re.findall(r"^\| (`[A-Z`_, ]+) \|", settings, re.M) for name in re.findall("[A-Z_]+", row)
    }
    assert documented == read
