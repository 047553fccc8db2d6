// Runs once in the page, with `element` (the conversation), `trigger` and `watch` given by Gradio.

const panel = () => document.querySelector("#panel");
const box = () => document.querySelector("#question textarea");
// On a phone the keyboard would cover what was asked for.
const focus = () => matchMedia("(min-width: 1000px)").matches && box()?.focus({ preventScroll: true });
const ask = (question) => trigger("ask", { question });

// An example or a choice of meaning is asked as if it had been typed.
element.addEventListener("click", (event) => {
  const choice = event.target.closest("[data-question]");
  if (!choice) return;
  ask(choice.dataset.question);
  focus();
});

document.addEventListener("click", (event) => {
  if (event.target.closest("#anew")) focus();
});

// A marker brings its evidence into view, also that of an earlier answer.
let marker = null;
element.addEventListener("click", (event) => {
  const pressed = event.target.closest("a.marker");
  if (!pressed) return;
  event.preventDefault();
  const target = document.getElementById(pressed.getAttribute("href").slice(1));
  if (!target) return;
  marker = pressed;
  const shown = target.closest(".turn");
  for (const turn of panel().querySelectorAll(".turn")) turn.hidden = turn !== shown;
  for (const old of panel().querySelectorAll(".pointed")) old.classList.remove("pointed");
  const source = target.closest(".source");
  source.classList.add("pointed");
  const picture = source.querySelector("details.picture");
  if (picture) picture.open = true;
  target.focus({ preventScroll: true });
  source.scrollIntoView({ block: "nearest" });
  target.scrollIntoView({ block: "nearest" });
});

// Back from the evidence to the marker that was pressed, else to the question: a link, or the Escape key.
const back = (place) => {
  const to = marker?.isConnected ? marker : document.getElementById(place);
  to?.focus();
  to?.scrollIntoView({ block: "nearest" });
};
document.addEventListener("click", (event) => {
  const link = event.target.closest("#panel a.back");
  if (!link) return;
  event.preventDefault();
  back(link.getAttribute("href").slice(1));
});
document.addEventListener("keydown", (event) => {
  const source = event.key === "Escape" && document.activeElement?.closest("#panel .turn");
  if (source) back(`turn${source.dataset.turn}`);
});

// Copying works without the clipboard's own interface too, which only https and this computer have.
const copy = async (text) => {
  if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
  const area = document.body.appendChild(document.createElement("textarea"));
  area.value = text;
  area.select();
  document.execCommand("copy");
  area.remove();
};

const linkTo = (question) => {
  const link = new URL(location.href);
  link.hash = "";
  link.search = new URLSearchParams({ q: question });
  return link.href;
};

const words = () => element.querySelector(".conversation").dataset;
const say = (tools, text) => {
  const place = tools.querySelector(".said");
  place.textContent = "";
  requestAnimationFrame(() => (place.textContent = text));
};

// The buttons below an answer.
element.addEventListener("click", async (event) => {
  const button = event.target.closest(".tool");
  if (!button) return;
  const tools = button.closest(".tools");
  const form = tools.querySelector(".why");
  const down = tools.querySelector('[data-rate="down"]');
  const { copy: text, link, rate, send, cancel, export: file, turn } = button.dataset;
  const unfold = (open) => {
    form.hidden = !open;
    down.setAttribute("aria-expanded", open);
    (open ? form.querySelector("input") : down).focus();
  };
  if (file) trigger("export", { turn, form: file });
  else if (text !== undefined) {
    await copy(text);
    say(tools, words().copied);
    button.focus();
  } else if (link !== undefined) {
    await copy(linkTo(link));
    say(tools, words().linked);
    button.focus();
  } else if (rate === "down") unfold(form.hidden);
  else if (cancel) unfold(false);
  else if (rate === "up" || send) {
    const reason = form.querySelector("input:checked")?.value ?? "";
    const more = form.querySelector("textarea").value;
    trigger("rate", { turn: tools.dataset.turn, rating: rate ?? send, reason, more });
    focus();
  }
});

// A new question goes to the top of the view, so that its answer is read from the beginning.
let turns = 0;
watch("value", () => {
  const exchanges = element.querySelectorAll(".exchange");
  if (exchanges.length > turns) exchanges[exchanges.length - 1].scrollIntoView({ block: "start" });
  if (exchanges.length !== turns) panel().scrollTop = 0;
  turns = exchanges.length;
});

// Who somebody last said to be is chosen again; until it is, the questions to start from are not shown.
const { remembered } = window;
const recalled = remembered.get("role");
const linked = new URLSearchParams(location.search).get("q");
const begin = () => linked && linked.length <= 1000 && setTimeout(() => ask(linked), 0);
document.addEventListener("change", ({ target }) => {
  if (target.closest("#who")) remembered.set("role", target.value);
});
const recall = (tries) => {
  const radios = [...document.querySelectorAll("#who input")];
  if (!radios.length && tries) return setTimeout(recall, 20, tries - 1);
  const radio = radios.find((input) => input.value === recalled);
  const shown = () => element.classList.remove("recalling");
  if (radio && !radio.checked) {
    watch("value", shown);
    setTimeout(shown, 2000);
    radio.click();
  } else shown();
  begin();
};
// A link to an answer asks its question again, as whoever somebody is.
if (recalled) {
  element.classList.add("recalling");
  recall(100);
} else begin();

// The other parts come a moment after the conversation. What scrolls must be reached by the keyboard.
setTimeout(() => {
  panel().setAttribute("tabindex", "0");
  panel().setAttribute("role", "region");
  panel().setAttribute("aria-label", words().panel);
  focus();
}, 100);
