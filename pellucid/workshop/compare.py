"""Are two outcomes the same? Outcomes are plain data: {"value": ...} or {"raised": type, "bases": [...]}."""

import math


def same(expected, came, tolerance):
    """The same value within the tolerance, or the same kind of exception (or a more special one)."""
    if "raised" in expected or "raised" in came:
        return "raised" in expected and expected["raised"] in came.get("bases", [came.get("raised")])
    return same_value(expected["value"], came["value"], tolerance)


def same_value(expected, came, tolerance):
    """Plain data, part by part. True is 1; an array without axes is a number; other arrays keep shape and dtype."""
    if is_number(expected) or is_number(came):
        expected, came = number(expected), number(came)
        return expected is not None and came is not None and close(expected, came, tolerance)
    if isinstance(expected, dict) and isinstance(came, dict):
        return expected.keys() == came.keys() and all(
            same_value(expected[key], came[key], tolerance) for key in expected
        )
    if isinstance(expected, list) and isinstance(came, list):
        return len(expected) == len(came) and all(map(same_value, expected, came, [tolerance] * len(came)))
    return type(expected) is type(came) and expected == came


def is_number(value):
    return isinstance(value, (bool, int, float))


def number(value):
    """A number, also one that came as an array without axes; else None."""
    if isinstance(value, dict) and value.get("shape") == []:
        value = value.get("values")
    return value if is_number(value) else None


def close(expected, came, tolerance):
    """Within the tolerance: relative, and absolute below 1. NaN is the same as NaN."""
    if math.isnan(expected) or math.isnan(came):
        return math.isnan(expected) and math.isnan(came)
    if math.isinf(expected) or math.isinf(came):
        return expected == came
    return abs(expected - came) <= tolerance * max(1.0, abs(expected))


def brief(value, longest=300):
    """A value as a learner would write it: [[1, 2], [3, 4]] (float32)."""
    if isinstance(value, dict) and value.keys() == {"shape", "dtype", "values"}:
        kind = value["dtype"] if value["shape"] == [] else f"{value['dtype']}{value['shape']}"
        text = f"{written(value['values'])}  ({kind})"
    elif isinstance(value, dict) and value.keys() == {"type", "text"}:
        text = f"{value['text']}  ({value['type']})"
    else:
        text = written(value)
    return text if len(text) <= longest else text[:longest] + " ..."


def written(value):
    """Numbers with seven digits."""
    if isinstance(value, float):
        return f"{value:.7g}"
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {brief(item)}" for key, item in value.items()) + "}"
    return repr(value)
