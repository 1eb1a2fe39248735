/* Comforts of the pages that design forms and pages: menus that insert placeholders, and settings that stay as they are
 * typed while fields are put in order beside them. The preview is made anew by htmx. */
import { explainExpressions } from "./tree/values.js";

explainExpressions();

/** The draft has a new revision: the settings, which were not sent, go on from that one. */
const goOn = () => {
  const newest = document.querySelector("#form-fields [name=revision]")?.value;
  const own = document.querySelector("#node-settings [name=revision]");
  if (!newest || !own || own.value === newest) return;
  own.value = newest;
  document.getElementById("preview")?.dispatchEvent(new Event("refresh"));
};

document.addEventListener("htmx:after:settle", goOn);
document.addEventListener("htmx:after:swap", () => requestAnimationFrame(goOn));
