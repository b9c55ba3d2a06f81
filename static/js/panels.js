// Panels load one by one. One that fails or takes too long says so in its own place and can be asked for again.
function showState(panel, failed) {
  const wait = panel.querySelector("[data-panel-wait]");
  const notice = panel.querySelector("[data-panel-failed]");
  if (!wait || !notice) return;
  wait.hidden = failed;
  notice.hidden = !failed;
}

for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, ({ target }) => target.matches?.("[data-panel]") && showState(target, true));
}
document.addEventListener("click", ({ target }) => {
  const panel = target.closest("[data-panel-again]")?.closest("[data-panel]");
  if (!panel) return;
  showState(panel, false);
  htmx.trigger(panel, "panel:again");
});
