// SPDX-License-Identifier: GPL-2.0-only
/* Reading apt's source files (sources.list(5), both forms) and choosing a Debian mirror. */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "vm/kernel/control.h"
#include "vm/kernel/mirror.h"

static const char blanks[] = " \t\r\n";

void apt_sources_release(struct apt_sources *sources)
{
	for (size_t i = 0; i < sources->count; i++) {
		free(sources->items[i].uri);
		free(sources->items[i].suite);
		free(sources->items[i].signed_by);
	}
	free(sources->items);
	*sources = (struct apt_sources){ 0 };
}

/* The word at *cursor, which moves behind it; 0: none left. */
static size_t next_word(const char **cursor, const char **ret_word)
{
	const char *word = *cursor + strspn(*cursor, blanks);
	size_t length = strcspn(word, blanks);

	*cursor = word + length;
	*ret_word = word;
	return length;
}

static size_t uri_length(const char *uri, size_t length)
{
	while (length && uri[length - 1] == '/')
		length--;
	return length;
}

static int append(struct apt_sources *sources, const char *uri, size_t uri_size, const char *suite,
		  size_t suite_size, const char *signed_by)
{
	struct apt_source *grown = reallocarray(sources->items, sources->count + 1,
						sizeof(*sources->items));
	struct apt_source *source;

	if (!grown)
		return -ENOMEM;
	sources->items = grown;
	source = &grown[sources->count++];
	source->uri = strndup(uri, uri_length(uri, uri_size));
	source->suite = strndup(suite, suite_size);
	source->signed_by = signed_by ? strdup(signed_by) : NULL;
	return source->uri && source->suite && !signed_by == !source->signed_by ? 0 : -ENOMEM;
}

static int add_stanza(struct apt_sources *sources, const char *stanza, size_t length)
{
	auto_free char *types = control_field(stanza, length, "Types");
	auto_free char *enabled = control_field(stanza, length, "Enabled");
	auto_free char *uris = control_field(stanza, length, "URIs");
	auto_free char *suites = control_field(stanza, length, "Suites");
	auto_free char *signed_by = control_field(stanza, length, "Signed-By");
	const char *uri, *suite;
	size_t uri_size, suite_size;

	if (!types || !uris || !suites || !text_has_word(types, "deb"))
		return 0;
	if (enabled &&
	    (!strcasecmp(enabled, "no") || !strcasecmp(enabled, "false") || !strcmp(enabled, "0")))
		return 0;
	for (const char *more_uris = uris; (uri_size = next_word(&more_uris, &uri));)
		for (const char *more = suites; (suite_size = next_word(&more, &suite));)
			if (append(sources, uri, uri_size, suite, suite_size, signed_by))
				return -ENOMEM;
	return 0;
}

int apt_sources_add_deb822(struct apt_sources *sources, const char *text)
{
	const char *stanza;
	size_t length;

	while ((length = control_next_stanza(&text, &stanza))) {
		int err = add_stanza(sources, stanza, length);

		if (err)
			return err;
	}
	return 0;
}

/* The value of signed-by in "[arch=amd64 signed-by=/a.gpg,/b.gpg]", commas become blanks. */
static char *signed_by_option(const char *options, size_t length)
{
	static const char key[] = "signed-by=";
	const char *end = options + length, *word;

	while (options < end) {
		size_t size = next_word(&options, &word);

		if (word >= end || size <= strlen(key))
			continue;
		if (word + size > end)
			size = (size_t)(end - word);
		if (!strncasecmp(word, key, strlen(key))) {
			char *value = strndup(word + strlen(key), size - strlen(key));

			for (char *comma = value; comma && (comma = strchr(comma, ',')); comma++)
				*comma = ' ';
			return value;
		}
	}
	return NULL;
}

static int add_line(struct apt_sources *sources, const char *line)
{
	auto_free char *signed_by = NULL;
	const char *word, *uri, *suite;
	size_t uri_size, suite_size;

	if (next_word(&line, &word) != strlen("deb") || strncmp(word, "deb", strlen("deb")))
		return 0;
	line += strspn(line, blanks);
	if (*line == '[') {
		size_t length = strcspn(line, "]");

		if (!line[length])
			return 0; /* apt itself refuses the file: its own message is the better one
				   */
		signed_by = signed_by_option(line + 1, length - 1);
		line += length + 1;
	}
	uri_size = next_word(&line, &uri);
	suite_size = next_word(&line, &suite);
	return uri_size && suite_size ? append(sources, uri, uri_size, suite, suite_size, signed_by)
				      : 0;
}

int apt_sources_add_lines(struct apt_sources *sources, const char *text)
{
	while (*text) {
		size_t length = strcspn(text, "\n");
		auto_free char *line = strndup(text, strcspn(text, "#\n"));

		if (!line || add_line(sources, line))
			return -ENOMEM;
		text += length + (text[length] == '\n');
	}
	return 0;
}

/* Whether a line of targets is "Debian|<uri>"; *ret_says_any: whether any is "Debian|...". */
static bool targets_name(const char *targets, const char *uri, bool *ret_says_any)
{
	static const char origin[] = "Debian|";

	while (*targets) {
		size_t length = strcspn(targets, "\n");

		if (!strncmp(targets, origin, strlen(origin))) {
			const char *named = targets + strlen(origin);
			size_t named_length = uri_length(named, length - strlen(origin));

			*ret_says_any = true;
			if (named_length == strlen(uri) && !strncmp(named, uri, named_length))
				return true;
		}
		targets += length + (targets[length] == '\n');
	}
	return false;
}

static bool is_for_security(const char *suite)
{
	return text_ends_with(suite, "-security") || text_ends_with(suite, "/updates");
}

/* trixie, trixie-updates, trixie-backports..., or a name that only Debian's own suites have. */
static bool is_own_release(const char *suite, const char *codename)
{
	static const char *const parts[] = { "", "-updates", "-security", "-backports",
					     "/updates" };
	static const char *const roles[] = { "sid", "unstable", "testing", "stable", "oldstable" };
	size_t length = strlen(codename);

	for (size_t i = 0; length && i < sizeof(parts) / sizeof(parts[0]); i++)
		if (!strncmp(suite, codename, length) && !strcmp(suite + length, parts[i]))
			return true;
	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
		if (!strcmp(suite, roles[i]))
			return true;
	return false;
}

static bool is_debian(const struct apt_source *source, const char *targets, const char *codename)
{
	bool says_any = false;

	if (targets_name(targets, source->uri, &says_any))
		return true;
	return !says_any && is_own_release(source->suite, codename);
}

int apt_sources_choose(const struct apt_sources *sources, const char *targets, const char *codename,
		       const char *suite, const struct apt_source **ret_source,
		       struct ktstr_error *error)
{
	const struct apt_source *like = NULL;

	for (size_t i = 0; i < sources->count; i++) {
		const struct apt_source *source = &sources->items[i];

		if (!is_debian(source, targets, codename))
			continue;
		if (!strcmp(source->suite, suite)) {
			*ret_source = source;
			return 0;
		}
		if (!like && is_for_security(source->suite) == is_for_security(suite))
			like = source;
	}
	if (!like)
		return ktstr_error_set(
			error, -ENOENT,
			"suite '%s': none of the %zu sources of apt is a Debian mirror for it; "
			"add one to /etc/apt/sources.list.d, or use 'ktstr kernel add PATH'",
			suite, sources->count);
	*ret_source = like;
	return 0;
}
