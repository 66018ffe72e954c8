/** Fills in what the browser knows, so that nobody has to look up the name of their time zone. */
export function fillLocale(root) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  for (const field of root.querySelectorAll("[data-time-zone]")) choose(field, [zone]);
  for (const field of root.querySelectorAll("[data-language]")) {
    choose(field, navigator.languages.flatMap((language) => [language, language.split("-")[0]]));
  }
}

function choose(field, values) {
  if (field.value) return;
  const known = field.options && new Set([...field.options].map((option) => option.value));
  field.value = values.find((value) => value && (!known || known.has(value))) ?? "";
}
