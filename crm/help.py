"""The guides: short pages about each part of the program, in the reader's language, and which of them a page opens."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, JsonResponse
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from core.parameters import TextField
from core.permissions import SIGNED_IN, PermissionMixin


@dataclass(frozen=True)
class Guide:
    """A guide: its text is ``templates/help/<language>/<name>.html``; it is that of the pages under ``paths``.

    The text has a picture, which ``tests/browser/test_guide_pictures.py`` makes.
    """

    name: str
    label: Any
    paths: tuple[str, ...]

    @property
    def url(self) -> str:
        return reverse("crm:guide", args=[self.name])


GUIDES = (
    Guide(
        "start",
        gettext_lazy("Start page, menu and search"),
        ("/start/", "/search/", "/recent/", "/notifications/", "/help/", "/users/profile/", "/account/"),
    ),
    Guide(
        "customers", gettext_lazy("Customers and contacts"), ("/customers/", "/contacts/", "/metrics/", "/documents/")
    ),
    Guide("selections", gettext_lazy("Selections and saved views"), ("/selections/", "/views/")),
    Guide("bulk", gettext_lazy("Working on many rows, and undo"), ("/bulk/",)),
    Guide(
        "activities",
        gettext_lazy("Activities"),
        ("/activities/", "/customers/*/activities/", "/contacts/*/activities/"),
    ),
    Guide("calendar", gettext_lazy("Calendar and hours"), ("/calendar/", "/hours/", "/team-week/")),
    Guide("mail", gettext_lazy("E-mail"), ("/mail/",)),
    Guide(
        "feedback",
        gettext_lazy("Feedback and leads"),
        ("/feedback/", "/leads/", "/nps/", "/customers/*/feedback/", "/contacts/*/feedback/"),
    ),
    Guide(
        "offers",
        gettext_lazy("Offers, orders and targets"),
        (
            "/offers/",
            "/orders/",
            "/invoicing/",
            "/products/",
            "/product-groups/",
            "/pipeline/",
            "/targets/",
            "/customers/*/offers/",
        ),
    ),
    Guide(
        "segmentation",
        gettext_lazy("Segmentation"),
        (
            "/schemes/",
            "/segments/",
            "/segment-proposals/",
            "/criteria/",
            "/suggestions/",
            "/users/teams/",
            "/customers/*/segments/",
        ),
    ),
    Guide(
        "segmentwork",
        gettext_lazy("Segmentation work, reviews and follow-up"),
        ("/segmentation-work/", "/segment-reviews/", "/portfolio/"),
    ),
    Guide(
        "careyear",
        gettext_lazy("A year with care plans"),
        ("/care/", "/care-plans/", "/scorecards/", "/customer-strategy/"),
    ),
    Guide("careplans", gettext_lazy("Care models"), ("/care-models/", "/statutory-tasks/", "/terms/")),
    Guide(
        "careplan",
        gettext_lazy("A customer's care plan"),
        (
            "/customers/*/care-plan/",
            "/care-plan-rows/",
            "/care-plan-links/",
            "/care-plan-templates/",
            "/needs/",
            "/charges/",
        ),
    ),
    Guide(
        "carework",
        gettext_lazy("Care work in the calendar, absences, substitutes"),
        ("/care/planning/", "/care/lists/", "/absences/"),
    ),
    Guide(
        "adherence",
        gettext_lazy("Adherence and how it is counted"),
        ("/care/adherence/", "/care/capacity/", "/care/occurrences/", "/care/customers/", "/care/key-accounts/"),
    ),
    Guide(
        "admin",
        gettext_lazy("Administration"),
        (
            "/users/",
            "/classifications/",
            "/imports/",
            "/jobs/",
            "/activities/types/",
            "/offers/settings/",
            "/metrics/settings/",
        ),
    ),
)


def guide_of(path: str) -> Guide | None:
    """Return the guide of the page at ``path``: that with the longest path with which it begins. ``*`` is a number."""
    path = re.sub(r"/\d+(?=/)", "/*", path)
    found = [(len(start), guide) for guide in GUIDES for start in guide.paths if path.startswith(start)]
    return max(found, key=lambda pair: pair[0])[1] if found else None


def guide_url(request: HttpRequest) -> dict[str, Any]:
    """Return the address and the name of the page's guide for the frame; without one, those of all guides."""
    return {
        "guide_url": SimpleLazyObject(lambda: _named(request.path)["url"]),
        "guide_name": SimpleLazyObject(lambda: _named(request.path)["label"]),
        "guide_of_url": reverse("crm:guide_of"),
    }


def _named(path: str) -> dict[str, str]:
    guide = guide_of(path)
    return {"url": guide.url, "label": str(guide.label)} if guide else {"url": reverse("crm:help"), "label": ""}


class GuideOfView(PermissionMixin, View):
    """The guide of a page, for a tab that was loaded into another one."""

    permission_required = SIGNED_IN
    parameters = {"page": TextField()}
    answers_scripts = True

    def get(self, request: HttpRequest) -> JsonResponse:
        return JsonResponse(_named(request.GET.get("page", "")))


class HelpView(PermissionMixin, TemplateView):
    """The list of guides."""

    permission_required = SIGNED_IN
    template_name = "help/page.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(title=_("Guides"), guides=GUIDES, **kwargs)


class GuideView(HelpView):
    """One guide, in the language of the page."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        guide = next((guide for guide in GUIDES if guide.name == self.kwargs["guide"]), None)
        if guide is None:
            raise Http404
        language = "en" if get_language() == "en" else "fi"
        about = {"title": guide.label, "guide": guide, "text": f"help/{language}/{guide.name}.html"}
        return super().get_context_data(**kwargs) | about
