"""The columns of the pipeline as a table, for screen and export."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.tables import Column, Table
from offers.sales.board import warnings_of

CELLS = "sales/pipeline/cells"

PIPELINE_TABLE = Table(
    (
        Column("number", _("Number"), link=True),
        Column("title", pgettext_lazy("offer", "Title"), grow=True),
        Column("customer", _("Customer"), template=f"{CELLS}/customer.html"),
        Column("status", _("Stage"), lambda offer: offer.get_status_display()),
        Column(
            "since", _("Days at stage"), "days_in_status", sort="status_since", numeric=True,
            template=f"{CELLS}/days.html",
        ),
        Column("net", _("Value"), sort="net", numeric=True, template=f"{CELLS}/euros.html"),
        Column("likely", _("Probability, %"), numeric=True, wide=True),
        Column("weighted", _("Weighted value"), numeric=True, template=f"{CELLS}/euros.html", wide=True),
        Column("expected_close", _("Expected close"), sort="expected_close", template=f"{CELLS}/expected.html"),
        Column("valid_until", _("Valid until"), sort="valid_until", template=f"{CELLS}/valid.html", wide=True),
        Column("next_step", _("Next step"), template=f"{CELLS}/next_step.html", wide=True),
        Column("owner", _("Account manager"), wide=True),
        Column("type", _("Type"), shown=False, wide=True),
        Column("warnings", _("Needs attention"), lambda offer: warnings_of(offer), shown=False, wide=True,
            template=f"{CELLS}/warnings.html"),
    ),
    "since",
)  # fmt: skip
