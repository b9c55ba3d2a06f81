// The groups of the side menu stay as the user leaves them: the server reads their names from a cookie.
const groups = [...document.querySelectorAll("[data-nav-group]")];

function remember() {
  const open = groups.filter((group) => group.open).map((group) => group.dataset.navGroup);
  document.cookie = `menu=${open.join(".")}; path=/; max-age=31536000; samesite=lax`;
}

// Only what the user does is remembered: a browser also tells of groups that the page opened.
for (const group of groups) {
  group.querySelector("summary").addEventListener("click", () => setTimeout(remember));
}
