// Drafts: what is written in a form with data-draft is kept in this browser, by user and address, until it is saved,
// discarded, or the user signs out. Keys of the session, passwords and files are never kept.
const user = document.body.dataset.user;
const words = document.getElementById("draft-words")?.dataset ?? {};
const PREFIX = `draft:${user}:`;
const SENT = "draft-sent";
const WAIT = 400;
const PATIENCE = 20000; // a server that is busy is no lost connection, which a browser knows at once
const KEPT_FOR = 30 * 24 * 3600 * 1000;
let timer;

const address = (form) => new URL(form.action, location.href);
const keyOf = (form) => PREFIX + address(form).pathname + address(form).search;
const forms = (root) => [...root.querySelectorAll("form[data-draft]")];

function load(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}
function store(key, draft) {
  try {
    localStorage.setItem(key, JSON.stringify(draft));
  } catch { /* no room: the form itself still has it */ }
}
function eachKey(prefix, visit) {
  Object.keys(localStorage).filter((key) => key.startsWith(prefix)).forEach(visit);
}

const isRich = (control) => Boolean(control.form.elements[`${control.name}-format`]);
function isKept(control) {
  const { name, type } = control;
  if (!name || control.closest("[data-no-draft]") || ["password", "file", "submit", "button"].includes(type)) return false;
  return type !== "hidden" || name === "version" || isRich(control) || Boolean(control.closest("[data-draft-rows]"));
}

function read(form) {
  const fields = {};
  for (const control of form.elements) {
    if (!isKept(control) || control.matches("textarea[data-rich]")) continue;
    const kept = (fields[control.name] ??= []);
    if (["checkbox", "radio"].includes(control.type)) {
      if (control.checked) kept.push([control.value]);
    } else if (control.options) kept.push(...[...control.selectedOptions].map(({ value, text }) => [value, text]));
    else kept.push([control.value]);
  }
  return fields;
}

function apply(form, fields, root = form) {
  const used = {};
  for (const control of [...form.elements].filter((one) => root.contains(one) && isKept(one) && fields[one.name])) {
    const kept = fields[control.name];
    const at = (used[control.name] = (used[control.name] ?? -1) + 1);
    if (["checkbox", "radio"].includes(control.type)) control.checked = kept.some(([value]) => value === control.value);
    else if (control.options) choose(control, kept);
    else if (control.matches("textarea[data-rich]")) fillPlain(control, kept[0][0]);
    else if (isRich(control)) control.parentElement.querySelector("trix-editor").editor.loadHTML(kept[0][0]);
    else if (kept[at]) [control.value] = kept[at];
  }
}
function choose(select, kept) {
  for (const [value, text] of kept) {
    if (![...select.options].some((option) => option.value === value)) select.add(new Option(text, value));
    select.tomselect?.addOption({ value, text });
  }
  const values = kept.map(([value]) => value);
  if (select.tomselect) select.tomselect.setValue(select.multiple ? values : values[0] ?? "", true);
  else for (const option of select.options) option.selected = values.includes(option.value);
}
// The editor is on its way: it begins with what its field has stored.
function fillPlain(area, html) {
  area.parentElement.querySelector("[name$='-stored']").value = html;
  area.defaultValue = new DOMParser().parseFromString(html, "text/html").body.textContent;
  area.value = area.defaultValue;
}

function keep(form) {
  if (form.isConnected && form.hasAttribute("data-written")) store(keyOf(form), { at: Date.now(), fields: read(form) });
}
const keepAll = () => forms(document).forEach(keep);
function written({ target }) {
  const form = target.form ?? target.closest?.("form");
  if (!form?.matches("form[data-draft]") || target.closest("[data-no-draft]")) return;
  form.setAttribute("data-written", "");
  clearTimeout(timer);
  timer = setTimeout(keepAll, WAIT);
}
for (const name of ["input", "change"]) document.addEventListener(name, written);
document.addEventListener("trix-change", (event) => event.target.contains(document.activeElement) && written(event));
addEventListener("pagehide", keepAll);
document.addEventListener("visibilitychange", () => document.hidden && keepAll());

