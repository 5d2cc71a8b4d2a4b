"""Wrong programs: compiled steps. tests/test_compile_wrong.py has more, with what they leave behind."""

from tests.wrong_programs import Wrong

TITLE = "Compiled steps"
WRONG = [
    Wrong(
        "A number printed from a compiled step",
        "@pc.compile\ndef step(x):\n    loss = x.sum()\n    print(loss.item())\n    return loss\n\nstep(pc.ones(3))",
        "RecordedValueError",
        (".item()",),
        "Return it",
    ),
    Wrong(
        "`if` on a number in a compiled step",
        "@pc.compile\ndef step(x):\n    return x if x.sum() > 0 else -x\n\nstep(pc.ones(3))",
        "RecordedValueError",
        ("recorded",),
        "where",
    ),
    Wrong(
        "An optimizer made inside a compiled step",
        "w = pc.ones(3, requires_grad=True)\n\n@pc.compile\ndef step(x):\n    optimizer = optim.SGD([w], lr=0.1)\n"
        "    (w * x).sum().backward()\n    optimizer.step()\n\nstep(pc.ones(3))",
        "RecordingError",
        ("inside a step",),
        "before",
    ),
    Wrong(
        "A parameter as an argument of a compiled step",
        "w = pc.ones(3, requires_grad=True)\n\n@pc.compile\ndef step(w):\n    return (w * w).sum()\n\nstep(w)",
        "RecordingError",
        ("argument", "w"),
        "lose over",
    ),
    Wrong(
        "A number that a compiled step closes over, and that changes",
        "rate = 1.0\n\n@pc.compile\ndef step(x):\n    return x * rate\n\n"
        "step(pc.ones(2))\nrate = 2.0\nstep(pc.ones(2))",
        "ConstantChangedError",
        ("1.0", "2.0"),
        "State",
    ),
    Wrong(
        "A target that does not exist",
        "@pc.compile(target='cuda')\ndef step(x):\n    return x\n\nstep(pc.ones(2))",
        "UnsupportedError",
        ("cuda", "numpy"),
        "target",
    ),
]
