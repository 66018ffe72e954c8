// Each module does nothing where its markup is absent. Every page works without any of them.
import { startCopying } from "./copying.js";
import { startCounters } from "./counters.js";
import { startDrafts } from "./drafts.js";
import { startErrors } from "./errors.js";
import { clearWhatIsSaved } from "./leaving.js";
import { fillLocale } from "./locale.js";
import { startMenus } from "./menus.js";
import { sendOnce } from "./once.js";
import { startPasswords } from "./passwords.js";
import { keepPlace } from "./reorder.js";
import { startTopics } from "./topics.js";
import { startWeekGrids } from "./week.js";

function start(root) {
  startErrors(root);
  fillLocale(root);
  startPasswords(root);
  startCopying(root);
  startCounters(root);
  startDrafts(root);
  startWeekGrids(root);
  startTopics(root);
}

startMenus();
sendOnce();
keepPlace();
clearWhatIsSaved();
start(document);
document.addEventListener("htmx:load", (event) => {
  if (event.detail.elt !== document.body) start(event.detail.elt);
});
