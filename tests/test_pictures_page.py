"""docs/pictures.md: all its code runs, from top to bottom, and its pictures are there."""

import re
import struct
from pathlib import Path

from pellucid.data import transforms

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "pictures.md").read_text(encoding="utf-8")


def test_the_code_of_the_page_runs():
    blocks = re.findall(r"^```python\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 6
    exec(compile("\n".join(blocks), "docs/pictures.md", "exec"), {})


def test_the_page_names_every_transform_and_is_linked():
    for name in set(transforms.__all__):
        assert f"{name}" in PAGE, name
    assert "(pictures.md)" in (ROOT / "docs" / "README.md").read_text(encoding="utf-8")


def test_the_pictures_are_there():
    names = re.findall(r"\]\((pictures/\S+\.png)\)", PAGE)
    assert len(names) == 5
    for name in names:
        begin = (ROOT / "docs" / name).read_bytes()[:24]
        assert begin[:8] == b"\x89PNG\r\n\x1a\n"
        assert min(struct.unpack(">II", begin[16:])) > 200
