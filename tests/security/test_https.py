"""An installation with an https address: http redirects to it, cookies and headers keep browsers on it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings

ASK = """
import json, os
os.environ["DJANGO_SETTINGS_MODULE"] = "crm.settings"
import django
django.setup()
from django.conf import settings
from django.middleware.csrf import get_token
from django.test import Client, RequestFactory
settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
host = {"headers": {"host": "crm.example.fi"}}
plain = Client(**host).get("/account/login/?next=/customers/")
secure = Client(**host).get("/account/login/", headers={"x-forwarded-proto": "https"})
print(json.dumps({
    "plain": [plain.status_code, plain.headers.get("Location")],
    "secure": secure.status_code,
    "hsts": secure.headers.get("Strict-Transport-Security"),
    "cookie": secure.cookies["csrftoken"].OutputString(),
    "session_is_secure": settings.SESSION_COOKIE_SECURE,
}))
"""


def answers(base_url: str) -> dict[str, Any]:
    """Ask a fresh process of the program, as it starts with this BASE_URL, on the tests' database."""
    database = settings.DATABASES["default"]
    host, name = database["HOST"].replace("/", "%2F"), database["NAME"]
    place = f"{host}:{database['PORT']}" if database["PORT"] else host
    login = f"{database['USER']}:{database['PASSWORD']}@" if database["PASSWORD"] else f"{database['USER']}@"
    environment = os.environ | {
        "BASE_URL": base_url, "TRUSTED_PROXIES": "1", "SECRET_KEY": "k",
        "DEBUG": "0", "DEMO": "0", "LOG_LEVEL": "ERROR",
        "DATABASE_URL": f"postgres://{login}{place}/{name}", "REDIS_URL": settings.REDIS_URL,
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", ASK], env=environment, cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.slow
def test_an_https_installation_redirects_marks_its_cookies_and_tells_browsers_to_stay(db):
    seen = answers("https://crm.example.fi")
    assert seen["plain"] == [301, "https://crm.example.fi/account/login/?next=/customers/"]
    assert seen["secure"] == 200
    assert seen["hsts"] == "max-age=31536000; includeSubDomains; preload"
    assert "Secure" in seen["cookie"]
    assert "SameSite=Lax" in seen["cookie"]
    assert seen["session_is_secure"] is True
