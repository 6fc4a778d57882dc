// A code editor in place of a plain field, from the moment somebody begins to write in it.
"use strict";

const MODES = {
  bash: "sh", css: "css", htm: "html", html: "html", js: "javascript", json: "json",
  jsx: "javascript", md: "markdown", mjs: "javascript", py: "python", sh: "sh", sql: "sql",
  svg: "svg", toml: "toml", ts: "typescript", tsx: "typescript", xml: "xml", yaml: "yaml",
  yml: "yaml",
};

const part = document.querySelector("[data-editor]");
const field = part.querySelector("textarea");
const form = field.form;
const path = form.elements.namedItem("path");
const former = field.value;
let sent = false;

// What is written is not lost by leaving the page inadvertently.
form.addEventListener("submit", () => { sent = true; });
addEventListener("pageshow", () => { sent = false; });
addEventListener("beforeunload", (event) => {
  if (!sent && field.value !== former) event.preventDefault();
});
form.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.key.toLowerCase() !== "s") return;
  event.preventDefault();
  form.requestSubmit();
});

const loaded = (element) => new Promise((resolve, reject) => {
  element.addEventListener("load", resolve);
  element.addEventListener("error", reject);
  document.head.append(element);
});
const script = (name) =>
  loaded(Object.assign(document.createElement("script"), { src: `${part.dataset.base}/${name}` }));
const looks = (name) =>
  loaded(Object.assign(document.createElement("link"), {
    rel: "stylesheet", href: `${part.dataset.base}/${name}`,
  }));

const mode = () => {
  const name = part.dataset.path || path?.value || "";
  return `ace/mode/${MODES[name.split(".").pop().toLowerCase()] ?? "text"}`;
};

const begin = async () => {
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const theme = dark ? "github_dark" : "github_light_default";
  try {
    await Promise.all([looks("css/ace.css"), looks(`css/theme/${theme}.css`), script("ace.js")]);
  } catch {
    return; // the plain field does it too
  }
  const hadFocus = document.activeElement === field;
  const label = part.querySelector("label");
  const host = document.createElement("div");
  host.className = "ace-host";
  field.before(host);
  ace.config.set("useStrictCSP", true);
  ace.config.set("basePath", part.dataset.base);
  const editor = ace.edit(host, {
    theme: `ace/theme/${theme}`,
    enableKeyboardAccessibility: true,
    textInputAriaLabel: label.textContent.trim(),
    fontSize: 15,
    showPrintMargin: false,
    tabSize: 2,
    useSoftTabs: true,
    wrap: false,
  });
  editor.session.setUseWorker(false);
  editor.session.setMode(mode());
  editor.setValue(field.value, -1);
  editor.session.getUndoManager().reset();
  editor.session.on("change", () => { field.value = editor.getValue(); });
  const before = field.value.slice(0, field.selectionStart).split("\n");
  editor.moveCursorTo(before.length - 1, before.at(-1).length);
  path?.addEventListener("change", () => editor.session.setMode(mode()));
  label.addEventListener("click", (event) => { event.preventDefault(); editor.focus(); });
  field.hidden = true;
  part.querySelector("[data-hint]").hidden = false;
  if (hadFocus) editor.focus();
};

// On a phone or tablet the plain field is the better editor: their own keyboards know it.
if (matchMedia("(pointer: fine)").matches) field.addEventListener("focus", begin, { once: true });
