// Chips of filters: a chip opens straight to its values, with how many rows each has; "Add filter" to a list of
// conditions that narrows while one types. The fields of the form are what is sent, so that without this file they remain.
const words = document.getElementById("select-words")?.dataset ?? {};
const SHORT = 8; // a longer list has a search field
const options = new Map(); // address of a menu → its choices
const counts = new Map(); // address of counts → numbers by value
let state = null; // what was open, typed and in focus before the list was drawn anew

function make(tag, className, properties = {}) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  return Object.assign(made, properties);
}
const plain = (text) => text.toLocaleLowerCase().normalize("NFD").replace(/\p{M}/gu, "");

// The choices of a field, whatever draws it: a select, or check boxes and radio buttons.
function sourceOf(field) {
  const select = field.querySelector("select");
  if (select) {
    if (select.dataset.searchUrl && !("whole" in select.dataset)) return null;
    const choices = [...select.options].map((option) => ({ value: option.value, text: option.text, is: () => option.selected, put: (on) => { option.selected = on; } }));
    return { name: select.name, isMany: select.multiple, choices, select, url: select.dataset.searchUrl };
  }
  const inputs = [...field.querySelectorAll("input[type=checkbox], input[type=radio]")];
  if (!inputs.length) return null;
  const choices = inputs.map((input) => ({ value: input.value, text: input.labels[0]?.textContent.trim() ?? input.value, is: () => input.checked, put: (on) => { input.checked = on; } }));
  return { name: inputs[0].name, isMany: inputs[0].type === "checkbox", choices };
}
function addOptions(select, found) {
  const there = new Set([...select.options].map((option) => option.value));
  for (const { id, text } of found) if (!there.has(id)) select.append(new Option(text, id));
}
async function fetched(cache, url) {
  if (!cache.has(url)) cache.set(url, fetch(url, { headers: { Accept: "application/json" } }).then((answer) => (answer.ok ? answer.json() : null)).catch(() => null));
  const found = await cache.get(url);
  if (found) cache.set(url, found);
  else cache.delete(url);
  return found;
}

