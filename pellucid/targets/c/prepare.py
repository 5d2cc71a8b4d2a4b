"""What the C target does to a graph before it looks for loops: the passes of programs and of standalone files alike."""

from pellucid.graph.passes.dead import dead
from pellucid.graph.passes.images_last import images_last
from pellucid.graph.passes.pads import pads
from pellucid.graph.passes.pick import pick
from pellucid.graph.passes.turn import turn
from pellucid.graph.verify import verify


def prepared(graph):
    """The same computation, verified: few channels with images last, products turned, one number of a row picked."""
    return verify(dead(pick(turn(pads(images_last(graph))))))
