#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""The manual is complete: check_pages.py SOURCE_ROOT

Every page is listed in docs/meson.build, every symbol that libktstr exports and every macro of its
headers stands in a page of section 3, so does every parameter of work in ktstr_work(3), every page
has a NAME that fits its file.
"""
import pathlib
import re
import sys

# Macros that are no part of the API: what includes guard, and what other macros are made of.
INTERNAL = re.compile(r"_H$|^KTSTR_(API|MUST_CHECK|WORK_DECLARE|OP_DECLARE|CHECK_DOUBLES|SCENARIO_DECLARE|WORK_TYPES_|HOLD_KIND_|CPUSET_|EXIT_|OUTPUT_OF_KIND)")


# The rows of parameters that kinds of work have.
DEFINITION = re.compile(r"^#define (?:.*\\\n)*.*$", re.MULTILINE)
PARAMETER = re.compile(r"WORK_(?:NUMBER|SWITCH|WORD|TEXT|LIST)\(\s*struct \w+,\s*(\w+)")


def exported(root):
    text = (root / "src/harness/libktstr.map").read_text()
    return [name for name in re.findall(r"^\s+(\w+);", text, re.MULTILINE) if name != "main"]


def macros(root):
    names = set()
    for header in (root / "include/ktstr").rglob("*.h"):
        names.update(re.findall(r"^#define (KTSTR_\w+)", header.read_text(), re.MULTILINE))
    return sorted(name for name in names if not INTERNAL.search(name))


def main():
    root = pathlib.Path(sys.argv[1])
    pages = {path.name[:-len(".scd")]: path.read_text() for path in root.glob("docs/man/*.scd")}
    listed = set(re.findall(r"'([\w-]+\.[1-9])'", (root / "docs/meson.build").read_text()))
    # scdoc wants underscores escaped.
    manual = "\n".join(text for name, text in pages.items() if name.endswith(".3")).replace("\\", "")
    symbols, constants = exported(root), macros(root)
    problems = [f"docs/man/{page}.scd is not listed in docs/meson.build"
                for page in sorted(set(pages) - listed)]

    problems += [f"docs/meson.build lists {page}, which docs/man does not have"
                 for page in sorted(listed - set(pages))]
    problems += [f"docs/man/{name}.scd: its first section must begin with '{name[:-2]}'"
                 for name, text in sorted(pages.items())
                 if not re.search(r"^# NAME\n\n" + re.escape(name[:-2]).replace("_", r"\\?_"),
                                  text, re.MULTILINE)]
    problems += [f"{name} stands in no page of section 3" for name in symbols + constants
                 if not re.search(rf"\b{name}\b", manual)]
    problems += [f"ktstr_work.3.scd does not name the parameter {name} of {path.name}"
                 for path in sorted((root / "src/workload/work").glob("*.c"))
                 for name in PARAMETER.findall(DEFINITION.sub("", path.read_text()))
                 if not re.search(rf"(?<![A-Za-z0-9])_?{name}_?(?![A-Za-z0-9])",
                                  pages["ktstr_work.3"].replace("\\", ""))]
    if not symbols or not constants:
        problems.append("found no symbols or no macros: looked in the wrong place")
    print("\n".join(problems) or
          f"{len(pages)} pages, {len(symbols)} symbols, {len(constants)} macros")
    sys.exit(1 if problems else 0)


main()
