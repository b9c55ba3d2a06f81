"""All addresses of the program. Each app has its own ``urls.py`` for pages and ``api_urls.py`` for the API."""

from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.urls import include, path, re_path
from django.views.defaults import page_not_found
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from crm import health, views
from crm.api.views import not_found

API = ["accounts", "customers", "activities", "offers", "imports"]

urlpatterns = [
    path("", views.home, name="home"),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("", include("crm.kernel_urls")),
    path("account/email/", page_not_found, {"exception": Http404()}),  # administrators keep the addresses
    path("account/", include("accounts.sign_in_urls")),
    path("account/", include("allauth.urls")),
    path("users/", include("accounts.urls")),
    path("notifications/", include("accounts.notification_urls")),
    path("", include("customers.urls")),
    path("", include("activities.urls")),
    path("", include("offers.urls")),
    path("imports/", include("imports.urls")),
    *(path("api/v1/", include(f"{app}.api_urls")) for app in API),
    path("api/v1/schema/", SpectacularAPIView.as_view(), name="api_schema"),
    path("api/v1/docs/", login_required(SpectacularSwaggerSplitView.as_view(url_name="api_schema")), name="api_docs"),
    re_path(r"^api/(?P<path>.*)$", not_found),
]

handler400 = "crm.error_views.bad_request"
handler500 = "crm.error_views.server_error"
