"""What the registry refuses of a declaration."""

from __future__ import annotations

import pytest

from core.metrics import Metric, Missing, faults, fixed_metrics, helper

ABOUT = {"label": "Orders", "definition": "Number of orders.", "source": "orders", "sql": "count(*)"}


def found(metrics=None, **about):
    metric = Metric(**{"code": "orders", **ABOUT, **about})
    return list(faults(metric, {metric.code: metric, **(metrics or {})}))


def test_a_complete_declaration_has_no_faults():
    assert found() == []


@pytest.mark.parametrize(
    ("about", "sentence"),
    [
        ({"code": "Orders 12"}, "the code is not made of small letters"),
        ({"label": " "}, "has no label"),
        ({"definition": ""}, "has no definition"),
        ({"source": "nothing"}, "there is no source nothing"),
        ({"source": ""}, "has neither a source nor other metrics"),
        ({"source": "", "sql": "{nosuch} + 1"}, "needs nosuch, which is not declared"),
    ],
)
def test_a_fault_is_named(about, sentence):
    assert any(sentence in text for text in found(**about))


def test_what_is_made_of_value_figures_is_one():
    secret = helper("profit", "orders", "0", Missing.UNKNOWN, is_value=True)
    assert "is none" in found({"profit": secret}, source="", sql="{profit} * 2")[0]
    assert found({"profit": secret}, source="", sql="{profit} * 2", is_value=True) == []


def test_no_metric_is_made_of_itself():
    metrics = fixed_metrics()

    def below(code, seen=()):
        assert code not in seen
        for name in metrics[code].needs:
            below(name, (*seen, code))

    for code in metrics:
        below(code)
