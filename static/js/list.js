// Lists: filters that answer while one types, check boxes with a bulk bar, open menus that stay open over a reload.
const LIVE_DELAY = 250;
let timer;

function send(form) {
  if (form.isConnected) form.requestSubmit();
}
// What is typed is one step of the history, not one per letter; the answer brings the form back as it was.
function sendTyped(form) {
  form.removeAttribute("hx-push-url");
  form.setAttribute("hx-replace-url", "true");
  send(form);
}
const ofSelect = (field) => field.closest(".ts-wrapper") || field.matches(".pick-native"); // parts of another field send nothing themselves
document.addEventListener("change", ({ target }) => {
  const form = target.form;
  if (form?.matches("form[data-autosubmit]") && !ofSelect(target) && !target.matches("[data-quick-search]")) send(form);
});
document.addEventListener("input", ({ target }) => {
  const typed = target.matches("[data-quick-search]") || (target.matches("input[type=text], input[type=search]") && !target.closest(".pick") && target.form?.matches("[data-autosubmit]"));
  if (!typed || !target.form || ofSelect(target)) return;
  clearTimeout(timer);
  timer = setTimeout(() => target.form && sendTyped(target.form), LIVE_DELAY);
});

// An address says only what is asked for; that of a list which opens with a part of its rows says that all are.
document.addEventListener("htmx:configRequest", ({ target, detail }) => {
  if (!target.matches("[data-autosubmit]")) return;
  const said = [...detail.formData].filter(([, value]) => value !== "");
  if (!said.length && target.dataset.whole) said.push([target.dataset.whole, ""]);
  for (const name of [...detail.formData.keys()]) detail.formData.delete(name);
  for (const [name, value] of said) detail.formData.append(name, value);
});

// The quick search is outside the reloaded part: bring it in line when a link changed the address.
document.addEventListener("htmx:pushedIntoHistory", () => {
  const quick = document.querySelector("[data-quick-search]");
  if (quick && quick !== document.activeElement) quick.value = new URLSearchParams(location.search).get("q") || "";
});

// Check boxes of rows.
const boxes = (form) => [...form.querySelectorAll("input[name=ids]")];
let last;
function showChecked(form) {
  const all = boxes(form);
  const checked = all.filter((box) => box.checked).length;
  const head = form.querySelector("[data-check-all]");
  if (head) Object.assign(head, { checked: checked > 0 && checked === all.length, indeterminate: checked > 0 && checked < all.length });
  const figure = form.querySelector("[data-checked-count]");
  if (figure) figure.textContent = checked;
}
document.addEventListener("click", (event) => {
  const box = event.target;
  if (!box.matches?.("input[name=ids], [data-check-all]") || !box.form) return;
  const all = boxes(box.form);
  if (box.matches("[data-check-all]")) for (const other of all) other.checked = box.checked;
  else if (event.shiftKey && all.includes(last)) {
    const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
    for (const other of all.slice(from, to + 1)) other.checked = box.checked;
  }
  last = box;
  showChecked(box.form);
});
document.addEventListener("reset", ({ target }) => setTimeout(() => target.querySelector("[data-checked-count]") && showChecked(target)));
addEventListener("pageshow", () => document.querySelectorAll("form.table-box").forEach(showChecked));

// A table that is wider than its box scrolls inside it, its head still in sight; others leave the scrolling to the page.
function fitTables() {
  for (const box of document.querySelectorAll(".table-scroll")) {
    box.classList.remove("too-wide");
    const isTooWide = box.scrollWidth > box.clientWidth + 1;
    box.classList.toggle("too-wide", isTooWide);
    if (isTooWide) box.tabIndex = 0; // who has no mouse scrolls it with the arrow keys
  }
}
fitTables();
addEventListener("resize", fitTables);
document.addEventListener("htmx:afterSettle", fitTables);

// A filter menu that is open stays open, and its field keeps the focus, when its list is reloaded.
let kept = [];
let focused = "";
document.addEventListener("htmx:beforeSwap", ({ detail: { target } }) => {
  kept = [...target.querySelectorAll("details[id][open]")].map((menu) => menu.id);
  focused = target.contains(document.activeElement) ? document.activeElement.id : "";
});
document.addEventListener("htmx:afterSettle", () => {
  for (const id of kept) document.getElementById(id)?.setAttribute("open", "");
  if (focused && document.activeElement === document.body) document.getElementById(focused)?.focus();
  kept = [];
  focused = "";
});
