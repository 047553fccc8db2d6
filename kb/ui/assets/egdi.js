// Runs once in the page, with `element` (the table) given by Gradio: a click on a column's name sorts by it.

const value = (row, place) => row.cells[place].textContent.trim().replace(",", ".");

const order = (place) => (one, other) => {
  const [a, b] = [value(one, place), value(other, place)];
  // Rows without a value stay last, whichever way it is sorted.
  if (!a || !b) return { last: (a ? 0 : 1) - (b ? 0 : 1) };
  return isNaN(a) || isNaN(b) ? a.localeCompare(b) : a - b;
};

element.addEventListener("click", (event) => {
  const head = event.target.closest("th button")?.closest("th");
  if (!head) return;
  const down = head.getAttribute("aria-sort") === "ascending";
  const body = head.closest("table").tBodies[0];
  const compare = order(head.cellIndex);
  const rows = [...body.rows].sort((one, other) => {
    const found = compare(one, other);
    return typeof found === "object" ? found.last : down ? -found : found;
  });
  for (const other of head.parentElement.cells) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", down ? "descending" : "ascending");
  body.append(...rows);
});
