#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Every error of scenarios is explained: check_errors.py SOURCE_ROOT [--list]

Each text that src/scenario and src/cgroup give to ktstr_error_set() stands in docs/errors.md, with
what is filled in as …, and each row there is such a text. Left out are texts that say nothing but
that memory ran out, and those that only pass on another text. --list prints the texts.
"""
import pathlib
import re
import sys

FOLDERS = ("src/scenario", "src/cgroup")
CALL = re.compile(r"ktstr_error_set\(")
LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"')
FILLED = re.compile(r"%[-+ #0]*[0-9.*]*(?:hh|h|ll|l|z)?[a-zA-Z]")
ROW = re.compile(r"^\| `([^`]+)` \|([^|]+)\|([^|]+)\|$", re.MULTILINE)


def text_of(call):
    """The adjacent literals behind the second comma: the format."""
    depth, commas, at = 0, 0, 0
    while commas < 2 or depth:
        char = call[at]
        depth += (char in "([{") - (char in ")]}")
        commas += char == "," and depth == 0
        at += 1
    text = ""
    while True:
        rest = call[at:].lstrip()
        at = len(call) - len(rest)
        literal = LITERAL.match(rest)
        macro = re.match(r"[A-Z][A-Z_]+(?=\s*\")|PRI\w+", rest)
        if literal:
            text += literal.group(1)
            at += literal.end()
        elif macro:
            at += macro.end()
        else:
            return FILLED.sub("…", text).replace("|", "/").replace("%%", "%")


def errors(root):
    found = set()
    for folder in FOLDERS:
        for path in (root / folder).rglob("*.c"):
            source = path.read_text()
            found.update(text_of(source[call.end():call.end() + 2000])
                         for call in CALL.finditer(source))
    return {text for text in found
            if re.search(r"[a-z]{3}", text) and "no memory" not in text.replace("no memory nodes", "")}


def main():
    root = pathlib.Path(sys.argv[1])
    wanted = errors(root)

    if sys.argv[2:] == ["--list"]:
        print("\n".join(sorted(wanted)))
        return
    rows = ROW.findall((root / "docs/errors.md").read_text())
    listed = {text for text, _, _ in rows}
    problems = [f"docs/errors.md does not explain: {text}" for text in sorted(wanted - listed)]
    problems += [f"docs/errors.md explains what nobody says: {text}"
                 for text in sorted(listed - wanted)]
    problems += [f"docs/errors.md: no cause or remedy for: {text}" for text, cause, remedy in rows
                 if not cause.strip() or not remedy.strip()]
    if len(wanted) < 40:
        problems.append("found few errors: looked in the wrong place")
    print("\n".join(problems) or f"{len(rows)} errors")
    sys.exit(1 if problems else 0)


main()
