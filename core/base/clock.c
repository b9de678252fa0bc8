/* clock.c - moments as people write them. */
#include "core/base/clock.h"

static char *put_digits(char *at, unsigned n, int digits)
{
	for (int i = digits - 1; i >= 0; i--) {
		at[i] = (char)('0' + n % 10);
		n /= 10;
	}
	return at + digits;
}

/* Days since 1970 to year, month, day: years begin in March, so that the leap day comes last
 * (Howard Hinnant's days_from_civil, the other way round). Moments before 1970 are not asked for.
 */
static char *put_date(char *at, uint64_t days)
{
	unsigned z = (unsigned)days + 719468;
	unsigned era = z / 146097, day = z % 146097;
	unsigned year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
	unsigned of_year = day - (365 * year + year / 4 - year / 100);
	unsigned m = (5 * of_year + 2) / 153;
	unsigned month = m < 10 ? m + 3 : m - 9;

	at = put_digits(at, year + era * 400 + (month <= 2), 4);
	*at++ = '-';
	at = put_digits(at, month, 2);
	*at++ = '-';
	return put_digits(at, of_year - (153 * m + 2) / 5 + 1, 2);
}

char *clock_put_utc(char *at, uint64_t wall)
{
	uint64_t s = wall / NS_PER_S;
	unsigned of_day = (unsigned)(s % 86400);

	at = put_date(at, s / 86400);
	*at++ = 'T';
	at = put_digits(at, of_day / 3600, 2);
	*at++ = ':';
	at = put_digits(at, of_day / 60 % 60, 2);
	*at++ = ':';
	at = put_digits(at, of_day % 60, 2);
	*at++ = '.';
	at = put_digits(at, (unsigned)(wall % NS_PER_S / NS_PER_MS), 3);
	*at++ = 'Z';
	return at;
}
