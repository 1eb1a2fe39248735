// What a person has opened stays open when the page reads itself again.
const { config } = window.htmx ?? {};
if (config) {
  config.morphIgnore = [...(config.morphIgnore ?? []), "open"];
}
