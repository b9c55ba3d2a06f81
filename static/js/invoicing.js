// The page of what may be invoiced: a box that checks all lines of a customer, and how many lines are checked.
function show(form) {
  for (const part of form.querySelectorAll("fieldset")) {
    const boxes = [...part.querySelectorAll("input[name=line]")];
    const checked = boxes.filter((box) => box.checked).length;
    const all = part.querySelector("[data-check-customer]");
    if (all) Object.assign(all, { checked: checked > 0 && checked === boxes.length, indeterminate: checked > 0 && checked < boxes.length });
  }
  const figure = form.querySelector("[data-checked-lines]");
  if (figure) figure.textContent = form.elements.all?.checked ? figure.dataset.all : figure.dataset.text.replace("{count}", form.querySelectorAll("input[name=line]:checked").length);
}
document.addEventListener("change", ({ target }) => {
  const form = target.closest("[data-to-invoice]");
  if (!form) return;
  if (target.matches("[data-check-customer]")) for (const box of target.closest("fieldset").querySelectorAll("input[name=line]")) box.checked = target.checked;
  else if (target.name === "all") for (const box of form.querySelectorAll("input[name=line]:not(:disabled)")) box.checked = target.checked;
  else if (/^line_\d+$/.test(target.name)) form.querySelector(`#line-${target.name.slice(5)}`).checked = true; // who writes a quantity means it
  if (target.name !== "all" && form.elements.all?.checked) form.elements.all.checked = false; // a choice of one's own
  show(form);
});
const showAll = () => document.querySelectorAll("[data-to-invoice]").forEach(show);
showAll();
addEventListener("pageshow", showAll);
document.addEventListener("htmx:afterSettle", showAll);
