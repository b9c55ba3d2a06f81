// The builder of conditions: shows the fields that the others ask for, counts while one fills them in, searches the
// list of conditions. Everything works without it: all fields are then in sight, and buttons add, remove and count.
const COUNT_DELAY = 500;
let timer;

function isAsked(field) {
  const [name, values] = field.dataset.shownIf.split("=");
  const rule = field.closest(".cond-rule");
  const other = rule.querySelector(`[data-name="${name}"] select`);
  return !other || values.split("|").includes(other.value);
}
function showAsked(root) {
  for (const field of root.querySelectorAll("[data-shown-if]")) field.hidden = !isAsked(field);
}

function focusNew(root) {
  const refused = root.querySelector("[data-errors]");
  if (refused) {
    (root.querySelector("input.is-invalid, select.is-invalid, textarea.is-invalid") ?? refused).focus();
    refused.scrollIntoView({ block: "nearest" });
    return;
  }
  const fresh = root.querySelector("[data-new]");
  if (!fresh) {
    if (document.activeElement === document.body) root.querySelector(".cond-head select")?.focus();
    return;
  }
  const fields = [...fresh.querySelectorAll(".cond-field:not([hidden])")].map((field) => field.querySelector("input:not([type=hidden]), select, textarea")).filter(Boolean);
  const target = fields.find((field) => field.closest(".cond-field").dataset.name !== "op") ?? fields[0] ?? fresh.querySelector("select") ?? fresh;
  const select = target.closest(".cond-field")?.querySelector("select");
  if (select?.tomselect) select.tomselect.focus();
  else target.focus();
  fresh.scrollIntoView({ block: "nearest" });
}

function count() {
  clearTimeout(timer);
  timer = setTimeout(() => {
    const preview = document.getElementById("preview");
    if (preview) htmx.trigger(preview, "conditions");
  }, COUNT_DELAY);
}

document.addEventListener("change", ({ target }) => {
  const builder = target.closest?.("#builder");
  if (!builder) return;
  showAsked(builder);
  if (target.closest(".cond-group")) count();
});
document.addEventListener("input", ({ target }) => {
  if (target.matches?.("#builder .cond-group input[type=text], #builder .cond-group input[inputmode]")) count();
  if (target.matches?.("[data-palette-search]")) searchPalette(target);
});
// Enter in a field of a condition counts; it must not press the first button.
document.addEventListener("keydown", (event) => {
  const field = event.target;
  if (event.key !== "Enter" || !field.matches?.("#builder input")) return;
  if (field.matches("[data-palette-search]")) {
    event.preventDefault();
    document.querySelector(".conditions-box button:not([hidden])")?.click();
  } else if (field.closest(".cond-group")) {
    event.preventDefault();
    count();
  }
});

function searchPalette(field) {
  const words = field.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  for (const button of document.querySelectorAll(".conditions-box button")) {
    const text = `${button.textContent} ${button.closest("section").querySelector("h3").textContent}`.toLocaleLowerCase();
    button.hidden = !words.every((word) => text.includes(word));
  }
}

document.addEventListener("htmx:load", ({ detail }) => {
  if (detail.elt.id !== "builder") return;
  showAsked(detail.elt);
  setTimeout(() => focusNew(detail.elt));
});
const first = document.getElementById("builder");
if (first) showAsked(first);
