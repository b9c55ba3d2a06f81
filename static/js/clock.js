// The annual clock: a mark is dragged to another month. The form that it fills is the one that the button "Move" opens.
const FAR = 6;
let dragged = null;

document.addEventListener("dragstart", (event) => {
  if (event.target.closest?.(".clock-mark")) event.preventDefault(); // of the link
});

document.addEventListener("pointerdown", (event) => {
  const mark = event.target.closest?.(".clock-mark");
  if (!mark || event.button) return;
  const box = mark.ownerSVGElement.getBoundingClientRect();
  dragged = { mark, box, x: event.clientX, y: event.clientY, moves: false, month: 0 };
});

document.addEventListener("pointermove", (event) => {
  if (!dragged) return;
  const [dx, dy] = [event.clientX - dragged.x, event.clientY - dragged.y];
  if (!dragged.moves && Math.hypot(dx, dy) < FAR) return;
  dragged.moves = true;
  const { mark, box } = dragged;
  if (!mark.dataset.move) return say(mark, mark.dataset.fixed ?? "");
  const scale = mark.ownerSVGElement.viewBox.baseVal.width / box.width;
  mark.classList.add("dragged");
  mark.setAttribute("transform", `translate(${dx * scale} ${dy * scale})`);
  show(monthAt(event, box));
});

document.addEventListener("pointerup", (event) => {
  if (!dragged) return;
  const { mark, moves, month } = dragged;
  stop();
  if (!moves) return;
  const refuse = (click) => click.preventDefault(); // the link of the mark
  addEventListener("click", refuse, { capture: true });
  setTimeout(() => removeEventListener("click", refuse, { capture: true }), 0);
  if (month && mark.dataset.move && month !== Number(mark.dataset.from)) send(mark, month);
});

document.addEventListener("pointercancel", stop);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") stop();
});

function stop() {
  if (!dragged) return;
  const { mark } = dragged;
  show(0);
  mark.classList.remove("dragged");
  mark.removeAttribute("transform");
  dragged = null;
}

// The month at a point of the wheel: clockwise from the top; nothing near the centre and outside.
function monthAt({ clientX, clientY }, box) {
  const [x, y] = [clientX - box.left - box.width / 2, clientY - box.top - box.height / 2];
  const far = Math.hypot(x, y) / box.width;
  if (far < 0.19 || far > 0.5) return 0;
  const angle = (Math.atan2(x, -y) + 2 * Math.PI) % (2 * Math.PI);
  return Math.floor(angle / (Math.PI / 6)) + 1;
}

function show(month) {
  dragged.month = month;
  for (const sector of dragged.mark.ownerSVGElement.querySelectorAll(".clock-month")) {
    sector.classList.toggle("drop", Number(sector.dataset.month) === month);
  }
}

function say(mark, text) {
  const said = mark.closest("[data-clock-page]")?.querySelector("[data-clock-said]");
  if (said && said.textContent !== text) said.textContent = text;
}

function send(mark, to) {
  const start = mark.dataset.from;
  const url = new URL(mark.dataset.move, location.href);
  url.searchParams.set("next", location.pathname + location.search);
  if ("reason" in mark.dataset) {
    url.searchParams.set("start", start);
    url.searchParams.set("to", to);
    htmx.ajax("GET", url.pathname + url.search, { target: "#dialog", swap: "innerHTML" });
    return;
  }
  const form = mark.closest("[data-clock-page]").querySelector("[data-clock-form]");
  form.action = url.pathname + url.search;
  form.elements.start.value = start;
  form.elements.to.value = to;
  form.submit();
}
