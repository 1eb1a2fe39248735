/* Small comforts. Every page works without them.
 *
 * A form marked data-once is sent once however often its button is pressed. The server does not rely on it: a form
 * carries a submission key. When the page comes back from the browser's history, its button works again. */

const SENDING = "mw-sending";

const refuseSecondPress = (event) => {
  const form = event.target;
  if (!form.matches("form[data-once]") || event.defaultPrevented) return;
  if (form.classList.contains(SENDING)) {
    event.preventDefault();
    return;
  }
  form.classList.add(SENDING);
  const button = event.submitter ?? form.querySelector("[type=submit]");
  button?.setAttribute("aria-disabled", "true");
  if (button?.dataset.sending) {
    button.dataset.words = button.textContent;
    button.textContent = button.dataset.sending;
  }
};

const allowAgain = () => {
  for (const form of document.querySelectorAll(`form.${SENDING}`)) {
    form.classList.remove(SENDING);
    for (const button of form.querySelectorAll("[aria-disabled]")) {
      button.removeAttribute("aria-disabled");
      if (button.dataset.words) button.textContent = button.dataset.words;
    }
  }
};

document.addEventListener("submit", refuseSecondPress);
window.addEventListener("pageshow", (event) => {
  if (event.persisted) allowAgain();
});
