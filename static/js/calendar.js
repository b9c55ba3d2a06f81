// The calendar: FullCalendar fed by our own address, one for all people or one for each side by side.
const root = document.getElementById("calendar");
const words = JSON.parse(root.dataset.words);
const urls = JSON.parse(root.dataset.urls);
const DAY_LIST = "listDay";
const VIEWS = { month: "dayGridMonth", week: "timeGridWeek", day: "timeGridDay", agenda: "listWeek" };
const MOST_OF_DAY = 6;
const REMEMBERED = "portaali-calendar-view";
const beside = Boolean(root.querySelector(".besides"));
const narrow = matchMedia("(max-width: 760px)").matches;
const calendars = [];
let current = startView();

function startView() {
  const offered = [...root.querySelectorAll("[data-set-view]")].map((button) => button.dataset.setView);
  const wanted = [root.dataset.view, localStorage.getItem(REMEMBERED), narrow ? "agenda" : "week"];
  return wanted.find((name) => offered.includes(name)) ?? offered[0];
}
// Side by side a week is a strip of days a person, a day a column a person.
const drawnBy = (name) => (beside && name === "week" ? "dayGridWeek" : VIEWS[name]);

const toast = (detail) => document.dispatchEvent(new CustomEvent("toast", { detail }));
const token = () => JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
const here = () => location.pathname + location.search;
const refetch = () => calendars.forEach((calendar) => calendar.refetchEvents());

// The clock of the user's profile, which need not be the computer's.
function now() {
  const clock = new Intl.DateTimeFormat("sv-SE", { timeZone: root.dataset.zone, dateStyle: "short", timeStyle: "medium" });
  return clock.format(new Date()).replace(" ", "T");
}

async function events(box, calendar, { startStr, endStr }) {
  const query = new URLSearchParams(location.search);
  for (const name of ["view", "date", "side"]) query.delete(name);
  if (box.dataset.person) {
    query.delete("team");
    query.set("user", box.dataset.person);
  }
  query.set("start", startStr.slice(0, 19));
  query.set("end", endStr.slice(0, 19));
  const response = await fetch(`${root.dataset.eventsUrl}?${query}`, { headers: { Accept: "application/json" } });
  const found = await response.json();
  if (!response.ok) throw new Error(found.error.message);
  document.querySelector("[data-cut]").hidden = !found.is_cut;
  const type = calendar()?.view.type ?? drawnBy(current);
  const shown = found.events.map((event) => drawn(event, found.statuses));
  explain(shown);
  const lines = type === DAY_LIST ? shown : collapsed(shown);
  return [...(narrow && type === VIEWS.agenda ? shortened(lines) : lines), ...found.holidays.map((day) => holiday(day, type.startsWith("list")))];
}

// What was done in a moment, such as logged e-mails, is one line a day for each type; pressing it opens the day.
function collapsed(shown) {
  const groups = new Map();
  for (const event of shown.filter(({ moment }) => moment)) {
    const key = `${event.start.slice(0, 10)} ${event.kind}`;
    groups.set(key, [...(groups.get(key) ?? []), event]);
  }
  const many = [...groups.values()].filter((group) => group.length > 1);
  const together = new Set(many.flat());
  return [...shown.filter((event) => !together.has(event)), ...many.map(line)];
}
function line(group) {
  const [{ start, kind, moment, classNames }] = group;
  const title = moment === "mail" ? words.emails.replace("{count}", group.length) : `${group.length} × ${kind}`;
  return { id: `moments-${start}-${kind}`, start: start.slice(0, 10), allDay: true, title, kind, editable: false, done: true, day: start.slice(0, 10), classNames };
}
// A full day of a phone's agenda ends with a line that opens the day.
function shortened(lines) {
  const dayOf = ({ start }) => start.slice(0, 10);
  return [...new Set(lines.map(dayOf))].flatMap((day) => {
    const all = lines.filter((line) => dayOf(line) === day).sort(inOrder);
    return all.length > MOST_OF_DAY ? [...all.slice(0, MOST_OF_DAY - 1), rest(day, all.slice(MOST_OF_DAY - 1))] : all;
  });
}
const inOrder = (one, other) => Number(other.allDay ?? false) - Number(one.allDay ?? false) || one.start.localeCompare(other.start);
function rest(day, [first, ...others]) {
  const { start, allDay } = first;
  return { id: `rest-${day}`, start, allDay, title: `+${others.length + 1} ${words.more}`, editable: false, done: false, day, classNames: [] };
}

