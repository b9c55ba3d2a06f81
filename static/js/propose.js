// What one field says about others is proposed while it is typed: shown in the form, and never over what somebody typed.
const capital = (word) => word.replace(/(^|-)(\p{L})/gu, (_found, dash, letter) => dash + letter.toUpperCase());

function propose(form, name, value) {
  const field = form.elements.namedItem(name);
  if (!field || (field.value && field.value !== field.dataset.proposed)) return;
  field.value = field.dataset.proposed = value;
}

// "mari.virtanen@example.fi" says the names and the user name.
const proposals = {
  person({ form, value }) {
    const local = value.split("@")[0].trim().toLowerCase();
    const names = local.split(/[._]/).map((word) => word.replace(/\d+$/, "")).filter(Boolean);
    propose(form, "username", local.replace(/[^\w.+-]/g, ""));
    propose(form, "first_name", names.length > 1 ? names.slice(0, -1).map(capital).join(" ") : "");
    propose(form, "last_name", capital(names.at(-1) ?? ""));
  },
};
document.addEventListener("input", ({ target }) => {
  if (target.matches?.("[data-proposes]") && target.form) proposals[target.dataset.proposes](target);
});

// A field that is filled like another one when it is left empty shows that one's text.
document.addEventListener("input", ({ target }) => {
  for (const field of target.form?.querySelectorAll(`[data-like="${CSS.escape(target.name)}"]`) ?? []) field.placeholder = target.value;
});

// "Mari Virtanen, talouspäällikkö, 050 123 4567, mari@example.fi" in the first name of a contact goes to its fields.
const PHONE = /^[+(]?\d[\d\s()-]{4,}$/;
function spread(field) {
  const parts = field.value.split(/[,;\n\t]/).map((part) => part.trim()).filter(Boolean);
  if (parts.length < 2) return;
  const { form } = field;
  const points = parts.filter((part) => part.includes("@") || PHONE.test(part));
  const [name, title] = parts.filter((part) => !points.includes(part));
  const names = (name ?? "").split(/\s+/);
  field.value = names.length > 1 ? names.slice(0, -1).join(" ") : name ?? "";
  if (names.length > 1) propose(form, "last_name", names.at(-1));
  if (title) propose(form, "title", title);
  points.forEach((point, index) => propose(form, `points-${index}-value`, point));
  form.setAttribute("data-changed", "");
}
document.addEventListener("change", ({ target }) => target.matches?.("[data-spreads]") && spread(target));
document.addEventListener("keydown", ({ key, target }) => key === "Enter" && target.matches?.("[data-spreads]") && spread(target), true);
