// Parts of a page that a phone folds to their headings until one asks for them (rows.css); what was opened stays so
// when one comes back to the address.
const heading = (part) => part.querySelector(":scope>:is(h2,h3), :scope>.report-head>h2");
const said = (node) => (node.matches?.("a, button") ? "" : node.textContent);
const title = (part) => [...heading(part).childNodes].map(said).join("").trim();
const key = (part) => `fold:${location.pathname}:${part.id || heading(part).id || title(part)}`;

function show(part, isOpen) {
  part.classList.toggle("is-open", isOpen);
  part.querySelector(".fold-turn").setAttribute("aria-expanded", isOpen);
  if (isOpen) dispatchEvent(new Event("resize")); // charts have a size only now
}
function prepare() {
  document.querySelectorAll("[data-folds-panels] .cardx:has(>h2):not(:has(>[data-panel-wait]))").forEach((part) => part.setAttribute("data-folds", ""));
  for (const part of document.querySelectorAll("[data-folds]:not(:has(.fold-turn))")) {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "fold-turn", ariaLabel: title(part) });
    heading(part).prepend(button);
    show(part, part.dataset.folds === "open" || Boolean(sessionStorage.getItem(key(part))) || part.matches(":target, :has(:target)"));
  }
}
document.addEventListener("click", ({ target }) => {
  const head = target.closest("[data-folds] :is(h2,h3)");
  const part = head?.closest("[data-folds]");
  if (!part || head !== heading(part) || target.closest("a, input, label")) return;
  const isOpen = !part.classList.contains("is-open");
  show(part, isOpen);
  if (isOpen) sessionStorage.setItem(key(part), "1");
  else sessionStorage.removeItem(key(part));
});
addEventListener("hashchange", () => document.querySelectorAll("[data-folds]:is(:target,:has(:target))").forEach((part) => show(part, true)));
document.addEventListener("htmx:afterSettle", prepare);
prepare();
