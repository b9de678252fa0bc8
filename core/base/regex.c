/* regex.c - the door to PCRE2. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "core/base/regex.h"

#include <pcre2.h>
#include <pthread.h>

#include "core/base/error.h"
#include "core/base/mem.h"

enum {
	MOST_STEPS = 100000,
	MOST_DEPTH = 10000,
	MOST_HEAP_KIB = 1024,
	LONGEST_PATTERN = 4096,
};

struct regex {
	pcre2_code *code;
	uint32_t groups;
	uint32_t name_count, name_size;
	PCRE2_SPTR names;	/* rows of name_size: the group in two bytes, then the name */
};

/* What one thread needs to match; freed when the thread ends. */
static __thread pcre2_match_data *thread_data;
static pthread_key_t thread_end;
static pcre2_match_context *limits;
static pthread_once_t ready = PTHREAD_ONCE_INIT;

static void free_data(void *data)
{
	pcre2_match_data_free(data);
}

static void prepare(void)
{
	if (pthread_key_create(&thread_end, free_data) != 0)
		return;
	limits = pcre2_match_context_create(NULL);
	if (limits == NULL)
		return;
	pcre2_set_match_limit(limits, MOST_STEPS);
	pcre2_set_depth_limit(limits, MOST_DEPTH);
	pcre2_set_heap_limit(limits, MOST_HEAP_KIB);
}

/* NULL when out of memory: then nothing matches. */
static pcre2_match_data *data_of_thread(void)
{
	if (thread_data != NULL)
		return thread_data;
	pthread_once(&ready, prepare);
	if (limits == NULL)
		return NULL;
	thread_data = pcre2_match_data_create(REGEX_GROUPS, NULL);
	if (thread_data != NULL)
		pthread_setspecific(thread_end, thread_data);
	return thread_data;
}

static bool fail_at(struct weir_error *error, struct weir_str text, int code, size_t at)
{
	PCRE2_UCHAR words[128];

	pcre2_get_error_message(code, words, sizeof(words));
	return fail(error, "the regular expression \"%.*s\" is wrong at character %zu: %s",
		    STR_ARG(str_head(text, 200)), at + 1, (const char *)words);
}

static pcre2_code *compile(struct weir_str text, bool whole, struct weir_error *error)
{
	uint32_t options = PCRE2_NEVER_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C;
	pcre2_code *code;
	PCRE2_SIZE at;
	int why;

	if (text.len > LONGEST_PATTERN) {
		fail(error, "a regular expression has at most %d characters, this one has %zu",
		     LONGEST_PATTERN, text.len);
		return NULL;
	}
	if (whole)
		options |= PCRE2_ANCHORED | PCRE2_ENDANCHORED;
	code = pcre2_compile((PCRE2_SPTR)(text.data != NULL ? text.data : ""), text.len, options,
			     &why, &at, NULL);
	if (code == NULL)
		fail_at(error, text, why, at);
	return code;
}

struct regex *regex_open(struct weir_str text, bool whole, struct weir_error *error)
{
	pcre2_code *code = compile(text, whole, error);
	struct regex *re;

	if (code == NULL)
		return NULL;
	re = mem_alloc(sizeof(*re));
	if (re == NULL) {
		pcre2_code_free(code);
		fail_memory(error);
		return NULL;
	}
	(void)pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);	/* without it, it is only slower */
	re->code = code;
	pcre2_pattern_info(code, PCRE2_INFO_CAPTURECOUNT, &re->groups);
	pcre2_pattern_info(code, PCRE2_INFO_NAMECOUNT, &re->name_count);
	pcre2_pattern_info(code, PCRE2_INFO_NAMEENTRYSIZE, &re->name_size);
	pcre2_pattern_info(code, PCRE2_INFO_NAMETABLE, &re->names);
	return re;
}

void regex_close(struct regex *re)
{
	if (re == NULL)
		return;
	pcre2_code_free(re->code);
	mem_free(re);
}

uint32_t regex_group_count(const struct regex *re)
{
	return re->groups;
}

struct weir_str regex_group_name(const struct regex *re, uint32_t n)
{
	for (uint32_t i = 0; i < re->name_count; i++) {
		PCRE2_SPTR row = re->names + (size_t)i * re->name_size;

		if (((uint32_t)row[0] << 8 | row[1]) == n)
			return str_from((const char *)row + 2);
	}
	return STR_ABSENT;
}

static struct weir_str group_at(const PCRE2_SIZE *ends, uint32_t n, struct weir_str subject)
{
	if (ends[2 * n] == PCRE2_UNSET || ends[2 * n] > ends[2 * n + 1])
		return STR_ABSENT;
	return str_of(subject.data + ends[2 * n], ends[2 * n + 1] - ends[2 * n]);
}

bool regex_match(const struct regex *re, struct weir_str subject, struct weir_str *groups,
		 uint32_t room)
{
	pcre2_match_data *data = data_of_thread();
	const PCRE2_SIZE *ends;
	uint32_t set;
	int found;

	if (subject.data == NULL)
		subject = STR("");
	if (data == NULL)
		return false;
	found = pcre2_match(re->code, (PCRE2_SPTR)subject.data, subject.len, 0, 0, data, limits);
	if (found < 0)	/* no match, or a limit: the same to who asks */
		return false;
	ends = pcre2_get_ovector_pointer(data);
	set = found == 0 ? REGEX_GROUPS : (uint32_t)found;
	for (uint32_t n = 0; n < room; n++)
		groups[n] = n < set ? group_at(ends, n, subject) : STR_ABSENT;
	return true;
}
