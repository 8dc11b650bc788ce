"use strict";
(() => {
  const table = document.getElementById("roster");
  if (!table) return;
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const form = document.getElementById("filter");
  const told = document.getElementById("told");
  const text = form.elements.text;
  const state = form.elements.state;
  form.hidden = false;

  const found = rows.map((row) => row.textContent.toLowerCase());
  const filter = () => {
    const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    rows.forEach((row, i) => {
      const is = (!state.value || row.dataset.state.split(",").includes(state.value)) &&
        words.every((word) => found[i].includes(word));
      row.hidden = !is;
      shown += is;
    });
    told.textContent = shown === rows.length
      ? `${rows.length} students` : `${shown} of ${rows.length} students`;
  };
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  filter();

  const order = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" }).compare;
  const values = (column) => rows.map((row) => {
    const cell = row.cells[column];
    const value = cell.dataset.value ?? cell.textContent.trim();
    return [row, value, value === "" ? NaN : Number(value)];
  });
  const sort = (heading, column) => {
    const up = heading.getAttribute("aria-sort") !== "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", up ? "ascending" : "descending");
    const all = values(column);
    const numbers = all.every(([, value, number]) => value === "" || !Number.isNaN(number));
    all.sort(([, a, m], [, b, n]) => {
      // What has no value stands last, whichever way it is sorted.
      if (a === "" || b === "") return (a === "") - (b === "");
      return (up ? 1 : -1) * (numbers ? m - n : order(a, b));
    });
    body.append(...all.map(([row]) => row));
  };
  [...table.tHead.rows[0].cells].forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => sort(heading, column));
  });
})();
