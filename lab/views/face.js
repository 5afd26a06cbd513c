// Saves a text as a file, by its name.
function save({name, media, content}) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([content], {type: media}));
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 30000);
}

// Says a time in words of a language and by the clock of the reader: today 14:05, yesterday 9:10, 3 May 2026.
function when(time, language) {
  const day = (one) => Date.UTC(one.getFullYear(), one.getMonth(), one.getDate()) / 864e5;
  const ago = day(time) - day(new Date());
  if (ago > 0 || ago < -1) return time.toLocaleDateString(language, {day: "numeric", month: "long", year: "numeric"});
  const near = new Intl.RelativeTimeFormat(language, {numeric: "auto"}).format(ago, "day");
  return `${near} ${time.toLocaleTimeString(language, {hour: "2-digit", minute: "2-digit", hourCycle: "h23"})}`;
}

// Sends what a person does under `root`: any element with data-act, its other data, and its form.
//   data-act       the act; a click, Enter or Space sends it (a select sends on change, a field as one types)
//   data-value     on a select or field: the argument that its value becomes
//   data-form      around an act: fields with data-arg inside become arguments
//   data-each      on a tick: what joins the list of its argument when it is ticked
//   data-marks     the act carries the board as it stands, so that a click right after typing loses nothing
//   data-then      the act to follow, once the page offers it
//   data-copy      text for the clipboard; data-copied, data-uncopied what the button says then
//   data-chosen    the argument that the words of the open card become, where they are a prompt
//   data-bulk      keeps of what can be ticked and is shown: all, none, or the whole ones (without a flaw)
//   data-sift, data-order   which items are shown, and how they are sorted, by their data-kind, -score and so on
//   data-find      a field that leaves of the elements with data-found those which hold its words
//   data-key       what a field or fold is called, however the page is drawn anew
function wire(root, send) {
  const scope = () => root.closest(".lab-panel") || root;
  const typed = new Map();     // key of a field -> what a person made of it, until the page says the same
  const folds = new Map();     // key of a fold -> whether it is open
  const waiting = new Map();   // place -> the timer of a mark that was not sent yet
  const sent = new Map();      // the act sent last, and when: a double click is one click
  let focused = "";            // key of the field that a person is in
  let pressed = false, then = "", shown = null, acted = false, failed = "", typing = 0;

  const READS = ["stop", "look", "summary", "seek", "compare"];  // what a step under way does not hinder, and no marks go along with
  const isTick = (field) => field.type === "checkbox";
  const now = (field) => (isTick(field) ? field.checked : field.value);
  const drawn = (field) => {
    if (isTick(field)) return field.defaultChecked;
    if (field.tagName !== "SELECT") return field.defaultValue;
    return [...field.options].find((option) => option.defaultSelected)?.value ?? field.options[0]?.value ?? "";
  };
  const put = (field, value) => {
    if (now(field) === value) return;
    if (isTick(field)) field.checked = value; else field.value = value;
  };

  const busy = () => scope().querySelector(".lab-running") !== null;
  const markOf = (card) => {
    const field = (name) => card.querySelector(`[data-field="${name}"]`);
    return {
      place: Number(card.dataset.place),
      keep: field("keep") ? field("keep").checked : true,
      text: field("text") ? field("text").value : undefined,
      why: field("why") ? field("why").value : "",
      like: card.dataset.like === undefined ? undefined : Number(card.dataset.like),
    };
  };
  const proposalOf = (element) => (element.closest("[data-proposal]") || {dataset: {}}).dataset.proposal;
  const later = (card) => {
    clearTimeout(waiting.get(card.dataset.place));
    const tell = () => {
      if (pressed) { waiting.set(card.dataset.place, setTimeout(tell, 60)); return; }
      waiting.delete(card.dataset.place);
      if (card.isConnected && !busy()) send({act: "mark", proposal: proposalOf(card), ...markOf(card)});
    };
    waiting.set(card.dataset.place, setTimeout(tell, 120));
  };
  const hush = () => { waiting.forEach(clearTimeout); waiting.clear(); };

  const plain = (value) => (value === "true" ? true : value === "false" ? false : value);
  const say = (element) => {
    const {act, value, marks, then: next, key, chosen, ...given} = element.dataset;
    if (element.disabled || (busy() && !READS.includes(act))) return;
    const event = {act, ...Object.fromEntries(Object.entries(given).map(([name, one]) => [name, plain(one)]))};
    const proposal = proposalOf(element);
    if (proposal) event.proposal = proposal;
    const at = scope().querySelector("[data-at]");
    if (at) event.at = at.dataset.at;
    if (value) event[value] = element.value;
    if (chosen) event[chosen] = scope().querySelector(".lab-chosen[data-prompt] [data-field=text]")?.value ?? "";
    element.closest("[data-form]")?.querySelectorAll("[data-arg]").forEach((field) => {
      const {arg, each} = field.dataset;
      if (each === undefined) event[arg] = now(field);
      else event[arg] = [...(event[arg] || []), ...(now(field) ? [each] : [])];
    });
    const same = JSON.stringify(event);
    if (Date.now() - (sent.get(same) || 0) < 800 && !["mark", "unmark"].includes(act)) return;
    sent.clear();
    sent.set(same, Date.now());
    const cards = [...scope().querySelectorAll("[data-proposal] [data-place]")].filter((card) => card.querySelector("[data-field]"));
    if (marks !== undefined) { event.marks = cards.map(markOf); hush(); }
    else if (!READS.includes(act)) {  // what was typed goes along: two events may arrive in either order
      const unsaved = (card) => waiting.has(card.dataset.place)
        || [...card.querySelectorAll("[data-field]")].some((field) => typed.has(field.dataset.key));
      const mine = act === "unmark" ? given.place : undefined;
      const words = cards.filter((card) => unsaved(card) && card.dataset.place !== mine);
      if (words.length) event.typed = words.map((card) => ({proposal: proposalOf(card), ...markOf(card)}));
      hush();
    }
    if (act === "unmark") {
      const start = `${proposal}/${given.place}/`;
      [...typed.keys()].filter((one) => one.startsWith(start)).forEach((one) => typed.delete(one));
    }
    then = next || "";
    acted = true;
    send(event);
  };

  // What is shown and in which order is told by two fields of the board; a row of a table goes with its tick.
  const boxOf = (item) => item.closest("tr") || item;
  const itemsOf = (board) => [...board.querySelectorAll("[data-place][data-kind]")];
  const ways = {
    score: (one, other) => (other.dataset.score ?? -1) - (one.dataset.score ?? -1),
    gain: (one, other) => (other.dataset.gain ?? -1e9) - (one.dataset.gain ?? -1e9),
    kind: (one, other) => one.dataset.kind.localeCompare(other.dataset.kind),
    length: (one, other) => one.dataset.length - other.dataset.length,
  };
  const isKept = (item) => item.querySelector("[data-field=keep]").checked;
  const arrange = () => {
    const sift = root.querySelector("[data-sift]"), board = sift?.closest("[data-proposal]");
    if (!board) return;
    const items = itemsOf(board), wanted = sift.value, way = ways[root.querySelector("[data-order]").value];
    const isShown = (item) => !wanted || (wanted === "kept" ? isKept(item) : wanted === "left" ? !isKept(item) : item.dataset.kind === wanted);
    items.forEach((item) => { boxOf(item).hidden = !isShown(item); });
    const unshown = items.filter((item) => boxOf(item).hidden), kept = unshown.filter(isKept).length;
    const told = root.querySelector("[data-unshown]");
    const text = unshown.length ? told.dataset.unshown.replace("{n}", unshown.length).replace("{kept}", kept) : "";
    if (told.textContent !== text) told.textContent = text;
    const places = (one, other) => one.dataset.place - other.dataset.place;
    for (const stack of new Set(items.map((item) => boxOf(item).parentElement))) {
      const now = items.filter((item) => boxOf(item).parentElement === stack);
      const meant = [...now].sort((one, other) => (way ? way(one, other) : 0) || places(one, other));
      if (meant.every((item, i) => item === now[i])) continue;
      meant.forEach((item) => stack.append(boxOf(item)));
    }
    // A redraw fills the boxes in the order of the proposal: the field that had the focus is in another one now.
    const has = document.activeElement, meant = focused && root.querySelector(`[data-key="${CSS.escape(focused)}"]`);
    if (meant && has !== meant && (has === document.body || (board.contains(has) && has.dataset.key))) meant.focus({preventScroll: true});
  };
  const keepMany = (button) => {
    const board = button.closest("[data-proposal]"), how = button.dataset.bulk;
    const meant = (item) => how !== "none" && !(item.dataset.flaw === "flaw" || (how === "whole" && item.dataset.flaw));
    const shown = itemsOf(board).filter((item) => boxOf(item).checkVisibility());  // not in a closed fold either
    const [first, ...others] = shown.filter((item) => isKept(item) !== meant(item)).map((item) => {
      const tick = item.querySelector("[data-field=keep]");
      tick.checked = meant(item);
      remember(tick);
      return item;
    });
    if (!first || busy()) return;
    hush();
    const proposal = proposalOf(first);
    send({act: "mark", proposal, ...markOf(first), typed: others.map((item) => ({proposal, ...markOf(item)}))});
    arrange();
  };

  const copy = async (button) => {
    const text = button.dataset.copy, label = button.textContent;
    let done = false;
    try { await navigator.clipboard.writeText(text); done = true; } catch {
      const area = Object.assign(document.createElement("textarea"), {value: text});
      area.style.cssText = "position:fixed;opacity:0";
      document.body.append(area);
      area.select();
      try { done = document.execCommand("copy"); } catch { done = false; }
      area.remove();
    }
    button.textContent = done ? button.dataset.copied : button.dataset.uncopied;
    setTimeout(() => { button.textContent = label; }, 1500);
  };

  // The step that is looked at is marked in the history, which need not be drawn anew for it.
  const mark = () => {
    const meant = scope().querySelector("[data-looked]")?.dataset.looked || "";
    const now = scope().querySelector(".lab-dot.lab-seen");
    if ((now?.dataset.node || "") === meant) return;
    now?.classList.remove("lab-seen");
    if (meant) scope().querySelector(`.lab-dot[data-node="${CSS.escape(meant)}"]`)?.classList.add("lab-seen");
  };

  // The page may be patched in place under the fields: what is drawn wins, but never over unsent words.
  const sync = () => {
    root.querySelectorAll("[data-key]").forEach((element) => {
      const key = element.dataset.key;
      if (element.tagName === "DETAILS") {
        // In a frame evidence lies open from the start: it has a pane of its own.
        const drawn = element.hasAttribute("data-open") || element.parentElement.matches(".lab-frame .lab-section");
        const open = folds.has(key) ? folds.get(key) : drawn;
        if (element.open !== open) element.open = open;
        return;
      }
      const meant = drawn(element);
      if (typed.get(key) === meant) typed.delete(key);
      if (element === document.activeElement && !isTick(element) && typed.has(key)) return;
      put(element, typed.has(key) ? typed.get(key) : meant);
    });
    root.querySelectorAll("time[datetime]").forEach((time) => {
      const text = when(new Date(time.dateTime), time.closest("[lang]")?.lang || undefined);
      if (time.textContent !== text) time.textContent = text;
    });
    arrange();
    mark();
    // What went wrong is said above the board; who acted far below it would see nothing happen.
    const failures = [...root.querySelectorAll(".lab-failure")], said = failures.map((one) => one.textContent).join("\n");
    if (said && said !== failed) failures[0].scrollIntoView({block: "nearest"});
    failed = said;
    // What is proposed next is read from its beginning, not from where the last button was.
    const board = root.querySelector("[data-proposal]");
    if (board && board.dataset.proposal !== shown) {
      if (acted) {
        const head = board.querySelector("h3");
        head.tabIndex = -1;
        head.focus({preventScroll: true});
        const pane = board.querySelector(".lab-decision").getBoundingClientRect();
        if (head.getBoundingClientRect().top < Math.max(0, pane.top)) head.scrollIntoView({block: "start"});
      }
      shown = board.dataset.proposal;
      acted = false;
    }
    const box = root.querySelector("[data-seek]");
    if (box && box.dataset.sought !== box.dataset.seek) {
      box.dataset.sought = box.dataset.seek;
      const dot = box.querySelector("[aria-current]");
      if (dot) {
        const at = dot.getBoundingClientRect(), frame = box.getBoundingClientRect();
        box.scrollLeft += at.left - frame.left - frame.width / 2;
        box.scrollTop += at.top - frame.top - frame.height / 2;
      }
    }
    const next = then && scope().querySelector(`[data-act="${then}"]:not(:disabled)`);
    if (next && !busy()) { then = ""; next.click(); }
  };

  const remember = (field) => {
    if (!field.dataset?.key || field.tagName === "DETAILS") return;
    if (now(field) === drawn(field)) typed.delete(field.dataset.key); else typed.set(field.dataset.key, now(field));
  };
  root.addEventListener("focusin", (event) => { focused = event.target.dataset.key || ""; });
  root.addEventListener("focusout", (event) => { if (event.relatedTarget) focused = ""; });
  root.addEventListener("pointerdown", () => { pressed = true; }, true);
  for (const name of ["pointerup", "pointercancel"]) window.addEventListener(name, () => { pressed = false; }, true);
  root.addEventListener("input", (event) => {
    remember(event.target);
    if (event.target.matches("[data-sift], [data-order]")) arrange();
    if (event.target.matches("input[data-act]")) { clearTimeout(typing); typing = setTimeout(say, 200, event.target); }
    if (!event.target.matches("[data-find]")) return;
    const wanted = event.target.value.trim().toLowerCase();
    root.querySelectorAll("[data-found]").forEach((one) => { one.hidden = !one.textContent.toLowerCase().includes(wanted); });
  });
  root.addEventListener("change", (event) => {
    const field = event.target;
    if (field.matches("select[data-act]")) { say(field); return; }
    remember(field);
    const card = field.matches("[data-field]") && field.closest("[data-place]");
    if (card) later(card);
  });
  root.addEventListener("click", (event) => {
    const copied = event.target.closest("[data-copy]");
    if (copied) { copy(copied); return; }
    const bulk = event.target.closest("[data-bulk]");
    if (bulk) { keepMany(bulk); return; }
    const element = event.target.closest("[data-act]");
    if (element && root.contains(element) && !element.matches("select, input")) say(element);
  });
  root.addEventListener("keydown", (event) => {
    const element = event.target.closest("[data-act][role=treeitem]");
    if (!element) return;
    if (event.key === "Enter" || event.key === " ") { event.preventDefault(); say(element); }
    const all = [...element.parentElement.children], at = all.indexOf(element);
    const next = all[{ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1}[event.key]];
    if (next) { event.preventDefault(); next.focus(); }
  });
  root.addEventListener("toggle", (event) => {
    const {key} = event.target.dataset || {};
    if (key && event.target.isConnected) folds.set(key, event.target.open);
  }, true);
  new MutationObserver(sync).observe(root, {childList: true, subtree: true, characterData: true, attributes: true,
    attributeFilter: ["value", "checked", "selected", "data-key", "data-seek", "data-proposal", "data-looked", "disabled"]});
  sync();
}
