"""Registry of what activities of some types have besides the common fields.

``ActivityType.details`` holds the code of one of these; the subject that owns the code declares it among its
registrations::

    TYPE_DETAILS = (TypeDetails(code="lead", label=_("lead"), model=Lead, form=LeadDetailsForm),)

The log of activities knows only what is declared: no subject above it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, Q

from core.registry import declared


@dataclass(frozen=True, kw_only=True)
class GoingOn:
    """Activities that closing many at once leaves open, because only steps of their own may close them."""

    name: str  # of their ids in the API's answer
    condition: Q
    words: Callable[[int], str]  # says so of this many


@dataclass(frozen=True, kw_only=True)
class TypeDetails:
    """What activities of a type have of their own. ``model`` has one row at most for each, related as ``code``."""

    code: str
    label: Any
    heading: Any = ""  # above the fields in the form
    model: type[Model] | None = None
    form: Any = None  # a ModelForm of the model
    serializer: Any = None  # a ModelSerializer of the model
    related: tuple[str, ...] = ()  # what the API reads along with the activity
    group: Callable[[Any], Any] | None = None  # of which activities a timeline shows only the newest, such as a thread
    group_related: tuple[str, ...] = ()  # what ``group`` needs to have read along
    upload_label: Any = ""  # of a page that makes such activities of files at a customer
    upload_url_name: str = ""
    fill: Callable[[Any], None] | None = None  # gives a new row what was not entered, before it is saved
    check: Callable[[Any], None] | None = None  # raises where the activity may not have its new status
    going_on: GoingOn | None = None
    is_optional: bool = False  # there is no row until something is entered
    recurs: bool = False  # activities with such details may be a series
    is_incoming: bool = False  # they come from the customer and wait in a list of their own: nobody plans them
    has_own_status: bool = False  # their status follows steps of their own, not the common buttons
    is_written: bool = False  # the memo is written elsewhere, as the text of a message


#: Of a type that has no fields of its own.
PLAIN = TypeDetails(code="", label="", recurs=True)


def registered() -> Iterator[TypeDetails]:
    """Return the details of all subjects."""
    return declared("TYPE_DETAILS")


def of(code: str) -> TypeDetails:
    """Return the details that have this code; those of a plain type if there are none."""
    return next((details for details in registered() if details.code == code), PLAIN)


def with_fields() -> list[TypeDetails]:
    """Return the details that people enter: those that have a model."""
    return [details for details in registered() if details.model]


def group_related() -> list[str]:
    """Return what a timeline reads along with its activities."""
    return [path for details in registered() for path in details.group_related]


def uploads() -> list[TypeDetails]:
    """Return the details of activities that files are made into."""
    return [details for details in registered() if details.upload_url_name]


def going_on() -> list[GoingOn]:
    """Return what closing many at once leaves open."""
    return [details.going_on for details in registered() if details.going_on]


def codes(condition: Callable[[TypeDetails], bool]) -> list[str]:
    """Return the codes of the details that meet ``condition``."""
    return [details.code for details in registered() if condition(details)]
