"""The WSGI application that ``crm.web`` serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")

application = get_wsgi_application()

from core.checks import require_declared_permissions  # noqa: E402 (needs the apps)

require_declared_permissions()
