/* exposition.c - metrics as text. */
#include "core/telemetry/exposition.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "core/base/clock.h"
#include "core/base/utf8.h"

enum { LABELS = 6 };

void exposition_init(struct exposition *e, struct buffer *out)
{
	*e = (struct exposition){ .out = out };
}

static void put(struct exposition *e, struct weir_str s)
{
	if (!e->failed && !buffer_add(e->out, s))
		e->failed = true;
}

static void put_number(struct exposition *e, const char *format, double x)
{
	if (!e->failed && !buffer_print(e->out, format, x))
		e->failed = true;
}

static struct weir_str type_word(enum family_type type)
{
	switch (type) {
	case FAMILY_COUNTER:
		return STR("counter");
	case FAMILY_GAUGE:
		return STR("gauge");
	case FAMILY_HISTOGRAM:
		break;
	}
	return STR("histogram");
}

void exposition_begin(struct exposition *e, const struct family *f)
{
	e->family = f;
	put(e, STR("# HELP "));
	put(e, str_from(f->name));
	put(e, STR(" "));
	put(e, str_from(f->help));
	put(e, STR("\n# TYPE "));
	put(e, str_from(f->name));
	put(e, STR(" "));
	put(e, type_word(f->type));
	put(e, STR("\n"));
}

/* The format knows three escapes; what else could upset a reader is replaced. */
static void put_value(struct exposition *e, struct weir_str s)
{
	while (s.len > 0) {
		unsigned n = utf8_step(s), bad = n == 0 ? utf8_bad_step(s) : 0;
		char c = s.data[0];

		if (c == '\\')
			put(e, STR("\\\\"));
		else if (c == '"')
			put(e, STR("\\\""));
		else if (c == '\n')
			put(e, STR("\\n"));
		else if (n == 0 || (unsigned char)c < 0x20 || c == 0x7f)
			put(e, STR(UTF8_REPLACEMENT));
		else
			put(e, str_head(s, n));
		s = str_skip(s, n + bad);
	}
}

static void put_label(struct exposition *e, const struct label *label)
{
	put(e, str_from(label->name));
	put(e, STR("=\""));
	put_value(e, label->value);
	put(e, STR("\""));
}

static void put_series(struct exposition *e, struct weir_str suffix, const struct label *labels,
		       unsigned count)
{
	put(e, str_from(e->family->name));
	put(e, suffix);
	for (unsigned i = 0; i < count; i++) {
		put(e, i == 0 ? STR("{") : STR(","));
		put_label(e, &labels[i]);
	}
	put(e, count > 0 ? STR("} ") : STR(" "));
}

static void put_u64(struct exposition *e, uint64_t n)
{
	char text[21], *end = str_put_u64(text, n);

	*end++ = '\n';
	put(e, str_between(text, end));
}

void exposition_u64(struct exposition *e, const struct label *labels, unsigned count, uint64_t n)
{
	put_series(e, STR(""), labels, count);
	put_u64(e, n);
}

void exposition_i64(struct exposition *e, const struct label *labels, unsigned count, int64_t n)
{
	put_series(e, STR(""), labels, count);
	if (n < 0)
		put(e, STR("-"));
	put_u64(e, n < 0 ? 0 - (uint64_t)n : (uint64_t)n);
}

void exposition_double(struct exposition *e, const struct label *labels, unsigned count, double x)
{
	put_series(e, STR(""), labels, count);
	if (isinf(x))
		put(e, x > 0 ? STR("+Inf\n") : STR("-Inf\n"));
	else
		put_number(e, "%.15g\n", x);
}

void exposition_histogram(struct exposition *e, const struct label *labels, unsigned count,
			  const struct histogram_seen *seen, const struct histogram_scale *scale)
{
	struct label with_bound[LABELS + 1];
	uint64_t below = 0;
	char bound[32];

	assert(count <= LABELS);
	for (unsigned i = 0; i < count; i++)
		with_bound[i] = labels[i];
	for (unsigned i = 0; i <= HISTOGRAM_BOUNDS; i++) {
		int n = i == HISTOGRAM_BOUNDS ? snprintf(bound, sizeof(bound), "+Inf") :
			snprintf(bound, sizeof(bound), "%.9g", (double)scale->bounds[i] / NS_PER_S);

		with_bound[count] = (struct label){ "le", str_of(bound, (size_t)n) };
		below += seen->buckets[i];
		put_series(e, STR("_bucket"), with_bound, count + 1);
		put_u64(e, below);
	}
	put_series(e, STR("_sum"), labels, count);
	put_number(e, "%.9f\n", (double)seen->sum / NS_PER_S);
	put_series(e, STR("_count"), labels, count);
	put_u64(e, below);
}
