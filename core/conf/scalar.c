/* scalar.c - one scalar by its option's type: numbers and their units. */
#include <math.h>
#include <stdio.h>

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/conf/option.h"
#include "core/conf/shape.h"

struct unit {
	const char *name;
	double factor;
};

static const struct unit time_units[] = {
	{ "us", 1e3 }, { "ms", 1e6 }, { "s", 1e9 }, { "m", 60e9 }, { "h", 3600e9 },
	{ "d", 86400e9 }, { 0 }
};
static const struct unit size_units[] = {
	{ "b", 1 }, { "k", 1024 }, { "m", 1048576 }, { "g", 1073741824 }, { 0 }
};
static const struct unit rate_units[] = {
	{ "s", 1 }, { "m", 1 / 60.0 }, { "h", 1 / 3600.0 }, { "d", 1 / 86400.0 }, { 0 }
};

static const double longest_time = 3650 * 86400e9;	/* ten years */
static const double largest_size = 1125899906842624.0;	/* a pebibyte; exact in a double */

/* How many bytes at the front are digits, with at most one point between them. */
static size_t number_len(struct weir_str s)
{
	bool point = false;
	size_t i = 0;

	for (; i < s.len; i++) {
		if (s.data[i] == '.' && i > 0 && !point)
			point = true;
		else if (!ascii_digit(s.data[i]))
			break;
	}
	return i > 0 && s.data[i - 1] == '.' ? i - 1 : i;
}

static const struct unit *find_unit(const struct unit *units, struct weir_str name)
{
	for (; units->name != NULL; units++)
		if (str_eq(name, str_from(units->name)))
			return units;
	return NULL;
}

/* A number and its unit; what is written without one is shown how to write it. */
static bool read_unit(const struct unit *units, const char *unit_wanted, struct weir_str text,
		      const char *expects, double *out, struct weir_error *error)
{
	size_t len = number_len(text);
	struct weir_str name = str_skip(text, len);
	const struct unit *unit = find_unit(units, name);
	double number;

	if (len == 0 || !str_to_double(str_head(text, len), &number))
		return fail(error, "\"%s\" is not %s", shown(text).text, expects);
	if (name.len == 0)
		return fail(error, "\"%s\" has no unit; write %s%s for example", shown(text).text,
			    shown(text).text, unit_wanted);
	if (unit == NULL)
		return fail(error, "\"%s\" has an unknown unit; expected %s", shown(text).text,
			    expects);
	*out = number * unit->factor;
	return true;
}

/* 1m30s is two parts; each unit is smaller than the one before. */
static bool read_time(struct weir_str text, const char *expects, double *out,
		      struct weir_error *error)
{
	struct weir_str rest = text;
	double largest = INFINITY;

	*out = 0;
	do {
		size_t len = number_len(rest);
		double part;

		if (len == 0)
			return fail(error, "\"%s\" is not %s", shown(text).text, expects);
		while (len < rest.len && !ascii_digit(rest.data[len]))
			len++;
		if (!read_unit(time_units, "s", str_head(rest, len), expects, &part, error))
			return false;
		*out += part;
		rest = str_skip(rest, len);
		if (part >= largest)
			return fail(error, "\"%s\" is not %s", shown(text).text, expects);
		largest = part;
	} while (rest.len > 0);
	return *out <= longest_time ||
	       fail(error, "\"%s\" is longer than ten years", shown(text).text);
}

static bool within(const struct weir_option *row, double value, struct weir_str text,
		   struct weir_error *error)
{
	if (row->min == 0 && row->max == 0)
		return true;
	if (value < row->min)
		return fail(error, "%s is too small; expected %s", shown(text).text,
			    option_expects(row, row->type).text);
	if (row->max > row->min && value > row->max)
		return fail(error, "%s is too large; expected %s", shown(text).text,
			    option_expects(row, row->type).text);
	return true;
}

static bool read_duration(const struct weir_option *row, struct weir_str text,
			  struct conf_value *out, struct weir_error *error)
{
	double ns;

	if (!read_time(text, option_expects(row, WEIR_DURATION).text, &ns, error) ||
	    !within(row, ns / 1e9, text, error))
		return false;
	out->whole = (uint64_t)(ns + 0.5);
	return true;
}

static bool read_size(const struct weir_option *row, struct weir_str text,
		      struct conf_value *out, struct weir_error *error)
{
	double bytes;

	if (!read_unit(size_units, "k", text, option_expects(row, WEIR_SIZE).text, &bytes, error) ||
	    !within(row, bytes, text, error))
		return false;
	if (bytes > largest_size)
		return fail(error, "%s is larger than any memory", shown(text).text);
	out->whole = (uint64_t)(bytes + 0.5);
	return true;
}

static bool read_rate(const struct weir_option *row, struct weir_str text,
		      struct conf_value *out, struct weir_error *error)
{
	struct option_words expects = option_expects(row, WEIR_RATE);
	size_t slash = str_find(text, '/');
	const struct unit *unit = find_unit(rate_units, str_skip(text, slash + 1));
	struct weir_str number = str_head(text, slash);
	double count;

