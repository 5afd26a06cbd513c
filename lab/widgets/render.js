// Each part of the panel is one element; only a part that changed is drawn anew.
const PARTS = ["notice", "header", "track", "progress", "board", "drawer", "chart", "tree"];

function render({ model, el }) {
  el.classList.add("lab-panel");
  el.dataset.lmSuppressShortcuts = "true"; // else JupyterLab takes Enter and Space from our buttons
  for (const name of PARTS) {
    const part = document.createElement("div");
    part.className = `lab-part lab-part-${name}`;
    const draw = () => { part.innerHTML = model.get(name); };
    model.on(`change:${name}`, draw);
    draw();
    el.append(part);
  }
  wire(el, (event) => model.send(event));
}

export default { render };
