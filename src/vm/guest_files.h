/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <ktstr/error.h>

/*
 * Files of this machine that a guest is to have, each under the path where the guest looks for it.
 * A list starts as zeroes.
 */
struct guest_file {
	char *host_path;
	char *guest_path;
	unsigned mode;	     /* permission bits */
	uint64_t size, hash; /* of the content; 0 until guest_file_load() */
};

struct guest_files {
	struct guest_file *items;
	size_t count;
};

void guest_files_release(struct guest_files *files);
#define auto_guest_files __attribute__((cleanup(guest_files_release)))

/*
 * Add the regular file host_path. Adding the same file under the same guest_path again changes
 * nothing; another file there is -EEXIST. guest_path must be absolute and without "." and "..".
 */
int guest_files_add(struct guest_files *files, const char *host_path, const char *guest_path,
		    struct ktstr_error *error) KTSTR_MUST_CHECK;

/*
 * Add a program or shared library together with everything its loader will ask for: the
 * interpreter and the libraries of DT_NEEDED, recursively. See closure.c for where they are sought.
 */
int guest_files_add_program(struct guest_files *files, const char *host_path,
			    const char *guest_path, struct ktstr_error *error) KTSTR_MUST_CHECK;

/* NULL when there is none. */
const struct guest_file *guest_files_find(const struct guest_files *files, const char *guest_path);

/* A file with the same content, which like.size and like.hash tell. NULL when there is none. */
const struct guest_file *guest_files_find_content(const struct guest_files *files,
						  const struct guest_file *like);

/* Read the content into fresh memory (the caller frees) and note its size and hash in file. */
int guest_file_load(struct guest_file *file, char **ret_data,
		    struct ktstr_error *error) KTSTR_MUST_CHECK;

/* Larger files are refused: the guest keeps them in memory. */
#define GUEST_FILE_MAX (512u << 20)
