/* Menus out of lists in <details>: buttons with menus and submenus, as the WAI-ARIA pattern has them. The buttons in
 * them stay what they were, buttons of a form. What cannot be done keeps its place and its reason, and does nothing. */

let opened = [];
let origin = null;

const itemsOf = (menu) => [...menu.querySelectorAll(":scope > li > [role=menuitem]")];
const menuBelow = (item) => item.nextElementSibling;

/** Turn `details` into a button with a menu; the button. `press`: what pressing it does, instead of opening at once. */
export const upgrade = (details, press = null) => {
  const summary = details.querySelector("summary");
  const button = document.createElement("button");
  button.type = "button";
  button.className = summary.className;
  button.textContent = summary.textContent.trim();
  button.setAttribute("aria-haspopup", "menu");
  button.setAttribute("aria-expanded", "false");
  const menu = details.querySelector("ul");
  const box = document.createElement("div");
  box.className = details.className;
  box.dataset.menu = details.dataset.menu;
  box.append(button, menu);
  details.replaceWith(box);
  makeMenu(menu, button.textContent);
  const show = press ?? (() => open(menu, button));
  button.addEventListener("click", () => (opened.includes(menu) ? closeAll() : show()));
  button.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown") return;
    event.preventDefault();
    show();
  });
  return button;
};

const makeMenu = (menu, label) => {
  menu.setAttribute("role", "menu");
  menu.setAttribute("aria-label", label);
  menu.hidden = true;
  for (const line of menu.children) {
    line.setAttribute("role", "none");
    const inner = line.querySelector(":scope > details");
    if (inner) makeSubmenu(line, inner);
    else makeItem(line.firstElementChild);
  }
};

const makeSubmenu = (line, details) => {
  const item = document.createElement("button");
  item.type = "button";
  item.textContent = details.querySelector("summary").textContent.trim();
  item.setAttribute("aria-haspopup", "menu");
  item.setAttribute("aria-expanded", "false");
  const menu = details.querySelector("ul");
  makeMenu(menu, item.textContent);
  details.replaceWith(item, menu);
  makeItem(item);
  item.addEventListener("click", () => openSubmenu(item));
  line.addEventListener("pointerenter", (event) => event.pointerType === "mouse" && openSubmenu(item, false));
};

let reasons = 0;

const makeItem = (item) => {
  item.setAttribute("role", "menuitem");
  item.tabIndex = -1;
  const reason = item.querySelector(".mw-menu-reason");
  if (reason) {
    reason.id = `reason-${(reasons += 1)}`;
    item.setAttribute("aria-label", item.querySelector(".mw-menu-label").textContent);
    item.setAttribute("aria-describedby", reason.id);
  }
};

/** Open a menu at its button, or at a point of the window; `from` gets the focus when it is closed. */
export const open = (menu, from, point = null) => {
  closeAll();
  origin = from;
  const box = from.getBoundingClientRect();
  reveal(menu, point ?? { x: box.left, y: box.bottom + 4 });
  if (from.getAttribute("aria-haspopup")) from.setAttribute("aria-expanded", "true");
  itemsOf(menu)[0]?.focus();
};

const openSubmenu = (item, withFocus = true) => {
  closeBelow(item.closest("[role=menu]"));
  const menu = menuBelow(item);
  const box = item.getBoundingClientRect();
  reveal(menu, { x: box.right - 2, y: box.top - 6 }, box);
  item.setAttribute("aria-expanded", "true");
  (withFocus ? itemsOf(menu)[0] : item)?.focus();
};

/** Show a menu where there is room: to the left of its parent, or further up, where it would leave the window. */
const reveal = (menu, { x, y }, parent = null) => {
  menu.hidden = false;
  opened.push(menu);
  const { width, height } = menu.getBoundingClientRect();
  const room = document.documentElement.clientWidth - width - 8;
  const left = x <= room ? x : parent && parent.left - width > 8 ? parent.left - width + 2 : room;
  menu.style.left = `${Math.max(8, left)}px`;
  menu.style.top = `${Math.max(8, Math.min(y, window.innerHeight - height - 8))}px`;
};

const hide = (menu) => {
  menu.hidden = true;
  menu.previousElementSibling?.setAttribute("aria-expanded", "false");
};

const closeBelow = (menu) => {
  while (opened.length && opened.at(-1) !== menu) hide(opened.pop());
};

export const closeAll = ({ backToOrigin = false } = {}) => {
  closeBelow(null);
  if (backToOrigin) origin?.focus();
};

export const isOpen = () => opened.length > 0;

const step = (menu, from, by) => {
  const items = itemsOf(menu);
  items.at((items.indexOf(from) + by) % items.length)?.focus();
};

const byLetter = (menu, from, letter) => {
  const items = itemsOf(menu);
  const start = items.indexOf(from) + 1;
  const turned = [...items.slice(start), ...items.slice(0, start)];
  turned.find((item) => item.textContent.trim().toLowerCase().startsWith(letter.toLowerCase()))?.focus();
};

const KEYS = {
  ArrowDown: (menu, item) => step(menu, item, 1),
  ArrowUp: (menu, item) => step(menu, item, -1),
  Home: (menu) => itemsOf(menu)[0].focus(),
  End: (menu) => itemsOf(menu).at(-1).focus(),
  ArrowRight: (_menu, item) => item.getAttribute("aria-haspopup") && openSubmenu(item),
  ArrowLeft: (menu) => opened.length > 1 && back(menu),
  Escape: (menu) => (opened.length > 1 ? back(menu) : closeAll({ backToOrigin: true })),
};

const back = (menu) => {
  const item = menu.previousElementSibling;
  closeBelow(item.closest("[role=menu]"));
  item.focus();
};

document.addEventListener("keydown", (event) => {
  const item = event.target.closest?.("[role=menuitem]");
  if (!item || !isOpen()) return;
  const menu = item.closest("[role=menu]");
  if (event.key === "Tab") return closeAll({ backToOrigin: true });
  if (KEYS[event.key]) KEYS[event.key](menu, item);
  else if (event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey)
    byLetter(menu, item, event.key);
  else return;
  event.preventDefault();
  event.stopPropagation();
});

document.addEventListener("pointerdown", (event) => {
  if (isOpen() && !event.target.closest("[role=menu], [aria-haspopup=menu]")) closeAll();
});

// Not before the form is sent: a hidden button sends nothing.
document.addEventListener("submit", () => closeAll());
window.addEventListener("resize", () => closeAll());
