/* date.c - HTTP dates, RFC 9110 5.6.7. */
#include "core/http/date.h"

#include <stdio.h>
#include <time.h>

static const char days[] = "SunMonTueWedThuFriSat";
static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

void http_date_write(char *at, uint64_t seconds)
{
	time_t t = (time_t)seconds;
	struct tm tm;
	char text[HTTP_DATE_BYTES + 1];

	gmtime_r(&t, &tm);
	(void)snprintf(text, sizeof(text), "%.3s, %02u %.3s %04u %02u:%02u:%02u GMT",
		       days + 3 * tm.tm_wday, (unsigned)tm.tm_mday % 100, months + 3 * tm.tm_mon,
		       (unsigned)(tm.tm_year + 1900) % 10000, (unsigned)tm.tm_hour % 100,
		       (unsigned)tm.tm_min % 100, (unsigned)tm.tm_sec % 100);
	memcpy(at, text, HTTP_DATE_BYTES);
}

static bool month_of(struct weir_str name, int *out)
{
	for (int i = 0; i < 12; i++) {
		if (memcmp(months + 3 * i, name.data, 3) == 0) {
			*out = i;
			return true;
		}
	}
	return false;
}

static bool number_at(struct weir_str s, size_t from, size_t len, int *out)
{
	uint64_t n;

	if (!str_to_u64(str_of(s.data + from, len), &n))
		return false;
	*out = (int)n;
	return true;
}

bool http_date_parse(struct weir_str text, uint64_t *seconds)
{
	struct tm tm = { 0 };
	time_t t;

	if (text.len != HTTP_DATE_BYTES || !str_ends(text, STR(" GMT")) || text.data[3] != ',')
		return false;
	if (!number_at(text, 5, 2, &tm.tm_mday) || !month_of(str_of(text.data + 8, 3), &tm.tm_mon) ||
	    !number_at(text, 12, 4, &tm.tm_year) || !number_at(text, 17, 2, &tm.tm_hour) ||
	    !number_at(text, 20, 2, &tm.tm_min) || !number_at(text, 23, 2, &tm.tm_sec))
		return false;
	tm.tm_year -= 1900;
	t = timegm(&tm);
	if (t < 0)
		return false;
	*seconds = (uint64_t)t;
	return true;
}
