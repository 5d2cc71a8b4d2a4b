"""Pictures one after the other: any sequence of figures as an animated GIF."""

import io
import os
from pathlib import Path

from pellucid.errors import ArgumentError

MOST = 1000  # pictures; each is held in memory until the file is written


def animate(figures, path, *, seconds=0.2, last=1.5, loop=True):
    """Write figures, one after the other, as an animated GIF.

    A generator is best: it trains a little, and yields the next figure. So a decision boundary moves:

        def frames():
            for epoch in range(30):
                train.fit(model, points, loss=F.cross_entropy, optimizer=optimizer, epochs=1, progress=False)
                yield view.decision_boundary(predict, x, y, title=f"epoch {epoch + 1}")

        view.animate(frames(), "boundary.gif")

    All figures must be of one size, and should have equal axes, or the picture jumps.

    Args:
        figures: matplotlib figures, such as those of this package; at most 1000.
        path: where to write, a name that ends in `.gif`. It is written beside it and moved there when complete.
        seconds: how long each picture is seen; GIF counts in hundredths of a second.
        last: how long the last one is seen, in seconds.
        loop: begin again after the last one; False plays once, for readers whom motion disturbs.

    Returns:
        the path.

    Raises:
        ArgumentError: there is no figure or too many, they differ in size, the name does not end in `.gif`, or a
            time is not above 0.

    >>> import tempfile
    >>> from pellucid.view import curves
    >>> history = [{"loss": 2.0}, {"loss": 1.0}, {"loss": 0.5}]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = animate((curves(history[:n]) for n in (1, 2, 3)), f"{folder}/loss.gif")
    ...     path.name
    'loss.gif'
    """
    path = Path(path)
    if path.suffix.lower() != ".gif":
        raise ArgumentError(
            f"animate writes GIF, and got the path {path.name!r}.", remedy="Give a name ending in .gif."
        )
    if seconds < 0.01 or last < 0.01:
        raise ArgumentError(f"animate got seconds={seconds} and last={last}: a picture is seen for at least 0.01 s.")
    pictures = []
    for figure in figures:
        pictures.append(picture_of(figure))
        if pictures[-1].size != pictures[0].size:
            raise ArgumentError(
                f"figure {len(pictures)} has {pictures[-1].size} pixels, and the first has {pictures[0].size}: "
                "an animation needs one size."
            )
        if len(pictures) > MOST:
            raise ArgumentError(f"animate got more than {MOST} figures.", remedy="Yield every tenth epoch only.")
    if not pictures:
        raise ArgumentError("animate got no figure.", remedy="Pass a list of figures, or a generator that yields them.")
    times = [round(1000 * seconds)] * (len(pictures) - 1) + [round(1000 * last)]
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.unfinished")
    again = {"loop": 0} if loop else {}  # 0 means for ever
    try:
        pictures[0].save(
            unfinished, format="GIF", save_all=True, append_images=pictures[1:], duration=times, disposal=1, **again
        )
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)
    return path


def picture_of(figure):
    """A figure as a picture of 256 colours, which is what GIF has."""
    from PIL import Image

    memory = io.BytesIO()
    figure.savefig(memory, format="png", dpi=100)
    memory.seek(0)
    return Image.open(memory).convert("RGB").quantize(256, dither=Image.Dither.NONE)
