// Rows of lists: whole text of what is shortened as a tooltip, a shadow where a table goes on beyond its edge, and the
// first rows of a report, or of a list on a phone, until one asks for the others; they stay when one comes back.
const isCut = (element) => element.scrollWidth > element.clientWidth + 1 || (element.scrollHeight > element.clientHeight + 1 && getComputedStyle(element).overflow === "hidden");
document.addEventListener("mouseover", ({ target }) => {
  const cell = target.closest?.("table.t td, table.t th, .clip, .start-text>.muted, .start-panel .tl .muted");
  if (!cell || cell.title || cell.querySelector("[title]:not(td)")) return;
  if (isCut(cell) || [...cell.children].some(isCut)) cell.title = cell.innerText.trim();
});

function markEdges(box) {
  box.classList.toggle("is-cut-right", box.scrollLeft + box.clientWidth < box.scrollWidth - 1);
  box.classList.toggle("is-cut-left", box.scrollLeft > 1);
}
const boxes = () => document.querySelectorAll(".list-box .table-scroll");
const markAll = () => boxes().forEach(markEdges);
document.addEventListener("scroll", ({ target }) => target instanceof Element && target.matches(".table-scroll") && markEdges(target), true);
addEventListener("resize", markAll);
document.addEventListener("htmx:afterSettle", markAll);
markAll();

const key = (button) => `rows:${location.pathname}${location.search}:${button.dataset.restRows}`;
function showRest() {
  for (const button of document.querySelectorAll("[data-rest-rows]")) if (sessionStorage.getItem(key(button))) button.remove();
}
document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("[data-rest-rows]");
  if (!button) return;
  const rows = [...button.parentElement.querySelectorAll("tbody>tr, ul>li, ol>li, .group")];
  const next = rows.find((row) => !row.hidden && !row.offsetParent)?.querySelector("a");
  sessionStorage.setItem(key(button), "1");
  showRest();
  next?.focus({ preventScroll: true });
});
document.addEventListener("htmx:afterSettle", showRest);
showRest();
