"""Charts of reports: the former period beside the present one, and bars that lead to their rows."""

from __future__ import annotations

import re

import pytest

#: The names of the series of the first chart, once its figures of a year before have come.
SERIES = """async () => {
  const pause = () => new Promise((done) => setTimeout(done, 20));
  const box = document.querySelector("[data-chart]");
  for (let left = 300; left; left -= 1) {
    const names = echarts.getInstanceByDom(box)?.getOption().series.map((one) => one.name) ?? [];
    if (names.length > 1) return names;
    await pause();
  }
  return [];
}"""
#: The middle of the longest bar of the first series.
BAR = """() => {
  const box = document.querySelector("[data-chart]"), chart = echarts.getInstanceByDom(box);
  const { values } = JSON.parse(box.dataset.chart).series[0];
  const at = values.indexOf(Math.max(...values));
  const [x, y] = chart.convertToPixel({ seriesIndex: 0 }, [values[at] / 2, at]);
  const { left, top } = box.getBoundingClientRect();
  return { x: left + x, y: top + y };
}"""


def test_a_chart_shows_a_year_before_and_its_bars_lead_to_their_rows(visit):
    page = visit("management")
    page.goto("/offers/reports/reasons/")
    page.locator("[data-chart]").first.scroll_into_view_if_needed()
    names = page.evaluate(SERIES)
    assert len(names) == 2
    assert names[1].startswith(names[0])
    point = page.evaluate(BAR)
    page.mouse.click(point["x"], point["y"] - 6)
    page.wait_for_url(re.compile(r"/offers/\?.*decided_from="))
    assert page.locator("table.t tbody tr, .card-row").count() > 0


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_former_bars_have_the_colour_of_the_present_ones_but_lighter(visit, theme):
    page = visit("management", theme=theme)
    page.goto("/offers/reports/reasons/")
    page.evaluate(SERIES)
    looks = page.evaluate(
        """() => echarts.getInstanceByDom(document.querySelector("[data-chart]")).getOption().series
            .map((one) => [one.itemStyle.color, one.itemStyle.opacity])"""
    )
    assert looks[0][0] == looks[1][0]
    assert [opacity for _color, opacity in looks] == [1, 0.4]
