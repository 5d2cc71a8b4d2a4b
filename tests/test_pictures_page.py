"""docs/pictures.md: all its code runs, from top to bottom, and its picture is there and linked."""

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


def test_the_picture_is_there():
    (name,) = re.findall(r"\]\((pictures/\S+\.png)\)", PAGE)
    begin = (ROOT / "docs" / name).read_bytes()[:24]
    assert begin[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", begin[16:])
    assert width > 1000
    assert height > 1000
