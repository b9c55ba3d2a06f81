// Keys that go: "g" and a letter to a page of the menu, j and k through rows or records, x ticks the row.
const PAGES = {
  s: "/start/", c: "/customers/", h: "/contacts/", v: "/selections/", a: "/activities/", m: "/activities/mine/", k: "/calendar/", t: "/hours/", w: "/team-week/",
  i: "/mail/inbox/", l: "/leads/", o: "/offers/", b: "/pipeline/", r: "/orders/", f: "/feedback/", n: "/notifications/",
};
const WAIT = 1500; // milliseconds from "g" to its letter
let asked = 0;

function go(letter) {
  const path = PAGES[letter];
  const link = [...document.querySelectorAll("#side a[href]")].find((one) => one.pathname === path); // only what the menu offers
  if (link) location.assign(link.href);
}

const rows = () => [...document.querySelectorAll("#list tbody tr, [data-rows-walked] > li")].filter((row) => linkOf(row));
const linkOf = (row) => row.querySelector("td:not(.tick) a[href], a[href]");
const current = () => rows().find((row) => row.contains(document.activeElement)) ?? rows().find((row) => row.matches(":hover"));
function step(by) {
  const all = rows();
  if (!all.length) return walk(by);
  const row = all[all.indexOf(current()) + by] ?? (current() ? null : all[0]);
  if (row) linkOf(row).focus();
  row?.scrollIntoView({ block: "nearest" });
}
// A record that was opened from a list: the next or the previous one of that list (peek.js draws the links).
function walk(by) {
  document.querySelector(`.walk [data-walk="${by > 0 ? "next" : "previous"}"]`)?.click();
}
const tick = () => current()?.querySelector("input[name=ids]")?.click();
function tickAll() {
  const form = document.querySelector("#list form.table-box");
  const [head, all] = [form?.querySelector("[data-check-all]"), form?.querySelector(".bulkbar [name=all]")];
  if (!head) return;
  if (!head.checked || head.indeterminate) head.click();
  if (all) all.checked = true;
}

const letters = { j: () => step(1), k: () => step(-1), x: tick, X: tickAll };
document.addEventListener("keys:letter", (event) => {
  const letter = event.detail;
  if (Date.now() - asked < WAIT) {
    asked = 0;
    go(letter);
  } else if (letter === "g") asked = Date.now();
  else if (letters[letter]) letters[letter]();
  else return;
  event.preventDefault();
});
