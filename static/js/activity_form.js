// The form of an activity: the end follows the start by the type's usual length, and rows of what was agreed can be added.
const two = (number) => String(number).padStart(2, "0");
const TYPED = /^\s*(\d{1,2})([./])(\d{1,2})[./](\d{4})(\D+)(\d{1,2})([.:])(\d{2})\s*$/;

// What is typed, that many minutes later, in the same form; nothing where it cannot be read.
function later(text, minutes) {
  const found = text.match(TYPED);
  if (!found) return "";
  const [, day, dot, month, year, gap, hour, colon, minute] = found;
  const time = new Date(Number(year), month - 1, Number(day), Number(hour), Number(minute) + minutes);
  return `${two(time.getDate())}${dot}${two(time.getMonth() + 1)}${dot}${time.getFullYear()}${gap}${two(time.getHours())}${colon}${two(time.getMinutes())}`;
}

// An end that somebody has typed stays as it is.
function moveEnd(start) {
  const end = start.form?.elements.namedItem("end");
  if (!end || (end.value && end.value !== end.dataset.set)) return;
  end.value = end.dataset.set = later(start.value, Number(start.dataset.minutes));
}
document.addEventListener("change", ({ target }) => target.matches("[data-minutes]") && moveEnd(target));

function addRow(button) {
  const box = button.parentElement.querySelector("[data-rows]");
  const count = box.querySelector("input[type=hidden]");
  const model = box.querySelector("template");
  const holder = document.createElement("div");
  holder.innerHTML = model.innerHTML.replaceAll("0000", count.value);
  const row = holder.firstElementChild;
  count.value = Number(count.value) + 1;
  model.before(row);
  row.dispatchEvent(new CustomEvent("htmx:load", { bubbles: true, detail: { elt: row } }));
  row.querySelector("input").focus();
}
document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("[data-add-row]");
  if (button) addRow(button);
});
