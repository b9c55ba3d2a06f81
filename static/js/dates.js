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

// On leaving the field, the server says how it understood "eilen 13" or "ma 9"; the field then has the whole date.
const WHOLE = /^\s*\d{1,2}[./]\d{1,2}[./]\d{4}(\D+\d{1,2}[.:]\d{2})?\s*$/;
async function understand(typed) {
  const text = typed.value.trim();
  if (!text || WHOLE.test(text) || typed.dataset.understood === text) return;
  const native = typed.closest(".pick").querySelector(".pick-native");
  const url = new URL("/dates/", location.href);
  url.searchParams.set("text", text);
  if (native.type !== "date") url.searchParams.set("timed", "1");
  const answer = await fetch(url, { headers: { Accept: "application/json" } });
  if (!answer.ok || typed.value.trim() !== text) return;
  const { value, words, error } = await answer.json();
  if (value) typed.value = value;
  typed.dataset.understood = typed.value;
  say(typed, words ?? error, Boolean(error));
  if (value) typed.dispatchEvent(new Event("change", { bubbles: true }));
}
function say(typed, text, isError) {
  const box = typed.closest(".pick");
  const words = box.querySelector(".pick-words") ?? box.appendChild(document.createElement("span"));
  words.className = `pick-words${isError ? " field-error" : ""}`;
  words.setAttribute("role", "status");
  words.textContent = text;
}
document.addEventListener("focusout", ({ target }) => target.matches?.(".pick > input:not(.pick-native)") && understand(target));
