// A button that copies the text of a field.
document.addEventListener("click", async ({ target }) => {
  const button = target.closest?.("[data-copy]");
  if (!button) return;
  const field = document.querySelector(button.dataset.copy);
  field.select();
  if (navigator.clipboard) await navigator.clipboard.writeText(field.value);
  else document.execCommand("copy"); // without https
  document.dispatchEvent(new CustomEvent("toast", { detail: button.dataset.copied }));
});
