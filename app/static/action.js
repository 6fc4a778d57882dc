// The page of an action: asks what was said since, ever more rarely while nothing is.
"use strict";

const FIRST_MS = 500;
const LONGEST_MS = 5000;

const state = document.getElementById("action-state");
const lines = document.getElementById("action-lines");
const text = document.getElementById("action-text");
let last = Number(state.dataset.last);
let wait = FIRST_MS;

const show = (step) => {
  if (step.kind === "piece") {
    text.hidden = false;
    text.append(step.text);
    text.scrollTop = text.scrollHeight;
    return;
  }
  const line = document.createElement("li");
  line.className = "breaks";
  line.textContent = step.kind === "file" ? `File finished: ${step.text}` : step.text;
  lines.append(line);
  state.textContent = line.textContent;
};

const ask = async () => {
  try {
    const answer = await fetch(`${state.dataset.progress}?after=${last}`);
    if (!answer.ok || answer.redirected) throw new Error("not told");
    const told = await answer.json();
    document.getElementById("action-tag").textContent = told.state;
    told.steps.forEach(show);
    last = told.last;
    if (told.over) {
      location.reload();
      return;
    }
    wait = told.steps.length ? FIRST_MS : Math.min(wait * 1.5, LONGEST_MS);
  } catch {
    wait = Math.min(wait * 2, LONGEST_MS);
  }
  setTimeout(ask, wait);
};

setTimeout(ask, FIRST_MS);
