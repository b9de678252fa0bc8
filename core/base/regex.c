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
static __thread const struct regex_search *thread_search;	/* the one that can be stopped */
static pthread_key_t thread_end;
static pcre2_match_context *limits, *watched;
static pthread_once_t ready = PTHREAD_ONCE_INIT;

static void free_data(void *data)
{
	pcre2_match_data_free(data);
}

/* Called before each item of a watched expression. */
static int ask_to_stop(pcre2_callout_block *block, void *unused)
{
	(void)block;
	(void)unused;
	return thread_search->stop(thread_search->arg) ? PCRE2_ERROR_CALLOUT : 0;
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
	watched = pcre2_match_context_copy(limits);
	if (watched != NULL)
		pcre2_set_callout(watched, ask_to_stop, NULL);
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

static pcre2_code *compile(struct weir_str text, uint32_t more, struct weir_error *error)
{
	uint32_t options = PCRE2_NEVER_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C | more;
	pcre2_code *code;
	PCRE2_SIZE at;
	int why;

	if (text.len > LONGEST_PATTERN) {
		fail(error, "a regular expression has at most %d characters, this one has %zu",
		     LONGEST_PATTERN, text.len);
		return NULL;
	}
	code = pcre2_compile((PCRE2_SPTR)(text.data != NULL ? text.data : ""), text.len, options,
			     &why, &at, NULL);
	if (code == NULL)
		fail_at(error, text, why, at);
	return code;
}

static struct regex *open_with(struct weir_str text, uint32_t options, struct weir_error *error)
{
	pcre2_code *code = compile(text, options, error);
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

struct regex *regex_open(struct weir_str text, bool whole, struct weir_error *error)
{
	return open_with(text, whole ? PCRE2_ANCHORED | PCRE2_ENDANCHORED : 0, error);
}

struct regex *regex_open_watched(struct weir_str text, struct weir_error *error)
{
	return open_with(text, PCRE2_AUTO_CALLOUT, error);
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

enum regex_end regex_search(const struct regex *re, const struct regex_search *search,
			    struct weir_str *groups, uint32_t room)
{
	pcre2_match_data *data = data_of_thread();
	struct weir_str subject = search->subject;
	const PCRE2_SIZE *ends;
	uint32_t set;
	int found;

	if (subject.data == NULL)
		subject = STR("");
	if (data == NULL)
		return REGEX_TOO_LONG;
	thread_search = search;
	found = pcre2_match(re->code, (PCRE2_SPTR)subject.data, subject.len, search->from,
			    search->not_empty ? PCRE2_NOTEMPTY_ATSTART : 0, data,
			    search->stop != NULL && watched != NULL ? watched : limits);
	if (found < 0)
		return found == PCRE2_ERROR_NOMATCH ? REGEX_NONE : REGEX_TOO_LONG;
	ends = pcre2_get_ovector_pointer(data);
	set = found == 0 ? REGEX_GROUPS : (uint32_t)found;
	for (uint32_t n = 0; n < room; n++)
		groups[n] = n < set ? group_at(ends, n, subject) : STR_ABSENT;
	return REGEX_FOUND;
}

bool regex_match(const struct regex *re, struct weir_str subject, struct weir_str *groups,
		 uint32_t room)
{
	const struct regex_search search = { .subject = subject };

	/* No match, or a limit: the same to who asks. */
	return regex_search(re, &search, groups, room) == REGEX_FOUND;
}

size_t regex_size(const struct regex *re)
{
	size_t code = 0, jit = 0;

	(void)pcre2_pattern_info(re->code, PCRE2_INFO_SIZE, &code);
	(void)pcre2_pattern_info(re->code, PCRE2_INFO_JITSIZE, &jit);
	return code + jit;
}
