// Filters that apply at once: a form with data-apply is sent when a field has changed, and the field keeps the focus.
const KEPT = "portaali-applied";
for (const form of document.querySelectorAll("form[data-apply]")) {
  form.addEventListener("change", ({ target }) => {
    if (!target.name || !form.checkValidity()) return;
    sessionStorage.setItem(KEPT, `${location.pathname} ${target.name}`);
    form.requestSubmit();
  });
  const [path, name] = (sessionStorage.getItem(KEPT) ?? "").split(" ");
  if (path !== location.pathname) continue;
  sessionStorage.removeItem(KEPT);
  const field = form.elements[name];
  (field?.tomselect ?? field)?.focus?.({ preventScroll: true });
}
