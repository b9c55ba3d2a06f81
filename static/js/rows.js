// Rows of lists: whole text of what is shortened as a tooltip, and a shadow where a table goes on beyond its edge.
const isCut = (element) => element.scrollWidth > element.clientWidth + 1;
document.addEventListener("mouseover", ({ target }) => {
  const cell = target.closest?.("table.t td, table.t th, .clip");
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
