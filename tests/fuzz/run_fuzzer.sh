#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Fuzz for a minute: run_fuzzer.sh FUZZER FOLDER-FOR-WHAT-IS-FOUND CORPUS
set -eu
mkdir -p "$2"
exec "$1" -max_total_time=60 -timeout=10 -print_final_stats=1 -artifact_prefix="$2/" "$2" "$3"
