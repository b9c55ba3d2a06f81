// Widths of columns: the edge of a head cell is dragged, or moved by the arrow keys. They are in the address, and so in
// saved views and in the state in which the list was left. Styles are rules of a sheet: no page has style attributes.
const NARROWEST = 40, WIDEST = 900, STEP = 10; // as core/column_widths.py
const SAVE_DELAY = 700;
const sheet = new CSSStyleSheet();
document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
let timer;
let inTabOrder = ""; // the column whose edge Tab goes to

const heads = (table) => [...(table.tHead?.rows[0]?.cells ?? [])];
const columnsOf = (table) => heads(table).filter((head) => head.dataset.column);
const widthOf = (head) => Math.round(head.getBoundingClientRect().width);

function draw() {
  const rules = [...document.querySelectorAll(".list-box table.t")].flatMap((table, number) => {
    const sized = heads(table).map((head, at) => [at + 1, Number(head.dataset.width)]).filter(([, width]) => width);
    if (!sized.length) return [];
    table.dataset.sized = number;
    const own = `.list-box table.t.t.t.t[data-sized="${number}"]`;
    const rule = ([at, width]) => `${own} tr>:nth-child(${at}):not([colspan]) { width: ${width}px!important; min-width: ${width}px!important; max-width: ${width}px!important; overflow: hidden; text-overflow: ellipsis; }`;
    const isWhole = sized.length === columnsOf(table).length;
    return [...sized.map(rule), ...(isWhole ? [`${own} { width: auto; }`] : [])];
  });
  sheet.replaceSync(`@media (min-width: 761px) { ${rules.join("\n")} }`);
  dispatchEvent(new Event("resize")); // what is too wide, and what is cut, is found anew
}

function put(head, width) {
  if (width) head.dataset.width = Math.min(Math.max(Math.round(width), NARROWEST), WIDEST);
  else delete head.dataset.width;
  draw();
  tell(head);
}
function tell(head) {
  head.querySelector(".col-edge")?.setAttribute("aria-valuenow", Math.min(Math.max(widthOf(head), NARROWEST), WIDEST));
}

function save() {
  clearTimeout(timer);
  const form = document.getElementById("widths");
  if (!form) return;
  form.querySelectorAll("[name=widths]").forEach((field) => field.remove());
  for (const head of document.querySelectorAll("#bulk th[data-width]")) {
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "widths", value: `${head.dataset.column}.${head.dataset.width}` }));
  }
  form.requestSubmit();
}

function addEdges() {
  const form = document.getElementById("widths");
  const table = document.querySelector("#bulk table.t");
  if (!form || !table) return;
  const columns = columnsOf(table);
  if (!columns.some((head) => head.dataset.column === inTabOrder)) inTabOrder = columns[0]?.dataset.column ?? "";
  for (const head of columns) {
    if (head.querySelector(".col-edge")) continue;
    const edge = document.createElement("span");
    edge.className = "col-edge";
    edge.id = `edge-${head.dataset.column}`;
    edge.title = form.dataset.hint;
    edge.tabIndex = head.dataset.column === inTabOrder ? 0 : -1;
    const about = { role: "separator", "aria-orientation": "vertical", "aria-label": form.dataset.label.replace("{name}", head.innerText.trim()), "aria-valuemin": NARROWEST, "aria-valuemax": WIDEST };
    for (const [name, value] of Object.entries(about)) edge.setAttribute(name, value);
    head.append(edge);
    tell(head);
  }
}
function start() {
  draw();
  addEdges();
}

document.addEventListener("pointerdown", (event) => {
  const edge = event.target.closest?.(".col-edge");
  if (!edge || event.button) return;
  event.preventDefault();
  const head = edge.closest("th");
  const [from, width] = [event.clientX, widthOf(head)];
  let isMoved = false;
  const move = ({ clientX }) => {
    if (!isMoved && Math.abs(clientX - from) < 3) return;
    isMoved = true;
    put(head, width + clientX - from);
  };
  edge.setPointerCapture(event.pointerId);
  edge.classList.add("is-dragged");
  edge.addEventListener("pointermove", move);
  edge.addEventListener("lostpointercapture", () => {
    edge.removeEventListener("pointermove", move);
    edge.classList.remove("is-dragged");
    if (isMoved) save();
  }, { once: true });
});
document.addEventListener("dblclick", ({ target }) => {
  const head = target.closest?.(".col-edge")?.closest("th");
  if (!head?.dataset.width) return;
  put(head, 0);
  save();
});
document.addEventListener("click", (event) => {
  if (event.target.closest?.(".col-edge")) event.stopPropagation();
}, true);

function goTo(head) {
  const edge = head?.querySelector(".col-edge");
  if (!edge) return;
  for (const other of document.querySelectorAll(".col-edge")) other.tabIndex = other === edge ? 0 : -1;
  inTabOrder = head.dataset.column;
  edge.focus();
}
document.addEventListener("keydown", (event) => {
  const head = event.target.closest?.(".col-edge")?.closest("th");
  if (!head || event.ctrlKey || event.metaKey || event.altKey) return;
  const columns = columnsOf(head.closest("table"));
  const at = columns.indexOf(head);
  const step = event.shiftKey ? STEP * 5 : STEP;
  if (event.key === "ArrowLeft") put(head, widthOf(head) - step);
  else if (event.key === "ArrowRight") put(head, widthOf(head) + step);
  else if (event.key === "Delete" || event.key === "Backspace") put(head, 0);
  else if (event.key === "ArrowUp") return event.preventDefault(), goTo(columns[at - 1]);
  else if (event.key === "ArrowDown") return event.preventDefault(), goTo(columns[at + 1]);
  else return;
  event.preventDefault();
  clearTimeout(timer);
  timer = setTimeout(save, SAVE_DELAY);
});

document.addEventListener("htmx:afterSwap", start); // before the focus is put back
document.addEventListener("htmx:historyRestore", start);
start();
