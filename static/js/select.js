// Selects that one can type into. data-search-url: the options come from the server as
// {"results": [{"id", "text", "detail"}]}, with data-whole all at once when the select is opened; data-searchable: the select's own options. Without this file both are plain selects.
const words = document.getElementById("select-words")?.dataset ?? {};

function drawOption({ text, detail }, escape) {
  return `<div>${escape(text)}${detail ? ` <span class="muted sm">${escape(detail)}</span>` : ""}</div>`;
}
const drawItem = ({ text }, escape) => `<div>${escape(text)}</div>`;
const drawNothing = () => `<div class="no-results">${words.none ?? ""}</div>`;

async function load(select, query) {
  const url = new URL(select.dataset.searchUrl, location.href);
  url.searchParams.set("q", query);
  const answer = await fetch(url, { headers: { Accept: "application/json" } });
  if (!answer.ok) return [];
  return (await answer.json()).results.map(({ id, text, detail }) => ({ value: String(id), text, detail }));
}

// What a plain select says while nothing is chosen; a line of dashes says nothing.
const emptyWord = (select) => select.querySelector('option[value=""]')?.textContent.replace(/^-+$/, "") || undefined;

function dress(select) {
  const whole = "whole" in select.dataset;
  const remote = Boolean(select.dataset.searchUrl) && !whole;
  const control = new TomSelect(select, {
    plugins: select.multiple ? ["remove_button"] : [],
    maxOptions: 200,
    create: select.hasAttribute("data-create"),
    createOnBlur: select.hasAttribute("data-create"),
    placeholder: select.dataset.placeholder || (remote ? words.placeholder : emptyWord(select)),
    allowEmptyOption: false,
    lockOptgroupOrder: true,
    searchField: remote ? [] : ["text"],
    loadThrottle: 250,
    closeAfterSelect: !select.multiple,
    preload: whole ? "focus" : false,
    shouldLoad: (query) => (whole ? query === "" : query.length >= 2),
    load: remote || whole ? (query, done) => load(select, query).then(done, () => done()) : undefined,
    render: { option: drawOption, item: drawItem, no_results: drawNothing },
  });
  // A list that opens a moment after the last key would take the focus back from the next field.
  control.on("blur", () => clearTimeout(control.refreshTimeout));
  // The list of a select of many stays open at a click: it may have opened with the page, when the field got the focus.
  const onClick = control.onClick.bind(control);
  control.onClick = () => (select.multiple && control.isFocused ? control.open() : onClick());
  if (remote) control.on("type", () => control.clearOptions((option) => control.items.includes(option.value)));
  // In a dialog an open list takes room: left open after a choice, it would move the button that is pressed next.
  if (!select.multiple) control.on("item_add", () => setTimeout(() => { clearTimeout(control.refreshTimeout); control.close(); }));
  takeByTab(control);
  control.on("dropdown_open", () => { opened = control; });
  select.ariaHidden = "true"; // the control beside it carries the label
  const described = select.getAttribute("aria-describedby");
  if (described) control.control_input.setAttribute("aria-describedby", described);
  if (select.getAttribute("aria-invalid")) control.control_input.setAttribute("aria-invalid", "true");
}

// The values of a filter are a ticked list (chips.js).
const isListed = (select) => select.closest("#filters .menu-box") && (!select.dataset.searchUrl || "whole" in select.dataset);

// A list that takes room is left by the click itself: closed when the mouse goes down, it would move the button from under it.
let opened = null;
const PRESSED = "button, a, label, summary, input:is([type=checkbox], [type=radio], [type=submit])";
function pressedBeside(event) {
  if (!opened?.isOpen || getComputedStyle(opened.dropdown).position !== "static" || opened.wrapper.contains(event.target)) return false;
  return Boolean(event.target.closest?.(PRESSED));
}
addEventListener("mousedown", (event) => {
  if (event.button || !pressedBeside(event)) return;
  event.preventDefault();
  event.stopPropagation();
}, true);
addEventListener("click", (event) => pressedBeside(event) && opened.blur(), true);

// Tab takes the highlighted option and goes on to the next field. Who is faster than the answer gets the only match.
function takeByTab(control) {
  let isLeft = false;
  control.control_input.addEventListener("keydown", (event) => {
    if (event.key !== "Tab" || event.shiftKey || !control.inputValue().trim()) return;
    const option = control.isOpen && control.activeOption;
    if (option && !option.matches(".create")) control.addItem(option.dataset.value);
    else if (!control.settings.create) isLeft = true;
  }, true);
  control.on("focus", () => { isLeft = false; });
  control.on("load", (options) => {
    if (isLeft && !control.items.length && options.length === 1) control.addItem(options[0].value);
    isLeft = false;
  });
}

// A long list is searched whether its form says so or not; data-plain keeps it as it is.
const LONG = 20;
const isSearched = (select) => select.matches("[data-search-url], [data-searchable]") || (select.options.length > LONG && !("plain" in select.dataset));

function dressAll(root) {
  if (!window.TomSelect) return;
  root.querySelectorAll("select").forEach((select) => select.tomselect || !isSearched(select) || isListed(select) || dress(select));
}
document.addEventListener("htmx:load", ({ detail }) => dressAll(detail.elt));
dressAll(document);
