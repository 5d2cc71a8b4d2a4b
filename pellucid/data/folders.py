"""Images in folders: one folder for each class, as many people keep them."""

from pathlib import Path

import numpy as np

from pellucid.data.shuffle import whole_number
from pellucid.errors import ArgumentError, DataFileError, DataNotFoundError, UnsupportedError

ENDINGS = (".bmp", ".gif", ".jpeg", ".jpg", ".png", ".ppm", ".pgm", ".tif", ".tiff", ".webp")
EIGHT_BITS = {"1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr"}


class ImageFolder:
    """Images below `root`, one folder for each class: root/cat/1.png, root/dog/2.jpg. They are read when asked for.

    Classes are numbered in the sorted order of their folders, images sorted within each, so the order is the same on
    every machine. `dataset[i]` gives (image, label), the image float32 (channels, height, width) from 0 to 1; a slice,
    a list, an array of numbers or a mask gives (images (n, channels, height, width), labels int64 (n,)). A DataLoader
    takes it as it is; with `prefetch=2` it unpacks images while a step runs.

    With `dtype="uint8"` the pixels stay bytes from 0 to 255, as the transforms of `data.transforms` take them.

    `size` is (height, width), or one number for both: images are resized to it (bilinear, without regard to their
    proportions). Without it all must have one size. `grayscale` makes one channel of three. `classes` are the names,
    `class_to_idx` their numbers, `samples` the pairs (path, label), `targets` the labels, as in torchvision.

    Raises DataNotFoundError if there is no such folder, DataFileError, which names the image, if one is damaged or of
    another size, ArgumentError if a folder has no images.

    >>> import tempfile
    >>> from PIL import Image
    >>> root = Path(tempfile.mkdtemp())
    >>> for name, gray in [("black", 0), ("white", 255)]:
    ...     (root / name).mkdir()
    ...     Image.new("L", (4, 3), gray).save(root / name / "1.png")
    >>> dataset = ImageFolder(root, grayscale=True)
    >>> images, labels = dataset[:]
    >>> images.shape, images.mean(axis=(1, 2, 3)).tolist(), labels.tolist(), dataset.classes
    ((2, 1, 3, 4), [0.0, 1.0], [0, 1], ['black', 'white'])
    """

    def __init__(self, root, size=None, grayscale=False, dtype="float32"):
        self.root = Path(root)
        if not self.root.is_dir():
            raise DataNotFoundError(f"{root} is not a folder.", remedy="It holds one folder of images for each class.")
        self.size = None if size is None else height_and_width(size)
        self.grayscale = bool(grayscale)
        self.dtype = np.dtype(dtype)
        if self.dtype not in (np.uint8, np.float32):
            raise ArgumentError(f"ImageFolder: dtype is float32 (from 0 to 1) or uint8 (from 0 to 255), not {dtype}.")
        self.classes = sorted(entry.name for entry in self.root.iterdir() if entry.is_dir() and entry.name[0] != ".")
        if not self.classes:
            raise ArgumentError(
                f"{root} has no folders in it; it needs one for each class.",
                remedy=f"Put the images of a class into a folder of its name: {self.root / 'cat' / '1.png'}",
            )
        self.class_to_idx = {name: number for number, name in enumerate(self.classes)}
        self.samples = []
        for name, number in self.class_to_idx.items():
            images = sorted(path for path in (self.root / name).rglob("*") if is_image(path))
            if not images:
                raise ArgumentError(
                    f"the folder {self.root / name} has no images; their names end in {' '.join(ENDINGS)}.",
                    remedy="Remove the folder, or put its images there.",
                )
            self.samples += [(path, number) for path in images]
        self.targets = np.array([number for _, number in self.samples], np.int64)

    def __len__(self):
        return len(self.samples)

    def __getitem__(self, index):
        rows = np.arange(len(self))[index]
        if rows.ndim == 0:
            return self.image(int(rows)), self.targets[rows]
        images = []
        for row in rows:
            images.append(self.image(row))
            if images[-1].shape != images[0].shape:
                path, first = self.samples[row][0], self.samples[rows[0]][0]
                raise DataFileError(
                    f"{path} has {words(images[-1])}, but {first} {words(images[0])}.",
                    remedy="Pass size=(height, width): all are resized to it.",
                )
        channels = 1 if self.grayscale else 3
        empty = np.zeros((0, channels, *(self.size or (0, 0))), self.dtype)
        return (np.stack(images) if images else empty), self.targets[rows]

    def image(self, row):
        """One image, (channels, height, width)."""
        path = self.samples[row][0]
        pixels = read_image(path, self.size, self.grayscale)
        return pixels if self.dtype == np.uint8 else pixels.astype(np.float32) / 255

    def __repr__(self):
        return f"ImageFolder({str(self.root)!r}, {len(self)} images, {len(self.classes)} classes)"


def read_image(path, size, grayscale):
    """An image file as uint8 (channels, height, width). Transparency is dropped."""
    try:
        from PIL import Image
    except ImportError:
        raise UnsupportedError("Images are read by Pillow.", remedy="python -m pip install pillow") from None
    try:
        with Image.open(path) as image:
            if image.mode not in EIGHT_BITS:
                raise DataFileError(
                    f"{path} has pixels of kind {image.mode}, more than 8 bits each.", remedy="Save it with 8 bits."
                )
            picture = image.convert("L" if grayscale else "RGB")
            if size is not None:
                picture = picture.resize((size[1], size[0]), Image.Resampling.BILINEAR)
            pixels = np.asarray(picture)
    except DataFileError:
        raise
    except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError) as error:
        raise DataFileError(
            f"{path} is damaged, or no image: {error}.", remedy="Replace it, or take it out of the folder."
        ) from None
    return pixels[np.newaxis] if grayscale else np.ascontiguousarray(pixels.transpose(2, 0, 1))


def height_and_width(size):
    """(height, width) from one number or a pair."""
    pair = tuple(size) if isinstance(size, (tuple, list)) else (size, size)
    if len(pair) != 2:
        raise ArgumentError(f"size must be one number or (height, width), not {size!r}.")
    return tuple([whole_number(n, "size", least=1) for n in pair])


def words(image):
    return f"{image.shape[1]} x {image.shape[2]} pixels (height x width)"


def is_image(path):
    """Does the name say so? A folder may have such a name, too."""
    return path.suffix.lower() in ENDINGS and path.is_file()
