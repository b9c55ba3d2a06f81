"""What people are notified of is said in their language."""

from __future__ import annotations

import pytest
from django.utils.translation import override

from core.registry import declared


@pytest.mark.parametrize(
    ("name", "fi"),
    [
        ("segment_approved", "Nokian Konepaja Oy: Maija Mäki hyväksyi segmentin A."),
        ("segment_rejected", "Nokian Konepaja Oy: Maija Mäki hylkäsi segmentin A. Liian pieni."),
    ],
)
def test_what_became_of_a_proposal_is_told_in_finnish(name, fi):
    kind = next(one for one in declared("NOTIFICATIONS") if one.name == name)
    text = "Liian pieni." if name == "segment_rejected" else ""
    data = {"customer": "Nokian Konepaja Oy", "segment": "A", "user": "Maija Mäki", "text": text}
    with override("fi"):
        assert kind.text(data) == fi
