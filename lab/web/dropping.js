// A file that is dropped anywhere on the first page goes where it belongs: examples into their box, a run into the list.
const told = element.querySelector("[data-told]"), veil = element.querySelector(".lab-veil");
const first = element.closest(".lab-first");
const wait = (find, done, tries = 60) => {
  const found = find();
  if (found) done(found); else if (tries) setTimeout(wait, 100, find, done, tries - 1);
};
const say = (sentence, name) => {
  told.hidden = !sentence;
  told.textContent = sentence ? told.dataset[sentence].replaceAll("{name}", () => name.slice(0, 80)) : "";
};
const hide = () => { veil.hidden = true; };
let later = 0;
const holdsFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
const over = (event) => {
  if (!holdsFiles(event) || !first.checkVisibility()) return;
  event.preventDefault();
  veil.hidden = false;
  clearTimeout(later);
  later = setTimeout(hide, 600);  // a file that is carried out of the window says nothing more
};
const hand = (input, file) => {
  const given = new DataTransfer();
  given.items.add(file);
  input.files = given.files;
  input.dispatchEvent(new Event("change", {bubbles: true}));
};
const examples = (file) => {
  const box = () => document.querySelector("#file input[type=file]");
  document.querySelector(`#source input[value="${CSS.escape(veil.dataset.source)}"]`)?.click();
  wait(() => document.querySelector("#file"), () => {
    if (!box()) document.querySelector("#file .icon-button-wrapper button")?.click();  // one is there already
    wait(box, (input) => {
      hand(input, file);
      const refused = document.querySelector('[data-upload="file"]');
      if (refused && !refused.hidden) say("", "");  // which says why
    });
  });
};
const drop = (event) => {
  if (!holdsFiles(event) || !first.checkVisibility()) return;
  event.preventDefault();
  event.stopPropagation();
  hide();
  const files = [...event.dataTransfer.files], file = files[0];
  if (!file) { say("none", ""); return; }
  const ending = (file.name.match(/\.[^.]+$/)?.[0] ?? "").toLowerCase();
  if (files.length > 1) say("many", file.name);
  else if (ending === ".lab") { say("run", file.name); hand(document.querySelector("input[type=file][accept='.lab']"), file); }
  else if (!veil.dataset.endings.split(" ").includes(ending)) say("other", file.name);
  else { say("examples", file.name); examples(file); }
};
document.addEventListener("dragenter", over);
document.addEventListener("dragover", over);
document.addEventListener("drop", drop, true);
// What was said of a file is out of date once another is chosen by hand.
document.addEventListener("change", (event) => { if (event.isTrusted && event.target.type === "file") say("", ""); });
