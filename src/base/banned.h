/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

/*
 * Force-included before every file of ours: calls that overflow, lose errors or hide a global
 * state become compile errors. System headers that declare them are read first.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#pragma GCC poison strcpy strcat sprintf vsprintf strtok atoi atol atoll gmtime localtime rand
