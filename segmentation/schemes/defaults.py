"""Default data: the scheme of OMN and the reasons of moves. Other sets are added from the page of schemes."""

from __future__ import annotations

from collections.abc import Callable

from core.defaults import load_list
from segmentation.schemes.models import SegmentReason
from segmentation.schemes.services.sets import scheme_set_add


def load_omn() -> None:
    scheme_set_add(name="omn")


def load_reasons() -> None:
    load_list("reasons", SegmentReason)


SETS: dict[str, Callable[[], None]] = {"omn": load_omn, "reasons": load_reasons}
