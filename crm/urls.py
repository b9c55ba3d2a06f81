"""All addresses of the program. Each app has its own ``urls.py`` for pages and ``api_urls.py`` for the API."""

from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.views.defaults import page_not_found
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from core import health
from core.api.views import not_found
from crm.views import HomeView

API = [
    "core",
    "accounts",
    "segmentation.schemes",
    "customers",
    "customers.selections",
    "customers.saved_views",
    "segmentation.membership",
    "activities.log",
    "activities.mail",
    "activities.calendar",
    "activities.feedback",
    "activities.leads",
    "offers.products",
    "offers.offers",
    "offers.orders",
    "offers.sales",
    "segmentation.metrics",
    "segmentation.criteria",
    "segmentation.casework",
    "segmentation.portfolio",
    "careplans.caremodels",
    "careplans.plans",
    "careplans.work",
    "careplans.following",
    "careplans.clock",
    "careplans.content",
    "careplans.scorecards",
    "imports",
]

API_PATTERNS: list[URLPattern | URLResolver] = [
    *(path("", include(f"{app}.api_urls")) for app in API),
    path("schema/", SpectacularAPIView.as_view(), name="api_schema"),
    path("docs/", login_required(SpectacularSwaggerSplitView.as_view(url_name="api_schema")), name="api_docs"),
]

urlpatterns = [
    path("", HomeView.as_view(), name="home"),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("api/v1/", include(API_PATTERNS)),  # before the pages, of which an address of the API would try each
    path("", include("crm.start_urls")),
    path("", include("core.urls")),
    path("account/email/", page_not_found, {"exception": Http404()}),  # administrators keep the addresses
    path("account/", include("accounts.sign_in_urls")),
    path("account/", include("allauth.urls")),
    path("users/", include("accounts.urls")),
    path("notifications/", include("accounts.notification_urls")),
    path("", include("segmentation.schemes.urls")),
    path("", include("customers.urls")),
    path("", include("customers.selections.urls")),
    path("", include("customers.saved_views.urls")),
    path("", include("segmentation.membership.urls")),
    path("", include("activities.log.urls")),
    path("", include("activities.mail.urls")),
    path("", include("activities.calendar.urls")),
    path("", include("activities.feedback.urls")),
    path("", include("activities.leads.urls")),
    path("", include("offers.products.urls")),
    path("", include("offers.offers.urls")),
    path("", include("offers.orders.urls")),
    path("", include("offers.sales.urls")),
    path("", include("segmentation.metrics.urls")),
    path("", include("segmentation.criteria.urls")),
    path("", include("segmentation.casework.urls")),
    path("", include("segmentation.portfolio.urls")),
    path("", include("careplans.caremodels.urls")),
    path("", include("careplans.plans.urls")),
    path("", include("careplans.work.urls")),
    path("", include("careplans.following.urls")),
    path("", include("careplans.clock.urls")),
    path("", include("careplans.content.urls")),
    path("", include("careplans.scorecards.urls")),
    path("imports/", include("imports.urls")),
    re_path(r"^api/(?P<path>.*)$", not_found),
]

handler400 = "core.pages.bad_request"
handler403 = "core.pages.forbidden"
handler500 = "core.pages.server_error"
