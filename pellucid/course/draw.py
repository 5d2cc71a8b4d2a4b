"""The graph of a small program as SVG: one box a node with data and gradient, laid out from left to right."""

import html

from pellucid.course.rules import RULES

WIDTH, HEIGHT, ACROSS, DOWN, MARGIN, ABOVE = 88, 52, 110, 62, 8, 26

TIP = (
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="13" markerHeight="13" '
    'markerUnits="userSpaceOnUse" orient="auto-start-reverse"><path d="M0 0L8 4L0 8z" fill="#D55E00"/></marker></defs>'
)


def layout(recording):
    """Column and row of each node: computed ones stand after their last input, given ones before their first user."""
    column = columns(recording.nodes)
    row, taken, bottom = {}, set(), 0

    def place(name, wish):
        """Take the free row nearest to the wish, below before above."""
        near = [wish + sign * distance for distance in range(2 * len(column)) for sign in (1, -1)]
        row[name] = next(each for each in near if each >= 0 and (column[name], each) not in taken)
        taken.add((column[name], row[name]))

    for node in recording.nodes.values():
        if not node.op:
            continue
        inputs = list(dict.fromkeys(x for x in node.inputs if x))
        for x in inputs:
            if x not in row:
                computed = [row[other] for other in inputs if other in row and recording.nodes[other].op]
                place(x, computed[0] + 1 if computed else bottom)
                bottom = max(bottom, row[x] + 1) if column[x] == 0 else bottom
        place(node.name, middle(row, inputs, recording.nodes))
    return {name: (column[name], row[name]) for name in recording.nodes}


def columns(nodes):
    """See layout."""
    column = {}
    for node in nodes.values():
        if node.op:
            column[node.name] = 1 + max([column.get(x, 0) for x in node.inputs if x], default=0)
    for node in nodes.values():
        if not node.op:
            column[node.name] = min([column[user] for user in node.users], default=1) - 1
    return column


def middle(row, inputs, nodes):
    """The row for a node: that of the computed one of its inputs, or between them."""
    computed = [row[x] for x in inputs if nodes[x].op] or [row[x] for x in inputs]
    return (min(computed) + max(computed)) // 2


def svg(recording, title):
    """The picture with empty numbers: the page's script fills them in."""
    places = layout(recording)
    edges = [
        (places[x], places[node.name], f"{x}-{node.name}-{position}", position, node.inputs)
        for node in recording.nodes.values()
        for position, x in enumerate(node.inputs)
        if x
    ]
    top = 0 if any(goes_over(*edge[:2]) for edge in edges) else ABOVE
    width = 2 * MARGIN + max(column for column, _ in places.values()) * ACROSS + WIDTH
    height = 2 * MARGIN + ABOVE - top + max(row for _, row in places.values()) * DOWN + HEIGHT
    return (
        f'<svg class="graph" viewBox="0 {top} {width} {height}" style="max-width:{1.2 * width:.0f}px" role="img" '
        f'aria-label="{html.escape(title)}">{TIP}{"".join(curve(*edge) for edge in edges)}'
        f"{''.join(box(node, places[node.name]) for node in recording.nodes.values())}</svg>"
    )


def goes_over(source, target):
    """Does an edge lead over boxes that stand between, in the same row?"""
    return target[0] - source[0] > 1 and target[1] == source[1]


def corner(place):
    """The upper left corner of a box."""
    return MARGIN + place[0] * ACROSS, MARGIN + ABOVE + place[1] * DOWN


def ends(source, target, position, inputs):
    """Where an edge begins and ends. Two edges between the same boxes are held apart."""
    (x1, y1), (x2, y2) = corner(source), corner(target)
    apart = (position - (len(inputs) - 1) / 2) * 14
    twice = len(inputs) == 2 and inputs[0] == inputs[1]
    return x1 + WIDTH, y1 + HEIGHT / 2 + (apart if twice else 0), x2, y2 + HEIGHT / 2 + apart


def curve(source, target, key, position, inputs):
    """A curve from a node to one that reads it, over the boxes between them if they are in one row."""
    x1, y1, x2, y2 = ends(source, target, position, inputs)
    if goes_over(source, target):
        x1, y1, x2, y2 = x1 - WIDTH / 4, corner(source)[1], x2 + WIDTH / 4, corner(target)[1]
        path = f"M{x1} {y1}C{x1 + 20} {y1 - 1.5 * ABOVE} {x2 - 20} {y2 - 1.5 * ABOVE} {x2} {y2}"
    else:
        bend = max(12, (x2 - x1) / 2)
        path = f"M{x1} {y1}C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}"
    return f'<path class="edge" data-edge="{key}" d="{path}"/>'


def box(node, place):
    """The box of a node: name and operation, data, gradient."""
    x, y = corner(place)
    sign = RULES[node.kind].sign if node.op else ""
    if node.op and None in node.inputs:
        sign += " " + node.text.rpartition(" ")[2]
    kind = "op" if node.op else "given" if node.wants_gradient else "data"
    sign = f'<text class="sign" x="{x + WIDTH - 6}" y="{y + 15}">{html.escape(sign)}</text>'
    return (
        f'<g class="node {kind}" data-node="{node.name}">'
        f'<rect x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="{6 if node.op else 14}"/>'
        f'<text class="name" x="{x + 6}" y="{y + 15}">{node.name}</text>{sign}'
        f'<text class="word" x="{x + 6}" y="{y + 30}">data</text>'
        f'<text class="value" x="{x + WIDTH - 6}" y="{y + 30}"></text>'
        f'<text class="word" x="{x + 6}" y="{y + 44}">grad</text>'
        f'<text class="gradient" x="{x + WIDTH - 6}" y="{y + 44}"></text></g>'
    )
