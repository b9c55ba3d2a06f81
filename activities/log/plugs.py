"""What other apps declare for activities, which know only the declarations, not the subjects.

**Type details** are the additional fields and rules that activities of some types have. ``ActivityType.details`` holds
the code of one of them; the subject that owns the code declares it among its registrations::

    TYPE_DETAILS = (TypeDetails(code="lead", label=_("lead"), model=Lead, form=LeadDetailsForm),)

**Text sources** are texts of activities that other subjects store, such as e-mail messages (``TEXT_SOURCES``): the
search of activities includes them, and lists show the matching excerpt.

**Planned work** are the activities that the program makes of plans (``PLANNED_WORK``: functions that return the rows of
which one column has their ids).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.search import SearchQuery
from django.db.models import Model, Q, QuerySet

from core.registry import declared
from core.start_panels import Link
from core.steps import Step

if TYPE_CHECKING:
    from activities.log.models import Activity


@dataclass(frozen=True, kw_only=True)
class GoingOn:
    """Activities that closing many leaves open, because only their own actions may close them."""

    name: str  # of their ids in the API's answer
    condition: Q


@dataclass(frozen=True, kw_only=True)
class TypeDetails:
    """The additions of a type. ``model`` has at most one row for each activity, related as ``code``."""

    code: str
    label: Any
    heading: Any = ""  # above the fields in the form
    model: type[Model] | None = None
    form: Any = None  # a ModelForm of the model
    serializer: Any = None  # a ModelSerializer of the model
    related: tuple[str, ...] = ()  # relations that the API selects with the activity
    group: Callable[[Any], Any] | None = None  # key of a group, such as a thread: timelines show only its newest
    group_related: tuple[str, ...] = ()  # relations that ``group`` needs
    upload_label: Any = ""  # link to the page where files become such activities
    upload_url_name: str = ""
    fill: Callable[[Any], None] | None = None  # completes a new row before it is saved
    check: Callable[[Any], None] | None = None  # raises if the activity may not have its new status
    going_on: GoingOn | None = None
    steps: Callable[[Any, Any, bool, str], list[Step]] | None = None  # what may be done now, instead of the statuses
    is_optional: bool = False  # without a row until something is entered
    recurs: bool = False  # activities with such details may be a series
    is_incoming: bool = False  # they come from the customer and are not planned
    has_own_status: bool = False  # their status follows from their own actions, not from the common buttons
    pending: Callable[[Any], str] | None = None  # what a worker is doing with it now, in words, or nothing
    is_written: bool = False  # the text is stored elsewhere, as that of a message
    own_links: Callable[[Any, Any], list[Link]] | None = None  # what a participant can do with an unfinished one now
    own_related: tuple[str, ...] = ()  # relations that ``own_links`` needs


#: A type without additions.
PLAIN = TypeDetails(code="", label="", recurs=True)


def type_details() -> Iterator[TypeDetails]:
    """Return the details of all subjects."""
    return declared("TYPE_DETAILS")


def details_of(code: str) -> TypeDetails:
    """Return the details that have this code; those of a plain type if there are none."""
    return next((details for details in type_details() if details.code == code), PLAIN)


def details_with_fields() -> list[TypeDetails]:
    """Return the details with fields to enter: those that have a model."""
    return [details for details in type_details() if details.model]


def group_related() -> list[str]:
    """Return the relations that a timeline selects with its activities."""
    return [path for details in type_details() for path in details.group_related]


def own_related() -> list[str]:
    """Return the relations that lists of own activities select for their links."""
    return [path for details in type_details() for path in details.own_related]


def details_with_upload() -> list[TypeDetails]:
    """Return the details of activities that can be made of uploaded files."""
    return [details for details in type_details() if details.upload_url_name]


def kinds_going_on() -> list[GoingOn]:
    """Return the kinds of activities that closing many leaves open."""
    return [details.going_on for details in type_details() if details.going_on]


def detail_codes(condition: Callable[[TypeDetails], bool]) -> list[str]:
    """Return the codes of the details that meet ``condition``."""
    return [details.code for details in type_details() if condition(details)]


@dataclass(frozen=True, kw_only=True)
class TextSource:
    """``activity_ids`` returns the activities with a word, by an index; ``texts`` returns HTML by activity id."""

    activity_ids: Callable[[SearchQuery], QuerySet[Any, Any]]
    texts: Callable[[Collection[Activity]], dict[int, str]]


def text_sources() -> Iterator[TextSource]:
    """Return all sources."""
    return declared("TEXT_SOURCES")


def planned_work() -> list[QuerySet[Any, Any]]:
    """Return the ids of the activities that plans have made, as one column each."""
    return [rows() for rows in declared("PLANNED_WORK")]
