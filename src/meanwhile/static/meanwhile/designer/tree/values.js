/* Below each expression what is wrong with it, or what it gives for the sample record, while it is typed; and a menu
 * that inserts the names that it can use where the caret is. */

import { closeAll, upgrade } from "./menu.js";

const PAUSE = 300;

const help = () => document.getElementById("expression-help");

export const explainExpressions = () => {
  if (!help()) return;
  const texts = document.querySelectorAll("#node-settings [data-expression]");
  texts.forEach(explain);
  help().querySelector(".mw-names-box").hidden = texts.length > 0;
  const form = document.getElementById("sample-form");
  form.querySelector("button").hidden = true;
  form.querySelector("select").addEventListener("change", () => form.requestSubmit());
};

const explain = (control) => {
  const place = placeOf(control);
  const box = document.createElement("div");
  box.className = "mw-value-line";
  control.after(box);
  box.append(insertMenu(control), place);
  let timer = 0;
  let asked = 0;
  control.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      if (!control.isConnected) return; // what it belongs to was saved or closed meanwhile
      const mine = (asked += 1);
      const told = await ask(control);
      if (told && mine === asked) tell(place, told);
    }, PAUSE);
  });
};

/** What the server wrote for this control, or an empty place for it. */
const placeOf = (control) => {
  const found = document.querySelector(`[data-value-of="${CSS.escape(control.id)}"]`);
  if (found) return found;
  const made = document.createElement("p");
  made.className = "mw-value";
  made.hidden = true;
  made.innerHTML = '<span class="mw-value-what"></span> <output></output>';
  return made;
};

const ask = async (control) => {
  const data = new FormData();
  data.set("csrfmiddlewaretoken", document.querySelector("#node-settings [name=csrfmiddlewaretoken]").value);
  data.set("kind", control.dataset.expression);
  data.set("text", control.value);
  try {
    const response = await fetch(help().dataset.address, { method: "POST", body: data });
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
};

const tell = (place, { text, severity }) => {
  const { gives, wrong } = help()?.dataset ?? {};
  place.hidden = severity === "nothing";
  place.dataset.severity = severity;
  place.querySelector(".mw-value-what").textContent = severity === "error" ? wrong : gives;
  place.querySelector("output").textContent = text;
};

// --- names -------------------------------------------------------------------------------------------------------

const element = (name, text = "", properties = {}) => {
  const made = Object.assign(document.createElement(name), properties);
  if (text) made.textContent = text;
  return made;
};

const insertMenu = (control) => {
  const details = element("details", "", { className: "mw-menu" });
  details.dataset.menu = "insert";
  const groups = element("ul");
  for (const section of help().querySelectorAll("[data-names]")) groups.append(group(section));
  details.append(element("summary", help().dataset.insert, { className: "btn btn-outline-secondary btn-sm" }), groups);
  const holder = element("span", "", { className: "mw-insert" });
  holder.append(details);
  const button = upgrade(details);
  describe(button, control);
  holder.addEventListener("click", (event) => {
    const name = event.target.closest("[data-name]")?.dataset.name;
    if (!name) return;
    closeAll();
    insert(control, name);
  });
  return holder;
};

/** Say which control the button is about. */
const describe = (button, control) => {
  const label = control.labels?.[0] ?? control;
  label.id ||= `label-of-${control.id}`;
  button.setAttribute("aria-describedby", label.id);
};

const group = (section) => {
  const line = element("li");
  const details = element("details");
  const names = element("ul");
  for (const each of section.querySelectorAll("li")) {
    const [code, label] = each.children;
    const button = element("button", "", { type: "button" });
    button.dataset.name = code.textContent;
    button.append(element("span", label.textContent, { className: "mw-menu-label" }), element("kbd", code.textContent));
    const item = element("li");
    item.append(button);
    names.append(item);
  }
  details.append(element("summary", section.dataset.names), names);
  line.append(details);
  return line;
};

/** Whether the caret stands inside a placeholder already. */
const isInside = (text, caret) => text.lastIndexOf("{{", caret) > text.lastIndexOf("}}", caret - 1);

const insert = (control, name) => {
  const caret = control.selectionStart ?? control.value.length;
  const bare = control.dataset.expression === "expression" || isInside(control.value.slice(0, caret), caret);
  control.focus();
  control.setRangeText(bare ? name : `{{ ${name} }}`, caret, control.selectionEnd ?? caret, "end");
  control.dispatchEvent(new Event("input", { bubbles: true }));
};
