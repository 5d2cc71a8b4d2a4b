"""Targets: what a recorded graph can be turned into. A target is a class: `Target(graph)`, then `run(arguments)`."""
