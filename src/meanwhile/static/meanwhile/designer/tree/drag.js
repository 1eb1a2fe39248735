/* Dragging with a pointer. What is dropped is sent as the form of moving, so that the server decides. */

import Sortable from "../../vendor/sortable/sortable.esm.js";

const tree = () => document.getElementById("tree");
const nodesOf = (list) => [...list.children].filter((line) => line.dataset.node);

/** `move(id, {parent, side, index})`, with the place counted as it was before. */
export const makeDraggable = (move) => {
  for (const list of tree().querySelectorAll("[role=group]")) {
    Sortable.create(list, {
      group: "tree",
      draggable: "li[data-node]",
      animation: 120,
      delay: 250,
      delayOnTouchOnly: true,
      forceFallback: true,
      fallbackOnBody: true,
      fallbackTolerance: 4,
      fallbackClass: "mw-tree-drag",
      onStart: () => tree().classList.add("mw-tree-dragging"),
      onEnd: (event) => {
        tree().classList.remove("mw-tree-dragging");
        if (event.from === event.to && event.oldDraggableIndex === event.newDraggableIndex) return;
        move(event.item.dataset.node, placeOf(event));
      },
    });
  }
};

const placeOf = ({ from, to, item, oldDraggableIndex }) => {
  const index = nodesOf(to).indexOf(item);
  const isFurtherDown = from === to && index > oldDraggableIndex;
  return { parent: to.dataset.parent, side: to.dataset.side, index: isFurtherDown ? index + 1 : index };
};
