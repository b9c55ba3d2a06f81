// A row of sums that unfolds: its link loads the rows behind the sums below it, once, and afterwards hides and shows them.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-unfold]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  const row = document.getElementById(link.getAttribute("aria-controls"));
  const isOpen = link.getAttribute("aria-expanded") !== "true";
  link.setAttribute("aria-expanded", isOpen);
  row.hidden = !isOpen;
  const place = row.querySelector("[data-unfolded]");
  if (isOpen && !place.childElementCount) htmx.ajax("GET", link.href, { source: link, target: place, swap: "innerHTML" });
});
document.addEventListener("htmx:responseError", ({ detail }) => fold(detail.elt));
document.addEventListener("htmx:sendError", ({ detail }) => fold(detail.elt));

// What could not be loaded is folded again, so that the next press tries it once more.
function fold(link) {
  if (!link?.matches?.("a[data-unfold]")) return;
  link.setAttribute("aria-expanded", "false");
  document.getElementById(link.getAttribute("aria-controls")).hidden = true;
}
for (const link of document.querySelectorAll("a[data-unfold]")) link.setAttribute("aria-expanded", "false");
