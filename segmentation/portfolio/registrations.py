"""What the portfolio declares for other apps: navigation and commands."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.registry import Command, NavItem
from segmentation.portfolio.permissions import schemes_with_portfolio
from segmentation.portfolio.scores import SCORE_METRICS  # noqa: F401 - declared

NAV = (
    NavItem(
        name="segments",
        label=_("Segments"),
        url_name="portfolio:segments",
        permission="portfolio.view_segments",
        icon="chart-bar",
        section="customers",
        part="segmentation",
        order=26,
    ),
    NavItem(
        name="portfolio",
        label=_("Customer portfolio"),
        url_name="portfolio:matrix",
        permission="portfolio.open_portfolio",
        needs=schemes_with_portfolio,
        icon="chart-pie",
        section="management",
        part="segmentation",
        order=58,
    ),
    NavItem(
        name="unprofitable",
        label=_("Unprofitable customers"),
        short=pgettext_lazy("menu", "Unprofitable"),
        url_name="portfolio:unprofitable",
        permission="portfolio.open_portfolio",
        needs=schemes_with_portfolio,
        icon="alert-circle",
        section="management",
        part="segmentation",
        order=59,
    ),
)
#: The commands ask the value mode; the menu asks it with its figures.
VIEW = "portfolio.view_portfolio"
COMMANDS = (
    Command.opening(NAV[0], keywords="segmentit siirtymät virrat koko kehitys segments moves flow sizes"),
    Command.opening(NAV[1], keywords="asiakassalkku nelikenttä matriisi matrix portfolio", permission=VIEW),
    Command.opening(NAV[2], keywords="kannattamattomat unprofitable tappio", permission=VIEW),
    Command(
        name="concentration",
        label=_("Concentration of orders"),
        url_name="portfolio:concentration",
        permission=VIEW,
        icon="chart-line",
        keywords="gini keskittyminen concentration",
        order=60,
    ),
)
