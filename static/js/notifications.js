// The bell asks every minute for what is unread, while the page is in sight.
const MINUTE = 60000;
let asked = Date.now();

function ask() {
  const bell = document.querySelector("[data-bell]");
  if (!bell || document.hidden || Date.now() - asked < MINUTE) return;
  asked = Date.now();
  htmx.trigger(bell, "bell:ask");
}
setInterval(ask, MINUTE);
document.addEventListener("visibilitychange", ask);

// Nobody asked for it: when it fails, nothing is said.
for (const name of ["htmx:responseError", "htmx:sendError"]) {
  document.addEventListener(name, (event) => event.target.matches?.("[data-bell]") && event.stopImmediatePropagation(), true);
}