	if (number.len == 0 || number_len(number) != number.len || !str_to_double(number, &count))
		return fail(error, "\"%s\" is not %s", shown(text).text, expects.text);
	if (slash == text.len)
		return fail(error, "\"%s\" has no unit; write %s/s for example", shown(text).text,
			    shown(text).text);
	if (unit == NULL)
		return fail(error, "\"%s\" has an unknown unit; expected %s", shown(text).text,
			    expects.text);
	out->number = count * unit->factor;
	out->span = (uint32_t)(1 / unit->factor + 0.5);
	if (count <= 0)
		return fail(error, "a rate is above 0, got %s", shown(text).text);
	return within(row, out->number, text, error);
}

static bool read_share(const struct weir_option *row, struct weir_str text,
		       struct conf_value *out, struct weir_error *error)
{
	struct option_words expects = option_expects(row, WEIR_SHARE);
	struct weir_str number = str_head(text, str_find(text, '%'));
	double percent;

	if (number.len == 0 || number_len(number) != number.len ||
	    !str_to_double(number, &percent) || text.len > number.len + 1)
		return fail(error, "\"%s\" is not %s", shown(text).text, expects.text);
	if (number.len == text.len)
		return fail(error, "\"%s\" has no unit; write %s%% for example", shown(text).text,
			    shown(text).text);
	if (percent > 100)
		return fail(error, "%s is more than the whole; expected %s", shown(text).text,
			    expects.text);
	out->number = percent / 100;
	return within(row, out->number, text, error);
}

static bool read_integer(const struct weir_option *row, struct weir_str text,
			 struct conf_value *out, struct weir_error *error)
{
	bool minus = text.len > 1 && text.data[0] == '-';
	struct weir_str digits = str_skip(text, minus);
	uint64_t n;

	if (!str_to_u64(digits, &n) || n > INT64_MAX)
		return fail(error, "\"%s\" is not %s", shown(text).text,
			    option_expects(row, WEIR_INTEGER).text);
	if (digits.len > 1 && digits.data[0] == '0')
		return fail(error, "\"%s\" begins with a zero; write the number without it",
			    shown(text).text);
	out->integer = minus ? -(int64_t)n : (int64_t)n;
	return within(row, (double)out->integer, text, error);
}

static bool read_number(const struct weir_option *row, struct weir_str text,
			struct conf_value *out, struct weir_error *error)
{
	bool minus = text.len > 1 && text.data[0] == '-';

	if (number_len(str_skip(text, minus)) + minus != text.len ||
	    !str_to_double(text, &out->number))
		return fail(error, "\"%s\" is not %s", shown(text).text,
			    option_expects(row, WEIR_NUMBER).text);
	return within(row, out->number, text, error);
}

static bool read_boolean(struct weir_str text, struct conf_value *out, struct weir_error *error)
{
	out->boolean = str_eq(text, STR("true"));
	if (out->boolean || str_eq(text, STR("false")))
		return true;
	return fail(error, "\"%s\" is neither true nor false; write true or false",
		    shown(text).text);
}

static bool read_choice(const struct weir_option *row, struct weir_str text,
			struct conf_value *out, struct weir_error *error)
{
	struct nearest near;

	nearest_init(&near, text);
	out->text = text;
	for (const char *const *choice = row->choices; *choice != NULL; choice++) {
		if (str_eq(text, str_from(*choice)))
			return true;
		nearest_try(&near, *choice);
	}
	return fail(error, "\"%s\" is not %s%s", shown(text).text,
		    option_expects(row, WEIR_CHOICE).text, nearest_words(&near).text);
}

static bool read_none(enum weir_option_type type, struct conf_value *out)
{
	out->none = true;
	if (type == WEIR_INTEGER)
		out->integer = INT64_MAX;
	else if (type == WEIR_DURATION || type == WEIR_SIZE)
		out->whole = UINT64_MAX;
	else
		out->number = INFINITY;
	return true;
}

bool scalar_read(const struct weir_option *row, enum weir_option_type type, struct weir_str text,
		 struct conf_value *out, struct weir_error *error)
{
	if (row->none_is_allowed && str_eq(text, STR("none")))
		return read_none(type, out);
	switch (type) {
	case WEIR_BOOLEAN:
		return read_boolean(text, out, error);
	case WEIR_INTEGER:
		return read_integer(row, text, out, error);
	case WEIR_NUMBER:
		return read_number(row, text, out, error);
	case WEIR_DURATION:
		return read_duration(row, text, out, error);
	case WEIR_SIZE:
		return read_size(row, text, out, error);
	case WEIR_RATE:
		return read_rate(row, text, out, error);
	case WEIR_SHARE:
		return read_share(row, text, out, error);
	case WEIR_CHOICE:
		return read_choice(row, text, out, error);
	default:
		out->text = text;
		return shape_check(row, type, text, error);
	}
}
