// Runs once in each part of the tab, with `element`, `trigger` and `watch` given by Gradio: a button or form
// with data-do tells the program what is wanted. Gradio reads the names of events here:
// "sort" "more" "look" "turn" "search" "remove" "restore" "hide" "rebuild"

let sorting = false;

// What is not easily undone takes a second press, which is waited for so long.
const WAIT_MS = 10000;
const spoken = () => document.querySelector("#library-spoken p");
const tell = (text) => (spoken().textContent = text);

const arm = (button) => {
  button.dataset.asked = button.textContent;
  button.textContent = button.dataset.sure;
  tell(button.dataset.sure);
  button.dataset.timer = setTimeout(() => button.isConnected && calm(button), WAIT_MS);
};

const disarm = (button, said) => {
  clearTimeout(button.dataset.timer);
  button.textContent = button.dataset.asked;
  delete button.dataset.asked;
  tell(said);
};

const calm = (button) => disarm(button, spoken().dataset.calm);

element.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-do]");
  if (!button) return;
  sorting = button.dataset.do === "sort";
  const { sure, asked, timer, ...given } = button.dataset;
  if (sure && !asked) return arm(button);
  if (asked) disarm(button, "");
  trigger(given.do, given);
});

const armed = () => element.querySelector("[data-asked]");
element.addEventListener("focusout", (event) => event.target === armed() && calm(event.target));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && armed()) calm(armed());
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
  // What waited for a second press is gone with the list it stood in.
  if (part === "library-list" && !armed()) tell("");
  if (part === "library-report" && element.querySelector(".outcome, .problem")) {
    // It stands at the top, what was pressed may be far below; by then the list has its new height.
    setTimeout(() => element.scrollIntoView({ block: "center" }));
    dispatchEvent(new Event("library-changed"));
  }
  if (part === "library-look" || (part === "library-list" && sorting)) next()?.focus();
  sorting = false;
});
