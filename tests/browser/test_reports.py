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
#: The middle of the longest bar of the first series, as it is drawn.
BAR = """() => {
  const box = document.querySelector("[data-chart]"), chart = echarts.getInstanceByDom(box);
  const { values } = JSON.parse(box.dataset.chart).series[0];
  const bars = chart.getModel().getSeriesByIndex(0).getData();
  const bar = bars.getItemLayout(values.indexOf(Math.max(...values)));
  const { left, top } = box.querySelector("canvas").getBoundingClientRect();
  return { x: left + bar.x + bar.width / 2, y: top + bar.y + bar.height / 2 };
}"""


def test_a_chart_shows_a_year_before_and_its_bars_lead_to_their_rows(visit):
    page = visit("management")
    page.goto("/offers/reports/reasons/")
    page.locator("[data-chart]").first.scroll_into_view_if_needed()
    names = page.evaluate(SERIES)
    assert len(names) == 2
    assert names[1].startswith(names[0])
    page.wait_for_load_state("networkidle")  # the charts below have moved nothing any more
    point = page.evaluate(BAR)
    page.mouse.click(point["x"], point["y"])
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
