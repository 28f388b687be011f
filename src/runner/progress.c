// SPDX-License-Identifier: GPL-2.0-only
/* How a run is getting on, in one line that is drawn over itself. */
#include <inttypes.h>
#include <sys/ioctl.h>

#include "base/clock.h"
#include "runner/progress.h"

#define ERASE_LINE "\r\033[K"
#define RED "\033[31m"
#define PLAIN "\033[m"
#define COLUMNS_DEFAULT 80

const char *progress_time(uint64_t ns, char text[PROGRESS_TEXT_MAX])
{
	uint64_t s = ns / NS_PER_S;

	if (s < 60)
		snprintf(text, PROGRESS_TEXT_MAX, "%" PRIu64 " s", s);
	else if (s < 3600)
		snprintf(text, PROGRESS_TEXT_MAX, "%" PRIu64 " min %02" PRIu64 " s", s / 60,
			 s % 60);
	else
		snprintf(text, PROGRESS_TEXT_MAX, "%" PRIu64 " h %02" PRIu64 " min", s / 3600,
			 s / 60 % 60);
	return text;
}

const char *progress_estimate(const struct progress_view *view, char text[PROGRESS_TEXT_MAX])
{
	uint64_t work_ns = view->mean_ns * (view->total - view->done), left_s;

	text[0] = '\0';
	if (!view->running || work_ns <= view->begun_ns)
		return text;
	left_s = ((work_ns - view->begun_ns) / view->running + NS_PER_S - 1) / NS_PER_S;
	if (left_s < 100)
		snprintf(text, PROGRESS_TEXT_MAX, "about %" PRIu64 " s left", left_s);
	else if (left_s < UINT64_C(100) * 60)
		snprintf(text, PROGRESS_TEXT_MAX, "about %" PRIu64 " min left", (left_s + 30) / 60);
	else
		snprintf(text, PROGRESS_TEXT_MAX, "about %" PRIu64 " h left",
			 (left_s + 1800) / 3600);
	return text;
}

/* A piece of the line, as far as there is room: names and numbers are ASCII, a byte a column. */
static void put(const char *text, const char *color, unsigned *columns, FILE *out)
{
	int printed;

	if (*columns == 0)
		return;
	if (color)
		fputs(color, out);
	printed = fprintf(out, "%.*s", (int)*columns, text);
	if (color)
		fputs(PLAIN, out);
	*columns -= printed > 0 ? (unsigned)printed : 0;
}

void progress_print(const struct progress_view *view, unsigned columns, bool color, FILE *out)
{
	char text[160], time[PROGRESS_TEXT_MAX];

	snprintf(text, sizeof(text), "%zu of %zu done, ", view->done, view->total);
	put(text, NULL, &columns, out);
	snprintf(text, sizeof(text), "%zu failed", view->failed);
	put(text, color && view->failed ? RED : NULL, &columns, out);
	snprintf(text, sizeof(text), ", %zu running, %s", view->running,
		 progress_time(view->elapsed_ns, time));
	put(text, NULL, &columns, out);
	if (*progress_estimate(view, time)) {
		snprintf(text, sizeof(text), ", %s", time);
		put(text, NULL, &columns, out);
	}
	if (view->oldest) {
		snprintf(text, sizeof(text), " | %.100s %s", view->oldest,
			 progress_time(view->oldest_ns, time));
		put(text, NULL, &columns, out);
	}
}

/* One less than there are: a terminal may wrap as soon as the last one is filled. */
static unsigned terminal_columns(FILE *out)
{
	struct winsize size;
	bool known = ioctl(fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col > 1;

	return (known ? size.ws_col : COLUMNS_DEFAULT) - 1;
}

void progress_draw(struct progress *progress, const struct progress_view *view)
{
	uint64_t now_ns = clock_now_ns();

	if (!progress->out)
		return;
	if (progress->drawn_ns && now_ns - progress->drawn_ns < PROGRESS_PERIOD_MS * NS_PER_MS)
		return;
	progress->drawn_ns = now_ns;
	progress->drawn = true;
	fputs(ERASE_LINE, progress->out);
	progress_print(view, terminal_columns(progress->out), progress->color, progress->out);
	fflush(progress->out);
}

void progress_erase(struct progress *progress)
{
	if (!progress->drawn)
		return;
	progress->drawn = false;
	fputs(ERASE_LINE, progress->out);
	fflush(progress->out);
}
