"""Draws one graph with Graphviz; run as a process of its own with limits, so that no graph can hold up or end the server.

Reads JSON from its input (`nodes`: id, label lines, width and height in inches, kind; `edges`: from, to, label) and
writes SVG. It knows nothing of Django, and opens no file and no connection of its own.
"""

import json
import resource
import sys
from typing import Any

CPU_SECONDS = 4
MEMORY = 1 << 30
GRAPH = {"rankdir": "LR", "bgcolor": "transparent", "nodesep": "0.25", "ranksep": "0.7", "pad": "0.1", "fontsize": "11"}
NODE = {"shape": "box", "style": "rounded", "fixedsize": "true", "fontname": "sans-serif", "fontsize": "11"}
EDGE = {"fontname": "sans-serif", "fontsize": "9", "arrowsize": "0.7"}


def main() -> None:
    """One graph from input to output, within the limits."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    sys.stdout.buffer.write(drawn(json.load(sys.stdin.buffer)))


def drawn(asked: dict[str, Any]) -> bytes:
    """The SVG of a graph; nodes carry their number as id, so that no name is ever read as Graphviz' own language."""
    import pygraphviz

    graph = pygraphviz.AGraph(directed=True, strict=False, **GRAPH)
    graph.node_attr.update(**NODE)
    graph.edge_attr.update(**EDGE)
    for node in asked["nodes"]:
        graph.add_node(
            node["id"], label=literal(node["label"]), width=node["width"], height=node["height"],
            **{"class": node["kind"]},
        )  # fmt: skip
    for number, edge in enumerate(asked["edges"]):
        graph.add_edge(edge["from"], edge["to"], key=str(number), label=literal(edge["label"]))
    return bytes(graph.draw(format="svg", prog="dot"))


def literal(text: str) -> str:
    """A label that means what it says: no escape sequence of Graphviz (`\\N`), no HTML (`<b>`), lines kept."""
    lines = text.replace("\\", "\\\\").replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return lines.replace("\n", "\\n")


if __name__ == "__main__":
    main()
