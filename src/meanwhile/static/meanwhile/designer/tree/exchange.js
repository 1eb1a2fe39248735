/* Forms and links of the tree without leaving the page: what is sent is what a browser without scripts would send, and
 * of the page that comes back the parts that may have changed take the place of ours. One after the other, so that
 * each is sent with the revision that the one before it left. */

const PARTS = ["#tree-top", "#designer-tree", "#designer-state"];
let last = Promise.resolve();

/** Something that must not be carried on with: the answer was another page, or none. */
class Stopped extends Error {}

export const inTurn = (work) => {
  last = last.then(work).catch((error) => {
    if (error instanceof Stopped) return;
    if (!(error instanceof TypeError)) throw error;
    say(document.getElementById("tree-said").dataset.unreachable, "error");
  });
  return last;
};

export const say = (text, severity = "info") => {
  const said = document.getElementById("tree-said");
  if (!said) return;
  said.dataset.severity = severity;
  // The same words again are read out again only when they differ.
  said.textContent = said.textContent === text ? `${text}\u00a0` : text;
};

/** Ask for an address, show what comes. `how.focus`: where the focus goes (see `tree.js`). */
export const visit = async (address, how = {}) => show(await fetch(address), how);

/** Send a form as its button would. `more`: fields that take the place of the form's. */
export const send = async (form, { submitter = null, more = {}, ...how } = {}) => {
  const data = new FormData(form, submitter);
  for (const [name, value] of Object.entries(more)) data.set(name, value);
  await show(await fetch(form.action, { method: "POST", body: data }), how);
};

const show = async (response, how) => {
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  if (!page.getElementById("designer-tree")) return leave(response, page);
  for (const part of PARTS) {
    const [ours, theirs] = [document.querySelector(part), page.querySelector(part)];
    if (ours && theirs) ours.replaceWith(document.adoptNode(theirs));
  }
  document.title = page.title;
  const address = new URL(response.url);
  address.searchParams.delete("focus");
  history.replaceState(null, "", address.pathname + address.search);
  sayMessages(page);
  document.dispatchEvent(new CustomEvent("tree:shown", { detail: how }));
};

const sayMessages = (page) => {
  const notices = [...page.querySelectorAll("#main > .mw-notice")];
  if (!notices.length) return;
  const isError = notices.some((notice) => notice.matches(".mw-notice-error, .mw-notice-warning"));
  say(notices.map((notice) => notice.textContent.trim()).join(" "), isError ? "error" : "info");
};

/** Another page than the tree: what a person has to decide (somebody else was faster) takes the place of ours. */
const leave = (response, page) => {
  const main = page.getElementById("main");
  if (response.ok || !main) location.assign(response.url);
  else {
    document.getElementById("main").replaceWith(document.adoptNode(main));
    document.title = page.title;
    document.getElementById("main").focus();
  }
  throw new Stopped();
};
