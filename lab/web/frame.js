// The frame: which tab and pane is shown, how wide the panes are, the keys. All of it stays in this browser.
const frame = element.closest(".lab-frame");
const KEPT = "prompt-lab-frame";
const kept = (() => { try { return JSON.parse(localStorage.getItem(KEPT)) || {}; } catch { return {}; } })();
const keep = () => { try { localStorage.setItem(KEPT, JSON.stringify(kept)); } catch { /* a private window */ } };
const STEP = 24, LEAST = 160;

const choose = (kind, name) => {
  frame.dataset[kind] = name;
  frame.querySelectorAll(`[role=tab][data-${kind}-tab]`).forEach((tab) => {
    const chosen = tab.dataset[`${kind}Tab`] === name;
    tab.setAttribute("aria-selected", String(chosen));
    tab.tabIndex = chosen ? 0 : -1;
  });
  if (kind === "section") frame.querySelector("#lab-shown")?.setAttribute("aria-labelledby", `section-${name}`);
};

const fold = (pane, folded) => {
  frame.classList.toggle(`lab-no-${pane}`, folded);
  frame.querySelector(`[data-fold="${pane}"]`)?.setAttribute("aria-pressed", String(!folded));
};
const widen = (pane, width) => {
  const most = Math.round(innerWidth * 0.6), px = Math.max(LEAST, Math.min(most, Math.round(width)));
  frame.style.setProperty(`--lab-${pane}`, `${px}px`);
  kept[pane] = px;
};
const widthOf = (pane) => frame.querySelector(`.lab-pane-${pane}`).getBoundingClientRect().width;

for (const pane of ["left", "right"]) {
  if (kept[pane]) widen(pane, kept[pane]);
  fold(pane, Boolean(kept[`no-${pane}`]));
}
frame.querySelectorAll("[data-edge]").forEach((edge) => {
  const pane = edge.dataset.edge, sign = pane === "left" ? 1 : -1;
  const tell = () => edge.setAttribute("aria-valuenow", String(Math.round(widthOf(pane))));
  edge.addEventListener("pointerdown", (down) => {
    const from = widthOf(pane);
    edge.setPointerCapture(down.pointerId);
    edge.onpointermove = (event) => widen(pane, from + sign * (event.clientX - down.clientX));
    edge.onpointerup = edge.onpointercancel = () => { edge.onpointermove = null; keep(); tell(); };
    down.preventDefault();
  });
  edge.addEventListener("keydown", (event) => {
    const way = {ArrowRight: 1, ArrowLeft: -1}[event.key];
    if (!way) return;
    event.preventDefault();
    widen(pane, widthOf(pane) + sign * way * STEP);
    keep();
    tell();
  });
  requestAnimationFrame(tell);
});

const show = (name) => {
  choose("section", name);
  choose("pane", "evidence");
  address("tab", name === sections[0] ? "" : name);
  if (kept["no-right"]) { kept["no-right"] = false; keep(); fold("right", false); }
};
frame.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const {paneTab, sectionTab, fold: pane} = button.dataset;
  if (paneTab) { choose("pane", paneTab); address("pane", paneTab); }
  if (sectionTab) show(sectionTab);
  if (button.dataset.pin) pin(button.dataset.pin);
  if (pane) { kept[`no-${pane}`] = !kept[`no-${pane}`]; keep(); fold(pane, kept[`no-${pane}`]); }
  if ("help" in button.dataset) frame.querySelector(".lab-keys").showModal();
});
frame.addEventListener("keydown", (event) => {
  const tab = event.target.closest("[role=tab]"), way = {ArrowRight: 1, ArrowLeft: -1, Home: -99, End: 99}[event.key];
  if (!tab || !way) return;
  const tabs = [...tab.parentElement.children].filter((one) => one.offsetParent !== null);
  const at = tabs.indexOf(tab) + way, next = tabs[Math.max(0, Math.min(tabs.length - 1, at))];
  event.preventDefault();
  next.focus();
  next.click();
});

