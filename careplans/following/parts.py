"""Which actions figures mean, as conditions on occurrences and sums alike."""

from __future__ import annotations

from django.db.models import Q

from careplans.following.enums import Direction, Part

PARTS: dict[str, Q] = {
    Part.MANDATORY: Q(scope=Direction.CUSTOMER, is_mandatory=True),
    Part.RECOMMENDED: Q(scope=Direction.CUSTOMER, is_mandatory=False),
    Part.INTERNAL: Q(scope=Direction.INTERNAL),
    Part.STATUTORY: Q(scope=Direction.STATUTORY),
}
