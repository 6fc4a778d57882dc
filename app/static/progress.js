// A page whose part with `data-live` changes by itself; without scripts it is loaded again.
"use strict";

const EVERY_MS = 1000;

const renew = async () => {
  const part = document.querySelector("[data-live]");
  if (!part) return;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const now = page.getElementById(part.id);
    if (now) part.replaceWith(now);
  } finally {
    setTimeout(renew, EVERY_MS);
  }
};

setTimeout(renew, EVERY_MS);
