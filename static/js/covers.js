// What lies over the page (a dialog, the record beside its list, the menu of a phone) is closed by the browser's Back,
// and the page stays. Each has an entry in the history while it is open; a link that is followed from it takes its place.
const OVER = "dialog[open], .peek, [popover]:popover-open";
const open = []; // what is open, the lowest first
let isReturning = false; // an entry that we left ourselves is on its way out
let next = ""; // the page to draw anew when it is out

const depth = (state = history.state) => state?.cover ?? 0;

function look() {
  const found = [...document.querySelectorAll(OVER)];
  for (const gone of open.filter((cover) => !found.includes(cover))) open.splice(open.indexOf(gone), 1);
  open.push(...found.filter((cover) => !open.includes(cover)));
  settle();
}
// As many entries as there are covers: "htmx" lets the page be drawn again when one returns to it from another address.
function settle() {
  if (isReturning) return;
  const spare = depth() - open.length;
  if (spare > 0) {
    back(spare);
  } else if (spare < 0) {
    history.replaceState({ ...history.state, htmx: true }, "");
    for (let at = depth() + 1; at <= open.length; at += 1) history.pushState({ htmx: true, cover: at }, "");
  }
}
function back(entries) {
  isReturning = true;
  history.go(-entries);
}
// The page that is behind the covers is drawn anew in its own entry, another one in that of the cover.
function leave(url) {
  const [to, here] = [new URL(url, location.href).href, location.href].map((address) => address.split("#")[0]);
  if (to !== here) return location.replace(url);
  next = url;
  back(depth());
}
// Closed as Escape closes it, so that it may ask about changes first.
function close(cover) {
  if (cover.matches("[popover]")) cover.hidePopover();
  else if (cover.dispatchEvent(new Event("cancel", { cancelable: true }))) cover.close?.();
}
addEventListener("popstate", (event) => {
  const isOurs = isReturning || depth(event.state) !== open.length;
  isReturning = false;
  if (next) {
    history.replaceState(history.state, "", next);
    location.reload();
  }
  if (!isOurs) return;
  event.stopImmediatePropagation(); // htmx would fetch the page that is there already
  for (const cover of open.slice(depth(event.state)).reverse()) close(cover);
  look();
}, true);

const watcher = new MutationObserver(look);
for (const dialog of document.querySelectorAll("dialog")) watcher.observe(dialog, { attributeFilter: ["open"] });
watcher.observe(document.body, { childList: true });
document.addEventListener("toggle", ({ target }) => target.matches?.("[popover]") && look(), true);
look();

addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  if (!link || !depth() || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (link.origin !== location.origin || link.target || link.hasAttribute("download")) return;
  event.preventDefault();
  leave(link.href);
});
addEventListener("htmx:beforeOnLoad", (event) => {
  const to = event.detail.xhr.getResponseHeader("HX-Redirect");
  if (!to || !depth() || event.defaultPrevented) return;
  event.preventDefault();
  leave(to);
});
addEventListener("htmx:beforeHistoryUpdate", ({ detail }) => {
  if (depth() && detail.history.type === "push") detail.history.type = "replace";
});
