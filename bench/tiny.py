"""What every function of tensors costs eagerly on a tiny tensor, beside PyTorch: `python -m bench.tiny [NAME ...]`.

For each call of bench/calls.py, in float32 and mostly on 8 x 8 numbers: the median microseconds of the call without
gradients, and of the call and its walk back with them. Both frameworks take turns, on one thread. What takes over 3
times PyTorch's time is measured three times, and the middle one counts: machines are uneven. Names that PyTorch has not
are timed alone. The goal: nothing takes over 5 times PyTorch's time.

`python -m bench.tiny --docs` measures all and writes the section of docs/eager-speed.md.
"""

import functools
import gc
import operator
import platform
import statistics
import sys
import time
from pathlib import Path

import numpy as np

import pellucid as pc
from bench.calls import CALLS as OTHERS
from bench.calls_images import CALLS_IMAGES
from bench.calls_moving import CALLS_MOVING

CALLS = [*OTHERS, *CALLS_IMAGES, *CALLS_MOVING]
ROUNDS, SECONDS = 7, 0.0004  # of so many rounds of at least this long the median is taken
GOAL, WORTH_A_ROW = 5.0, 3.0
PAGE, HEADING = Path(__file__).parents[1] / "docs" / "eager-speed.md", "## Every function on a tiny tensor"


def function_of(call):
    """Pellucid's function."""
    return operator.attrgetter(call.name.replace("F.", "functional."))(pc)


def their_function(call):
    """PyTorch's, or None: torch.NAME, torch.nn.functional.NAME, or the method of Tensor."""
    import torch

    for place in (torch, torch.Tensor):
        try:
            return operator.attrgetter(call.theirs.replace("F.", "nn.functional."))(place)
        except AttributeError:
            continue
    return None


def our_tensor(array, slopes):
    floats = array.dtype.kind == "f"
    return pc.tensor(array.astype(np.float32) if floats else array, requires_grad=floats and slopes)


def their_tensor(array, slopes):
    import torch

    y = torch.tensor(array.astype(np.float32) if array.dtype.kind == "f" else array)
    return y.requires_grad_() if slopes and array.dtype.kind == "f" else y


def with_walk(program, leaves, ones):
    """The call, and the walk back from its first result that can have a gradient. None if there is none."""
    results = program()
    results = results if isinstance(results, (tuple, list)) else [results]
    at = next((i for i, y in enumerate(results) if getattr(y, "requires_grad", False)), None)
    if at is None:
        return None
    seed, many = ones(results[at]), isinstance(program(), tuple)

    def both():
        for x in leaves:
            x.grad = None
        y = program()
        (y[at] if many else y).backward(seed)

    try:
        both()
    except RuntimeError:  # PyTorch has no slope for floor_divide
        return None
    return both


def programs(call, function, tensor, ones):
    """(forward, forward and back or None) as functions without arguments."""
    made = []
    for slopes in (False, True):
        leaves = []

        def one(array, slopes=slopes, leaves=leaves):
            x = tensor(array, slopes)
            if x.requires_grad:
                leaves.append(x)
            return x

        arguments, named = call.given(one)
        program = functools.partial(function, *arguments, **named)
        if not slopes:
            made.append(program)
        else:
            made.append(with_walk(program, leaves, ones) if leaves and call.slopes else None)
    return made


def medians(run):
    """The median time of one call of each program, in microseconds. The programs take turns."""
    repeats = []
    for program in run:
        program()
        start = time.perf_counter()
        for _ in range(5):
            program()
        repeats.append(max(1, int(SECONDS * 5 / (time.perf_counter() - start))))
    times = [[] for _ in run]
    gc.collect(0)
    gc.disable()
    try:
        for _ in range(ROUNDS):
            for program, count, found in zip(run, repeats, times, strict=True):
                start = time.perf_counter()
                for _ in range(count):
                    program()
                found.append((time.perf_counter() - start) / count * 1e6)
    finally:
        gc.enable()
    return [statistics.median(found) for found in times]


def measure(call):
    """[(what, ours, theirs or None)] of one call."""
    import torch

    ours = programs(call, function_of(call), our_tensor, lambda y: pc.ones(*y.shape))
    function = their_function(call)
    try:
        theirs = programs(call, function, their_tensor, torch.ones_like) if function else [None, None]
    except (TypeError, RuntimeError):  # PyTorch has the function, but takes other arguments
        theirs = [None, None]
    rows = []
    for what, own, other in zip(("", "with gradient"), ours, theirs, strict=True):
        if own is not None:
            found = medians([own] if other is None else [own, other])
            rows.append((what, found[0], found[1] if other is not None else None))
    return rows


def steady(call):
    """As `measure`; three times, of which each row's middle ratio counts, if there is one that is worth a row."""
    rows = measure(call)
    if all(theirs is None or ours / theirs <= WORTH_A_ROW for _, ours, theirs in rows):
        return rows
    runs = [rows, measure(call), measure(call)]
    return [
        sorted(same, key=lambda row: row[1] / row[2])[1] if same[0][2] else same[0] for same in zip(*runs, strict=True)
    ]


def main(names):
    import torch

    torch.set_num_threads(1)
    asked = [call for call in CALLS if not names or call.name in names or call.name.removeprefix("F.") in names]
    slow, rows, ratios = [], [], []
    print(f"| {'call':44} | {'':13} | ours us | PyTorch us | times |\n|---|---|---:|---:|---:|")
    for call in asked:
        for what, ours, theirs in steady(call):
            ratio = None if theirs is None else ours / theirs
            line = f"| {call!s:44} | {what:13} | {ours:7.2f} | "
            line += "         - |     - |" if ratio is None else f"{theirs:10.2f} | {ratio:5.2f} |"
            print(line)
            if ratio is not None:
                ratios.append(ratio)
                if ratio > WORTH_A_ROW:
                    rows.append((ratio, f"| `{call!s}` | {what} | {ours:.1f} | {theirs:.1f} | {ratio:.1f} |"))
                if ratio > GOAL:
                    slow.append(line)
    print(f"\n{len(ratios)} compared, median {statistics.median(ratios):.2f} times PyTorch's, most {max(ratios):.2f}.")
    if slow:
        print(f"\nOver {GOAL:g} times:\n" + "\n".join(slow))
    return ratios, [row for _, row in sorted(rows, reverse=True)]


def write(ratios, rows):
    """Put a section with the summary and the slowest rows at the end of docs/eager-speed.md."""
    import torch

    over, median = sum(ratio > GOAL for ratio in ratios), statistics.median(ratios)
    versions = (
        f"CPython {platform.python_version()}, NumPy {np.__version__}, PyTorch {torch.__version__.partition('+')[0]}"
    )
    text = f"""{HEADING}

`python -m bench.tiny --docs` calls every function of tensors on 8 x 8 numbers, with gradients (and the walk back) and
without, beside PyTorch on one thread, and writes this section. {len(ratios)} calls were compared: the median takes
{median:.2f} times PyTorch's time, and {over} take over {GOAL:g} times. What took over {WORTH_A_ROW:g} times was
measured three times, and the middle one counts. Microseconds; {versions}
({platform.machine()}). All over {WORTH_A_ROW:g} times:

| call | | Pellucid | PyTorch | times |
|---|---|---:|---:|---:|
"""
    before = PAGE.read_text(encoding="utf-8").partition(HEADING)[0].rstrip()
    PAGE.write_text(before + "\n\n" + text + "\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:] == ["--docs"]:
        write(*main([]))
    else:
        main(sys.argv[1:])
