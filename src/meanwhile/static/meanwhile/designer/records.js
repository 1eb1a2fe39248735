/* Small comforts of the list of records; it works without them.
 *
 * The button under the list says how many records are chosen. */

const list = document.querySelector("form[data-records]");

if (list) {
  const button = list.querySelector(".mw-records-chosen button");
  const words = button.textContent;
  const count = () => {
    const chosen = list.querySelectorAll('input[name="id"]:checked').length;
    button.textContent = chosen ? `${words.replace("…", "")} (${chosen})…` : words;
  };
  list.addEventListener("change", count);
  window.addEventListener("pageshow", count);
}
