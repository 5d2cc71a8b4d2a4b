"""Side-by-side benchmarks: `python -m bench` trains the same networks in Pellucid and in other frameworks.

Not part of the installed package. `bench/__main__.py` is the command line, `workloads/` holds one network per file, and
`engine/` makes docs/engine.md.
"""
