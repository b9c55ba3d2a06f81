// Rich text: a textarea with data-rich becomes a Trix editor, which sends HTML under the textarea's name and says so in
// <name>-format. Without this file the textarea stays, with plain text. The editor is fetched when a page first needs it.
const template = document.getElementById("editor");
let loading;

// Trix puts two style elements into the head when it loads; the Content-Security-Policy refuses them and editor.css has them.
async function fetchTrix() {
  const { head } = document;
  const insert = head.insertBefore.bind(head);
  head.insertBefore = (node, next) => (node.dataset?.tagName?.startsWith("trix-") ? node : insert(node, next));
  try {
    const { default: Trix } = await import(template.dataset.script);
    Trix.config.toolbar.getDefaultHTML = () => template.innerHTML;
    Trix.config.blockAttributes.heading1.tagName = "h2"; // below the title of the page or dialog
    await customElements.whenDefined("trix-editor");
  } finally {
    delete head.insertBefore;
  }
}

function hidden(name, value) {
  return Object.assign(document.createElement("input"), { type: "hidden", name, value, autocomplete: "off" });
}

const ownHeadings = (html) => html.replace(/<(\/?)h[13]>/g, "<$1h2>");

function dress(area) {
  if (!area.isConnected || area.value !== area.defaultValue) return; // typed into while the editor was on its way
  const stored = area.parentElement.querySelector(`[name="${CSS.escape(`${area.name}-stored`)}"]`);
  const sent = hidden(area.name, stored.value);
  const source = Object.assign(hidden("", ownHeadings(stored.value)), { id: `${area.id}-source` });
  const editor = document.createElement("trix-editor");
  for (const name of ["aria-invalid", "aria-describedby", "autofocus", "class"]) {
    if (area.hasAttribute(name)) editor.setAttribute(name, area.getAttribute(name));
  }
  editor.id = area.id;
  editor.setAttribute("input", source.id);
  editor.setAttribute("aria-multiline", "true");
  if (area.required) editor.setAttribute("aria-required", "true");
  name(editor);
  editor.style.minHeight = `${area.rows * 1.45 + 1}em`;
  keepWhatIsUnchanged(editor, source, sent);
  const focused = document.activeElement === area;
  stored.remove();
  area.replaceWith(sent, hidden(`${area.name}-format`, "html"), source, editor);
  if (focused) editor.focus();
}

function name(editor) {
  const label = document.querySelector(`label[for="${CSS.escape(editor.id)}"]`);
  if (!label) return;
  label.id ||= `${editor.id}-label`;
  editor.setAttribute("aria-labelledby", label.id);
}

// Trix writes HTML in its own way: text that nobody touched is sent back as it came.
function keepWhatIsUnchanged(editor, source, sent) {
  const stored = sent.value;
  let untouched;
  editor.addEventListener("trix-initialize", () => {
    untouched = source.value;
    if (editor.toolbarElement) rove(editor.toolbarElement); // gone again with its dialog, it has none
  });
  editor.addEventListener("trix-change", () => {
    sent.value = source.value === untouched ? stored : source.value;
  });
}

// The toolbar is one stop of the tab key; arrows walk in it. Trix acts on mouse presses only: a key makes one.
function rove(bar) {
  const buttons = [...bar.querySelectorAll("[role=toolbar] button")];
  buttons.forEach((button, at) => { button.tabIndex = at ? -1 : 0; });
  bar.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const at = buttons.indexOf(event.target);
    if (!step || at < 0) return;
    event.preventDefault();
    const next = buttons.at((at + step) % buttons.length);
    buttons.forEach((button) => { button.tabIndex = button === next ? 0 : -1; });
    next.focus();
  });
  bar.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button && event.detail === 0) button.dispatchEvent(new MouseEvent("mousedown", { bubbles: true, cancelable: true }));
  });
}
document.addEventListener("trix-attributes-change", ({ target }) => {
  for (const button of target.toolbarElement.querySelectorAll("[data-trix-attribute]")) {
    button.ariaPressed = button.hasAttribute("data-trix-active");
  }
});

// "example.fi" is an address too.
function completeAddress(bar) {
  const field = bar?.querySelector("[data-trix-input]");
  if (field && /^[^\s:/@]+\.[^\s:]+$/.test(field.value.trim())) field.value = `https://${field.value.trim()}`;
}
document.addEventListener("mousedown", ({ target }) => target.closest?.("[data-trix-method]") && completeAddress(target.closest("trix-toolbar")), true);
document.addEventListener("click", ({ target }) => target.closest?.("[data-trix-method]") && completeAddress(target.closest("trix-toolbar")), true);
document.addEventListener("keydown", ({ key, target }) => key === "Enter" && target.matches?.("[data-trix-input]") && completeAddress(target.closest("trix-toolbar")), true);

// No files or pictures; what is pasted keeps its structure and leaves its looks behind.
document.addEventListener("trix-file-accept", (event) => event.preventDefault());
document.addEventListener("trix-attachment-add", ({ attachment }) => attachment.remove());
document.addEventListener("paste", (event) => {
  const editor = event.target.closest?.("trix-editor")?.editor;
  const html = editor && event.clipboardData.getData("text/html");
  if (!html) return;
  event.preventDefault();
  event.stopPropagation();
  editor.recordUndoEntry("Paste");
  editor.insertHTML(plainer(html));
}, true);
function plainer(html) {
  return html
    .replace(/<!--[\s\S]*?-->|<(style|xml|head)[\s\S]*?<\/\1>|<\/?o:p>|<img[^>]*>/gi, "")
    .replace(/<b\b[^>]*font-weight:\s*normal[^>]*>/gi, "<b-off>")
    .replace(/<span\b[^>]*font-weight:\s*(?:bold|[6-9]00)[^>]*>([^<]*)<\/span>/gi, "<strong>$1</strong>")
    .replace(/\s(?:style|class|width|height)\s*=\s*("[^"]*"|'[^']*'|[^\s>]+)/gi, "");
}

async function dressAll(root) {
  const areas = [...root.querySelectorAll("textarea[data-rich]")];
  if (!areas.length || !template) return;
  await (loading ??= fetchTrix());
  areas.forEach(dress);
}
document.addEventListener("htmx:load", ({ detail }) => dressAll(detail.elt));
dressAll(document);
