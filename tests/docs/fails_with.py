#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Run a test that fails on purpose: fails_with.py COMMAND... -- TEXT...

Passes when the command exits with 1 and prints every TEXT.
"""
import subprocess
import sys


def main():
    split = sys.argv.index("--")
    command, texts = sys.argv[1:split], sys.argv[split + 1:]
    if not command or not texts:
        sys.exit("usage: fails_with.py COMMAND... -- TEXT...")
    run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    missing = [text for text in texts if text not in run.stdout]
    if run.returncode == 1 and not missing:
        return
    print(run.stdout)
    sys.exit(f"exit status {run.returncode}, expected 1; missing: {missing}")


main()
