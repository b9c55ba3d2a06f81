// Long Finnish words in narrow places break at a syllable, with a hyphen: browsers have no Finnish rules of their own.
// A soft hyphen is not seen where the word does not break, and what is copied is without them.
const SOFT = "\u00AD";
const LONG = /\p{L}{14,}/gu;
const SYLLABLE = /(?<=\p{L}{3})(?=[bcdfghjklmnpqrstvwxzšž][aeiouyåäö]\p{L}{2})/giu;
const PLACES = matchMedia("(max-width: 760px)").matches ? ".board-title, td.grow, td.long, .nps-tables th, .report-parts th[scope=row], .choices th, .tl a, .tree-name a, .line-text, h1" : ".board-title";

function soften(place) {
  const walker = document.createTreeWalker(place, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const text = node.data.replace(LONG, (word) => word.replace(SYLLABLE, SOFT));
    if (text !== node.data) node.data = text;
  }
}
const softenAll = () => document.querySelectorAll(PLACES).forEach(soften);
softenAll();
document.addEventListener("htmx:afterSettle", softenAll);

document.addEventListener("copy", (event) => {
  const text = String(getSelection());
  if (!text.includes(SOFT) || event.target.closest?.("input, textarea, [contenteditable]")) return;
  event.clipboardData.setData("text/plain", text.replaceAll(SOFT, ""));
  event.preventDefault();
});
