// The lines of an offer or an order: rows are added, moved, copied and removed here, and sums follow what is typed.
// Without this file the same buttons are answered by the server; its sums count.
const finnish = document.documentElement.lang !== "en";
const money = new Intl.NumberFormat(finnish ? "fi-FI" : "en-GB", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const percent = new Intl.NumberFormat(finnish ? "fi-FI" : "en-GB", { maximumFractionDigits: 2 });
const MAX_LINES = 500;
const NUMBERS = ["quantity", "unit_price", "discount", "vat_rate"];

// A typed number in hundredths, as a BigInt; null where it cannot be read. The last of two kinds of separators is the decimal one.
function hundredths(text) {
  let plain = text.replace(/[\s'’€]/g, "").replace("−", "-");
  if (plain === "") return 0n;
  const [comma, point] = [plain.lastIndexOf(","), plain.lastIndexOf(".")];
  if (comma >= 0 && point >= 0) plain = plain.replaceAll(comma > point ? "." : ",", "");
  const found = plain.replace(",", ".").match(/^(\d+)(?:\.(\d{1,2}))?$/);
  return found ? BigInt(found[1] + (found[2] ?? "").padEnd(2, "0")) : null;
}

// Half a cent is rounded away from zero, as offers/money.py does.
const divide = (value, by) => (2n * value + by) / (2n * by);
const shown = (cents) => money.format(Number(cents) / 100);

const box = (part) => part.closest("[data-lines]");
const list = (root) => root.querySelector("[data-line-rows]");
const rowsOf = (root) => [...list(root).querySelectorAll("[data-line]")];
const input = (row, name) => row.querySelector(`[name="line-${row.dataset.line}-${name}"]`);
const nameOf = (row) => input(row, "name").value;

// Net and VAT rate of a row in hundredths; null while a number of it cannot be read.
function sumOf(row) {
  if (row.matches(".is-heading, [data-spare]")) return null;
  const [quantity, price, discount, rate] = NUMBERS.map((name) => hundredths(input(row, name).value));
  const whole = [quantity, price, discount, rate].every((value) => value !== null) && discount <= 10000n;
  return whole ? { net: divide(quantity * price * (10000n - discount), 1000000n), rate } : null;
}

function count(root) {
  const nets = new Map();
  for (const row of rowsOf(root)) {
    const sum = sumOf(row);
    const output = row.querySelector("[data-line-sum]");
    if (output) output.textContent = sum ? shown(sum.net) : "–";
    if (sum) nets.set(sum.rate, (nets.get(sum.rate) ?? 0n) + sum.net);
  }
  const rates = [...nets].sort(([one], [other]) => (other > one ? 1 : -1)).map(([rate, net]) => ({ rate, net, vat: divide(net * rate, 10000n) }));
  drawSums(root.querySelector("[data-line-sums]"), rates);
}

// A figure with what it is: "net 17 000,00 €".
function figure(label, cents) {
  const cell = document.createElement("td");
  const name = document.createElement("span");
  name.className = "muted";
  name.textContent = label;
  cell.append(name, ` ${shown(cents)}\u00a0€`);
  return cell;
}

function drawSums(table, rates) {
  const add = (name) => rates.reduce((total, one) => total + one[name], 0n);
  table.querySelector("[data-line-rates]").replaceChildren(...rates.map(({ rate, net, vat }) => {
    const row = document.createElement("tr");
    const head = document.createElement("th");
    head.scope = "row";
    head.textContent = `${table.dataset.vat} ${percent.format(Number(rate) / 100)} %`;
    row.append(head, figure(table.dataset.net, net), figure(table.dataset.vat, vat));
    return row;
  }));
  for (const [name, cents] of [["net", add("net")], ["vat", add("vat")], ["gross", add("net") + add("vat")]]) {
    table.querySelector(`[data-line-${name}]`).textContent = `${shown(cents)}\u00a0€`;
  }
}

function say(root, what, values = {}) {
  const said = root.querySelector("[data-line-said]");
  said.textContent = said.dataset[what].replace(/\{(\w+)\}/g, (_found, name) => values[name] ?? "");
}

function changed(root) {
  root.closest("form")?.setAttribute("data-changed", "");
  root.dispatchEvent(new Event("change", { bubbles: true }));
  count(root);
}

const nextKey = (root) => String(Math.max(0, ...rowsOf(root).map((row) => Number(row.dataset.line))) + 1);

// Give a row another number: it is in the names of its fields and in what its buttons say.
function renumber(row, key) {
  const old = row.dataset.line;
  row.dataset.line = key;
  row.querySelector("[name=line]").value = key;
  for (const control of row.querySelectorAll(`[name^="line-${old}-"]`)) control.name = control.name.replace(`line-${old}-`, `line-${key}-`);
  for (const button of row.querySelectorAll("[name=line-do]")) button.value = button.value.replace(`:${old}`, `:${key}`);
}

// A row that the server or a template has drawn.
function drawn(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  return holder.content.querySelector("[data-line]");
}

// Put a new row at the end, or after ``before``; nothing where there is no room.
function put(root, row, before) {
  if (rowsOf(root).length >= MAX_LINES) return say(root, "full");
  renumber(row, nextKey(root));
  if (before) before.after(row);
  else list(root).append(row);
  changed(root);
  say(root, "added", { name: nameOf(row) });
  return row;
}

const actions = {
  up: (row) => move(row, row.previousElementSibling, "before"),
  down: (row) => move(row, row.nextElementSibling, "after"),
  remove(row) {
    const root = box(row);
    const next = row.nextElementSibling ?? row.previousElementSibling;
    say(root, "removed", { name: nameOf(row) });
    row.remove();
    changed(root);
    (next ? next.querySelector("[value^=remove]") : root.querySelector("[value='add:free']")).focus();
  },
  copy(row) {
    const copied = row.cloneNode(true);
    const controls = copied.querySelectorAll("input, select, textarea");
    row.querySelectorAll("input, select, textarea").forEach(({ name, value }, index) => {
      controls[index].value = name.endsWith("-ref") ? "" : value;
    });
    put(box(row), copied, row)?.querySelector("input:not([type=hidden])").focus();
  },
};

function move(row, neighbour, side) {
  if (!neighbour) return;
  const button = document.activeElement;
  neighbour[side](row);
  button.focus();
  changed(box(row));
  say(box(row), "moved", { name: nameOf(row), place: rowsOf(box(row)).indexOf(row) + 1 });
}

async function addProduct(root, pk) {
  const form = root.closest("form");
  const url = new URL(root.dataset.newUrl, location.href);
  for (const [name, value] of [["product", pk], ["language", form.elements.language?.value ?? ""], ["day", form.elements.date?.value ?? ""]]) url.searchParams.set(name, value);
  const answer = await fetch(url, { headers: { "HX-Request": "true" } });
  if (!answer.ok) {
    const words = root.querySelector("[data-line-said]").dataset.failed;
    return document.dispatchEvent(new CustomEvent("toast", { detail: { level: "danger", text: words } }));
  }
  put(root, drawn(await answer.text()))?.querySelector("[name$=-quantity]").select();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-lines] [name=line-do]");
  if (!button) return;
  const [action, what] = button.value.split(":");
  const root = box(button);
  const model = root.querySelector(`template[data-line-model="${what}"]`);
  if (action === "add" && model) put(root, drawn(model.innerHTML))?.querySelector("input:not([type=hidden])").focus();
  else if (actions[action]) actions[action](button.closest("[data-line]"));
  else return;
  event.preventDefault();
});

document.addEventListener("input", ({ target }) => {
  if (target.matches("[data-line] [inputmode=decimal]")) count(box(target));
});

document.addEventListener("change", ({ target }) => {
  if (!target.matches("[data-line-product]") || !target.value) return;
  addProduct(box(target), target.value);
  target.tomselect?.clear(true);
  target.tomselect?.clearOptions();
});

// A draft is given back: as many rows as it has, of their kinds and under their numbers. Their fields are filled then.
document.addEventListener("draft:rows", ({ target, detail: fields }) => {
  const root = target.querySelector("[data-lines]");
  if (!root) return;
  const rows = (fields.line ?? []).map(([key]) => {
    const kind = fields[`line-${key}-kind`]?.[0][0] === "heading" ? "heading" : "free";
    const row = drawn(root.querySelector(`template[data-line-model="${kind}"]`).innerHTML);
    renumber(row, key);
    return row;
  });
  list(root).replaceChildren(...rows);
});
document.addEventListener("draft:restored", ({ target }) => target.querySelectorAll("[data-lines]").forEach(count));

function prepare(root) {
  if (root.dataset.ready) return;
  root.dataset.ready = "1";
  root.querySelectorAll("[data-spare]").forEach((row) => row.remove());
  if (window.Sortable) Sortable.create(list(root), { handle: "[data-line-grip]", animation: 120, onEnd: () => changed(root) });
  if (rowsOf(root).length) count(root);
}
document.querySelectorAll("[data-lines]").forEach(prepare);
document.addEventListener("htmx:load", ({ detail }) => detail.elt.querySelectorAll?.("[data-lines]").forEach(prepare));
