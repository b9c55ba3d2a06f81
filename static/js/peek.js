// A row's record beside its list: a click on the row's free part (or "o") opens it, with next and previous.
// Record pages that were opened from a list keep its order.
const words = document.getElementById("peek-words");
const KEPT = "portaali-list";
const rowsOf = () => [...document.querySelectorAll("#list tbody tr")].filter((row) => linkOf(row));
const linkOf = (row) => row.querySelector("td:not(.tick) a[href^='/']");
let panel = null;
let shown = null;

function button(icon, label, press) {
  const made = document.createElement("button");
  Object.assign(made, { type: "button", className: "btn btn-icon btn-sm", title: label, ariaLabel: label });
  made.append(words.content.querySelector(`[data-icon="${icon}"] svg`).cloneNode(true));
  made.addEventListener("click", press);
  return made;
}
function build() {
  panel = document.createElement("aside");
  panel.className = "peek";
  panel.tabIndex = -1;
  const head = document.createElement("div");
  head.className = "peek-head";
  const title = document.createElement("h2");
  head.append(title, button("previous", words.dataset.previous, () => step(-1)), button("next", words.dataset.next, () => step(1)), button("close", words.dataset.close, close));
  const body = document.createElement("div");
  body.id = "tab"; // the page of a record answers its tab alone
  panel.append(head, body);
  panel.addEventListener("cancel", ({ target }) => target === panel && close()); // a field's own goes by
  document.body.append(panel);
}
function show(row) {
  const link = row && linkOf(row);
  if (!link || !words || (!panel && document.getElementById("tab"))) return false;
  if (!panel) build();
  document.querySelector("tr.is-peeked")?.classList.remove("is-peeked");
  row.classList.add("is-peeked");
  row.scrollIntoView({ block: "nearest" });
  shown = link.getAttribute("href");
  const open = document.createElement("a");
  open.href = shown;
  open.textContent = link.textContent;
  panel.querySelector("h2").replaceChildren(open);
  panel.setAttribute("aria-label", link.textContent);
  load();
  panel.focus();
  return true;
}
const load = () => htmx.ajax("GET", shown, { target: panel.querySelector("#tab"), swap: "innerHTML" });
const current = () => rowsOf().find((row) => linkOf(row).getAttribute("href") === shown);
function step(by) {
  const rows = rowsOf();
  show(rows[rows.indexOf(current()) + by]);
}
function close() {
  const row = current();
  panel?.remove();
  panel = shown = null;
  row?.classList.remove("is-peeked");
  if (row) linkOf(row).focus();
}
document.addEventListener("click", (event) => {
  const row = event.target.closest("#list tbody tr");
  if (!row || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || getSelection().toString()) return;
  if (event.target.closest("a, button, input, label, select, summary, .tick, td[data-inline]:where(tr[data-row] *)")) return;
  const isNarrow = matchMedia("(max-width: 760px)").matches; // no room beside a card, nor in a record's tab
  if (isNarrow || !show(row)) linkOf(row)?.click();
});
document.addEventListener("keydown", (event) => {
  if (!panel || document.querySelector("dialog[open], #inline-editor")) return;
  if (event.key === "Escape") close();
  else if (panel === document.activeElement && ["ArrowDown", "ArrowUp"].includes(event.key)) {
    event.preventDefault();
    step(event.key === "ArrowDown" ? 1 : -1);
  }
});
let hovered = null;
document.addEventListener("mouseover", ({ target }) => { hovered = target.closest?.("#list tbody tr") ?? null; });
document.addEventListener("peek:open", (event) => {
  if (show(document.activeElement?.closest("#list tbody tr") ?? (hovered?.isConnected ? hovered : null))) event.preventDefault();
});
document.addEventListener("inline:refresh", () => panel && load());

// The order of the list is kept for the pages that are opened from it.
function keep() {
  const rows = rowsOf().map((row) => linkOf(row).getAttribute("href"));
  if (rows.length && !document.querySelector("main > #tab")) sessionStorage.setItem(KEPT, JSON.stringify({ list: location.pathname + location.search, rows }));
}
function walk() {
  const kept = JSON.parse(sessionStorage.getItem(KEPT) || "null");
  const head = document.querySelector("main > .page-head");
  const base = location.pathname.match(/^\/[a-z]+\/\d+\//)?.[0];
  const at = kept && base ? kept.rows.indexOf(base) : -1;
  if (at < 0 || !head || !words) return;
  const nav = document.createElement("nav");
  nav.className = "walk";
  nav.ariaLabel = words.dataset.list;
  const link = (icon, href, label) => {
    if (!href) return;
    const made = document.createElement("a");
    made.dataset.walk = icon;
    Object.assign(made, { href, className: "btn btn-icon btn-sm btn-ghost", title: label, ariaLabel: label });
    made.append(words.content.querySelector(`[data-icon="${icon}"] svg`).cloneNode(true));
    nav.append(made);
  };
  link("list", kept.list, words.dataset.list);
  link("previous", kept.rows[at - 1], words.dataset.previous);
  link("next", kept.rows[at + 1], words.dataset.next);
  head.prepend(nav);
}
if (document.getElementById("list")) {
  keep();
  document.addEventListener("htmx:afterSettle", ({ detail }) => detail.target?.id === "list" && keep());
}
walk();
