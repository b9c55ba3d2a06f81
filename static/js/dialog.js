// Links with data-dialog open in the dialog; their forms answer 422 (shown again), HX-Redirect/HX-Refresh or "dialog:close".
const dialog = document.getElementById("dialog");

function open(verb, url, values) {
  return htmx.ajax(verb, url, { target: "#dialog", swap: "innerHTML", values });
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-dialog]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  link.closest("details.menu")?.removeAttribute("open");
  open("GET", link.href);
});

// A call that is pressed is made by the browser (tel:), and its log opens beside it.
document.addEventListener("click", (event) => {
  const call = event.target.closest("a[data-call-log]");
  if (call && !event.defaultPrevented) open("GET", call.dataset.callLog);
});

// A bulk button with data-dialog-post sends its form and shows the answer (a form that asks for the rest) in the dialog.
document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (!button?.matches("[data-dialog-post]")) return;
  event.preventDefault();
  button.closest("details.menu")?.removeAttribute("open");
  const data = new FormData(event.target, button);
  const values = {};
  for (const key of new Set(data.keys())) values[key] = data.getAll(key);
  open("POST", button.formAction, values);
}, true);

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.target !== dialog || !dialog.firstElementChild) return;
  dialog.setAttribute("aria-label", dialog.querySelector("h1, h2")?.textContent.trim() || document.title);
  if (!dialog.open) dialog.showModal();
});

// The first field to fill gets the focus, once selects have their controls; not from somebody who writes already.
document.addEventListener("htmx:afterSettle", ({ detail }) => {
  if (detail.target !== dialog || !dialog.open) return;
  const asked = dialog.querySelector("[data-attention]"); // what came back with the form must be seen first
  if (asked) return asked.focus();
  const refused = dialog.querySelector("[aria-invalid=true]");
  const held = dialog.querySelector("input:focus, select:focus, textarea:focus, [contenteditable]:focus");
  if (!refused && held && !held.tomselect) return; // the hidden select of a control takes no keys
  const field = refused || dialog.querySelector("[autofocus]") || firstField();
  (field?.tomselect ?? field)?.focus();
});
const firstField = () => dialog.querySelector("input:not([type=hidden]), select, textarea");

function close() {
  if (dialog?.open) dialog.close();
}
document.addEventListener("dialog:close", close);
dialog?.addEventListener("close", () => dialog.replaceChildren());
dialog?.addEventListener("cancel", (event) => {
  if (event.target === dialog && dialog.querySelector("form[data-changed]") && !confirm(dialog.dataset.unsaved)) event.preventDefault();
});

// data-close-dialog closes the dialog that it is in; elsewhere it is an ordinary link.
document.addEventListener("click", (event) => {
  const closer = event.target.closest("[data-close-dialog]");
  const own = closer?.closest("dialog");
  if (!own) return;
  event.preventDefault();
  own.close();
});
