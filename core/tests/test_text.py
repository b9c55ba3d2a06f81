from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.text import one_line, visible

INVISIBLE = "\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202c\u2060\u2066\ufeff\u3164"


@pytest.mark.parametrize("mark", INVISIBLE)
def test_character_that_nobody_sees_is_left_out(mark):
    assert one_line(f"{mark}Ketju{mark}liike{mark} Oy") == "Ketjuliike Oy"
    assert one_line(mark) == ""


@pytest.mark.parametrize("text", ["👨\u200d👩\u200d👧", "می\u200cخواهم", "क्\u200dष", "Äänekoski – 東京"])
def test_joiner_that_shapes_letters_or_emoji_stays(text):
    assert one_line(text) == text


def test_letters_are_composed_and_spaces_single():
    assert one_line("  Zoe\u0308 \u00a0 Äijä\u2009Oy\x85 ") == "Zoë Äijä Oy"


@settings(max_examples=30)
@given(st.text(st.sampled_from("aä 1" + INVISIBLE), max_size=12))
def test_cleaned_text_has_nothing_left_to_clean(text):
    assert set(visible(text)) <= set("aä 1")
    assert one_line(one_line(text)) == one_line(text)
