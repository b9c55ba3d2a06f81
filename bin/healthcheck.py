"""Ends with 0 when the web process in this container answers; for Docker's HEALTHCHECK."""

import os
import urllib.request
from urllib.parse import urlparse

base_url = urlparse(os.environ.get("BASE_URL", "http://localhost"))
request = urllib.request.Request(
    f"http://127.0.0.1:{os.environ.get('PORT', '8000')}/healthz",
    headers={"Host": base_url.netloc, "X-Forwarded-Proto": base_url.scheme},
)
urllib.request.urlopen(request, timeout=5)  # noqa: S310
