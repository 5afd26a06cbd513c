"""Vega-Lite charts in the page without a request that leaves the machine."""

from __future__ import annotations

from pathlib import Path
from tempfile import gettempdir

import gradio as gr

from lab.i18n import gettext
from lab.views.markup import attributes
from lab.web.blocks import drawn

_DRAW = """
const host = element.querySelector('.lab-chart');
let drawn = null, turn = 0;
const library = () => window.labVega ??= new Promise((done, failed) => {
  const script = document.createElement('script');
  const root = new URL(window.gradio_config?.root || '/', location.href).pathname.replace(/\\/$/, '');
  Object.assign(script, {src: root + '%s', onload: done, onerror: failed});
  document.head.append(script);
});
async function draw() {
  const mine = ++turn;
  const spec = props.value ? JSON.parse(props.value) : null;
  if (spec) await library();
  if (mine !== turn) return;
  if (drawn) { drawn.finalize(); drawn = null; }
  host.replaceChildren();
  host.parentElement.classList.toggle('lab-empty', !spec);
  if (!spec) { host.textContent = host.dataset.none; return; }
  const result = await vegaEmbed(host, {...spec, height: 130}, {actions: false, renderer: 'svg'});
  if (mine !== turn) { result.finalize(); return; }
  drawn = result;
  drawn.view.addEventListener('click', (event, item) => {
    const node = item?.datum?.node;
    if (node) host.dispatchEvent(new CustomEvent('lab-look', {bubbles: true, detail: node}));
  });
  mark();
}
const frame = host.closest('.lab-frame');
// The node that is looked at has a ring around it.
function mark() {
  const looked = frame?.querySelector('[data-looked]')?.dataset.looked ?? '';
  if (drawn && drawn.view.signal('looked') !== looked) drawn.view.signal('looked', looked).runAsync();
}
const changes = {childList: true, subtree: true, attributes: true, attributeFilter: ['data-looked']};
if (frame) new MutationObserver(mark).observe(frame, changes);
draw(); watch('value', draw);
"""

_EXPORT = "window.vegaEmbed = vegaEmbed;"


def bundle() -> Path:
    """Return the file of the Vega library, made on first use in the user's cache folder."""
    import altair
    import vl_convert
    from platformdirs import user_cache_path

    version = altair.SCHEMA_VERSION.removeprefix("v").rpartition(".")[0]
    name = f"vega-lite-{version}.js"
    for folder in (user_cache_path("prompt-lab", appauthor=False), Path(gettempdir()) / "prompt-lab"):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if not (folder / name).exists():
                # In a function of its own: the names at its top clash with those of the page's other scripts.
                made = folder / f"{name}.part"
                code = vl_convert.javascript_bundle(_EXPORT, version)
                made.write_text(f"(() => {{\n{code}\n}})();", encoding="utf-8")
                made.replace(folder / name)
            return folder / name
        except OSError:
            continue
    raise OSError("Neither the cache folder nor the temporary folder can be written.")


def chart() -> gr.HTML:
    """Make the component; its value is a Vega-Lite drawing as text, through which nobody walks, or ""."""
    file = bundle()
    gr.set_static_paths([file.parent])
    part = gr.HTML(html_template=_frame(), js_on_load=_DRAW % f"/gradio_api/file={file}", elem_id="lab-chart")
    return drawn(part, html_template=_frame)


def _frame() -> str:
    none = gettext("Shown once a prompt has been measured on dev.")
    return (
        f'<div class="lab"><h3>{gettext("Dev score by answers")}</h3>'
        f"<div{attributes(class_='lab-chart', data_none=none)}></div></div>"
    )
