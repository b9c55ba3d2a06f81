// Runs before the first paint: resolves the "auto" theme and says that there is JavaScript.
(() => {
  const root = document.documentElement;
  root.classList.remove("no-js");
  if (root.dataset.bsTheme !== "auto") return;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => { root.dataset.bsTheme = dark.matches ? "dark" : "light"; };
  dark.addEventListener("change", apply);
  apply();
})();