// The legend: the types of what is shown, with their colours; of several people it is about them.
const kinds = document.querySelector("[data-kinds]");
function explain(shown) {
  if (!kinds) return;
  const colors = new Map(shown.map(({ kind, classNames }) => [kind, classNames[0]]));
  kinds.replaceChildren(...[...colors].sort(([one], [other]) => one.localeCompare(other)).map(([kind, color]) => {
    const item = part("li", color, "");
    item.append(part("span", "swatch", ""), kind);
    return item;
  }));
}
// What an event does not bring is false or empty; an activity's addresses follow from its id.
function drawn({ color, status, ...event }, statuses) {
  const done = status === "done";
  const own = event.url ? {} : Object.fromEntries(Object.entries(urls).map(([name, url]) => [name, url.replace("0", event.id)]));
  return {
    overdue: false, mine: false, recurring: false, ...own, ...event, done,
    status: statuses[status] ?? "", hasEnd: !event.endless, editable: Boolean(event.editable),
    classNames: [color, done && "is-done", event.overdue && event.mine && "is-overdue"].filter(Boolean),
  };
}
const holiday = ({ date, name }, inList) => ({
  start: date, allDay: true, title: name, editable: false, classNames: ["holiday"], display: inList ? "auto" : "background",
});

function part(tag, className, text) {
  const node = document.createElement(tag);
  node.className = className;
  node.textContent = text;
  return node;
}
function content({ event, timeText }) {
  const { done, overdue, mine, customer, recurring, day } = event.extendedProps;
  if (!customer && done === undefined) return true; // a holiday
  const nodes = [part("span", "ev-title", (done && !day ? "✓ " : "") + event.title)];
  if (timeText && !day) nodes.push(part("span", "ev-time", timeText));
  if (recurring) nodes.push(part("span", "ev-mark", "↻"));
  if (customer) nodes.push(part("span", "ev-customer", customer));
  if (overdue) nodes.push(part("span", mine ? "ev-late" : "ev-past", words.overdue));
  return { domNodes: nodes };
}
// An empty period says the next step to those who may take it.
function nothing() {
  const nodes = [part("span", "", `${words.nothing} `)];
  if (root.dataset.createUrl) {
    const link = part("a", "next-step", words.log);
    link.href = root.dataset.createUrl;
    link.dataset.dialog = "";
    nodes.push(link);
  }
  return nodes;
}
function describe({ event, el, timeText }) {
  const { kind, customer, place, status, overdue, done, recurring } = event.extendedProps;
  if (done === undefined) return;
  const said = [timeText, event.title, kind, customer, place, status, overdue && words.overdue, recurring && words.recurring];
  const link = el.matches("a") ? el : el.querySelector("a");
  el.title = said.filter(Boolean).join(" · ");
  link?.setAttribute("aria-label", el.title);
}

// The part that scrolls can be reached and scrolled by keys also where it has no activities.
function reachable({ el, date, view }) {
  if (date.valueOf() === view.activeStart.valueOf()) el.tabIndex = 0;
}

