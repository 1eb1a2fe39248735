/* Comforts of the pages that design forms and pages: menus that insert placeholders, and settings that stay as they are
 * typed while fields are put in order beside them. The preview is made anew by htmx. */
import { explainExpressions } from "./tree/values.js";

explainExpressions();

const refresh = () => document.getElementById("preview")?.dispatchEvent(new Event("refresh"));

/** Another sample record: what is shown of it is made anew, and what was typed stays. */
document.getElementById("sample-form")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  try {
    await fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual" });
  } catch {
    return;
  }
  refresh();
  for (const text of document.querySelectorAll("#node-settings [data-expression]")) text.dispatchEvent(new Event("input"));
});

/** The draft has a new revision: the settings, which were not sent, go on from that one. */
const goOn = () => {
  const newest = document.querySelector("#form-fields [name=revision]")?.value;
  const own = document.querySelector("#node-settings [name=revision]");
  if (!newest || !own || own.value === newest) return;
  own.value = newest;
  refresh();
};

document.addEventListener("htmx:after:settle", goOn);
document.addEventListener("htmx:after:swap", () => requestAnimationFrame(goOn));
