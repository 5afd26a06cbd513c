// The face of the panel: one element a part. A part that changed is patched in place, so that the field one
// writes in keeps its cursor, and a button that is pressed while the page changes still gets its click.
const PARTS = ["notice", "header", "track", "progress", "board", "drawer", "models", "tree", "chart"];

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
  el.dataset.lmSuppressShortcuts = "true"; // else JupyterLab takes Enter and Space from our buttons
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
  wire(el, (event) => model.send(event));
}

export default { render };
