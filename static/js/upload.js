// A part of the page with data-mail-drop="<address>" takes .eml files that are dropped onto it.
const isFile = (event) => [...(event.dataTransfer?.types || [])].includes("Files");
const zoneOf = (event) => event.target.closest?.("[data-mail-drop]");

document.addEventListener("dragover", (event) => {
  const zone = zoneOf(event);
  if (!zone || !isFile(event)) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = "copy";
  zone.classList.add("dropping");
});
for (const name of ["dragleave", "drop"]) {
  document.addEventListener(name, (event) => {
    const zone = zoneOf(event);
    if (zone && (name === "drop" || !zone.contains(event.relatedTarget))) zone.classList.remove("dropping");
  });
}
document.addEventListener("drop", (event) => {
  const zone = zoneOf(event);
  if (!zone || !isFile(event)) return;
  event.preventDefault();
  send(zone.dataset.mailDrop, [...event.dataTransfer.files]);
});

// The files go to the form that one would fill in without dragging; what it answers is shown as its page.
async function send(address, files) {
  const url = new URL(address, location.href);
  const data = new FormData();
  for (const file of files) data.append("file", file);
  data.append("customer", url.searchParams.get("customer") || "");
  const token = JSON.parse(document.body.getAttribute("hx-headers") || "{}")["X-CSRFToken"] || "";
  const headers = { "X-CSRFToken": token, "HX-Request": "true", "HX-Target": "dialog" };
  try {
    const answer = await fetch(url, { method: "POST", body: data, headers });
    const next = answer.headers.get("HX-Redirect");
    if (next) location[history.state?.cover ? "replace" : "assign"](next); // covers.js
    else if (answer.status === 422) htmx.swap("#dialog", await answer.text(), { swapStyle: "innerHTML" });
    else throw new Error(answer.statusText);
  } catch {
    const { failed } = document.getElementById("toasts").dataset;
    document.dispatchEvent(new CustomEvent("toast", { detail: { text: failed, level: "danger" } }));
  }
}