// Of the cards one is open, with its evidence beside it. Redraws take the mark away; it is put back before it is seen.
const cards = () => [...frame.querySelectorAll(".lab-decision .lab-card")].filter((card) => card.checkVisibility());
// Evidence of another decision takes the place of that before; it does not slide to where it is.
const renew = () => {
  const pane = frame.querySelector(".lab-shown");
  if (!pane || pane.contains(document.activeElement)) return;
  pane.style.display = "none";
  pane.scrollTop = 0;
  requestAnimationFrame(() => requestAnimationFrame(() => { pane.style.display = ""; }));
};
let stale = "";
let chosen = {proposal: null, place: null, known: new Set()}, beside = "";
const named = (card) => {
  const head = card.querySelector("h4").cloneNode(true);
  head.querySelectorAll(".lab-chip").forEach((chip) => chip.remove());
  return head.innerHTML;
};
const mark = () => {
  const proposal = frame.querySelector("[data-proposal]")?.dataset.proposal ?? null;
  const all = [...frame.querySelectorAll(".lab-decision .lab-card")];
  if (proposal !== chosen.proposal) {
    const first = all.find((one) => !one.classList.contains("lab-flawed")) ?? all[0];  // one that can be kept as it is
    chosen = {proposal, place: first?.dataset.place ?? null, known: new Set(all.map((one) => one.dataset.place))};
    stale = "";
  }
  const added = all.find((one) => !chosen.known.has(one.dataset.place));
  if (added) { chosen.place = added.dataset.place; chosen.known.add(added.dataset.place); }
  if (all.length && !all.some((one) => one.dataset.place === chosen.place)) chosen.place = all[0].dataset.place;
  all.forEach((one) => {
    const is = one.dataset.place === chosen.place;
    if (one.classList.contains("lab-chosen") !== is) one.classList.toggle("lab-chosen", is);
  });
  const open = all.find((one) => one.dataset.place === chosen.place);
  const speaks = open ? [...open.querySelectorAll(":scope > .lab-speaks")].map((one) => one.innerHTML).join("") : "";
  const title = open && speaks ? `<h3>${named(open)}</h3>` : "";
  const place = frame.querySelector(".lab-selected");
  if (place && beside !== title + speaks) {
    beside = title + speaks;
    place.innerHTML = beside;
    place.querySelectorAll("details").forEach((one) => { one.open = !one.closest("td"); delete one.dataset.key; });
  }
  const said = frame.querySelector("#lab-drawer [data-section=examples]")?.textContent ?? "";
  if (said !== stale) { stale = said; renew(); }
};
const open = (card, look) => {
  if (!card || card.dataset.place === chosen.place) return;
  const pane = card.closest(".lab-decision"), before = card.getBoundingClientRect().top;
  chosen.place = card.dataset.place;
  mark();
  pane.scrollTop += card.getBoundingClientRect().top - before;
  if (look) card.scrollIntoView({block: "nearest"});
};
new MutationObserver(mark).observe(frame, {childList: true, subtree: true, characterData: true, attributes: true, attributeFilter: ["class", "data-proposal", "data-place"]});
mark();
let byKey = false;
frame.addEventListener("keydown", (event) => { byKey = event.key === "Tab"; }, true);
frame.addEventListener("pointerdown", () => { byKey = false; }, true);
frame.addEventListener("focusin", (event) => { if (byKey) open(event.target.closest(".lab-card")); });
frame.addEventListener("click", (event) => { if (!event.target.closest("button, label, summary, a")) open(event.target.closest(".lab-card")); });
const step = (by) => {
  const all = cards(), at = all.findIndex((one) => one.dataset.place === chosen.place);
  open(all[Math.max(0, Math.min(all.length - 1, at + by))], true);
};
const inOpen = (selector) => frame.querySelector(`.lab-chosen ${selector}`);

