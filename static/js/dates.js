// Days and times are typed; the button beside the field (or Alt + down arrow in it) opens the browser's own calendar.
const finnish = document.documentElement.lang === "fi";
const two = (number) => String(number).padStart(2, "0");

// What is written, as the calendar wants it: 2026-11-21 or 2026-11-21T14:05. Anything else opens it at today.
function toNative(text, timed) {
  const found = text.match(/^\s*(\d{1,2})[./](\d{1,2})[./](\d{4})(?:\D+(\d{1,2})[.:](\d{2}))?/);
  if (!found) return "";
  const [, day, month, year, hour = "0", minute = "00"] = found;
  const date = `${year}-${two(month)}-${two(day)}`;
  return timed ? `${date}T${two(hour)}:${minute}` : date;
}

function fromNative(value) {
  const [year, month, day, hour, minute] = value.split(/[-T:]/);
  const date = finnish ? `${day}.${month}.${year}` : `${day}/${month}/${year}`;
  return hour ? `${date} ${hour}${finnish ? "." : ":"}${minute}` : date;
}

function open(box) {
  const [typed, native] = box.querySelectorAll("input");
  native.value = toNative(typed.value, native.type !== "date");
  native.showPicker();
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("[data-pick]");
  if (button) open(button.closest(".pick"));
});
document.addEventListener("keydown", (event) => {
  if (event.altKey && event.key === "ArrowDown" && event.target.closest?.(".pick")) open(event.target.closest(".pick"));
});
document.addEventListener("input", ({ target }) => {
  if (!target.matches(".pick-native") || !target.value) return;
  const typed = target.closest(".pick").querySelector("input");
  typed.value = fromNative(target.value);
});
document.addEventListener("change", ({ target }) => {
  if (!target.matches(".pick-native")) return;
  const typed = target.closest(".pick").querySelector("input");
  typed.dispatchEvent(new Event("input", { bubbles: true }));
  typed.dispatchEvent(new Event("change", { bubbles: true }));
  typed.focus();
});
