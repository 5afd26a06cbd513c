// The face of the panel: one element a part. A part that changed is patched in place, so that the field one
// writes in keeps its cursor, and a button that is pressed while the page changes still gets its click.
const SILENT_MS = 7000; // a kernel that lives is heard of every two seconds
const PARTS = ["notice", "header", "best", "track", "progress", "board", "drawer", "models", "tree", "chart"];

function patch(old, fresh) {
  if (old.nodeName !== fresh.nodeName || old.namespaceURI !== fresh.namespaceURI) { old.replaceWith(fresh); return; }
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.nodeValue !== fresh.nodeValue) old.nodeValue = fresh.nodeValue;
    return;
  }
  const fold = old.nodeName === "DETAILS" && old.dataset.key; // wire() opens and closes these
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && !(fold && name === "open") && name !== "data-sought") old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value && !(fold && name === "open")) old.setAttribute(name, value);
  }
  patchChildren(old, fresh);
}

function patchChildren(old, fresh) {
  const before = [...old.childNodes], after = [...fresh.childNodes];
  after.forEach((node, i) => { if (before[i]) patch(before[i], node); else old.append(node); });
  before.slice(after.length).forEach((node) => node.remove());
}

function render({ model, el }) {
  el.classList.add("lab-panel");
  el.lang = model.get("language");
  // Else JupyterLab takes Enter and Space from our buttons; but it is to save, wherever one is.
  const keys = (event) => {
    const saves = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s";
    if (saves) delete el.dataset.lmSuppressShortcuts; else el.dataset.lmSuppressShortcuts = "true";
  };
  el.dataset.lmSuppressShortcuts = "true";
  window.addEventListener("keydown", keys, true);
  for (const name of PARTS) {
    const part = document.createElement("div");
    part.className = `lab-at-${name}`;
    const draw = () => {
      const fresh = document.createElement("template");
      fresh.innerHTML = model.get(name);
      patchChildren(part, fresh.content);
    };
    model.on(`change:${name}`, draw);
    draw();
    el.append(part);
  }
  const gone = document.createElement("div");
  gone.className = "lab-at-gone";
  gone.innerHTML = '<p class="lab lab-gone" role="alert"></p>';
  el.prepend(gone);

  model.on("msg:custom", (message) => { if (message.save) save(message.save); });

  // A kernel that is gone, or busy with a cell, takes no clicks: who clicks is told so.
  let late = 0;
  const say = (text) => { gone.firstChild.textContent = text; el.classList.toggle("lab-unheard", text !== ""); };
  model.on("change:heard", () => { clearTimeout(late); say(""); });
  const lost = () => { if (el.closest(".jupyter-widgets-disconnected")) say(model.get("gone")); };
  const watching = new MutationObserver(lost);
  watching.observe(el, {attributes: true, attributeFilter: ["class"]});
  let beat = Date.now(), quiet = false;
  model.on("change:beat", () => { beat = Date.now(); if (quiet) { quiet = false; say(""); } });
  const listening = setInterval(() => { if (Date.now() - beat > SILENT_MS) { quiet = true; say(model.get("gone")); } }, 1000);
  wire(el, (event) => {
    clearTimeout(late);
    late = setTimeout(() => say(model.get("unheard")), 2500);
    try { model.send(event); } catch { say(model.get("unheard")); }
  });

  // The last state, which is saved beside this panel, is for when there is none: here it is not drawn.
  const still = `.lab-saved[data-panel="${model.get("saved_as")}"]`;
  const hiding = document.createElement("style");
  hiding.textContent = `${still} { display: none; }`;
  document.head.append(hiding);
  const empty = () => document.querySelectorAll(`${still}:not(:empty)`).forEach((one) => one.replaceChildren());
  const emptying = new MutationObserver(empty);
  requestAnimationFrame(() => {  // once it has a place
    emptying.observe(el.closest(".jp-OutputArea") || document.body, {childList: true, subtree: true});
    empty();
  });
  model.send({act: "shown"});
  return () => {
    clearTimeout(late);
    clearInterval(listening);
    window.removeEventListener("keydown", keys, true);
    for (const one of [watching, emptying]) one.disconnect();
    hiding.remove();
    model.send({act: "hidden"});
  };
}

export default { render };
