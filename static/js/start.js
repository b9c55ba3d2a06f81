// The panels of the start page on a phone: the first is whole, the others show their counts and first rows until they
// are opened. What the user has turned stays so in this browser.
const KEPT = "portaali-start";
const items = [...document.querySelectorAll("[data-fold]")];
const kept = JSON.parse(localStorage.getItem(KEPT) || "{}");

function show(item, isOpen) {
  item.classList.toggle("is-folded", !isOpen);
  item.querySelector("[data-turn]").setAttribute("aria-expanded", isOpen);
}
const first = items[0]?.dataset.fold === "start_search" ? 1 : 0; // the search alone leaves the screen empty
items.forEach((item, at) => show(item, kept[item.dataset.fold] ?? at <= first));

document.addEventListener("click", ({ target }) => {
  const item = target.closest("[data-turn], .is-folded h2:not(:has(a:hover))")?.closest("[data-fold]");
  if (!item) return;
  kept[item.dataset.fold] = item.classList.contains("is-folded");
  show(item, kept[item.dataset.fold]);
  localStorage.setItem(KEPT, JSON.stringify(kept));
});
