// Runs once in the page: sends the files, one after the other, and then has them added with "take".

const say = (form, text) => (form.querySelector(".sending").textContent = text);

const send = (form, file) =>
  new Promise((done) => {
    const words = form.dataset;
    if (file.size > words.most * 1048576) return done({ why: `${file.name} ${words.large}` });
    const bar = form.querySelector(".sent");
    const request = new XMLHttpRequest();
    request.open("POST", `upload?name=${encodeURIComponent(file.name)}`);
    request.setRequestHeader("x-kb-upload", words.key);
    request.upload.onprogress = ({ loaded, total }) => (bar.value = (100 * loaded) / (total || 1));
    request.onload = () =>
      done(request.status === 200 ? JSON.parse(request.responseText) : { why: request.responseText });
    request.onerror = () => done({ why: `${file.name} ${words.unsent}` });
    request.send(file);
  });

const sendAll = async (form, files) => {
  const [tokens, failed, bar] = [[], [], form.querySelector(".sent")];
  bar.hidden = !files.length;
  for (const file of files) {
    say(form, `${form.dataset.sending} ${file.name}`);
    const { token, why } = await send(form, file);
    if (token) tokens.push(token);
    else failed.push([file.name, why]);
  }
  bar.hidden = true;
  return { tokens, failed };
};

const add = async (form, button, files, addresses, instead) => {
  button.disabled = true;
  const sent = await sendAll(form, files);
  say(form, "");
  button.disabled = false;
  button.focus();
  trigger("take", { ...sent, addresses, instead });
  document.querySelector("#library-report")?.scrollIntoView({ block: "nearest" });
};

element.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const [files, addresses] = [[...form.elements.files.files], form.elements.addresses.value];
  if (!files.length && !addresses.trim()) return say(form, form.dataset.none);
  await add(form, form.querySelector(".send"), files, addresses, "");
  form.reset();
});

// The form that replaces one document stands beside it, in another part.
document.addEventListener("submit", (event) => {
  const instead = event.target.closest("#library-look form.instead");
  if (!instead) return;
  event.preventDefault();
  const [files, form] = [[...instead.elements.files.files], element.querySelector("form")];
  if (files.length && form) add(form, instead.querySelector("button"), files, "", instead.dataset.id);
});
