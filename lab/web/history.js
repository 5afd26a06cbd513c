// The head of the history: what was found is marked in the drawing and scrolled to, which is drawn as large as asked.
// Nothing is drawn anew: the lab says which rows hold the text, and the marks are put back after each redraw.
const past = element.closest(".lab-frame"), box = () => past.querySelector(".lab-tree-box");
const seeker = element.querySelector("[data-act=seek]"), sizes = element.querySelector("[data-zoom]");
const ZOOM = "prompt-lab-zoom", ALONE = "prompt-lab-alone", COMPACT = 0.62, LABELLED = 0.44, LEAST = 0.03, ROW_PX = 26, LABEL_PX = 15;
let hits = [], at = 0, answer = null;

const rowOf = (node) => past.querySelector(`.lab-dot[data-node="${CSS.escape(node)}"]`);
const markHits = () => {
  const meant = new Map(hits.map((line, i) => [line.dataset.hit, i === at ? "here" : "too"]));
  past.querySelectorAll(".lab-dot").forEach((row) => {
    const is = meant.get(row.dataset.node);
    if (row.dataset.found !== is) { if (is) row.dataset.found = is; else delete row.dataset.found; }
  });
};
const reveal = (row) => {
  const pane = box(), seen = pane.getBoundingClientRect(), place = row.getBoundingClientRect();
  if (place.top >= seen.top && place.bottom <= seen.bottom) return;
  pane.scrollTop += place.top - seen.top - (seen.height - place.height) / 2;
};
const goTo = (i) => {
  if (!hits.length) return;
  at = (i + hits.length) % hits.length;
  hits.forEach((line, j) => { line.hidden = j !== at; });
  markHits();
  const row = rowOf(hits[at].dataset.hit);
  if (row) reveal(row);
};
const listen = () => {
  const shown = past.querySelector(".lab-found"), said = shown?.innerHTML ?? "";
  if (shown && hits.length && hits[0].isConnected && said === answer) return;
  hits = [...(shown?.querySelectorAll("[data-hit]") ?? [])];
  element.querySelector(".lab-seek span").hidden = hits.length < 2;
  at = 0;
  goTo(0);
  if (!hits.length) markHits();
  answer = past.querySelector(".lab-found")?.innerHTML ?? "";
};
new MutationObserver(listen).observe(past.querySelector("#lab-found"), {childList: true, subtree: true, characterData: true});
seeker.addEventListener("keydown", (event) => {
  if (event.key === "Enter") { event.preventDefault(); goTo(at + (event.shiftKey ? -1 : 1)); }
  if (event.key === "Escape" && seeker.value) {
    event.preventDefault();
    seeker.value = "";
    seeker.dispatchEvent(new Event("input", {bubbles: true}));
  }
  if (event.key !== "ArrowDown") return;
  event.preventDefault();
  (hits.length ? rowOf(hits[at].dataset.hit) : past.querySelector(".lab-dot[tabindex='0']"))?.focus();
});
element.addEventListener("click", (event) => {
  const way = event.target.closest("[data-hit-by]");
  if (way) goTo(at + Number(way.dataset.hitBy));
});

let isPlaced = false;
const size = () => {
  const pane = box();
  if (!pane?.clientHeight) return;
  const drawn = parseFloat(pane.querySelector(".lab-lines").style.getPropertyValue("--drawn"));
  const fits = Math.max(LEAST, Math.min(1, (pane.clientHeight - 24) / drawn));
  const zoom = {compact: COMPACT, fit: fits}[sizes.value] ?? 1;
  past.style.setProperty("--lab-zoom", zoom.toFixed(4));
  past.classList.toggle("lab-small-rows", zoom < 0.8);
  past.classList.toggle("lab-no-labels", zoom < LABELLED);
  // Where not every row has room for its label, each so many of them have.
  const every = zoom < LABELLED ? Math.ceil(LABEL_PX / (ROW_PX * zoom)) : 1;
  past.querySelectorAll(".lab-dot").forEach((row, i) => {
    const is = every > 1 && i % every === 0;
    if ("tick" in row.dataset !== is) { if (is) row.dataset.tick = ""; else delete row.dataset.tick; }
  });
  const here = past.querySelector(".lab-present");
  if (isPlaced || !here) return;
  isPlaced = true;  // what the address opened was drawn before it had a size to be scrolled in
  reveal(here);
};
const stored = (name) => { try { return localStorage.getItem(name) || ""; } catch { return ""; } };
const store = (name, value) => { try { localStorage.setItem(name, value); } catch { /* a private window */ } };
const resized = () => {
  size();
  const row = past.querySelector(".lab-dot[data-found=here]") || past.querySelector(".lab-present");
  if (row) reveal(row);
};
const whole = element.querySelector("[data-alone]");
const alone = (is) => {
  past.classList.toggle("lab-history-alone", is);
  whole.setAttribute("aria-pressed", String(is));
};
whole.addEventListener("click", () => {
  const is = whole.getAttribute("aria-pressed") !== "true";
  alone(is);
  store(ALONE, is ? "yes" : "");
  resized();
});
sizes.addEventListener("change", () => { store(ZOOM, sizes.value); resized(); });
sizes.value = stored(ZOOM);
alone(stored(ALONE) !== "");
new ResizeObserver(size).observe(past.querySelector(".lab-pane-left"));
// A place that is looked at, by a point of the chart or an address, is scrolled to once.
let lastSeen = "";
const follow = () => {
  const row = past.querySelector(".lab-dot.lab-seen"), now = row?.dataset.node ?? "";
  if (now !== lastSeen && row) reveal(row);
  lastSeen = now;
};
const redrawn = () => { markHits(); size(); follow(); };
new MutationObserver(redrawn).observe(past.querySelector("#lab-tree"), {childList: true, subtree: true, attributes: true, attributeFilter: ["data-node", "data-found", "data-tick", "style", "class"]});
size();
