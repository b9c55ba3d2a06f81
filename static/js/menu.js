// The groups of the side menu stay as the user leaves them: the server reads their names from a cookie.
const groups = [...document.querySelectorAll("[data-nav-group]")];

// Told of at once, before the browser turns the group over: the user may leave the page in the same moment.
function remember(turned) {
  const open = groups.filter((group) => group.open !== (group === turned)).map((group) => group.dataset.navGroup);
  document.cookie = `menu=${open.join(".")}; path=/; max-age=31536000; samesite=lax`;
}

// Only what the user does is remembered: a browser also tells of groups that the page opened.
for (const group of groups) {
  group.querySelector("summary").addEventListener("click", () => remember(group));
}
