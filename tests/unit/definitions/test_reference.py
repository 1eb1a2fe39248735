"""The reference page names everything that a document can hold."""

from meanwhile.definitions.document import FormDef, PageDef, TableDef
from meanwhile.definitions.explain import keys_of
from meanwhile.definitions.reference import reference_markdown
from meanwhile.plugins import registry


def test_every_type_and_every_setting_is_in_the_reference() -> None:
    page = reference_markdown()
    for plugin in (*registry.nodes.values(), *registry.field_types.values()):
        section = page.partition(f"### `{plugin.type}`\n")[2].partition("\n##")[0]
        assert section, f"{plugin.type} has no section"
        for key in keys_of(plugin.Settings):
            assert f"| `{key}` |" in section, f"{plugin.type} does not tell of {key}"


def test_every_key_of_tables_forms_and_pages_has_a_meaning() -> None:
    page = reference_markdown()
    for model in (TableDef, FormDef, PageDef):
        for key in keys_of(model):
            row = next(line for line in page.splitlines() if line.startswith(f"| `{key}` |"))
            assert row.rsplit("|", 2)[1].strip(), f"{key} has no meaning"


def test_every_setting_has_a_meaning() -> None:
    rows = [line for line in reference_markdown().splitlines() if line.startswith("| `")]
    assert [row for row in rows if not row.rsplit("|", 2)[1].strip()] == []
