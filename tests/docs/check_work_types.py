#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Manual pages and the table of work agree: check_work_types.py SOURCE_ROOT FILLED_PAGE

The page that is made from the table has a section for each kind of work, and the defaults that
ktstr_work(3) writes down are those of the table.
"""
import pathlib
import re
import sys

KIND = re.compile(r'\bX\((\w+), "(\w+)"\)')
SECTION = re.compile(r"^## (\w+)\n(.*?)(?=^#|\Z)", re.MULTILINE | re.DOTALL)
DEFAULT = re.compile(r"^_(\w+)_ \(default: (\w+)\)$", re.MULTILINE)
ENTRY = re.compile(r"^\*KTSTR_WORK\*\((\w+)((?:, \.\w+ = [^,)]+)*)", re.MULTILINE)
NUMBER = re.compile(r"\.(\w+) = (\d+)")


def main():
    root = pathlib.Path(sys.argv[1])
    page = pathlib.Path(sys.argv[2]).read_text().replace("\\", "")
    headers = "\n".join(path.read_text() for path in (root / "include/ktstr/work").glob("*.h"))
    kinds = dict(KIND.findall(headers))
    sections = dict(SECTION.findall(page))
    problems = [f"no section for {name}" for name in kinds.values() if name not in sections]
    problems += [f"a section for {name}, which is no kind" for name in sections
                 if name not in kinds.values()]
    checked = 0
    for kind, values in ENTRY.findall((root / "docs/man/ktstr_work.3.scd").read_text()):
        defaults = dict(DEFAULT.findall(sections.get(kinds.get(kind, ""), "")))
        for name, value in NUMBER.findall(values):
            checked += 1
            if defaults.get(name) != value:
                problems.append(f"ktstr_work(3): {kind}.{name} = {value}, the table says "
                                f"{defaults.get(name)}")
    if len(kinds) < 45 or checked < 40:
        problems.append("found too few kinds or defaults: looked in the wrong place")
    print("\n".join(problems) or f"{len(kinds)} kinds, {checked} defaults")
    sys.exit(1 if problems else 0)


main()
