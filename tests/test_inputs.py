"""What is handed to `pellucid predict`: pictures and photos of any kind and size, and rows of numbers."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from pellucid import data
from pellucid.errors import ArgumentError, DataFileError
from pellucid.recipes.inputs import Numbers, Photos, Pictures, write_sample


def test_samples_come_back_as_the_network_saw_them(tmp_path):
    images, _ = data.digits()
    inputs = Pictures(size=8, ink=8)
    for number in range(0, 300, 10):
        write_sample(tmp_path / "s.png", images[number], 8)
        x, names = inputs.read([str(tmp_path / "s.png")])
        assert names == [str(tmp_path / "s.png")]
        np.testing.assert_allclose(x[0], images[number], atol=0.5 / 255)


@pytest.mark.parametrize("mode", ["dark on light", "light on dark", "colours", "transparent", "grey paper", "16 bits"])
def test_a_picture_of_any_kind_becomes_ink_on_paper(tmp_path, mode):
    """A thick vertical bar, off the middle, must come out as a bar in the middle: ink 1, paper 0."""
    bar = np.zeros((90, 120))
    bar[20:70, 80:92] = 1
    make = {
        "dark on light": lambda: Image.fromarray((255 * (1 - bar)).astype(np.uint8)),
        "light on dark": lambda: Image.fromarray((255 * bar).astype(np.uint8)),
        "colours": lambda: Image.fromarray(
            np.stack([255 - 255 * bar, 255 - 200 * bar, 255 - 40 * bar], -1).astype(np.uint8)
        ),
        "transparent": lambda: Image.fromarray(np.stack([0 * bar, 0 * bar, 0 * bar, 255 * bar], -1).astype(np.uint8)),
        "grey paper": lambda: Image.fromarray((180 - 100 * bar).astype(np.uint8)),
        "16 bits": lambda: Image.fromarray((65535 * (1 - bar)).astype(np.uint16)),
    }[mode]
    make().save(tmp_path / "bar.png")
    (x,), _ = Pictures(size=28, ink=20).read([str(tmp_path / "bar.png")])
    rows, columns = np.nonzero(x > 0.5)
    assert (rows.min(), rows.max()) == (4, 23)  # 20 pixels high, in the middle of 28
    assert abs(columns.mean() - 13.5) <= 0.5
    assert 4 <= len(set(columns)) <= 6  # 12 of 50 times 20
    assert x.max() > 0.9
    assert x[0, 0] == 0


@pytest.mark.parametrize("side", [28 * 10, 300])
def test_a_drawing_in_a_corner_is_centred_whatever_its_size(tmp_path, side):
    """A side that is a multiple of 28 is no sign of a picture of the data set."""
    image = Image.new("L", (side, side), 255)
    ImageDraw.Draw(image).line([(30, 20), (30, 119)], fill=0, width=15)
    image.save(tmp_path / "corner.png")
    (x,), _ = Pictures(size=28, ink=20).read([str(tmp_path / "corner.png")])
    rows, columns = np.nonzero(x > 0.5)
    assert (rows.min(), rows.max()) == (4, 23)
    assert abs(columns.mean() - 13.5) <= 0.5


def test_a_blank_picture_is_refused_in_every_size(tmp_path):
    for side in (28, 280, 300):
        Image.new("L", (side, side), 255).save(tmp_path / "blank.png")
        with pytest.raises(DataFileError, match="one colour"):
            Pictures(size=28, ink=20).read([str(tmp_path / "blank.png")])


def test_numbers_are_read_in_rows():
    x, names = Numbers(("a", "b")).read(["1", "-2.5", "3,", "4"])
    assert x.tolist() == [[1.0, -2.5], [3.0, 4.0]]
    assert names == ["1 -2.5", "3 4"]
    with pytest.raises(ArgumentError, match="2 finite numbers"):
        Numbers(("a", "b")).read(["1"])


def test_an_absurdly_large_picture_is_refused_before_it_is_unpacked(tmp_path):
    import struct
    import zlib

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", 60000, 60000, 8, 0, 0, 0, 0)
    png = (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )
    (tmp_path / "bomb.png").write_bytes(png)
    with pytest.raises(DataFileError, match=r"bomb\.png cannot be read"):
        Pictures(size=8, ink=8).read([str(tmp_path / "bomb.png")])


# ---- photos: colours as they are


def test_a_colour_sample_comes_back_as_the_network_saw_it(tmp_path):
    picture = np.random.default_rng(3).random((3, 8, 8)).astype(np.float32)
    write_sample(tmp_path / "s.png", picture, 4)
    x, names = Photos(size=8).read([str(tmp_path / "s.png")])
    assert names == [str(tmp_path / "s.png")]
    np.testing.assert_allclose(x[0], picture, atol=0.5 / 255)


def test_of_a_wide_photo_the_middle_is_taken(tmp_path):
    """Red, green and blue thirds of 40 by 120 pixels: the square in the middle is green."""
    pixels = np.zeros((40, 120, 3), np.uint8)
    for third in range(3):
        pixels[:, 40 * third : 40 * third + 40, third] = 255
    Image.fromarray(pixels).save(tmp_path / "flag.png")
    (x,), _ = Photos(size=32).read([str(tmp_path / "flag.png")])
    assert x.shape == (3, 32, 32)
    assert x.dtype == np.float32
    assert x[1].min() == 1
    assert x[[0, 2]].max() == 0


@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA", "P", "CMYK"])
def test_a_photo_of_any_mode_has_three_colours(tmp_path, mode):
    path = tmp_path / ("photo.tif" if mode == "CMYK" else "photo.png")
    Image.new("RGB", (50, 70), (102, 102, 102)).convert(mode).save(path)
    (x,), _ = Photos(size=32).read([str(path)])
    np.testing.assert_allclose(x, 0.4, atol=3 / 255)


def test_a_file_that_is_no_photo_is_refused(tmp_path):
    (tmp_path / "photo.png").write_text("no picture", encoding="utf-8")
    with pytest.raises(DataFileError, match=r"photo\.png cannot be read as a picture"):
        Photos(size=32).read([str(tmp_path / "photo.png")])
    with pytest.raises(DataFileError, match="there is no image file"):
        Photos(size=32).read([str(tmp_path / "none.png")])
