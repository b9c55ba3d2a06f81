// Editing in place: a click on a value (or "e" over it) opens its editor there, Enter saves, Escape leaves.
// A value is [data-inline]: on a page it has the address of its editor, in a list the name of the field.
let editor = null; // { box, holder }

function addressOf(holder) {
  if (holder.dataset.inline.startsWith("/")) return holder.dataset.inline;
  const base = holder.closest("[data-inline-url]")?.dataset.inlineUrl;
  const column = holder.dataset.inline;
  return `${base.replace(/\/0\/inline\/$/, `/${holder.closest("tr").dataset.row}/inline/`)}${column}/?column=${columnOf(holder)}`;
}
const columnOf = (cell) => cell.dataset.column || cell.dataset.inline;

function place(box, holder) {
  const at = holder.getBoundingClientRect();
  const width = Math.min(Math.max(at.width, 300), document.documentElement.clientWidth - 16);
  box.style.width = `${width}px`;
  box.style.left = `${Math.max(8, Math.min(at.left + scrollX, scrollX + document.documentElement.clientWidth - width - 8))}px`;
  box.style.top = `${at.top + scrollY - 4}px`;
}

async function open(holder) {
  if (editor?.holder === holder || !leave()) return;
  const box = document.createElement("div");
  box.id = "inline-editor";
  box.className = "inline-editor";
  document.body.append(box);
  place(box, holder);
  editor = { box, holder };
  holder.classList.add("is-edited");
  await htmx.ajax("GET", addressOf(holder), { target: box, swap: "innerHTML" });
  if (editor?.box === box && !box.firstElementChild) close(); // refused: a toast has said why
}

// A changed editor that is left (by Tab, or a click elsewhere) saves; it stays open where the value is refused.
const isChanged = () => Boolean(editor?.box.querySelector("form[data-changed]"));
function leave() {
  if (isChanged()) {
    const form = editor.box.querySelector("form");
    if (form.querySelector("[aria-invalid=true], .alert-warning")) form.querySelector("[aria-invalid=true], .btn")?.focus();
    else form.requestSubmit();
    return false;
  }
  close();
  return true;
}
function close() {
  if (!editor) return;
  const { box, holder } = editor;
  editor = null;
  const had = box.contains(document.activeElement) || document.activeElement === document.body;
  box.remove();
  holder.classList.remove("is-edited");
  if (had) focusOn(holder);
}
function focusOn(holder) {
  const target = holder.matches("td") ? holder : holder.querySelector(".inl-pen");
  if (holder.matches("td")) rove(holder);
  target?.focus({ preventScroll: true });
}

// The first field gets the focus once its control is dressed; after a refusal the one that is wrong.
document.addEventListener("htmx:afterSettle", ({ detail }) => {
  if (!editor || detail.target !== editor.box) return;
  const field = editor.box.querySelector("[aria-invalid=true]") || editor.box.querySelector("input:not([type=hidden]), select, textarea, .btn");
  (field?.tomselect ?? field)?.focus();
  if (field?.matches("input[type=text], input[type=email], input[type=url], input[type=number]")) field.select();
});

// Choosing one from a list saves it at once.
document.addEventListener("change", ({ target }) => {
  if (!editor?.box.contains(target) || !target.matches("select") || target.multiple || !target.tomselect) return;
  if (target.form.querySelectorAll(".field").length === 1) target.form.requestSubmit();
});

const isLastField = (field) => field.matches("input, textarea") && [...field.form.querySelectorAll("input:not([type=hidden]), select, textarea")].at(-1) === field;
document.addEventListener("keydown", (event) => {
  if (!editor?.box.contains(event.target)) return;
  if (event.key === "Escape") {
    event.preventDefault();
    event.stopPropagation();
    close();
  } else if (event.key === "Tab" && !event.shiftKey && isChanged() && isLastField(event.target)) {
    event.preventDefault(); // the value is left with it: saved, and the focus stays where the editor was
    event.target.form.requestSubmit();
  } else if (event.key === "Enter" && event.target.matches("input[type=checkbox], input[type=radio]")) {
    event.preventDefault();
    event.target.form.requestSubmit();
  }
}, true);
document.addEventListener("mousedown", ({ target }) => {
  if (editor && !editor.box.contains(target) && target.isConnected && !target.closest("dialog, .toasts")) leave();
});
addEventListener("resize", () => editor && place(editor.box, editor.holder));