function openDialog(url) {
  htmx.ajax("GET", url, { target: "#dialog", swap: "innerHTML" });
}
// Everything of one day, as a list: what a "+3" and a line of moments open.
function openDay(calendar, day) {
  calendar.changeView(DAY_LIST, day);
  calendar.setOption("height", height());
}
function show({ event, jsEvent, view }) {
  const { day } = event.extendedProps;
  if (day) {
    jsEvent.preventDefault();
    openDay(view.calendar, day);
    return;
  }
  if (jsEvent.ctrlKey || jsEvent.metaKey || !event.url) return;
  jsEvent.preventDefault();
  openDialog(event.extendedProps.card ? `${event.extendedProps.card}?next=${encodeURIComponent(here())}` : event.url);
}
function add({ startStr, endStr, allDay, view }) {
  const query = new URLSearchParams({ start: allDay ? `${startStr}T09:00` : startStr.slice(0, 16), next: here() });
  if (!allDay) query.set("end", endStr.slice(0, 16));
  if (root.dataset.createType) query.set("type", root.dataset.createType); // the form changes it
  view.calendar.unselect();
  openDialog(`${root.dataset.createUrl}?${query}`);
}

async function send(url, body) {
  const headers = { Accept: "application/json", "X-CSRFToken": token() };
  try {
    const response = await fetch(url, { method: "POST", headers, body });
    if (response.status === 403 || response.status === 404) return { ok: false, error: { message: words.gone } };
    return { ok: response.ok, ...(await response.json()) };
  } catch {
    return { ok: false, error: { message: words.failed } };
  }
}
// What has whole days is sent with their first and last one; a time that it is given makes it one hour long or so.
function placed({ event, oldEvent }, resized) {
  const { version, hasEnd } = event.extendedProps;
  const time = (text) => (text ? (text.length > 10 ? text.slice(0, 16) : `${text}T00:00`) : "");
  if (event.allDay) {
    const last = event.end ? new Date(event.end - 1).toISOString().slice(0, 10) : event.startStr;
    return { start: time(event.startStr), end: time(last), is_all_day: "1", version };
  }
  const keeps = (hasEnd && !oldEvent.allDay) || resized;
  return { start: time(event.startStr), end: keeps ? time(event.endStr) : "", version };
}
async function move(change, resized) {
  const { event } = change;
  const answer = await send(event.extendedProps.move, new URLSearchParams(placed(change, resized)));
  if (!answer.ok) {
    change.revert();
    toast({ level: "danger", text: answer.error.message });
  } else {
    const undo = `${answer.undo}&next=${encodeURIComponent(here())}`;
    toast({ text: answer.message, action: { label: words.undo, url: undo } });
  }
  refetch();
}
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!/^\/calendar\/\d+\/move\/$/.test(new URL(form.action).pathname)) return;
  event.preventDefault();
  form.closest(".toastx").remove();
  const answer = await send(form.action);
  toast(answer.ok ? answer.message : { level: "danger", text: answer.error.message });
  refetch();
}, true);

function height() {
  if (narrow && current === "agenda") return "auto";
  if (beside && current === "week") return "auto";
  return Math.max(420, innerHeight - root.getBoundingClientRect().top - scrollY - 70);
}

// "ma 23.11." and "Mon 23 Nov", as elsewhere in the program.
function headFormat() {
  if (narrow) return { weekday: "short", day: "numeric" };
  return { weekday: "short", day: "numeric", month: document.documentElement.lang === "fi" ? "numeric" : "short" };
}

