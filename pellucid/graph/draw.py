"""A graph as a picture: SVG text, without any library, so that it shows in notebooks and files alike.

Each node stands one row below the lowest of its inputs. Arguments, States and constants have boxes of their
own shape of border, so that the picture can be read without colour.
"""

import html

from pellucid.graph.graph import Argument, Constant, Read, call, state_name

WIDTH, HEIGHT, GAP_X, GAP_Y, MARGIN = 230, 44, 18, 34, 16
STYLES = {  # fill, border, dashes
    Argument: ("#e8f1fb", "#0072b2", ""),
    Read: ("#fdf3e1", "#b06f00", ""),
    Constant: ("#f3f3f3", "#777777", "4 3"),
}


def svg(graph):
    """The SVG text of a graph."""
    places = layout(graph)
    columns = 1 + max([column for column, _ in places.values()], default=0)
    rows = 1 + max([row for _, row in places.values()], default=0)
    width = 2 * MARGIN + columns * (WIDTH + GAP_X)
    height = 2 * MARGIN + rows * (HEIGHT + GAP_Y) - GAP_Y
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}" role="img" font-family="sans-serif" font-size="11">'
        ),
        f"<title>A recorded step: {len(graph.nodes)} nodes</title>",
        (
            '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" '
            'orient="auto"><path d="M0 0L8 4L0 8z" fill="#555555"/></marker></defs>'
        ),
    ]
    for node in graph.nodes:
        parts += [arrow(places[x], places[node]) for x in dict.fromkeys(node.inputs)]
    marks = result_marks(graph)
    parts += [box(graph, node, places[node], marks.get(node, "")) for node in graph.nodes]
    return "\n".join([*parts, "</svg>"])


def layout(graph):
    """Column and row of each node: the row is one below its lowest input, columns fill from the left."""
    row = {}
    for node in graph.nodes:
        row[node] = 1 + max([row[x] for x in node.inputs], default=-1)
    first_use = {}
    for node in graph.nodes:
        for x in node.inputs:
            first_use[x] = min(row[node], first_use.get(x, row[node]))
    for node in graph.nodes:  # what has no inputs is drawn just above its first use
        if not node.inputs and node in first_use:
            row[node] = first_use[node] - 1
    taken, places = {}, {}
    for node in graph.nodes:
        wish = min([places[x][0] for x in node.inputs], default=0)
        column = max(wish, taken.get(row[node], 0))
        places[node] = column, row[node]
        taken[row[node]] = column + 1
    return places


def corner(place):
    column, row = place
    return MARGIN + column * (WIDTH + GAP_X), MARGIN + row * (HEIGHT + GAP_Y)


def arrow(start, end):
    """From the bottom of one box to the top of another; a long way goes down the gap beside the column."""
    (x0, y0), (x1, y1) = corner(start), corner(end)
    x0, y0, x1 = x0 + WIDTH // 2, y0 + HEIGHT, x1 + WIDTH // 2
    if end[1] - start[1] == 1:
        way, color = f"M{x0} {y0}C{x0} {y0 + GAP_Y} {x1} {y1 - GAP_Y} {x1} {y1}", "#333333"
    else:
        gap = x0 + (WIDTH + GAP_X) // 2
        top, bottom = y0 + GAP_Y // 2, y1 - GAP_Y // 2
        way, color = (
            f"M{x0} {y0}C{x0} {top} {gap} {y0} {gap} {top}L{gap} {bottom}C{gap} {y1} {x1} {bottom} {x1} {y1}",
            "#999999",
        )
    return f'<path d="{way}" fill="none" stroke="{color}" marker-end="url(#tip)"/>'


def result_marks(graph):
    """What becomes of a node after the step, in words."""
    marks = {}
    for node in graph.outputs:
        marks[node] = "returned"
    for effect in graph.effects:
        name = state_name(graph, effect.slot)
        text = name if name.startswith("gradient") else f"new {name}"
        marks[effect.node] = f"{marks[effect.node]}, {text}" if effect.node in marks else text
    return marks


def box(graph, node, place, mark):
    """A box with the name of the op, its Spec, and what becomes of it; the whole line as a tooltip."""
    x, y = corner(place)
    fill, stroke, dashes = STYLES.get(type(node.op), ("#ffffff", "#333333", ""))
    name = call(node, graph) if not node.inputs else f"%{node.number} {type(node.op).__name__}"
    tooltip = f"{call(node, graph)}  {node.spec}  {node.site or ''}"
    middle = x + WIDTH // 2
    second = f"{node.spec}{' · ' + mark if mark else ''}"
    return (
        f'<g><title>{html.escape(tooltip)}</title><rect x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="6" '
        f'fill="{fill}" stroke="{stroke}" stroke-width="{2.5 if mark else 1}" stroke-dasharray="{dashes}"/>'
        f'<text x="{middle}" y="{y + 18}" text-anchor="middle" font-weight="bold">{html.escape(shorten(name))}</text>'
        f'<text x="{middle}" y="{y + 34}" text-anchor="middle">{html.escape(shorten(second))}</text></g>'
    )


def shorten(text, length=40):
    return text if len(text) <= length else text[: length - 3] + "..."
