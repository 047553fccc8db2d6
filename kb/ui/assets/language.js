// Runs in the head: goes to the page in the language chosen last, else in the browser's, and names the language.

// What is kept on this computer alone, and only while the browser allows it: a language, a role, nothing else.
window.remembered = {
  get(name) {
    try {
      return localStorage.getItem(`policy-desk.${name}`);
    } catch {
      return null;
    }
  },
  set(name, value) {
    try {
      localStorage.setItem(`policy-desk.${name}`, value);
    } catch {
      // Then it is chosen anew at the next visit.
    }
  },
};

((setting) => {
  const french = setting === "fr" || (setting === "auto" && /\/fr\/?$/.test(location.pathname));
  if (setting === "auto") {
    const chosen = new URLSearchParams(location.search).get("lang");
    if (chosen === "en" || chosen === "fr") window.remembered.set("language", chosen);
    const wanted = chosen ?? window.remembered.get("language") ?? navigator.language;
    if (!french && wanted.startsWith("fr")) {
      location.replace(location.pathname.replace(/\/?$/, "/fr") + location.search);
    }
  }
  document.documentElement.lang = french ? "fr" : "en";
})
