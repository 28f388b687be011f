#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Every claim has its test: check_claims.py SOURCE_ROOT

The rows of docs/claims-*.md are sorted by number, and each test they name stands in tests/: a
function or a program of tests/unit, or, as `vm/PROGRAM: NAME`, a test of tests/vm/PROGRAM.c. A row
without a test says why in words, without backticks.
"""
import pathlib
import re
import sys

ROW = re.compile(r"^\| *(\d+) *\|(.*)\|([^|]*)\|$")
QUOTED = re.compile(r"`([^`]+)`")


def stands_in(name, unit, root):
    if not name.startswith("vm/"):
        return name in unit
    program, _, test = name[len("vm/"):].partition(": ")
    path = root / "tests/vm" / f"{program}.c"
    return path.exists() and re.search(rf"\bKTSTR_TEST\({re.escape(test)}[,)]", path.read_text())


def check(document, unit, root, problems):
    before = rows = 0
    for number, line in enumerate(document.read_text().splitlines(), 1):
        row = ROW.match(line)
        if not row:
            continue
        rows += 1
        where = f"{document.name}:{number}"
        if int(row.group(1)) < before:
            problems.append(f"{where}: claim {row.group(1)} stands behind {before}")
        before = int(row.group(1))
        problems += [f"{where}: no test '{name}'" for name in QUOTED.findall(row.group(3))
                     if not stands_in(name, unit, root)]
        if not row.group(3).strip():
            problems.append(f"{where}: neither a test nor a reason")
    if not rows:
        problems.append(f"{document.name}: has no rows")
    return rows


def main():
    root = pathlib.Path(sys.argv[1])
    files = sorted((root / "tests/unit").glob("*.[ch]"))
    unit = {word for path in files for word in re.findall(r"\w+", path.read_text())}
    unit.update(path.stem for path in files)
    documents = sorted((root / "docs").glob("claims-*.md"))
    problems = []
    rows = [check(document, unit, root, problems) for document in documents]

    if not rows:
        problems.append("no docs/claims-*.md: looked in the wrong place")
    print("\n".join(problems) or f"{sum(rows)} rows in {len(documents)} documents")
    sys.exit(1 if problems else 0)


main()
