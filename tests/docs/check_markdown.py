#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""The documents quote real files: check_markdown.py SOURCE_ROOT

Every ```c block of the README and of docs/ stands verbatim, as whole lines, in a file that the
build compiles, and every relative link leads to a file.
"""
import pathlib
import re
import sys

QUOTED = ("examples/*.c", "docs/guide/snippets/*.c", "bpf/*.c", "bpf/*.h", "include/ktstr/*.h")
BLOCK = re.compile(r"^```c\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


def main():
    root = pathlib.Path(sys.argv[1])
    documents = [root / "README.md", root / "bench/README.md", *sorted(root.glob("docs/**/*.md"))]
    sources = {path: "\n" + path.read_text() for glob in QUOTED for path in root.glob(glob)}
    problems = []
    blocks = 0

    for document in documents:
        text = document.read_text()
        name = document.relative_to(root)
        for block in BLOCK.finditer(text):
            line = text.count("\n", 0, block.start()) + 1
            blocks += 1
            if not any("\n" + block.group(1) in source for source in sources.values()):
                problems.append(f"{name}:{line}: this block stands in no file that is compiled")
        for link in LINK.finditer(text):
            line = text.count("\n", 0, link.start()) + 1
            if not (document.parent / link.group(1)).exists():
                problems.append(f"{name}:{line}: no file '{link.group(1)}'")
    if not blocks:
        problems.append("no document has a ```c block, which cannot be right")
    print("\n".join(problems) or f"{blocks} blocks in {len(documents)} documents")
    sys.exit(1 if problems else 0)


main()