// Where one is stands in the address: the tab, and the place of the history that is looked at.
const address = (name, value, anew) => {
  const url = new URL(location.href);
  if (value) url.searchParams.set(name, value); else url.searchParams.delete(name);
  if (url.href !== location.href) history[anew ? "pushState" : "replaceState"](null, "", url);
};
const asked = new URL(location.href).searchParams;
let wanted = asked.get("node") || "", looked = wanted;
const look = (node) => {
  const button = Object.assign(document.createElement("button"), {hidden: true});
  Object.assign(button.dataset, {act: "look", node});
  frame.querySelector(".lab-history").append(button);
  button.click();
  button.remove();
};
frame.addEventListener("lab-look", (event) => look(event.detail));
const place = () => {
  if (wanted) {
    if (!frame.querySelector(".lab-history")) return;
    setTimeout(look, 400, wanted);  // once the history listens
    wanted = "";
    return;
  }
  const shown = frame.querySelector("[data-looked]"), now = shown?.dataset.looked ?? "";
  if (now === looked) { seen = true; return; }
  if (!shown && !seen) return;  // what the address asks for is on its way
  looked = now;
  seen = true;
  address("node", now, Boolean(now));
};
let seen = !wanted;
// Two places that are compared stand in the address as first..second; a place that is looked at can be pinned there.
const BETWEEN = "..";
const compare = (first, second) => {
  const form = frame.querySelector("#lab-comparing [data-form]");
  form.querySelector("[data-arg=first]").value = first;
  form.querySelector("[data-arg=second]").value = second;
  form.querySelectorAll("input").forEach((field) => field.dispatchEvent(new Event("input", {bubbles: true})));
  form.querySelector("[data-act=compare]").click();
};
let comparing = asked.get("compare");
const compares = () => {
  if (comparing !== null) {
    if (!frame.querySelector(".lab-history") || !frame.querySelector("#lab-comparing [data-form]")) return;
    const [first, second = ""] = comparing.split(BETWEEN);
    setTimeout(compare, 500, first, second);
    comparing = null;
    return;
  }
  const now = frame.querySelector("[data-compared]")?.dataset.compared;
  if (now !== undefined) address("compare", now, true);
};
const pin = (name) => {
  const [first, second] = ["first", "second"].map((arg) => frame.querySelector(`#lab-comparing [data-arg=${arg}]`));
  show("compare");
  frame.querySelector("[data-looked] [data-act=look][data-node='']")?.click();
  if (first.value && !second.value) compare(first.value, name); else compare(name, "");
};
// The summary of the run stands over it, and in the address.
let summing = asked.get("view") === "summary", ended = null;
const sum = () => {
  const shown = frame.querySelector(".lab-summary"), button = frame.querySelector("#lab-summing [data-open=true]");
  if (summing) {
    if (!button || !frame.querySelector(".lab-history")) return;
    summing = false;
    setTimeout(() => button.click(), 400);
    return;
  }
  const board = frame.querySelector("[data-at]"), done = board?.hasAttribute("data-done");
  if (board && ended === false && done) {  // the optimizer has ended just now
    const at = board.dataset.at, act = window.labActed;
    setTimeout(() => { if (window.labActed === act && frame.querySelector("[data-at]")?.dataset.at === at) button.click(); }, 900);
  }
  if (board) ended = done;
  const is = Boolean(shown);
  if (is === Boolean(frame.dataset.view)) return;
  if (is) { frame.dataset.view = "summary"; shown.focus({preventScroll: true}); } else delete frame.dataset.view;
  address("view", is ? "summary" : "", is);
};
new MutationObserver(sum).observe(frame, {childList: true, subtree: true, attributes: true, attributeFilter: ["data-done"]});
sum();
new MutationObserver(compares).observe(frame, {childList: true, subtree: true, attributes: true, attributeFilter: ["data-compared"]});
compares();
new MutationObserver(place).observe(frame, {childList: true, subtree: true, attributes: true, attributeFilter: ["data-looked"]});
place();

// A menu closes when something else is clicked, and by Escape.
const menus = () => frame.querySelectorAll("details.lab-pop[open]");
document.addEventListener("click", (event) => menus().forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; }));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  menus().forEach((menu) => { menu.open = false; menu.querySelector("summary").focus(); });
  if (event.target.matches?.("textarea, input")) event.target.blur();
  else frame.querySelector(".lab-summary [data-open=false]")?.click();
});

const press = (selector) => frame.querySelector(`${selector}:not(:disabled)`)?.click();
const sections = element.querySelector("[data-sections]").dataset.sections.split(" ");
const keys = {
  ...Object.fromEntries(sections.slice(0, -1).map((name, i) => [String(i + 1), () => show(name)])),
  j: () => step(1),
  k: () => step(-1),
  x: () => inOpen("[data-field=keep]")?.click(),
  e: () => inOpen("textarea")?.focus(),
  r: () => press("[data-act=reject]"),
  "/": () => {
    choose("pane", "history");
    if (kept["no-left"]) { kept["no-left"] = false; keep(); fold("left", false); }
    const field = frame.querySelector("[data-act=seek]");
    field.focus();
    field.select();
  },
  "?": () => frame.querySelector(".lab-keys").showModal(),
  g: () => press(".lab-actions .lab-go"),
  u: () => press("[data-act=undo]"),
};
document.addEventListener("keydown", (event) => {
  if (!frame.isConnected || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest?.("input, textarea, select, dialog, [contenteditable]")) return;
  const does = keys[event.key];
  if (does) { event.preventDefault(); does(); }
});

for (const [pane, role, side] of [["#lab-evidence", "region", "right"], ["#lab-past", "region", "left"], ["#lab-shown", "tabpanel"]]) {
  const shown = frame.querySelector(pane);
  shown.setAttribute("role", role);
  if (side) shown.setAttribute("aria-label", element.querySelector(`[data-fold=${side}]`).textContent);
}
// On a phone an address from a wide window opens the pane that holds what it names.
const shownPane = asked.get("pane") || (asked.get("node") ? "history" : asked.get("tab") || asked.has("compare") ? "evidence" : "decide");
choose("pane", frame.querySelector(`[data-pane-tab="${CSS.escape(shownPane)}"]`) ? shownPane : "decide");
const tab = asked.get("tab");
choose("section", sections.includes(tab) ? tab : sections[0]);
// The parts of the page come one after the other: what is chosen is marked once more when all are there.
setTimeout(() => { choose("pane", frame.dataset.pane); choose("section", frame.dataset.section); }, 500);