// What was saved is shown: the cell of a list, or on a page all that is marked as fresh.
document.addEventListener("inline:done", ({ detail }) => {
  const { holder } = editor ?? {};
  close();
  if (holder) show(holder, detail.cell, detail.changed);
});
function show(holder, cell, changed) {
  if (holder.matches("td")) {
    if (typeof cell === "string") holder.innerHTML = cell;
  } else if (changed && holder.closest("main")) refresh(holder.dataset.inline);
  else if (changed) document.dispatchEvent(new CustomEvent("inline:refresh"));
}
async function refresh(address) {
  const answer = await fetch(location.href);
  if (!answer.ok) return location.reload();
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-fresh]")) {
    const fresh = page.querySelector(`[data-fresh="${part.dataset.fresh}"]`);
    if (!fresh) continue;
    part.replaceWith(fresh);
    htmx.process(fresh);
  }
  if (address) document.querySelector(`[data-inline="${address}"] .inl-pen`)?.focus({ preventScroll: true });
}

document.addEventListener("click", (event) => {
  const { target } = event;
  if (target.closest("[data-inline-leave]")) {
    const { holder, box } = editor;
    const cell = box.querySelector("template[data-inline-cell]")?.innerHTML;
    const theirs = Boolean(box.querySelector(".alert-warning"));
    close();
    if (theirs) show(holder, cell, true);
    return;
  }
  if (target.closest("#inline-editor a[data-dialog]")) close(); // the dialog goes on from here
  const holder = target.closest("[data-inline]");
  if (!holder || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  const pen = target.closest(".inl-pen");
  if (!pen && (target.closest("a, button, input, label, summary") || getSelection().toString())) return;
  event.preventDefault();
  open(holder);
});

// In a list one cell can be reached by Tab; the arrows walk from it to the others.
function rove(cell) {
  for (const other of cell.closest("table").querySelectorAll("td[data-inline][tabindex='0']")) other.tabIndex = -1;
  cell.tabIndex = 0;
}
function prepare() {
  for (const table of document.querySelectorAll("[data-inline-url] table")) {
    const cells = table.querySelectorAll("td[data-inline]");
    if (!cells.length || table.querySelector("td[data-inline][tabindex='0']")) continue;
    for (const cell of cells) cell.tabIndex = -1;
    cells[0].tabIndex = 0;
  }
}
prepare();
document.addEventListener("htmx:afterSettle", prepare);

const STEPS = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };
function neighbour(cell, [down, right]) {
  const rows = [...cell.closest("tbody").querySelectorAll("tr[data-row]")];
  const row = rows[rows.indexOf(cell.parentElement) + down];
  const cells = [...(row?.querySelectorAll("td[data-inline]") ?? [])];
  return down ? cells.find((other) => other.dataset.inline === cell.dataset.inline) : cells[cells.indexOf(cell) + right];
}
let hovered = null;
document.addEventListener("mouseover", ({ target }) => { hovered = target.closest?.("[data-inline]") ?? null; });
document.addEventListener("keydown", (event) => {
  const cell = event.target.closest?.("td[data-inline]");
  if (cell === event.target && STEPS[event.key] && !event.altKey && !event.ctrlKey && !event.metaKey) {
    const other = neighbour(cell, STEPS[event.key]);
    if (!other) return;
    event.preventDefault();
    rove(other);
    other.focus();
  } else if (cell === event.target && ["Enter", "F2"].includes(event.key)) {
    event.preventDefault();
    open(cell);
  }
});

// "e" edits the value in focus, the one under the pointer, or the first of the row in focus.
document.addEventListener("inline:edit", (event) => {
  const active = document.activeElement;
  const holder = active?.closest("[data-inline]") ?? (hovered?.isConnected ? hovered : null) ?? active?.closest("tr[data-row]")?.querySelector("td[data-inline]");
  if (!holder) return;
  event.preventDefault();
  open(holder);
});

// What a worker completes later says so; the page asks until it is done.
const EVERY = 2000;
let asked = 0;
function untilDone() {
  if (!document.querySelector("[data-pending]") || asked++ > 60) return;
  setTimeout(() => refresh("").then(untilDone), EVERY);
}
untilDone();
