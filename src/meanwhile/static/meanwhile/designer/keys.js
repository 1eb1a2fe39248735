/* Shows the key that the server makes of a name, while the name is typed. The field may stay empty; nothing depends on this. */

const keyOf = (name) => {
  const words = name.normalize("NFKD").replace(/[^\x00-\x7f]/g, "").toLowerCase().replace(/[^a-z0-9]+/g, "_");
  return words.replace(/^_+|_+$/g, "").slice(0, 40);
};

for (const field of document.querySelectorAll("[data-key-from]")) {
  const name = document.getElementById(field.dataset.keyFrom);
  const show = () => {
    field.placeholder = keyOf(name.value);
  };
  name?.addEventListener("input", show);
  if (name) show();
}
