"""The SQL of any condition finds exactly the rows for which plain Python says that it holds."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest

from core import clock
from core.conditions import tree as trees
from core.conditions.forms import checked
from customers.selections.rows import rows_of_tree
from tests.selections.evaluator import Evaluator
from tests.selections.trees import Trees
from tests.selections.world import everything, made

pytestmark = pytest.mark.django_db
TREES = 160


@pytest.mark.parametrize("seed", [1])
def test_sql_finds_what_plain_python_finds(seed, django_assert_max_num_queries):
    with clock.frozen(dt.datetime(2026, 11, 15, 13, tzinfo=dt.UTC)):
        world = made(seed)
        user = world.user
        evaluator, random_trees = Evaluator(everything(), user), Trees(world)
        fields, partial = Counter(), 0
        for number in range(TREES):
            of, subject = [("customers", "customer"), ("contacts", "contact")][number % 3 == 2]
            tree = checked(trees.read(random_trees.tree(subject)), subject, user)
            rows = rows_of_tree(tree, of, subject, user, includes_inactive=False)
            found = set(rows.values_list("pk", flat=True))
            assert found == evaluator.matching(tree, subject), trees.write(tree)
            fields.update(rule.field for rule in trees.rules_of(tree))
            partial += 0 < len(found) < len(evaluator.rows[of])
    assert len(fields) > 20  # else the trees ask too little
    assert partial > TREES / 3  # most find some and leave some out
