// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>

#include "unit.h"
#include "vm/kernel/mirror.h"

static const char deb822[] =
	"# made by an installer\n"
	"Types: deb deb-src\n"
	"# a comment inside\n"
	"URIs: http://main.invalid/debian/\n"
	"Suites: trixie trixie-updates\n"
	"Components: main\n"
	"Signed-By: /usr/share/keyrings/a.gpg\n"
	"\n"
	"types: deb\n"
	"uris: http://sec.invalid/debian-security\n"
	"suites: trixie-security\n"
	"Signed-By:\n"
	" -----BEGIN PGP PUBLIC KEY BLOCK-----\n"
	" .\n"
	" abc\n"
	"Components: main\n"
	"\n"
	"Types: deb\nEnabled: no\nURIs: http://off.invalid/debian\nSuites: sid\n"
	"\n"
	"Types: deb-src\nURIs: http://source.invalid/debian\nSuites: sid\n"
	"\n"
	"Types: deb\nURIs: http://vendor.invalid/debian\nSuites: trixie\nComponents: stable\n";

static const char lines[] = "# deb http://comment.invalid/debian bookworm main\n"
			    "deb [ arch=amd64 signed-by=/k/a.gpg,/k/b.gpg ] "
			    "http://main.invalid/debian bookworm main # end\n"
			    "deb-src http://main.invalid/debian bookworm main\n"
			    "deb\thttp://plain.invalid/debian///\tbookworm-backports\tmain\n"
			    "deb [broken http://broken.invalid/debian bookworm main\n"
			    "deb http://short.invalid/debian";

/* The sources as "uri suite signed-by" lines. */
static void assert_sources(const struct apt_sources *sources, const char *expected)
{
	char text[2048] = "";
	size_t used = 0;

	for (size_t i = 0; i < sources->count; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s %s %s\n",
					 sources->items[i].uri, sources->items[i].suite,
					 sources->items[i].signed_by ?: "-");
	assert_string_equal(text, expected);
}

static void apt_sources_add_deb822_reads_stanzas(void **state)
{
	struct apt_sources sources = { 0 };

	(void)state;
	assert_int_equal(apt_sources_add_deb822(&sources, deb822), 0);
	assert_sources(&sources,
		       "http://main.invalid/debian trixie /usr/share/keyrings/a.gpg\n"
		       "http://main.invalid/debian trixie-updates /usr/share/keyrings/a.gpg\n"
		       "http://sec.invalid/debian-security trixie-security "
		       "\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abc\n"
		       "http://vendor.invalid/debian trixie -\n");
	apt_sources_release(&sources);
}

static void apt_sources_add_lines_reads_one_line_form(void **state)
{
	struct apt_sources sources = { 0 };

	(void)state;
	assert_int_equal(apt_sources_add_lines(&sources, lines), 0);
	assert_sources(&sources, "http://main.invalid/debian bookworm /k/a.gpg /k/b.gpg\n"
				 "http://plain.invalid/debian bookworm-backports -\n");
	apt_sources_release(&sources);
}

/* As apt-get indextargets --format APT_TARGETS_FORMAT prints, with a slash at the end. */
static const char targets[] = "Vendor|http://vendor.invalid/debian/\n"
			      "Debian|http://main.invalid/debian/\n"
			      "Debian|http://sec.invalid/debian-security/\n";
static const char targets_of_vendor[] = "Debian|http://vendor.invalid/debian/\n";

static const struct {
	const char *name, *targets, *codename, *suite;
	const char *uri; /* NULL: refused */
} choices[] = {
	{ "configured suite", targets, "", "trixie", "http://main.invalid/debian" },
	{ "other suite", targets, "", "sid", "http://main.invalid/debian" },
	{ "backports", targets, "", "bookworm-backports", "http://main.invalid/debian" },
	{ "security", targets, "", "bookworm-security", "http://sec.invalid/debian-security" },
	{ "origin decides", targets_of_vendor, "", "sid", "http://vendor.invalid/debian" },
	{ "origin has no security", targets_of_vendor, "", "bookworm-security", NULL },
	{ "no lists yet", "", "trixie", "sid", "http://main.invalid/debian" },
	{ "no lists yet, security", "", "trixie", "sid-security",
	  "http://sec.invalid/debian-security" },
	{ "no lists, another system", "", "noble", "sid", NULL },
	{ "half a name", "", "trix", "sid", NULL },
};

static void apt_sources_choose_takes_the_debian_mirror(void **state)
{
	struct apt_sources sources = { 0 };

	(void)state;
	assert_int_equal(apt_sources_add_deb822(&sources, deb822), 0);
	for (size_t i = 0; i < COUNT(choices); i++) {
		const struct apt_source *source = NULL;
		struct ktstr_error error = { 0 };
		int err = apt_sources_choose(&sources, choices[i].targets, choices[i].codename,
					     choices[i].suite, &source, &error);

		if (!choices[i].uri) {
			assert_int_equal(err, -ENOENT);
			assert_contains(error.text, choices[i].suite);
			assert_contains(error.text, "ktstr kernel add");
			continue;
		}
		if (err || strcmp(source->uri, choices[i].uri))
			fail_msg("%s: %s", choices[i].name, err ? error.text : source->uri);
	}
	apt_sources_release(&sources);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(apt_sources_add_deb822_reads_stanzas),
		cmocka_unit_test(apt_sources_add_lines_reads_one_line_form),
		cmocka_unit_test(apt_sources_choose_takes_the_debian_mirror),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
