/* The order of fields: dragged with a pointer, or moved with Alt and the arrow keys. Both send the forms that are there
 * for everybody; the page that comes back takes the place of this one, and the focus stays where it was. */
import Sortable from "../vendor/sortable/sortable.esm.js";

const LIST = "[data-sortable]";
let focused = "";
let moved = "";

const send = (list, key, to) => {
  const form = document.getElementById(list.dataset.form);
  form.elements.field.value = key;
  form.elements.to.value = to;
  moved = key;
  form.requestSubmit();
};

const makeSortable = () => {
  for (const list of document.querySelectorAll(LIST)) {
    if (Sortable.get(list)) continue;
    Sortable.create(list, {
      handle: "[data-grip]",
      animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 120,
      onEnd: ({ item, oldIndex, newIndex }) => {
        if (oldIndex !== newIndex) send(list, item.dataset.key, newIndex);
      },
    });
  }
};

document.addEventListener("keydown", (event) => {
  if (!event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
  const row = event.target.closest?.(`${LIST} > li`);
  const button = row?.querySelector(`[data-way="${event.key === "ArrowUp" ? "up" : "down"}"]`);
  if (!button) return;
  event.preventDefault();
  if (!button.hasAttribute("aria-disabled")) button.click();
});

document.addEventListener("submit", (event) => {
  const row = event.target.closest?.(`${LIST} > li`);
  if (!row) return;
  if (event.submitter?.hasAttribute("aria-disabled")) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  moved = row.dataset.key;
  focused = document.activeElement?.id ?? "";
}, true);

const settle = () => {
  makeSortable();
  const row = moved && document.getElementById(`field-${moved}`);
  if (focused) document.getElementById(focused)?.focus();
  const status = document.getElementById("order-status");
  if (row && status) status.textContent = row.dataset.said;
  moved = focused = "";
};

document.addEventListener("htmx:after:settle", settle);
document.addEventListener("htmx:after:swap", () => requestAnimationFrame(settle));
makeSortable();
// One field after another is added without reaching for the mouse.
if (location.hash === "#new-field") document.querySelector("#new-field [name=label]")?.focus();
