"""Default data: a set of schemes, chosen by ``SCHEME_SET`` at the first start, and the reasons of moves.

Other sets are added from the page of schemes.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings

from core.defaults import load_list
from segmentation.schemes.models import SegmentReason
from segmentation.schemes.services.sets import scheme_set_add


def load_schemes() -> None:
    scheme_set_add(name=settings.SCHEME_SET)


def load_reasons() -> None:
    load_list("reasons", SegmentReason)


SETS: dict[str, Callable[[], None]] = {"omn": load_schemes, "reasons": load_reasons}
