// Runs in the head: goes to the page in the browser's language, unless one was chosen, and names the language.
((setting) => {
  const french = setting === "fr" || (setting === "auto" && /\/fr\/?$/.test(location.pathname));
  const chosen = new URLSearchParams(location.search).has("lang");
  if (setting === "auto" && !french && !chosen && navigator.language.startsWith("fr")) {
    location.replace(location.pathname.replace(/\/?$/, "/fr") + location.search);
  }
  document.documentElement.lang = french ? "fr" : "en";
})
