"""Long work looks for cycles where it says so, and leaves the collector as it was."""

from __future__ import annotations

import gc
import weakref

import pytest

from core.memory import few_collections


class Node:
    me: object


def cycle():
    node = Node()
    node.me = node
    return weakref.ref(node)


def test_cycles_go_where_the_work_asks_for_it():
    with few_collections() as collect:
        assert not gc.isenabled()
        left = cycle()
        assert left() is not None
        collect()
        assert left() is None
    assert gc.isenabled()


def test_the_collector_is_on_again_after_an_error():
    with pytest.raises(ValueError, match="broken"), few_collections():
        raise ValueError("broken")
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
