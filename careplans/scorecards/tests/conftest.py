import pytest

from accounts.tests.factories import UserFactory
from careplans.scorecards.defaults import load_perspectives
from careplans.scorecards.models import Perspective
from careplans.scorecards.tests.world import key_customer
from segmentation.criteria.tests.factories import SegmentFactory
from segmentation.schemes.models import Scheme


@pytest.fixture(autouse=True)
def perspectives(db):
    """The perspectives are default data."""
    if not Perspective.objects.exists():
        load_perspectives()


@pytest.fixture
def owner(db):
    return UserFactory(role="account_manager")


@pytest.fixture
def manager(db):
    """The key account manager, who keeps care plans."""
    return UserFactory(role="key_account_manager")


@pytest.fixture
def director(db):
    return UserFactory(role="management")


@pytest.fixture
def segment(db):
    """A segment of the primary scheme that needs approval."""
    return SegmentFactory(scheme=Scheme.objects.primary().get(), needs_approval=True)


@pytest.fixture
def customer(segment, owner):
    return key_customer(segment, owner)
