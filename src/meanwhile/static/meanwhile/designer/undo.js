/* Ctrl+Z, Ctrl+Y and Ctrl+Shift+Z press Undo and Redo on every page of a draft. In a text they are the browser's own;
 * in the tree they are among its own keys, which keep the focus there. */

const KEYS = { z: "undo", "shift+z": "redo", y: "redo" };
const NOT_TEXT = ["checkbox", "radio", "button", "submit", "reset", "file", "range", "color", "image"];

const isText = (element) =>
  element.matches("textarea") ||
  element.isContentEditable ||
  (element.matches("input") && !NOT_TEXT.includes(element.type));

const isChosen = (select) => {
  const options = [...select.options];
  // Where the page says none, a list that shows one line begins with the first.
  if (!select.multiple && !options.some((option) => option.defaultSelected)) return select.selectedIndex > 0;
  return options.some((option) => option.selected !== option.defaultSelected);
};

const isTouched = (control) => {
  if (control.matches("select")) return isChosen(control);
  if (["checkbox", "radio"].includes(control.type)) return control.checked !== control.defaultChecked;
  return control.type !== "hidden" && control.value !== control.defaultValue;
};

/** Whether something on the page is not saved yet. The tree saves that by itself. */
const isUnsaved = () =>
  !document.getElementById("designer-tree") &&
  [...document.querySelectorAll("#main form[method=post] :is(input, select, textarea)")].some(isTouched);

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.altKey || event.ctrlKey === event.metaKey) return;
  const name = KEYS[(event.shiftKey ? "shift+" : "") + event.key.toLowerCase()];
  if (!name || isText(event.target) || event.target.closest("#tree, [role=menu], dialog")) return;
  const button = document.querySelector(`[data-shortcut=${name}] button`);
  if (!button) return;
  event.preventDefault();
  // Who would lose what they typed is shown the button, and presses it or does not.
  if (isUnsaved()) button.focus();
  else if (!button.hasAttribute("aria-disabled")) button.form.requestSubmit(button);
});
