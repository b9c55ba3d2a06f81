"""What the program itself adds to the frame: the start page, its search, and the jobs."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import StartChoice
from core.first_steps import FirstStep
from core.registry import Command, NavItem, Panel
from crm.help import guide_url

MANAGE = "accounts.manage_users"

START = NavItem(name="start", label=pgettext_lazy("page", "Start"), url_name="crm:start", icon="home", order=5)
NAV = (START,)
FRAME = (guide_url,)
COMMANDS = (
    Command.opening(START),
    Command(
        name="start_arrange",
        label=_("Arrange the start page"),
        url_name="crm:arrange",
        icon="adjustments",
        keywords="aloitussivu järjestä",
    ),
    Command(
        name="help",
        label=_("Guides"),
        url_name="crm:help",
        icon="info-circle",
        keywords="ohjeet ohje apua help guide",
        order=99,
    ),
    Command(
        name="jobs",
        label=_("Background jobs"),
        url_name="crm:jobs",
        permission=MANAGE,
        icon="list-check",
        keywords="työt taustatyöt",
        order=91,
    ),
)
PANELS = (
    Panel(
        place="start",
        name="start_first_steps",
        label=_("First steps"),
        url_name="crm:start_first_steps",
        order=1,
        aside=True,
        usual=True,
    ),
    Panel(
        place="start",
        name="start_search",
        label=_("Find a customer or a person"),
        url_name="crm:start_search",
        order=4,
    ),
    Panel(
        place="start",
        name="start_jobs",
        label=_("Background jobs"),
        url_name="crm:start_jobs",
        permission=MANAGE,
        order=70,
    ),
)
FIRST_STEPS = (
    FirstStep(
        label=_("Arrange your start page"),
        url_name="crm:arrange",
        is_done=lambda user: StartChoice.objects.filter(pk=user.pk).exists(),
        order=60,
    ),
)
