#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Who may know whom: check_includes.py SOURCE_ROOT

A folder of src/ includes itself and what stands before it in src/meson.build, less the pairs
below; cli/ comes last. Public headers include public headers, and so do the programs that show how to use them.
"""
import pathlib
import re
import sys

# In the order of the list these would be allowed: host and guest meet in wire alone, and the host
# knows a test by its description, not by the engines that run it. The tool may use workload, because
# it runs the benchmarks themselves (ktstr schbench, taobench, workload).
FORBIDDEN = {
    "guest": {"workload", "cgroup", "payload", "scenario"},
    "vm": {"workload", "cgroup", "payload", "scenario", "sched", "guest"},
    "vm/kernel": {"workload", "cgroup", "payload", "scenario", "sched", "guest", "wire"},
    "harness": {"sched", "guest", "vm", "vm/kernel"},
    "runner": {"workload", "cgroup", "payload", "scenario", "sched", "guest"},
    "cli": {"cgroup", "payload", "scenario", "sched", "guest"},
}
OURS = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)
SYSTEM = re.compile(r"^\s*#\s*include\s+<([^>]+)>", re.MULTILINE)
PUBLIC = ("include/ktstr", "examples", "docs/guide/snippets")


def folder_order(root):
    text = (root / "src/meson.build").read_text()
    names = re.search(r"foreach folder : \[(.*?)\]", text, re.DOTALL).group(1)
    return re.findall(r"'([^']+)'", names)


def folder_of(path, folders):
    """The longest folder that path lies in; None for a file of no folder."""
    inside = [folder for folder in folders if path.startswith(folder + "/")]
    return max(inside, key=len) if inside else None


def check_folders(root, problems):
    folders = folder_order(root) + ["cli"]
    seen = 0
    files = [*sorted((root / "src").rglob("*.[ch]")), *sorted((root / "cli").glob("*.[ch]"))]
    for path in files:
        start = root if path.parent == root / "cli" else root / "src"
        here = folder_of(str(path.relative_to(start)), folders)
        if here is None:
            problems.append(f"{path.relative_to(root)}: lies in no folder of src/meson.build")
            continue
        for include in OURS.findall(path.read_text()):
            there = folder_of(include, folders)
            seen += 1
            if there is None:
                problems.append(f'{path.relative_to(root)}: "{include}": write it from src/ on')
            elif folders.index(there) > folders.index(here):
                problems.append(f"{path.relative_to(root)}: {there} stands after {here}")
            elif there in FORBIDDEN.get(here, ()):
                problems.append(f"{path.relative_to(root)}: {here} must not know {there}")
    return seen


def check_public(root, problems):
    seen = 0
    for folder in PUBLIC:
        for path in sorted((root / folder).glob("*.[ch]")):
            text = path.read_text()
            seen += len(SYSTEM.findall(text))
            for include in OURS.findall(text):
                problems.append(f'{path.relative_to(root)}: "{include}" is not public')
            for include in SYSTEM.findall(text):
                if include.startswith("ktstr/") and not (root / "include" / include).exists():
                    problems.append(f"{path.relative_to(root)}: no public header <{include}>")
    return seen


def main():
    root = pathlib.Path(sys.argv[1])
    problems = []
    seen = check_folders(root, problems), check_public(root, problems)

    if not all(seen):
        problems.append(f"saw {seen[0]} and {seen[1]} includes: looked in the wrong place")
    print("\n".join(problems) or f"{seen[0]} includes between folders, {seen[1]} of public files")
    sys.exit(1 if problems else 0)


main()
