"use strict";
// What the index does beside being read: filter and sort.
(() => {
  const one = (selector) => document.querySelector(selector);
  const list = one("#films");
  const rows = [...list.querySelectorAll("[data-words]")];
  const words = one("#filter-words");
  const state = one("#filter-state");
  const sort = one("#sort");
  const rehearsals = one("#rehearsals");
  one("#filters").hidden = !rows.length;
  const filter = () => {
    const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    let left = 0;
    for (const row of rows) {
      row.hidden = !(wanted.every((word) => row.dataset.words.includes(word)) && (!state.value || row.dataset.state === state.value)
        && (rehearsals.getAttribute("aria-pressed") === "true" || !("rehearsal" in row.dataset)));
      left += !row.hidden;
    }
    one("#filtered").textContent = left === rows.length ? "" : `${left} of ${rows.length} films`;
  };
  const order = () => {
    const key = sort.value;
    const newest = (a, b) => b.dataset.at.localeCompare(a.dataset.at);
    const by = key === "at" ? newest : (a, b) => a.dataset[key].localeCompare(b.dataset[key]) || newest(a, b);
    list.append(...[...rows].sort(by));
  };
  words.addEventListener("input", filter);
  state.addEventListener("change", filter);
  sort.addEventListener("change", order);
  rehearsals.addEventListener("click", () => {
    rehearsals.setAttribute("aria-pressed", String(rehearsals.getAttribute("aria-pressed") !== "true"));
    filter();
  });
  one("#filters").addEventListener("submit", (event) => event.preventDefault());
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, select")) return;
    event.preventDefault();
    words.focus();
  });
})();
