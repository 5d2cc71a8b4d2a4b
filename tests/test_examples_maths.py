"""Examples about tensors, derivatives and graphs: what each claims, against NumPy, PyTorch or a hand calculation."""

import ast
import re

import numpy as np
import pytest
from example_runs import numbers_in, shown


def line_with(lines, start):
    """The one line that begins so."""
    (line,) = [line for line in lines if line.strip().startswith(start)]
    return line


def test_tensor_shapes(tmp_path):
    lines = shown("tensor_shapes.py", tmp_path)
    ranks = {
        "number": (), "vector": (5,), "matrix": (2, 3), "grey pictures": (6000, 28, 28),
        "colour pictures": (16, 3, 32, 32), "films": (2, 24, 3, 32, 32),
    }  # fmt: skip
    for rank, (name, shape) in enumerate(ranks.items()):
        line = line_with(lines, name)
        assert str(shape) in line
        assert numbers_in(line)[0] == rank
        assert numbers_in(line)[-1] == np.prod(shape, dtype=int)
    array, table = np.arange(6000 * 28 * 28).reshape(6000, 28, 28), np.arange(6000).reshape(300, 20)
    for code, source in [
        ("pictures.reshape(-1, 784)", array), ("table.T", table), ("table.T.reshape(6000)", table),
        ("pictures[10:100]", array), ("pictures[:, 14:, 14:]", array), ("pictures[:128]", array),
        ("pictures[128:256]", array), ("pictures[[3, 1, 3]]", array),
    ]:  # fmt: skip
        other = eval(code, {"pictures": array, "table": table})
        line = line_with(lines, code + " ")
        assert str(other.shape) in line
        assert line.endswith("shared" if np.shares_memory(other, source) else "copied"), line
    assert any(line.endswith("is -1") for line in lines)
    assert line_with(lines, "gradient through X.T").endswith("[[1, 3, 5], [2, 4, 6]]")
    assert line_with(lines, "gradient through X.reshape").endswith("[[1, 2, 3], [4, 5, 6]]")
    assert line_with(lines, "gradient through X[1:]").endswith("[[0, 0, 0], [1, 2, 3]]")


def test_loops(tmp_path):
    lines = shown("loops.py", tmp_path)
    assert lines[0] == "vector . vector: 5.0"
    assert lines[1] == "matrix . vector: [20.0, 26.0]"
    compared = [line for line in lines if "largest difference" in line]
    assert len(compared) == 5
    assert all(numbers_in(line)[-1] < 1e-11 for line in compared)
    slower = numbers_in(line_with(compared, "matrix . matrix"))[2]
    assert slower > 10, "a loop in Python over 216,000 products"
    shapes = [line for line in lines if line.startswith("(")]
    assert len(shapes) == 5
    for line in shapes:
        a, b, both, gradient = map(ast.literal_eval, re.split(r"\s{2,}", line))
        assert both == np.broadcast_shapes(a, b)
        used = np.prod(both, dtype=float) / np.prod(b, dtype=float)
        assert np.array_equal(gradient, np.full(b, used))


def test_gradient_check(tmp_path):
    lines = shown("gradient_check.py", tmp_path)
    assert line_with(lines, "Cube:").endswith("right")
    wrong = line_with(lines, "WrongCube:")
    assert "input 0, element (1, 1): analytic 7.5, numeric 18.75" in wrong
    assert "1 of 36" in wrong
    errors = [numbers_in(line)[1] for line in lines if line.startswith("step ")]
    assert errors[2] < 1e-8, "at 1e-6"
    assert errors[0] > 100 * errors[2], "rounding"
    assert errors[-1] > 100 * errors[2], "the curve"


def test_numeric_gradient(tmp_path):
    rows = [numbers_in(line) for line in shown("numeric_gradient.py", tmp_path)[1:]]
    widths = (2, 8, 32, 128)
    assert [row[0] for row in rows] == [4 * m + m + 3 * m + 3 for m in widths]
    assert all(row[-1] < 1e-6 for row in rows)
    assert rows[-1][3] > 4 * rows[0][3], "54 times the parameters: the ratio of the times has grown"


