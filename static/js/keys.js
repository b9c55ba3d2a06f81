// The search palette and the keyboard shortcuts.
const palette = document.getElementById("palette");
const input = document.getElementById("palette-q");
const results = document.getElementById("palette-results");
const shortcuts = document.getElementById("shortcuts");
const OFF = "portaali-single-keys-off";

function openPalette(text = "") {
  if (!palette || palette.open) return;
  input.value = text;
  palette.showModal();
  htmx.trigger(input, "palette:open");
  input.setSelectionRange(text.length, text.length);
}
document.querySelectorAll("[data-palette]").forEach((link) => link.addEventListener("click", (event) => {
  event.preventDefault();
  openPalette();
}));
for (const form of document.querySelectorAll("[data-palette-opener]")) {
  const field = form.querySelector("input");
  form.addEventListener("click", () => openPalette(field.value));
  field.addEventListener("input", () => {
    openPalette(field.value);
    field.value = "";
  });
}
document.querySelectorAll("[data-shortcuts]").forEach((link) => link.addEventListener("click", (event) => {
  event.preventDefault();
  shortcuts?.showModal();
}));

// Enter opens the first hit of what is written. Who is faster than the answer gets it when it comes.
let awaited = null;
function openFirst() {
  awaited = input.value;
  if (results.dataset.query !== awaited) return;
  awaited = null;
  const first = results.querySelector("a, button");
  if (first) first.click();
  else input.form.submit();
}

// Arrows walk from the field through the hits; Enter in the field opens the first hit.
palette?.addEventListener("keydown", (event) => {
  const links = [...results.querySelectorAll("a, button")];
  const at = links.indexOf(document.activeElement);
  if (event.key === "ArrowDown") (links[at + 1] ?? links[at])?.focus();
  else if (event.key === "ArrowUp") (links[at - 1] ?? input).focus();
  else if (event.key === "Escape") palette.close(); // a search field would only empty itself at the first press
  else if (event.key === "Enter" && document.activeElement === input) openFirst();
  else {
    if (at >= 0 && event.key.length === 1 && !event.ctrlKey && !event.metaKey) input.focus();
    return;
  }
  event.preventDefault();
});
results?.addEventListener("click", ({ target }) => target.closest("a[data-dialog]") && palette.close());
results?.addEventListener("htmx:afterSwap", ({ detail }) => {
  results.dataset.query = detail.requestConfig.parameters.q ?? "";
  if (awaited === input.value) openFirst();
});
input?.addEventListener("htmx:afterRequest", ({ detail }) => detail.failed && awaited === input.value && input.form.submit());
palette?.addEventListener("click", (event) => event.target === palette && palette.close());

// Single keys can be switched off (WCAG 2.1.4); they rest while one types or a dialog is open.
const toggle = document.querySelector("[data-single-keys]");
if (toggle) {
  toggle.checked = !localStorage.getItem(OFF);
  toggle.addEventListener("change", () => (toggle.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "1")));
}
function focusSearch() {
  const quick = document.querySelector("[data-quick-search]");
  if (quick) quick.focus();
  else openPalette();
}
const typing = (node) => node.matches("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable], #inline-editor *");
document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    openPalette();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog[open]")) return;
  if (toggle && !toggle.checked) return;
  if (/^[a-zA-Z]$/.test(event.key) && document.querySelector("main form[data-guard]")) return; // meant for a form that lost the focus
  if (!document.dispatchEvent(new CustomEvent("keys:letter", { cancelable: true, detail: event.key }))); // go, rows, records
  else if (event.key === "?") shortcuts?.showModal();
  else if (event.key === "/") focusSearch();
  else if (event.key === "o" && !document.dispatchEvent(new CustomEvent("peek:open", { cancelable: true }))); // beside the list
  else if (event.key === "e" && !document.dispatchEvent(new CustomEvent("inline:edit", { cancelable: true }))); // in place
  else if (/^[a-z]$/.test(event.key)) document.querySelector(`[data-shortcut="${event.key}"]`)?.click();
  else return;
  event.preventDefault();
});
