// The board: a card that is dropped on another column opens the page of that move, as its menu does. What the rules
// refuse, or what is cancelled, returns to where it was.
const dialog = document.getElementById("dialog");
let moving; // the card on its way and where it came from

function start(list) {
  if (list.dataset.sorted) return;
  list.dataset.sorted = "1";
  Sortable.create(list, {
    group: "board",
    sort: false,
    draggable: ".may-move",
    filter: "summary, .menu-box",
    preventOnFilter: false,
    delay: 250,
    delayOnTouchOnly: true,
    fallbackTolerance: 4,
    ignore: "a",
    forceFallback: true,
    onStart: () => mark(true),
    onEnd: drop,
  });
}
const mark = (on) => document.querySelectorAll(".board-cards").forEach((list) => list.classList.toggle("may-drop", on));

function drop({ item, from, to, oldIndex }) {
  mark(false);
  if (from === to) return;
  back();
  moving = { item, from, before: from.children[oldIndex] ?? null };
  item.classList.add("pending");
  const query = new URLSearchParams({ to: to.dataset.column, next: location.pathname + location.search });
  htmx.ajax("GET", `${item.dataset.move}?${query}`, { source: item, target: "#dialog", swap: "innerHTML" });
}

function back() {
  if (!moving) return;
  const { item, from, before } = moving;
  moving = undefined;
  item.classList.remove("pending");
  from.insertBefore(item, before?.isConnected ? before : null);
}

dialog.addEventListener("close", back);
document.addEventListener("board:refused", back);
document.addEventListener("htmx:responseError", ({ detail }) => detail.requestConfig.verb === "get" && back());
document.addEventListener("htmx:sendError", back);

// Done from here: the board is drawn again with its filters, instead of the page that the move leads to elsewhere.
document.addEventListener("htmx:beforeOnLoad", (event) => {
  const { xhr, requestConfig } = event.detail;
  if (requestConfig.verb !== "post" || !dialog.open || !xhr.getResponseHeader("HX-Redirect")) return;
  event.preventDefault();
  moving = undefined;
  location.reload();
});

const startAll = () => document.querySelectorAll(".board-cards").forEach(start);
document.addEventListener("htmx:afterSettle", startAll);
startAll();
