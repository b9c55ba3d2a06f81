// The planning page: work is dragged onto a day; the form sends it as it does without dragging.
const form = document.querySelector("[data-planning]");
let dragged = null;

for (const item of form.querySelectorAll("[data-work]")) {
  item.draggable = true;
  item.addEventListener("dragstart", () => { dragged = item.dataset.work; });
}
for (const day of form.querySelectorAll("[data-day]")) {
  day.addEventListener("dragover", (event) => {
    event.preventDefault();
    day.classList.add("drop");
  });
  day.addEventListener("dragleave", () => day.classList.remove("drop"));
  day.addEventListener("drop", (event) => {
    event.preventDefault();
    if (dragged) send(dragged, day.dataset.day);
  });
}

// A form of its own, so that what is ticked stays as it is.
function send(work, day) {
  const sent = document.createElement("form");
  sent.method = "post";
  const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
  for (const [name, value] of Object.entries({ csrfmiddlewaretoken: token, works: work, day, step: "place" })) {
    const field = document.createElement("input");
    field.type = "hidden";
    field.name = name;
    field.value = value;
    sent.append(field);
  }
  document.body.append(sent);
  sent.submit();
}
