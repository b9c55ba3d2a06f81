"""The next steps of a record: what may be done with it now, by its status and the user's rights.

Lists, cards, the calendar and the record's page draw the same steps (``components/steps.html``), so that nothing is
offered that would be refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Step:
    """A button: a page that asks for the details (``asks``), or a POST of ``values`` to ``url``.

    Rows of lists show ``short`` in the place of the label.
    """

    label: Any
    short: Any = ""
    url: str
    icon: str = ""
    asks: bool = False
    is_main: bool = False
    is_page: bool = False  # it opens a page, in no dialog
    values: Mapping[str, Any] = field(default_factory=dict)
