"""The drawings of the small icons, as SVG path data on a 16 × 16 field, for pages and documents alike."""

from typing import Final

# Strokes take the text's colour; a drawing named in FILLED is an area instead.
PATHS: Final[dict[str, str]] = {
    "pass": "M3 8.5 6.5 12 13 4.5",
    "fail": "M4 4l8 8M12 4l-8 8",
    "insufficient": "M8 2a6 6 0 1 0 0 12zM8 2a6 6 0 0 1 0 12V2M8 3a5 5 0 0 1 0 10z",
    "recorded": "M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6z",
    "error": "M7 2.5h2l-.4 7h-1.2zM8 11.2a1.2 1.2 0 1 0 0 2.4 1.2 1.2 0 0 0 0-2.4z",
    "stale": "M8 4.5a5 5 0 1 0 0 10 5 5 0 0 0 0-10zM8 7v3l1.8 1M6.5 1.5h3M8 1.5v3",
    "waived": "M4 14.5v-13M4 2.5h8.5l-2.5 3 2.5 3H4",
    "waiting": "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 4.5V8l2.5 1.5",
    "copy": "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
    "search": "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.4 10.4 14 14",
    "arrow": "M3 8h10M9 4l4 4-4 4",
    "menu": "M2 4h12M2 8h12M2 12h12",
    "person": "M8 2.5a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6zM2.5 14a5.5 5.5 0 0 1 11 0",
    "down": "M4 6l4 4 4-4",
}
FILLED: Final = frozenset({"recorded", "error"})
