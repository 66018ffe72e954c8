/**
 * Drafts that were edited on this device lie in its own store, so that a closed laptop loses nothing. They are for who typed
 * them: on a page where somebody else is logged in, or nobody, those go of which the server has everything.
 */
export async function clearWhatIsSaved() {
  if (!globalThis.indexedDB?.databases) return;
  const member = document.body.dataset.member;
  try {
    for (const { name } of await indexedDB.databases()) {
      const isDraft = /^draft-[0-9]+-[0-9]+$/.test(name ?? "");
      if (!isDraft || (member && name.startsWith(`draft-${member}-`))) continue;
      if (localStorage.getItem(`${name}-unsent`) === null) indexedDB.deleteDatabase(name);
    }
  } catch {
    // A browser that keeps nothing has nothing to clear.
  }
}
