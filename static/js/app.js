// What every page needs: toasts, forms that are sent once, leaving a changed form, menus, and how htmx answers errors.
const toasts = document.getElementById("toasts");
const LASTING = 7000;
const UNDOABLE = 60000;

function dress(toast) {
  const close = document.createElement("button");
  close.type = "button";
  close.className = "btn-close";
  close.ariaLabel = toasts.dataset.close;
  close.addEventListener("click", () => toast.remove());
  toast.append(close);
  if (["danger", "warning"].includes(toast.dataset.toast)) return;
  const leave = () => (toast.matches(":hover, :focus-within") ? setTimeout(leave, 2000) : toast.remove());
  setTimeout(leave, toast.querySelector("form") ? UNDOABLE : LASTING);
}

// {text, level, action: {label, url}}: the action is sent as a POST, such as "undo".
function showToast({ text, level = "success", action }) {
  if (action) toasts.querySelectorAll("[data-toast]:has(form)").forEach((before) => before.remove()); // the last change is undone
  const toast = document.createElement("div");
  toast.className = `toastx ${level}`;
  toast.dataset.toast = level;
  const words = document.createElement("span");
  words.textContent = text;
  toast.append(words);
  if (action) toast.append(actionForm(action));
  toasts.append(toast);
  dress(toast);
}

function actionForm({ label, url }) {
  const form = document.createElement("form");
  form.method = "post";
  form.action = url;
  const token = document.createElement("input");
  Object.assign(token, { type: "hidden", name: "csrfmiddlewaretoken", value: csrfToken() });
  const button = document.createElement("button");
  Object.assign(button, { type: "submit", className: "btn btn-sm", textContent: label });
  form.append(token, button);
  return form;
}

const csrfToken = () => JSON.parse(document.body.getAttribute("hx-headers") || "{}")["X-CSRFToken"] || "";

if (toasts) toasts.querySelectorAll("[data-toast]").forEach(dress);
document.addEventListener("toast", (event) => {
  const detail = event.detail.value ?? event.detail;
  showToast(typeof detail === "string" ? { text: detail } : detail);
});

// An error answer is said in words unless the server sent its own toast.
document.addEventListener("htmx:responseError", ({ target, detail: { xhr } }) => {
  if (target.matches?.("[data-panel]")) return; // says it in its own place (panels.js)
  if (/"?toast"?/.test(xhr.getResponseHeader("HX-Trigger") || "")) return;
  const { forbidden, missing, long, failed } = toasts.dataset;
  showToast({ level: "danger", text: { 403: forbidden, 404: missing, 503: long }[xhr.status] || failed });
});
document.addEventListener("htmx:sendError", ({ target }) => target.matches?.("[data-panel]") || showToast({ level: "danger", text: toasts.dataset.offline }));

// A whole page where a fragment was asked for (signed out meanwhile, a redirect): show it as a page.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  if (xhr.status >= 400 || !/^\s*<!doctype/i.test(xhr.responseText)) return;
  event.detail.shouldSwap = false;
  leaving = true;
  location.assign(xhr.responseURL);
});

// A form is sent once: its submit buttons rest until the answer or until the page is shown again.
const resting = "data-resting";
const REST = 10000; // an answer that is a file never says that it came
function rest(form) {
  for (const button of form.querySelectorAll("[type=submit]:not(:disabled)")) {
    button.setAttribute(resting, "");
    button.disabled = true;
  }
  setTimeout(() => wake(form), REST);
}
function wake(root) {
  for (const button of root.querySelectorAll(`[${resting}]`)) {
    button.removeAttribute(resting);
    button.disabled = false;
  }
}
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  form.removeAttribute("data-changed");
  setTimeout(() => rest(form)); // after the browser has read the pressed button's name
});
document.addEventListener("htmx:beforeRequest", ({ target }) => target.matches("form[hx-post]") && rest(target));
document.addEventListener("htmx:afterRequest", ({ target }) => target.matches("form") && wake(target));
addEventListener("pageshow", () => wake(document));

// Leaving a changed form asks first.
let leaving = false;
document.addEventListener("input", ({ target }) => target.form?.matches("[data-guard]") && target.form.setAttribute("data-changed", ""));
document.addEventListener("htmx:beforeRequest", ({ target }) => target.matches("form") && target.removeAttribute("data-changed"));
addEventListener("beforeunload", (event) => {
  if (!leaving && document.querySelector("form[data-changed]")) event.preventDefault();
});

// Menus (details.menu): one open at a time, closed by Escape and by a click elsewhere.
const openMenus = () => document.querySelectorAll("details.menu[open]");
document.addEventListener("click", ({ target }) => {
  for (const menu of openMenus()) if (!menu.contains(target) && target.isConnected) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of openMenus()) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// Tabs that load into the page: the pressed one becomes the current one.
document.addEventListener("htmx:pushedIntoHistory", () => {
  for (const tab of document.querySelectorAll("[data-tab]")) {
    if (tab.pathname === location.pathname) tab.setAttribute("aria-current", "page");
    else tab.removeAttribute("aria-current");
  }
});
document.querySelector("[data-tab][aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
