// Charts: drawn with ECharts from the JSON that each box carries, in the colours of the theme. The table has the same figures.
const lang = document.documentElement.lang || "fi";
// A number below zero has a minus, as on the pages: English formats write a hyphen.
function numbers(options) {
  const written = new Intl.NumberFormat(lang, options);
  return (value) => written.format(value).replace(/^-/, "−");
}
const whole = numbers({ maximumFractionDigits: 0 });
const tenth = numbers({ maximumFractionDigits: 1 });
const short = numbers({ notation: "compact", maximumFractionDigits: 1 });
const UNITS = {
  euros: (value) => `${whole(value)} €`,
  percent: (value) => `${tenth(value)} %`,
  days: tenth,
  count: tenth,
};
const PALETTES = {
  light: ["#1f5f8b", "#d98324", "#2b8a5f", "#a33b6b", "#6b7280", "#7c5cc4", "#8a6d1f"],
  dark: ["#6cb2e0", "#e8a75a", "#6cc59b", "#de82ad", "#a3adba", "#b39ff0", "#cdb45e"],
};
const drawn = new Map();

const isDark = () => document.documentElement.dataset.bsTheme === "dark";

// A colour of the theme as a canvas understands it, whatever form the style sheet gives it.
const paint = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
function css(name) {
  const probe = document.body.appendChild(document.createElement("i"));
  probe.style.color = `var(${name})`;
  paint.clearRect(0, 0, 1, 1);
  paint.fillStyle = getComputedStyle(probe).color;
  probe.remove();
  paint.fillRect(0, 0, 1, 1);
  const [red, green, blue, alpha] = paint.getImageData(0, 0, 1, 1).data;
  return `rgba(${red},${green},${blue},${(alpha / 255).toFixed(3)})`;
}

function axis(unit, text, line, index, width) {
  return {
    type: "value", position: index ? "right" : "left", splitNumber: width < 420 ? 3 : 5, axisLabel: { color: text, hideOverlap: true, formatter: (value) => short(value) + (unit === "percent" ? " %" : "") },
    splitLine: { show: !index, lineStyle: { color: line } }, max: unit === "percent" ? 100 : undefined, minInterval: unit === "count" ? 1 : undefined,
  };
}

// A few names are written in full, over several lines or aslant if need be; of many, those that there is room for.
function room(count, horizontal, width) {
  if (horizontal) return { width: Math.min(150, width / 3), overflow: "truncate" };
  if (count >= 7) return { hideOverlap: true };
  const share = Math.floor((width - 70) / count) - 6;
  return share < 70 ? { interval: 0, rotate: 40, width: 100, overflow: "truncate" } : { interval: 0, width: share, overflow: "break", lineHeight: 15 };
}

// Each series has its colour; a former one follows the present one of its column, in the same colour but lighter.
function besides(series) {
  const palette = PALETTES[isDark() ? "dark" : "light"];
  const now = series.filter((one) => !one.former).map((one, index) => ({ ...one, color: palette[index % palette.length] }));
  return now.flatMap((one) => [one, ...series.filter((old) => old.former && old.column === one.column && one.column).map((old) => ({ ...old, color: one.color }))]);
}

function options({ categories, series, horizontal }, width) {
  const text = css("--tblr-body-color"), line = css("--line");
  const units = [...new Set(series.map((one) => one.unit))].slice(0, 2);
  const names = { type: "category", data: categories, inverse: horizontal, axisLabel: { color: text, ...room(categories.length, horizontal, width) }, axisLine: { lineStyle: { color: line } }, axisTick: { show: false } };
  const values = units.map((unit, index) => axis(unit, text, line, index, width));
  return {
    animation: false,
    color: PALETTES[isDark() ? "dark" : "light"],
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: text },
    grid: { left: 8, right: 12, top: 36, bottom: 8, containLabel: true },
    legend: { show: series.length > 1, top: 0, left: 0, type: "scroll", textStyle: { color: text }, inactiveColor: text, pageTextStyle: { color: text } },
    tooltip: { trigger: "axis", renderMode: "richText", confine: true, axisPointer: { type: "shadow" }, backgroundColor: css("--surface"), borderColor: line, textStyle: { color: text } },
    xAxis: horizontal ? values : names,
    yAxis: horizontal ? names : values,
    series: besides(series).map((one) => ({
      name: one.name,
      type: one.mark ? "scatter" : one.line ? "line" : "bar",
      data: one.values,
      stack: one.stack ? one.stack + (one.former ? "-former" : "") : undefined,
      barMaxWidth: 34,
      cursor: one.urls?.some(Boolean) ? "pointer" : "default",
      itemStyle: { color: one.mark ? text : one.color, opacity: one.former ? 0.4 : 1 },
      lineStyle: one.line ? { color: one.color, opacity: one.former ? 0.4 : 1, type: one.former ? "dashed" : "solid" } : undefined,
      ...(one.mark && { symbol: "rect", z: 5 }),
      connectNulls: true,
      symbolSize: one.mark ? (horizontal ? [3, 26] : [26, 3]) : 7,
      [horizontal ? "xAxisIndex" : "yAxisIndex"]: units.indexOf(one.unit),
      tooltip: { valueFormatter: (value) => (value === null || value === undefined ? "–" : UNITS[one.unit](value)) },
    })),
  };
}

function draw(box) {
  const content = JSON.parse(box.dataset.chart);
  const chart = echarts.init(box, null, { renderer: "canvas" });
  chart.setOption(options(content, box.clientWidth));
  chart.on("click", ({ seriesName, dataIndex }) => {
    const url = content.series.find((one) => one.name === seriesName)?.urls?.[dataIndex];
    if (url) location.assign(url);
  });
  drawn.set(box, chart);
}
// The figures of a year before come by their own request and are kept in the box for the next drawing.
async function compare(box) {
  const url = box.dataset.former;
  delete box.dataset.former;
  const answer = await fetch(url, { headers: { Accept: "application/json" } }).catch(() => null);
  if (!answer?.ok || !box.isConnected) return;
  const content = JSON.parse(box.dataset.chart);
  content.series.push(...(await answer.json()).series);
  box.dataset.chart = JSON.stringify(content);
  if (drawn.has(box)) forget(box, drawn.get(box));
  draw(box);
}
function forget(box, chart) {
  chart.dispose();
  drawn.delete(box);
}
function drawAll() {
  for (const [box, chart] of drawn) {
    if (!box.isConnected) forget(box, chart);
  }
  for (const box of document.querySelectorAll("[data-chart]")) if (!drawn.has(box)) draw(box);
  for (const box of document.querySelectorAll("[data-former]")) compare(box);
}
function redraw() {
  drawn.forEach((chart, box) => forget(box, chart));
  drawAll();
}

document.addEventListener("htmx:afterSettle", drawAll);
addEventListener("resize", () => drawn.forEach((chart) => chart.resize()));
new MutationObserver(redraw).observe(document.documentElement, { attributes: true, attributeFilter: ["data-bs-theme"] });
drawAll();
