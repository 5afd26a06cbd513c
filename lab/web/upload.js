// Before Gradio hears of a chosen or dropped file: one that is too large goes no further, and its sentence is shown.
const said = element.querySelector("[data-sentence]");
const refuse = (event) => {
  const upload = document.getElementById(said.dataset.upload);
  if (!upload || !upload.contains(event.target)) return;
  const files = [...((event.dataTransfer || event.target).files || [])];
  const large = files.find((file) => file.size > Number(said.dataset.most));
  said.hidden = !large;
  if (!large) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (event.type === "change") event.target.value = "";
  const parts = { "{name}": large.name.slice(0, 80), "{megabytes}": Math.round(large.size / 1e6).toLocaleString("en") };
  said.textContent = said.dataset.sentence.replace(/\{name\}|\{megabytes\}/g, (slot) => parts[slot]);
};
document.addEventListener("change", refuse, true);
document.addEventListener("drop", refuse, true);

// What a button is called is what stands on it.
const plain = () => document.querySelectorAll(`#${said.dataset.upload} button[aria-dropeffect][aria-label]`)
  .forEach((button) => button.removeAttribute("aria-label"));
new MutationObserver(plain).observe(element.closest(".lab-stage") ?? document.body, {childList: true, subtree: true});
plain();
