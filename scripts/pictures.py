"""Take the pictures of the documentation from those that the browser tests take: ``python -m scripts.pictures``."""

import shutil
from pathlib import Path

ROOT = Path(__file__).parents[1]
TAKEN = ROOT / "tests/browser/screenshots"
KEPT = ROOT / "docs/images"

# The picture in the documentation, and the one of the tests.
PICTURES = {
    "confirming": "booking-confirming-desktop-light",
    "designer-new": "designer-new-desktop-light",
    "designer-home": "designer-home-desktop-light",
    "designer-table": "designer-table-booking-desktop-light",
    "designer-records": "records-desktop-light",
    "designer-import": "records-import-report-desktop-light",
    "designer-form": "designer-form-desktop-light",
    "designer-page": "designer-page-wait-desktop-light",
    "designer-tree": "designer-tree-menu-light",
    "designer-problems": "designer-problems-desktop-light",
    "designer-dry-run": "designer-dry-run-desktop-light",
    "designer-publish": "designer-publish-desktop-light",
    "designer-versions": "designer-compare-desktop-light",
}


def main() -> None:
    """Copy them. FileNotFoundError names the one that no test has taken."""
    KEPT.mkdir(exist_ok=True)
    for kept, taken in PICTURES.items():
        shutil.copyfile(TAKEN / f"{taken}.png", KEPT / f"{kept}.png")


if __name__ == "__main__":
    main()
