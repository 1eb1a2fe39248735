/* The event tree: menus, keyboard and dragging on top of a page that works without them. Everything that changes the
 * tree is one of the page's own forms; see `tree/exchange.js`. The focus is never lost: after each change it stands on
 * what is selected, in the settings, or where it was. */

import { makeDraggable } from "./tree/drag.js";
import { inTurn, say, send, visit } from "./tree/exchange.js";
import { focusItem, listen, restoreCollapsed } from "./tree/keys.js";
import { isOpen, open, upgrade } from "./tree/menu.js";
import { explainExpressions } from "./tree/values.js";

const byId = (id) => document.getElementById(id);
const selected = () => byId("selected");
const itemOf = (id) => document.querySelector(`#tree [data-id="${CSS.escape(id)}"]`);
const menuOf = (name) => document.querySelector(`[data-menu=${name}]`);
const FIRST_CONTROL = "input:not([type=hidden]), select, textarea";

// --- after each change -------------------------------------------------------------------------------------------

/** Where the focus is, to be found again in a page that was drawn anew. */
const placeOfFocus = () => {
  const active = document.activeElement;
  const history = active?.closest("[data-shortcut]");
  if (history) return () => document.querySelector(`[data-shortcut=${history.dataset.shortcut}] button`);
  if (!active?.closest("#settings")) return selected;
  const { id, type } = active;
  return () => (id && byId(id)) || (type === "submit" && document.querySelector("#node-settings [type=submit]")) || selected();
};

const focusSettings = () => {
  const first = byId("settings").querySelector(`form :is(${FIRST_CONTROL})`);
  if (!first) return focusItem(selected());
  first.focus();
  byId("settings").scrollIntoView({ block: "nearest" });
};

/** Who makes objects by keys goes on in the tree, on the new one; how its settings are reached is said. */
const stayInTree = () => {
  focusItem(selected());
  const said = byId("tree-said");
  say(`${said.textContent}. ${said.dataset.next}`);
};

const prepare = () => {
  restoreCollapsed();
  for (const details of document.querySelectorAll("details[data-menu]")) {
    const name = details.dataset.menu;
    // Not before what was begun is done: that draws the menu anew.
    upgrade(details, () => inTurn(() => openBelowButton(name)));
  }
  makeDraggable((node, place) => act("move", node, place));
  explainExpressions();
  asShown = sentBy(byId("node-settings"));
};

document.addEventListener("tree:shown", ({ detail: { focus, openMenu, isMadeByKeys } }) => {
  prepare();
  if (openMenu) openMenu();
  else if (isMadeByKeys && byId("designer-tree").hasAttribute("data-to-settings")) stayInTree();
  else if (byId("designer-tree").hasAttribute("data-to-settings") || focus === "settings") focusSettings();
  else if (focus) {
    const target = focus();
    if (target?.matches("[role=treeitem]")) focusItem(target);
    else (target ?? selected())?.focus();
  }
});

// --- settings that were typed and not saved ----------------------------------------------------------------------

let asShown = "";

const sentBy = (form) => (form ? new URLSearchParams(new FormData(form)).toString() : "");
const isTyped = () => sentBy(byId("node-settings")) !== asShown;

/** Nothing that was typed is lost: it is saved before something else is selected or done. */
const saveTyped = async () => {
  if (isTyped()) await send(byId("node-settings"), {});
};

window.addEventListener("beforeunload", (event) => isTyped() && event.preventDefault());

// --- what people do ----------------------------------------------------------------------------------------------

const act = (word, node, more = {}) =>
  inTurn(async () => {
    await saveTyped();
    await send(byId("tree-acts"), { more: { ...more, act: word, node }, focus: selected });
  });

const select = (item, how = { focus: selected }) => {
  const id = item.dataset.id;
  return inTurn(async () => {
    await saveTyped();
    await visit(itemOf(id)?.href ?? location.href, how);
  });
};

const settings = (item) => (item === selected() && !isTyped() ? focusSettings() : select(item, { focus: "settings" }));

const openBelowButton = (name) => {
  const [button, list] = menuOf(name).children;
  open(list, button);
};

const openObjectMenu = (point) => {
  const box = selected().getBoundingClientRect();
  focusItem(selected());
  open(menuOf("object").querySelector("[role=menu]"), selected(), point ?? { x: box.left + 24, y: box.bottom });
};

const menu = (item, point = null) => {
  if (item === selected()) openObjectMenu(point);
  else select(item, { openMenu: () => openObjectMenu(point) });
};

const create = (item) => {
  const show = () => openBelowButton("new");
  if (item === selected()) show();
  else select(item, { openMenu: show });
};

const history = (name, item) =>
  inTurn(async () => {
    await saveTyped();
    const form = document.querySelector(`[data-shortcut=${name}]`);
    const address = new URL(item.href);
    await send(form, { more: { here: address.pathname + address.search }, focus: selected });
  });

listen({ act: (word, item) => act(word, item.dataset.id), menu, create, settings, select, history });

document.addEventListener("contextmenu", (event) => {
  const item = event.target.closest("#tree [role=treeitem]");
  if (!item) return;
  event.preventDefault();
  if (!isOpen()) menu(item, event.clientX || event.clientY ? { x: event.clientX, y: event.clientY } : null);
});

document.addEventListener("click", (event) => {
  const item = event.target.closest("#tree [role=treeitem]");
  if (!item || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  if (item === selected()) focusItem(item);
  else select(item);
});

// A key presses a button without any click of a pointer. Who chose with one goes on to the settings.
let isByKeys = false;
document.addEventListener("click", (event) => (isByKeys = event.detail === 0), true);

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.closest("#tree-top, #designer-tree, #designer-state")) return;
  event.preventDefault();
  if (event.submitter?.getAttribute("aria-disabled") && form.id === "tree-acts") return;
  const focus = form.id === "tree-acts" ? selected : placeOfFocus();
  const { submitter } = event;
  const isMadeByKeys = isByKeys && form.id === "tree-acts";
  const more = submitter?.name ? { [submitter.name]: submitter.value } : {};
  inTurn(async () => {
    if (form.id !== "node-settings") await saveTyped();
    await send(form.id ? byId(form.id) : form, { more, focus, isMadeByKeys });
  });
});

prepare();
if (byId("designer-tree").hasAttribute("data-to-settings")) focusSettings();