function forget(form) {
  clearTimeout(timer);
  form.removeAttribute("data-written");
  localStorage.removeItem(keyOf(form));
}

// Giving it back, with a word about it.
function restore(form) {
  const draft = load(keyOf(form));
  if (!draft || form.querySelector(".field-error, .alert-danger")) return; // what was refused stands there, newer
  form.dispatchEvent(new CustomEvent("draft:rows", { bubbles: true, detail: draft.fields })); // who draws rows draws as many
  apply(form, draft.fields);
  form.dispatchEvent(new CustomEvent("draft:restored", { bubbles: true }));
  form.setAttribute("data-written", "");
  form.setAttribute("data-changed", "");
  form.prepend(notice(form, draft));
  const swapped = ({ detail }) => form.contains(detail.elt) && detail.elt.id && apply(form, draft.fields, detail.elt);
  form.addEventListener("htmx:load", swapped, { once: true });
  const { customer, contacts } = draft.fields;
  if (customer && contacts?.length && !form.elements.contacts) htmx.trigger(form.elements.customer, "change");
}
function notice(form, { at }) {
  const box = document.createElement("div");
  box.className = "alert alert-info draft-notice";
  box.role = "status";
  const time = new Date(at);
  const today = time.toDateString() === new Date().toDateString();
  const shown = time.toLocaleString(document.documentElement.lang, { timeStyle: "short", ...(today ? {} : { dateStyle: "short" }) });
  const text = document.createElement("span");
  text.textContent = words.restored.replace("{time}", shown);
  const button = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-sm", textContent: words.discard });
  button.addEventListener("click", () => discard(form));
  box.append(text, button);
  return box;
}
function discard(form) {
  forget(form);
  form.removeAttribute("data-changed");
  if (form.closest("dialog")) htmx.ajax("GET", form.action, { target: "#dialog", swap: "innerHTML" });
  else location.assign(form.action);
}

// Saved: in the dialog the answer says so; a page knows it by what comes after the form.
document.addEventListener("htmx:afterRequest", ({ target, detail: { xhr } }) => {
  if (target.matches?.("form[data-draft]") && xhr.status >= 200 && xhr.status < 400) forget(target);
});
function clearSent() {
  const sent = JSON.parse(sessionStorage.getItem(SENT) || "null");
  if (!sent || forms(document).some((form) => keyOf(form) === sent.key)) return;
  sessionStorage.removeItem(SENT);
  if (document.referrer === sent.from) localStorage.removeItem(sent.key);
}

// A page's form is sent when the server answers; else it stays, and so does what is written.
document.addEventListener("submit", async (event) => {
  const { target: form, submitter } = event;
  if (event.defaultPrevented || !form.matches("form[data-draft]:not([hx-post])")) return;
  keep(form);
  sessionStorage.setItem(SENT, JSON.stringify({ key: keyOf(form), from: location.href.split("#")[0] }));
  if (form.hasAttribute("data-reached")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (form.hasAttribute("data-asking")) return; // pressed again while the server is asked
  form.setAttribute("data-asking", "");
  const reached = await isReached();
  form.removeAttribute("data-asking");
  if (reached) {
    form.setAttribute("data-reached", "");
    form.requestSubmit(submitter);
  } else document.dispatchEvent(new CustomEvent("toast", { detail: { level: "danger", text: words.offline } }));
}, true);
async function isReached() {
  try {
    return (await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(PATIENCE) })).ok;
  } catch {
    return false;
  }
}

// Signing out leaves nothing behind.
document.addEventListener("submit", ({ target }) => {
  if (new URL(target.action, location.href).pathname.endsWith("/logout/")) eachKey("draft:", (key) => localStorage.removeItem(key));
});

if (user) {
  eachKey(PREFIX, (key) => Date.now() - (load(key)?.at ?? 0) > KEPT_FOR && localStorage.removeItem(key));
  clearSent();
  document.addEventListener("DOMContentLoaded", () => forms(document).forEach(restore)); // when every module listens
  document.addEventListener("htmx:load", ({ detail: { elt } }) => elt !== document.body && forms(elt).forEach(restore));
}
