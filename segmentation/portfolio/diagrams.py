"""Places of the drawn diagrams: bars and bands of a flow, in the units of the drawing. No figure is only drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from segmentation.portfolio.enums import Field
from segmentation.portfolio.selectors.flow import Flow, Node

WIDTH, GAP, BAR = 640, 10, 14
LEFT, RIGHT = 170, WIDTH - 170 - BAR
#: The height that all customers take, without the gaps between the bars, and the least of a bar.
WHOLE, LEAST = 300.0, 2.0
TOP = 8.0


@dataclass(frozen=True)
class Bar:
    """A node on one side: its place, its number and where it leads."""

    node: Node
    label: str
    number: int
    x: int
    y: float
    height: float
    url: str = ""

    @property
    def top(self) -> str:
        """The place as SVG reads it: with a point in every language."""
        return f"{self.y:.1f}"

    @property
    def length(self) -> str:
        return f"{self.height:.1f}"

    @property
    def middle(self) -> str:
        return f"{self.y + self.height / 2 + 4:.1f}"

    @property
    def colour(self) -> str:
        return (self.node.segment.colour if self.node.segment else "") or "none"


@dataclass(frozen=True)
class Band:
    """Customers that went from a node to another, as a shape between two bars."""

    was: Node
    label: str
    number: int
    path: str
    url: str = ""

    @property
    def colour(self) -> str:
        return (self.was.segment.colour if self.was.segment else "") or "none"


@dataclass(frozen=True)
class Diagram:
    left: list[Bar]
    right: list[Bar]
    bands: list[Band]
    height: float

    @property
    def box(self) -> str:
        return f"0 0 {WIDTH} {self.height:.0f}"


def flow_diagram(flow: Flow, label: Any, url: Any) -> Diagram:
    """Return the drawing of a flow; ``label(node)`` is its name, ``url(was, now)`` the list of a cell's customers."""
    whole = sum(flow.cells.values()) or 1
    scale = WHOLE / whole
    before = [(node, label(node), flow.before(node.key), url(node.key, "")) for node in flow.left]
    after = [(node, label(node), flow.after(node.key), url("", node.key)) for node in flow.right]
    left, right = _bars(before, LEFT, scale), _bars(after, RIGHT, scale)
    bands = _bands(flow, left, right, scale, url)
    return Diagram(left, right, bands, max((bar.y + bar.height for bar in (*left, *right)), default=TOP) + TOP)


def _bars(nodes: list[tuple[Node, str, int, str]], x: int, scale: float) -> list[Bar]:
    bars, y = [], TOP
    for node, label, number, url in nodes:
        if not number:
            continue
        height = max(number * scale, LEAST)
        bars.append(Bar(node, label, number, x, round(y, 1), round(height, 1), url))
        y += max(height + GAP, 18)  # room for the line of text beside it
    return bars


def _bands(flow: Flow, left: list[Bar], right: list[Bar], scale: float, url: Any) -> list[Band]:
    """Return the bands, each side's in the order of the bars of the other, so that they cross as little as possible."""
    ends = {bar.node.key: bar.y for bar in right}
    bands = []
    for start in left:
        y = start.y
        for end in right:
            number = flow.cells.get((start.node.key, end.node.key), 0)
            if not number:
                continue
            height, to = max(number * scale, 0.6), ends[end.node.key]
            here = url(start.node.key, end.node.key)
            label = f"{start.label} → {end.label}: {number}"
            bands.append(Band(start.node, label, number, _shape(y, to, height), here))
            y += number * scale
            ends[end.node.key] += number * scale
    return bands


def _shape(y: float, to: float, height: float) -> str:
    """Return the path of a band of this height from the right edge of a left bar to the left edge of a right one."""
    x1, x2 = LEFT + BAR, RIGHT
    middle = (x1 + x2) / 2
    there = f"M{x1} {y:.1f}C{middle:.0f} {y:.1f} {middle:.0f} {to:.1f} {x2} {to:.1f}"
    back = (
        f"L{x2} {to + height:.1f}C{middle:.0f} {to + height:.1f} {middle:.0f} {y + height:.1f} {x1} {y + height:.1f}Z"
    )
    return there + back


@dataclass(frozen=True)
class Dot:
    """A customer in the matrix: its place now and, if there is a trail, a year ago."""

    place: Any
    x: str
    y: str
    was_x: str = ""
    was_y: str = ""
    label: str = ""


@dataclass(frozen=True)
class MatrixDiagram:
    dots: list[Dot]
    x: str
    y: str
    fields: list[tuple[str, str, int, int, str]]
    box: str = "0 0 640 420"


SIDE, SIDE_Y, MARGIN = 600.0, 372.0, 20.0


def matrix_diagram(query: Any, places: list[Any], url: Any) -> MatrixDiagram:
    """Return the drawing of the matrix: potential to the right, current profitability upwards, by its signed root.

    A few customers earn far more than the others: the root of the distance from the limit keeps all of them apart.
    """
    across = [place.current for place in places] + [place.was_current for place in places if place.has_trail]
    reach = max((abs(float(one - query.current)) for one in across), default=1.0) or 1.0

    def at(current: Any, potential: Any) -> tuple[str, str]:
        distance = float(current - query.current)
        part = (abs(distance) / reach) ** 0.5 * (1 if distance >= 0 else -1)
        return _x(potential), f"{MARGIN + SIDE_Y / 2 - part * SIDE_Y / 2:.1f}"

    dots = []
    for place in places:
        x, y = at(place.current, place.potential)
        trail = at(place.was_current, place.was_potential) if place.has_trail else ("", "")
        label = f"{place.customer}: {place.current:.0f} €, {place.potential:.0f}"
        dots.append(Dot(place, x, y, *trail, label))
    edge, middle = _x(float(query.potential) - 0.5), f"{MARGIN + SIDE_Y / 2:.1f}"
    return MatrixDiagram(dots, edge, middle, _corners(url))


def _x(potential: Any) -> str:
    return f"{MARGIN + 24 + float(potential) / 10 * (SIDE - 48):.1f}"


def _corners(url: Any) -> list[tuple[str, str, int, int, str]]:
    """Return the names of the fields with their addresses, places and the end at which the text is fixed."""
    right, bottom = int(MARGIN + SIDE - 8), int(MARGIN + SIDE_Y - 8)
    return [
        (str(Field.VALUABLE.label), url(Field.VALUABLE), right, 38, "end"),
        (str(Field.POTENTIAL.label), url(Field.POTENTIAL), right, bottom, "end"),
        (str(Field.KEEP.label), url(Field.KEEP), 28, 38, "start"),
        (str(Field.IMPROVE.label), url(Field.IMPROVE), 28, bottom, "start"),
    ]
