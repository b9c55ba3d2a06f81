// What all forms share: the first field has the focus, Ctrl-Enter saves, links of the error summary lead to fields.
const FIELDS = "input:not([type=hidden], .pick-native, [tabindex='-1']), select, textarea, trix-editor";
const focusOn = (field) => (field?.tomselect ?? field)?.focus();

function firstField(form) {
  const named = location.hash.startsWith("#id_") ? document.getElementById(location.hash.slice(1)) : null;
  if (named && form.contains(named)) return named;
  return form.querySelector("[aria-invalid=true]") ?? form.querySelector("[autofocus]") ?? [...form.querySelectorAll(FIELDS)].find((field) => (field.tomselect || field.offsetParent) && (field.form ?? form) === form && !field.hasAttribute("form"));
}
// A form that is longer than the screen has its buttons above it, where they stay in sight: below it they would be out of
// sight, and a foot that stayed at the edge of the window would lie over fields.
for (const form of document.querySelectorAll("main form[data-guard]")) {
  const foot = form.querySelector(":scope > .form-foot:not(.to-invoice-foot)");
  if (!foot || foot.getBoundingClientRect().bottom <= innerHeight) continue;
  form.classList.add("is-long");
  form.prepend(foot);
}

// A form page: the field can be typed into at once. On a touch screen the keyboard would cover the form.
const page = document.querySelector("main form[data-guard]");
const isRefused = Boolean(page?.querySelector("[aria-invalid=true], .error-summary"));
if (page && document.activeElement === document.body && (isRefused || matchMedia("(hover: hover)").matches)) focusOn(firstField(page) ?? page.querySelector(".error-summary"));

// A button with data-deliberate says something that no reflex should say: Enter goes to it, the next one presses it.
function awaits(button, event) {
  if (!button?.matches("[data-deliberate]")) return false;
  event.preventDefault();
  requestAnimationFrame(() => button.focus()); // an editor takes the focus back while it draws what was just typed
  return true;
}
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.defaultPrevented) return;
  if (!(event.ctrlKey || event.metaKey)) return void (event.target.matches?.("input") && awaits(event.target.form?.querySelector("[type=submit]"), event));
  const form = event.target.closest?.("form[method=post]") ?? (event.target === document.body ? page : null);
  if (!form) return;
  const button = form.querySelector("[type=submit].btn-primary, [type=submit].btn-danger");
  if (awaits(button, event)) return;
  event.preventDefault();
  form.requestSubmit(button ?? undefined);
});

document.addEventListener("click", (event) => {
  const link = event.target.closest?.(".error-summary a[href^='#']");
  const field = link && document.getElementById(link.getAttribute("href").slice(1));
  if (!field) return;
  event.preventDefault();
  field.closest("details")?.setAttribute("open", "");
  focusOn(field);
  field.scrollIntoView({ block: "center" });
});
