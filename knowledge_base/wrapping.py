"""Line breaks of Markdown files, which mean less there than in an article. Pure.

An article shows its lines as they are written. In a Markdown file a line that goes on below is
one line, wrapped by whoever or whatever wrote the file, and a backslash or two spaces at its end
are what breaks it. And what is indented by four spaces is code in a file, in an article it is text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from markdown_it import MarkdownIt

from knowledge_base.rendering import parse

_files = MarkdownIt("commonmark").enable("table")
# Spaces and tabs that begin a line as text does.
_INDENTED = re.compile(r"^([ >]*)((?:&#(?:32|9);){1,4})", re.MULTILINE)
_INDENT = re.compile(r"(?: {1,4}|\t)$")
_MARKS = re.compile(r"[ \t>]*")


def unwrapped(markdown: str) -> str:
    """What a file says as an article says it: wrapped lines are joined, breaks are line ends.

    Code, tables and whatever else is made of lines stays as it is.
    """
    markdown = _fenced(markdown)
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
    joined = "\n".join(line for place, line in enumerate(lines) if place not in gone)
    return _INDENTED.sub(
        lambda found: found[1] + found[2].replace("&#32;", " ").replace("&#9;", "\t"), joined
    )


def wrapped(markdown: str) -> str:
    """What an article says as a file says it, so that :func:`unwrapped` gives it back."""
    lines = markdown.split("\n")
    for first, written in _paragraphs(markdown, breakable=True):
        for place, said in enumerate(written[:-1], start=first):
            if not _is_broken(said):
                lines[place] += "\\"
    return _as_text("\n".join(lines))


def _fenced(markdown: str) -> str:
    """A file whose indented code has lines of ``` around it, as code of an article has."""
    lines = markdown.split("\n")
    for first, end, code in reversed([*_indented(markdown)]):
        written = code.split("\n")
        before = lines[first].removesuffix(written[0])
        if not _MARKS.fullmatch(before):  # it begins behind the sign of its list
            continue
        margin = _INDENT.sub("", before)
        fence = max(re.findall("`{3,}", code), default="``", key=len) + "`"
        lines[first:end] = [f"{margin}{one}" for one in (fence, *written, fence)]
    return "\n".join(lines)


def _as_text(markdown: str) -> str:
    """A file in which nothing is code only because it is indented."""
    before = ""
    while before != markdown:  # without the first line of it, another one may be
        before = markdown
        lines = markdown.split("\n")
        for first, _, code in _indented(markdown):
            for place, said in enumerate(code.split("\n"), start=first):
                if said.strip() and (place == first or not lines[place - 1].strip(" >")):
                    lines[place] = _begun(lines[place], said)
        markdown = "\n".join(lines)
    return markdown


def _begun(line: str, said: str) -> str:
    """A line of code so that its indentation is of the text."""
    before = line.removesuffix(said)
    margin = _INDENT.sub("", before)
    return margin + before[len(margin) :].replace(" ", "&#32;").replace("\t", "&#9;") + said


def _indented(markdown: str) -> Iterator[tuple[int, int, str]]:
    """Of all code that is only indented, its first line, the one after its last, and the code."""
    for token in _files.parse(markdown):
        if token.type == "code_block" and token.map is not None:
            code = token.content.rstrip("\n")
            yield token.map[0], token.map[0] + code.count("\n") + 1, code


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
