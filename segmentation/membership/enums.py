"""Choices of memberships and proposals. This module imports nothing of the project."""

from django.db import models
from django.utils.translation import pgettext_lazy


class MoveKind(models.TextChoices):
    """How a membership began."""

    SET = "set", pgettext_lazy("membership", "set")
    APPROVED = "approved", pgettext_lazy("membership", "proposed and approved")
    AUTOMATIC = "automatic", pgettext_lazy("membership", "by the criteria")
    IMPORT = "import", pgettext_lazy("membership", "imported")
    BULK = "bulk", pgettext_lazy("membership", "set for many")
    LEAD = "lead", pgettext_lazy("membership", "by a mutual contact")
    DEFAULT = "default", pgettext_lazy("membership", "as a new customer")
    UNDONE = "undone", pgettext_lazy("membership", "undone")
    MOVED_OVER = "moved_over", pgettext_lazy("membership", "from the classification")


class EndKind(models.TextChoices):
    """Why a membership ended without another that begins then."""

    FOLLOWED = "", pgettext_lazy("membership", "followed by another")
    INACTIVE = "inactive", pgettext_lazy("membership", "the customer became inactive")
    UNDONE = "undone", pgettext_lazy("membership", "the first decision was undone")
    LEFT = "left", pgettext_lazy("membership", "the customer left the segment")


class ProposalStatus(models.TextChoices):
    OPEN = "open", pgettext_lazy("proposal", "open")
    APPROVED = "approved", pgettext_lazy("proposal", "approved")
    REJECTED = "rejected", pgettext_lazy("proposal", "rejected")
    WITHDRAWN = "withdrawn", pgettext_lazy("proposal", "withdrawn")


PROPOSAL_TRANSITIONS: dict[ProposalStatus, tuple[ProposalStatus, ...]] = {
    ProposalStatus.OPEN: (ProposalStatus.APPROVED, ProposalStatus.REJECTED, ProposalStatus.WITHDRAWN),
    ProposalStatus.APPROVED: (),
    ProposalStatus.REJECTED: (),
    ProposalStatus.WITHDRAWN: (),
}

#: What the API's schema calls these.
SCHEMA_NAMES = {"MoveKindEnum": MoveKind, "EndKindEnum": EndKind, "ProposalStatusEnum": ProposalStatus}
