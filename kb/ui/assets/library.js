// Runs once in each part of the tab, with `element`, `trigger` and `watch` given by Gradio: a button or form
// with data-do tells the program what is wanted. Gradio reads the names of events here:
// "sort" "more" "look" "turn" "search" "remove" "restore" "hide" "rebuild"

let sorting = false;

const calm = (button) => {
  button.textContent = button.dataset.asked;
  delete button.dataset.asked;
};

element.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-do]");
  if (!button) return;
  sorting = button.dataset.do === "sort";
  const { sure, asked, ...given } = button.dataset;
  if (asked) calm(button);
  if (!sure || asked) return trigger(given.do, given);
  // What is not easily undone takes a second press.
  button.dataset.asked = button.textContent;
  button.textContent = sure;
});

element.addEventListener("focusout", (event) => {
  const button = event.target.closest("[data-asked]");
  if (button) calm(button);
});

element.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.dataset.do) return;
  event.preventDefault();
  trigger(form.dataset.do, { ...form.dataset, ...Object.fromEntries(new FormData(form)) });
});

// What was pressed is gone with the old content: then the keyboard goes on where reading does.
const part = element.closest('[id^="library-"]')?.id;
const next = () =>
  element.querySelector('.try input:not([value=""])') ??
  element.querySelector("h2") ??
  element.querySelector("[aria-sort] button") ??
  document.querySelector("#library-filter :is(input, textarea)");

watch("value", () => {
  if (part === "library-report" && element.querySelector(".outcome, .problem")) {
    // It stands at the top, what was pressed may be far below; by then the list has its new height.
    setTimeout(() => element.scrollIntoView({ block: "center" }));
    dispatchEvent(new Event("library-changed"));
  }
  if (part === "library-look" || (part === "library-list" && sorting)) next()?.focus();
  sorting = false;
});