function build(box) {
  const calendar = new FullCalendar.Calendar(box, {
    locale: document.documentElement.lang === "fi" ? "fi" : "en-gb",
    timeZone: root.dataset.zone,
    now,
    initialView: drawnBy(current),
    initialDate: root.dataset.date,
    headerToolbar: false,
    height: height(),
    firstDay: 1,
    weekNumbers: true,
    weekText: words.week,
    allDayText: words.allDay,
    noEventsContent: () => ({ domNodes: nothing() }),
    moreLinkText: (count) => (narrow ? `+${count}` : `+${count} ${words.more}`),
    views: { timeGridWeek: { dayHeaderFormat: headFormat() }, dayGridWeek: { dayHeaderFormat: headFormat() } },
    weekNumberCalculation: "ISO",
    businessHours: { daysOfWeek: [1, 2, 3, 4, 5], startTime: "08:00", endTime: "16:00" },
    scrollTime: "07:00",
    nowIndicator: true,
    dayMaxEvents: !beside,
    eventMaxStack: 2,
    moreLinkClick: ({ date, view }) => openDay(view.calendar, date),
    displayEventEnd: false,
    eventTimeFormat: { hour: "numeric", minute: "2-digit", hour12: false },
    slotLabelFormat: { hour: "numeric", minute: "2-digit", hour12: false },
    slotDuration: "00:30",
    snapDuration: "00:15",
    eventMinHeight: 22,
    slotEventOverlap: false,
    lazyFetching: false,
    events: (info, done, fail) => events(box, () => calendar, info).then(done, fail),
    eventSourceFailure: (error) => toast({ level: "danger", text: error.message || words.failed }),
    eventContent: content,
    eventDidMount: describe,
    eventClick: show,
    eventDrop: (change) => move(change),
    eventResize: (change) => move(change, true),
    eventAllow: (drop, event) => !drop.allDay || event.allDay,
    longPressDelay: 400,
    selectable: Boolean(root.dataset.createUrl),
    selectMirror: true,
    select: add,
    dayCellDidMount: reachable,
    moreLinkDidMount: ({ el }) => el.setAttribute("role", "button"),
    viewDidMount: ({ el }) => el.matches(".fc-list") && el.querySelector(".fc-scroller").setAttribute("tabindex", "0"),
    datesSet: () => calendar === calendars[0] && remember(),
  });
  calendars.push(calendar);
  calendar.render();
}

// "23.–29.11.2026", as the language writes it. The library's dates are the clock's, given as if they were UTC.
function period({ type, title, currentStart, currentEnd }) {
  if (type === VIEWS.month) return title;
  const month = document.documentElement.lang === "fi" ? "numeric" : "short";
  const format = { timeZone: "UTC", day: "numeric", month, year: "numeric" };
  const locale = document.documentElement.lang === "fi" ? "fi" : "en-GB";
  return new Intl.DateTimeFormat(locale, format).formatRange(currentStart, new Date(currentEnd - 1));
}

// The address and the browser remember what is shown.
function remember() {
  const [{ view }] = calendars;
  const date = calendars[0].getDate().toISOString().slice(0, 10);
  const query = new URLSearchParams(location.search);
  query.set("view", current);
  query.set("date", date);
  history.replaceState(null, "", `?${query}`);
  localStorage.setItem(REMEMBERED, current);
  root.querySelector("[data-period]").textContent = period(view);
  for (const button of root.querySelectorAll("[data-set-view]")) {
    button.setAttribute("aria-pressed", button.dataset.setView === current && view.type !== DAY_LIST);
  }
  for (const field of document.querySelectorAll("[data-calendar-filters] > [type=hidden]")) {
    if (query.has(field.name)) field.value = query.get(field.name);
  }
}

root.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-go], [data-set-view]");
  if (!button) return;
  current = button.dataset.setView ?? current;
  for (const calendar of calendars) {
    if (button.dataset.go) calendar[button.dataset.go]();
    else calendar.changeView(drawnBy(current));
    calendar.setOption("height", height());
  }
  root.querySelector(".calendars").dataset.shown = current;
  remember();
});

// Columns side by side scroll together.
root.addEventListener("scroll", ({ target }) => {
  if (!beside || !target.matches(".fc-scroller")) return;
  for (const other of root.querySelectorAll(".fc-timegrid-body")) {
    const scroller = other.closest(".fc-scroller");
    if (scroller && scroller.scrollTop !== target.scrollTop) scroller.scrollTop = target.scrollTop;
  }
}, true);

// On a narrow screen filters and actions are folded.
const tools = document.getElementById("calendar-tools");
document.querySelector("[data-fold-tools]")?.addEventListener("click", ({ currentTarget }) => {
  currentTarget.setAttribute("aria-expanded", tools.classList.toggle("is-open"));
});
tools.querySelector("[name=planned]").addEventListener("change", ({ target }) => target.form.requestSubmit());

root.querySelector(".calendars").dataset.shown = current;
root.querySelectorAll("[data-calendar]").forEach(build);
remember();
