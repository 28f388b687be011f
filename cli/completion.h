/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stdio.h>

/* The script that completes the words of ktstr's command lines, made from the same tables. */
void completion_print_bash(FILE *out);
void completion_print_zsh(FILE *out);
