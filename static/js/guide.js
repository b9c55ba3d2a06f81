// Links to the guide of the page say which it is. A tab that was loaded into the page has its own: it is asked for once.
const { guide, guideName, guideOf } = document.body.dataset;
const known = new Map([[location.pathname, { url: guide, label: guideName }]]);

function show({ url, label }) {
  for (const link of document.querySelectorAll("[data-guide-link]")) {
    if (url) link.href = url;
    link.querySelector("[data-guide-name]").textContent = label ? `: ${label}` : "";
  }
}

async function follow() {
  const path = location.pathname;
  if (!known.has(path)) {
    const answer = await fetch(`${guideOf}?page=${encodeURIComponent(path)}`).catch(() => null);
    if (!answer?.ok) return;
    known.set(path, await answer.json());
  }
  if (location.pathname === path) show(known.get(path));
}

if (guideOf) {
  show(known.get(location.pathname));
  document.addEventListener("htmx:pushedIntoHistory", follow);
  document.addEventListener("htmx:historyRestore", follow);
  addEventListener("popstate", follow);
}
