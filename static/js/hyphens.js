// Long Finnish words in narrow places break at a syllable, with a hyphen: browsers have no Finnish rules of their own.
// A soft hyphen is not seen where the word does not break, and what is copied is without them.
const SOFT = "\u00AD";
const LONG = /\p{L}{14,}/gu;
const IN_STRIPS = /\p{L}{8,}/gu; // the columns of a calendar are narrower than any list's
const SYLLABLE = /(?<=\p{L}{3})(?=[bcdfghjklmnpqrstvwxzšž][aeiouyåäö]\p{L}{2})/giu;
const PLACES = ".board-title, td.grow, td.long, .kv dd, .nps-tables th, .report-parts th[scope=row], .choices th, .tl a, .tree-name a, .line-text, .start-text, h1, [data-folds]>h2, .clock-rows th, .criteria-compare :is(th,td)";
const ON_PHONES = ".cards td.fact"; // a third of a phone's width
const STRIPS = ".fc .ev-title, .fc .ev-customer, .fc .ev-late, .fc .ev-past, .member-week a, .plan-week a, .plan-week h3";

function soften(place, long = LONG) {
  const walker = document.createTreeWalker(place, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const text = node.data.replace(long, (word) => word.replace(SYLLABLE, SOFT));
    if (text !== node.data) node.data = text;
  }
}
function softenAll() {
  const places = matchMedia("(max-width:760px)").matches ? `${PLACES}, ${ON_PHONES}` : PLACES;
  document.querySelectorAll(places).forEach((place) => soften(place));
  document.querySelectorAll(STRIPS).forEach((place) => soften(place, IN_STRIPS));
}
softenAll();
document.addEventListener("htmx:afterSettle", softenAll);
const drawn = document.getElementById("calendar");
if (drawn) new MutationObserver(softenAll).observe(drawn, { childList: true, subtree: true });

document.addEventListener("copy", (event) => {
  const text = String(getSelection());
  if (!text.includes(SOFT) || event.target.closest?.("input, textarea, [contenteditable]")) return;
  event.clipboardData.setData("text/plain", text.replaceAll(SOFT, ""));
  event.preventDefault();
});
