// Runs once in the page, with `element` (the conversation), `trigger` and `watch` given by Gradio.

const panel = () => document.querySelector("#evidence");
const box = () => document.querySelector("#question textarea");

// An example or a choice of meaning is asked as if it had been typed.
element.addEventListener("click", (event) => {
  const choice = event.target.closest("[data-question]");
  if (!choice) return;
  trigger("ask", { question: choice.dataset.question });
  box().focus();
});

document.addEventListener("click", (event) => {
  if (event.target.closest("#anew")) box().focus();
});

// A marker brings its evidence into view, also that of an earlier answer.
element.addEventListener("click", (event) => {
  const marker = event.target.closest("a.marker");
  if (!marker) return;
  event.preventDefault();
  const target = document.getElementById(marker.getAttribute("href").slice(1));
  if (!target) return;
  const shown = target.closest(".turn");
  for (const turn of panel().querySelectorAll(".turn")) turn.hidden = turn !== shown;
  for (const old of panel().querySelectorAll(".pointed")) old.classList.remove("pointed");
  target.closest(".source").classList.add("pointed");
  target.focus({ preventScroll: true });
  target.closest(".source").scrollIntoView({ block: "nearest" });
  target.scrollIntoView({ block: "nearest" });
});

// A new question goes to the top of the view, so that its answer is read from the beginning.
let turns = 0;
watch("value", () => {
  const exchanges = element.querySelectorAll(".exchange");
  if (exchanges.length > turns) exchanges[exchanges.length - 1].scrollIntoView({ block: "start" });
  if (exchanges.length !== turns) panel().scrollTop = 0;
  turns = exchanges.length;
});