// What of a list fits what is typed; arrows walk through it, Enter takes it.
function walkable(box, list, entries) {
  const search = make("input", "form-control form-control-sm value-search", { type: "search", autocomplete: "off", placeholder: words.search ?? "", ariaLabel: words.search ?? "" });
  const none = make("div", "muted sm value-none", { textContent: words.none ?? "", hidden: true });
  const shown = () => [...list.querySelectorAll("[data-entry]:not([hidden])")];
  const target = (entry) => entry.querySelector("input") ?? entry;
  const narrow = () => {
    const typed = plain(search.value.trim());
    for (const entry of entries()) entry.hidden = !plain(entry.dataset.entry).includes(typed);
    none.hidden = shown().length > 0;
  };
  search.addEventListener("input", (event) => { event.stopPropagation(); narrow(); });
  search.addEventListener("change", (event) => event.stopPropagation());
  box.addEventListener("keydown", (event) => {
    const all = shown();
    const at = all.findIndex((entry) => target(entry) === document.activeElement);
    const isTyping = document.activeElement === search;
    if (!isTyping && at < 0) return;
    if (event.key === "ArrowDown") all[Math.min(at + 1, all.length - 1)] && target(all[Math.min(at + 1, all.length - 1)]).focus();
    else if (event.key === "ArrowUp") (at > 0 ? target(all[at - 1]) : search.isConnected ? search : target(all[0])).focus();
    else if (event.key === "Enter") { if (all[Math.max(at, 0)]) target(all[Math.max(at, 0)]).click(); }
    else if (at >= 0 && search.isConnected && event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey) return void search.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  return { search, none, narrow };
}

// A ticked list in place of a field.
function listValues(field, menu) {
  const source = sourceOf(field);
  if (!source) return false;
  const box = make("div", "values");
  box.setAttribute("role", "group");
  box.ariaLabel = field.querySelector("label, legend")?.textContent.trim() ?? "";
  const list = make("div", "value-list");
  const found = walkable(box, list, () => [...list.children]);
  field.after(box);
  field.hidden = true;
  const draw = () => {
    const { choices, isMany, name } = sourceOf(field);
    const entries = choices.filter((choice) => isMany || choice.value !== "" || choices.some((other) => other.is() && other.value));
    const at = document.activeElement?.closest(".value")?.dataset.value;
    list.replaceChildren(...entries.map((choice) => {
      const entry = make("label", "value");
      entry.dataset.entry = choice.text;
      entry.dataset.value = choice.value;
      const input = make("input", "form-check-input", { type: isMany ? "checkbox" : "radio", checked: choice.is(), id: `value-${name}-${choice.value}` });
      if (!isMany) input.setAttribute("form", ""); // radio buttons without a name: each is put by itself
      input.addEventListener("change", (event) => {
        event.stopPropagation();
        if (isMany) choice.put(input.checked);
        else for (const other of choices) other.put(other.value === choice.value);
        if (!isMany) menu.open = false;
        menu.closest("form")?.requestSubmit();
      });
      const text = make("span", "clip", { textContent: choice.value === "" && !isMany ? words.any ?? choice.text : choice.text, title: choice.text });
      entry.append(input, text, make("span", "n muted"));
      return entry;
    }));
    box.replaceChildren(...(entries.length > SHORT ? [found.search] : []), list, found.none);
    found.narrow();
    number(list, name);
    if (at !== undefined) list.querySelector(`[data-value="${CSS.escape(at)}"] input`)?.focus();
  };
  const ready = options.get(source.url);
  if (source.select && ready?.results) addOptions(source.select, ready.results);
  draw();
  if (source.url && !ready?.results) {
    box.classList.add("is-loading");
    fetched(options, source.url).then((answer) => {
      box.classList.remove("is-loading");
      if (!answer || !box.isConnected) return;
      addOptions(source.select, answer.results);
      const hadFocus = box.contains(document.activeElement) || document.activeElement === document.body || document.activeElement === menu.querySelector("summary");
      draw();
      if (hadFocus) focusFirst(menu);
    });
  }
  return true;
}

// The numbers of the values among the rows that the other filters let through.
function countsUrl(name) {
  const query = new URLSearchParams(document.getElementById("filters")?.dataset.query ?? location.search);
  for (const gone of [name, "after", "before", "sort", "columns", "menus", "group_by"]) query.delete(gone);
  query.set("counts", name);
  return `${location.pathname}?${query}`;
}
function number(list, name) {
  const put = (answer) => {
    if (!answer?.counts || !list.isConnected) return;
    const known = Object.keys(answer.counts).length > 0 || answer.is_exact;
    for (const entry of list.children) {
      const { value } = entry.dataset;
      const n = answer.counts[value] ?? 0;
      if (!known || value === "") continue;
      entry.querySelector(".n").textContent = n.toLocaleString(document.documentElement.lang);
      entry.classList.toggle("is-none", !n);
    }
  };
  const url = countsUrl(name);
  const ready = counts.get(url);
  if (ready?.counts) put(ready);
  else fetched(counts, url).then(put);
}

function focusFirst(menu) {
  const wanted = menu.querySelector(".value-search") ?? menu.querySelector(".value input:checked, .value input") ?? menu.querySelector(".menu-box :is(input, select):not([type=hidden])");
  const hidden = wanted?.closest("[hidden]");
  if (wanted && !hidden) wanted.focus({ preventScroll: true });
}

// "Add filter": the conditions as a list; one that takes values opens in the same box.
function listConditions(menu) {
  const box = menu.querySelector(".menu-box");
  const conditions = [...box.querySelectorAll("[data-condition]")];
  const list = make("div", "value-list");
  const found = walkable(box, list, () => [...list.children]);
  const back = make("button", "condition-back", { type: "button" });
  const choose = (name) => {
    const chosen = conditions.find((condition) => condition.dataset.condition === name);
    if (!chosen) return;
    menu.dataset.chosen = name;
    for (const condition of conditions) condition.hidden = condition !== chosen;
    for (const part of [found.search, list, found.none]) part.remove();
    back.textContent = `‹ ${chosen.dataset.label}`;
    box.prepend(back);
    const field = chosen.querySelector(".field");
    if (field && !field.hidden) listValues(field, menu);
    focusFirst(menu);
  };
  const showAll = () => {
    delete menu.dataset.chosen;
    back.remove();
    for (const condition of conditions) condition.hidden = true;
    box.prepend(found.search, list, found.none);
  };
  for (const condition of conditions) {
    const link = condition.querySelector("a[role=switch]");
    const entry = link ?? make("button", "condition", { type: "button", textContent: condition.dataset.label });
    entry.dataset.entry = condition.dataset.label;
    if (!link) entry.addEventListener("click", () => choose(condition.dataset.condition));
    list.append(entry);
  }
  back.addEventListener("click", () => { showAll(); found.search.focus(); });
  showAll();
  menu.chooseCondition = choose;
}

function build(menu) {
  if (menu.dataset.built) return;
  menu.dataset.built = "1";
  if (menu.id === "chip-more") listConditions(menu);
  else {
    const field = menu.querySelector(".menu-box > .field");
    if (field) listValues(field, menu);
  }
}
function place(menu) {
  const box = menu.querySelector(".menu-box");
  box.classList.remove("menu-end");
  if (box.getBoundingClientRect().right > innerWidth - 8) box.classList.add("menu-end");
}
const isChip = (target) => target instanceof Element && target.matches("#filters details.menu");
document.addEventListener("toggle", ({ target }) => {
  if (!isChip(target) || !target.open) return;
  build(target);
  place(target);
  if (!target.contains(document.activeElement) || document.activeElement.matches("summary")) focusFirst(target);
}, true);
// A switch is pressed by the space bar too.
document.addEventListener("keydown", (event) => {
  if (event.key !== " " || !event.target.matches?.("a[role=switch]")) return;
  event.preventDefault();
  event.target.click();
});

// The list is drawn anew after each choice: the menu stays as it was.
document.addEventListener("htmx:beforeSwap", ({ detail: { target } }) => {
  const menu = target.querySelector("#filters details.menu[open]");
  state = menu && {
    id: menu.id,
    chosen: menu.dataset.chosen,
    typed: menu.querySelector(".value-search")?.value ?? "",
    top: menu.querySelector(".value-list")?.scrollTop ?? 0,
    focus: menu.contains(document.activeElement) ? document.activeElement.id || "search" : "",
  };
});
document.addEventListener("htmx:afterSettle", () => {
  if (!state) return;
  const { id, chosen, typed, top, focus } = state;
  state = null;
  let menu = document.getElementById(id);
  const own = chosen && document.getElementById(`chip-${chosen}`);
  if (own) {
    menu?.removeAttribute("open");
    menu = own;
  }
  if (!menu) return;
  menu.open = true;
  build(menu);
  if (!own && chosen) menu.chooseCondition?.(chosen);
  place(menu);
  const search = menu.querySelector(".value-search");
  if (search && typed) {
    search.value = typed;
    search.dispatchEvent(new Event("input", { bubbles: false }));
  }
  const list = menu.querySelector(".value-list");
  if (list) list.scrollTop = top;
  if (focus) (document.getElementById(focus) ?? search)?.focus({ preventScroll: true });
});
document.addEventListener("inline:refresh", () => counts.clear());
