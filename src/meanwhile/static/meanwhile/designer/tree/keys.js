/* The keyboard in the tree, as the WAI-ARIA pattern has it, and shortcuts for what the menu offers. */

const collapsed = new Set();

const all = () => [...document.querySelectorAll("#tree [role=treeitem]")];
const shown = () => all().filter((item) => item.offsetParent !== null);
const groupOf = (item) => document.getElementById(item.getAttribute("aria-owns"));

export const parentOf = (item) => {
  const group = item.closest("[role=group]");
  return group ? document.querySelector(`#tree [aria-owns="${CSS.escape(group.id)}"]`) : null;
};

/** Give an item the focus, and make it the one that Tab leads to. */
export const focusItem = (item) => {
  if (!item) return;
  for (const other of all()) other.tabIndex = other === item ? 0 : -1;
  item.focus();
};

/** Hide what is below an item, or show it. */
export const setExpanded = (item, isExpanded) => {
  const group = groupOf(item);
  if (!group) return;
  item.setAttribute("aria-expanded", String(isExpanded));
  group.hidden = !isExpanded;
  if (isExpanded) collapsed.delete(item.dataset.id);
  else collapsed.add(item.dataset.id);
};

/** After the tree was drawn anew: what was hidden is hidden again, unless it holds what is selected. */
export const restoreCollapsed = () => {
  for (const item of all()) {
    const hides = collapsed.has(item.dataset.id) && !groupOf(item)?.querySelector("#selected");
    if (hides) setExpanded(item, false);
  }
};

const next = (item, by) => {
  const items = shown();
  return items[items.indexOf(item) + by];
};

const right = (item) => {
  if (item.getAttribute("aria-expanded") === "false") setExpanded(item, true);
  else if (item.hasAttribute("aria-expanded")) focusItem(groupOf(item).querySelector("[role=treeitem]"));
};

const left = (item) => {
  if (item.getAttribute("aria-expanded") === "true") setExpanded(item, false);
  else focusItem(parentOf(item));
};

const MOVES = {
  ArrowDown: (item) => focusItem(next(item, 1)),
  ArrowUp: (item) => focusItem(next(item, -1)),
  ArrowRight: right,
  ArrowLeft: left,
  Home: () => focusItem(shown()[0]),
  End: () => focusItem(shown().at(-1)),
};

const ACTS = {
  Delete: "delete",
  "Alt+ArrowUp": "up",
  "Alt+ArrowDown": "down",
  "Alt+ArrowRight": "indent",
  "Alt+ArrowLeft": "outdent",
  "Ctrl+x": "cut",
  "Ctrl+c": "copy",
  "Ctrl+v": "paste",
  "Ctrl+d": "duplicate",
};

const HISTORY = { "Ctrl+z": "undo", "Ctrl+y": "redo", "Ctrl+Shift+z": "redo" };

const nameOf = (event) => {
  const held = [(event.ctrlKey || event.metaKey) && "Ctrl", event.altKey && "Alt", event.shiftKey && "Shift"];
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return [...held.filter(Boolean), key].join("+");
};

let typed = "";
let typedAt = 0;

const typeAhead = (item, letter) => {
  typed = Date.now() - typedAt > 700 ? letter : typed + letter;
  typedAt = Date.now();
  const items = shown();
  const start = items.indexOf(item) + (typed.length === 1 ? 1 : 0);
  const turned = [...items.slice(start), ...items.slice(0, start)];
  focusItem(turned.find((each) => each.textContent.trim().toLowerCase().startsWith(typed.toLowerCase())));
};

/** `commands`: act(word, item), history(name), menu(item), create(item), settings(item), select(item). */
export const listen = (commands) => {
  const others = {
    Enter: commands.settings,
    " ": commands.select,
    Insert: commands.create,
    "Shift+F10": commands.menu,
    ContextMenu: commands.menu,
  };
  document.addEventListener("keydown", (event) => {
    const item = event.target.closest?.("#tree [role=treeitem]");
    if (!item) return;
    const name = nameOf(event);
    if (MOVES[name]) MOVES[name](item);
    else if (ACTS[name]) commands.act(ACTS[name], item);
    else if (HISTORY[name]) commands.history(HISTORY[name], item);
    else if (others[name]) others[name](item);
    else if (name.length === 1) typeAhead(item, event.key);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
};
