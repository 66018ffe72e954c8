/**
 * A contract that nobody edits any more, and a device on which something was typed without a connection: the draft is sent now.
 * What comes after both have signed begins an amendment; what comes after the end is shown, so that it can be copied.
 */
export function sendWhatIsLate() {
  const place = document.querySelector("[data-late]");
  if (!place) return;
  try {
    const { member, contract } = JSON.parse(document.getElementById("draft-data").textContent);
    if (localStorage.getItem(`draft-${member}-${contract}-unsent`) === null) return;
  } catch {
    return;
  }
  import(place.dataset.late).then(({ sendLate }) => sendLate(place));
}
