"""Line breaks of Markdown files, which mean less there than in an article. Pure.

An article shows its lines as they are written. In a Markdown file a line that goes on below is
one line, wrapped by whoever or whatever wrote the file, and a backslash or two spaces at its end
are what breaks it.
"""

from __future__ import annotations

from collections.abc import Iterator

from knowledge_base.rendering import parse


def unwrapped(markdown: str) -> str:
    """What a file says as an article says it: wrapped lines are joined, breaks are line ends.

    Code, tables and whatever else is made of lines stays as it is.
    """
    lines = markdown.split("\n")
    gone = set()
    for first, written in _paragraphs(markdown):
        last = first
        for place, said in enumerate(written[1:], start=first + 1):
            above = written[place - first - 1]
            if _is_broken(above):
                # Two spaces say the same in both, and nobody sees a backslash with pleasure.
                lines[last] = lines[last].removesuffix("\\")
                last = place
            else:
                lines[last] = f"{lines[last].rstrip()} {said.strip()}"
                gone.add(place)
    return "\n".join(line for place, line in enumerate(lines) if place not in gone)


def wrapped(markdown: str) -> str:
    """What an article says as a file says it, so that :func:`unwrapped` gives it back."""
    lines = markdown.split("\n")
    for first, written in _paragraphs(markdown, breakable=True):
        for place, said in enumerate(written[:-1], start=first):
            if not _is_broken(said):
                lines[place] += "\\"
    return "\n".join(lines)


def _paragraphs(markdown: str, *, breakable: bool = False) -> Iterator[tuple[int, list[str]]]:
    """Of every text with several lines, the first one's number and all, without what makes them
    a quotation or an item of a list. ``breakable``: of those alone that can break at every line,
    which code within a line cannot, because there a backslash is one."""
    for token in parse(markdown):
        written = token.content.split("\n")
        if token.type != "inline" or token.map is None or len(written) == 1:
            continue
        breaks = [one for one in token.children or () if one.type.endswith("break")]
        if not breakable or len(breaks) == len(written) - 1:
            yield token.map[0], written


def _is_broken(line: str) -> bool:
    backslashes = len(line) - len(line.rstrip("\\"))
    return line.endswith("  ") or backslashes % 2 == 1
