// In the editor "@ma" offers colleagues; the chosen one's user name is written.
const url = document.getElementById("editor")?.dataset.people;
const list = Object.assign(document.createElement("ul"), { id: "mention-list", role: "listbox", className: "mention-list", hidden: true });
list.ariaLabel = document.getElementById("editor")?.dataset.peopleLabel ?? "";
let editor;
let token;
let asked = 0;

function typed(element) {
  const [from, to] = element.editor.getSelectedRange();
  if (from !== to) return null;
  const before = element.editor.getDocument().toString().slice(0, from);
  const match = before.match(/(?:^|[\s(])@([\p{L}\p{N}.+-]{1,40})$/u);
  return match && { query: match[1], start: from - match[1].length - 1, end: from };
}

async function offer({ target }) {
  if (!url || !target.editor) return;
  token = typed(target);
  const turn = ++asked;
  if (!token || !target.contains(document.activeElement)) return close();
  const answer = await fetch(`${url}?q=${encodeURIComponent(token.query)}`, { headers: { Accept: "application/json" } }).catch(() => null);
  if (turn !== asked) return undefined;
  const people = answer?.ok ? (await answer.json()).results : [];
  return people.length ? show(target, people) : close();
}

function show(target, people) {
  editor = target;
  list.replaceChildren(...people.map(option));
  (target.closest("dialog") ?? document.body).append(list);
  list.hidden = false;
  const { left, bottom } = target.editor.getClientRectAtPosition(token.start) ?? target.getBoundingClientRect();
  list.style.left = `${Math.max(8, Math.min(left, innerWidth - list.offsetWidth - 8))}px`;
  list.style.top = `${Math.min(bottom + 4, innerHeight - list.offsetHeight - 8)}px`;
  target.setAttribute("aria-controls", list.id);
  target.setAttribute("aria-autocomplete", "list");
  mark(list.firstElementChild);
}
function option({ username, text, detail }, at) {
  const item = Object.assign(document.createElement("li"), { id: `mention-${at}`, role: "option" });
  item.dataset.username = username;
  const more = Object.assign(document.createElement("span"), { className: "muted sm", textContent: ` @${username}${detail ? ` · ${detail}` : ""}` });
  item.append(text, more);
  return item;
}
function mark(item) {
  for (const one of list.children) one.ariaSelected = one === item;
  editor.setAttribute("aria-activedescendant", item.id);
  item.scrollIntoView({ block: "nearest" });
}
function close() {
  list.hidden = true;
  editor?.removeAttribute("aria-activedescendant");
  editor?.removeAttribute("aria-controls");
}
function choose(item) {
  const { start, end } = token;
  close();
  editor.focus();
  editor.editor.setSelectedRange([start, end]);
  editor.editor.insertString(`@${item.dataset.username} `);
}

document.addEventListener("trix-change", offer);
document.addEventListener("trix-blur", () => setTimeout(close, 150));
list.addEventListener("mousedown", (event) => {
  event.preventDefault();
  const item = event.target.closest("li");
  if (item) choose(item);
});
document.addEventListener("keydown", (event) => {
  if (list.hidden || !event.target.closest?.("trix-editor")) return;
  const at = [...list.children].findIndex((item) => item.ariaSelected === "true");
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) mark(list.children[(at + step + list.children.length) % list.children.length]);
  else if (event.key === "Enter" || event.key === "Tab") choose(list.children[at]);
  else if (event.key === "Escape") close();
  else return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);