@pytest.mark.peers
def test_worked_sheet(tmp_path):
    """PyTorch runs the printed lines; every number must be one that it finds, and every product must be right."""
    torch = pytest.importorskip("torch")
    lines = shown("worked_sheet.py", tmp_path)
    starts = [at for at, line in enumerate(lines) if re.match(r"(linear|neuron|two layers):", line)]
    assert len(starts) == 3
    checked = 0
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        block = lines[start:end]
        given = dict(re.findall(r"(\w+) = (-?[\d.]+)", block[0]))
        space = {"sigmoid": torch.sigmoid, "log": torch.log}
        space |= {name: torch.tensor(float(x), dtype=torch.float64, requires_grad=True) for name, x in given.items()}
        forward = [line for line in block if re.match(r"  \w+ = ", line)]
        for line in forward:
            name, code, numbers, value = (part.strip() for part in line.split(" = "))
            space[name] = result = eval(code, space)
            result.retain_grad()
            plain = {"sigmoid": lambda x: 1 / (1 + np.exp(-x)), "log": np.log}
            assert float(value) == pytest.approx(result.item(), rel=1e-5)
            assert eval(numbers, plain) == pytest.approx(result.item(), rel=1e-4, abs=1e-6)
        result.backward()
        gradients = {}
        for line in [line for line in block if " += " in line]:
            target, rest = line.strip().split(" += ")
            name = target.removesuffix(".grad")
            code, numbers, share = (part.strip() for part in rest.split("   with ")[0].split(" = "))
            assert eval(numbers) == pytest.approx(float(share), rel=1e-4, abs=1e-6)
            with_names = re.sub(r"\b(\w+)\.grad", r"(\1.grad)", code)
            assert eval(with_names, space).item() == pytest.approx(float(share), rel=1e-5), line
            gradients[name] = gradients.get(name, 0.0) + float(share)
            checked += 1
        for name, found in gradients.items():
            assert found == pytest.approx(space[name].grad.item(), rel=1e-5), name
        for line in [line for line in block if line.startswith("gradient of ")]:
            name = line.split(":")[0].removeprefix("gradient of ")
            stated, engine = numbers_in(line.split(":", 1)[1])
            assert stated == engine == pytest.approx(space[name].grad.item(), rel=1e-5)
    assert checked > 25
    assert line_with(lines, "gradient of w:") == "gradient of w: 18, by backward(): 18"
    assert "gradient of b: 63, by backward(): 63" in lines


def test_refresher(tmp_path):
    lines = shown("refresher.py", tmp_path)
    assert numbers_in(line_with(lines, "norms").split(")")[1]) == [7.0, 5.0, 4.0]
    found, true, cosine = numbers_in(line_with(lines, "largest eigenvalue"))
    assert found == true == pytest.approx(3 + np.sqrt(3), abs=1e-6)  # the roots of (c - 3)^3 = 3 (c - 3)
    assert cosine == 1
    for order, terms in [(1, 1), (3, 2), (5, 3), (9, 5)]:
        value = numbers_in(line_with(lines, f"sin(1), order {order}"))[2]
        by_hand = sum((-1) ** k / float(np.prod(range(1, 2 * k + 2))) for k in range(terms))
        assert value == pytest.approx(by_hand, abs=1e-8)
    by_backward, by_hand = re.findall(r"\[\[.*?\]\]", line_with(lines, "Hessian"))
    assert ast.literal_eval(by_backward) == ast.literal_eval(by_hand)
    for start, true in [("P(ill", 0.009 / (0.009 + 0.0495)), ("expectation", 1 / 3)]:
        mean, error, stated = numbers_in(line_with(lines, start).split("  ", 1)[1])
        assert stated == pytest.approx(true, abs=1e-4)
        assert abs(mean - true) < 3 * error < 0.05


def test_acyclic(tmp_path):
    lines = shown("acyclic.py", tmp_path)
    assert line_with(lines, "feed-forward").endswith("acyclic")
    drawn = line_with(lines, "recurrent, as drawn")
    assert drawn.endswith("has a loop")
    assert numbers_in(drawn) == [3, 1], "of x, h, y only x has nobody to wait for"
    three, six = line_with(lines, "recurrent, 3"), line_with(lines, "recurrent, 6")
    assert three.endswith("acyclic")
    assert six.endswith("acyclic")
    assert numbers_in(six)[1] > 1.5 * numbers_in(three)[1], "one copy for each step"


def test_network_drawing(tmp_path):
    lines = shown("network_drawing.py", tmp_path)
    assert line_with(lines, "by hand").endswith("= 51")
    assert any(line.startswith("51 parameters") for line in lines)
    sizes = [numbers_in(line)[-1] for line in lines if line.endswith("numbers")]
    assert sizes == [24, 6, 18, 3]
    assert sum(sizes) == 51
