"""Writes the generated pages of the documentation: ``make docs``. A test holds them against the code."""

import json
import os
from pathlib import Path

import django

DOCS = Path(__file__).parent.parent / "docs"
REFERENCE = DOCS / "reference"


def pages() -> dict[Path, str]:
    """Each generated page with what it has to say. Django must be set up."""
    from meanwhile.definitions.document import json_schema
    from meanwhile.definitions.reference import reference_markdown
    from scripts.expressions import expressions_markdown
    from scripts.states import states_markdown

    return {
        DOCS / "explanation/states.md": states_markdown(),
        REFERENCE / "expressions.md": expressions_markdown(),
        REFERENCE / "document.md": reference_markdown(),
        REFERENCE / "document.schema.json": json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n",
    }


def main() -> None:
    """Write them."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "meanwhile.config.settings")
    django.setup()
    for path, text in pages().items():
        path.write_text(text)
        print(path.relative_to(Path.cwd()))


if __name__ == "__main__":
    main()
