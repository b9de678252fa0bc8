/* pattern_regex.c - the segments that every match of a regular expression plainly begins with. */
#include "core/route/pattern.h"

/* Brackets are hard to tell beside classes, quotes, comments and options (which allow comments). */
static bool is_hard(struct weir_str re)
{
	if (str_find(re, '[') < re.len || str_find_str(re, STR("\\Q")) < re.len)
		return true;
	for (size_t i = 0; i + 2 < re.len; i++)
		if (re.data[i] == '(' && re.data[i + 1] == '?' &&
		    strchr(":=!<>P|", re.data[i + 2]) == NULL)
			return true;
	return false;
}

/* A bar outside of brackets makes what stands before it one choice of several. Where brackets are
 * hard to tell, any bar counts. */
static bool may_choose(struct weir_str re)
{
	bool hard = is_hard(re);
	int depth = 0;

	for (size_t i = 0; i < re.len; i++) {
		char c = re.data[i];

		if (c == '\\')
			i++;
		else if (c == '(')
			depth++;
		else if (c == ')')
			depth--;
		else if (c == '|' && (hard || depth <= 0))
			return true;
	}
	return false;
}

static bool is_alnum(char c)
{
	char lower = ascii_lower(c);

	return ascii_digit(c) || (lower >= 'a' && lower <= 'z');
}

/* One plain character at the front: its length in the expression, 0 when it is not plain. */
static size_t plain_at(struct weir_str re, char *out)
{
	if (re.len == 0 || re.data[0] == '\0')
		return 0;
	if (re.data[0] == '\\') {
		if (re.len < 2 || is_alnum(re.data[1]) || (unsigned char)re.data[1] >= 0x80)
			return 0;
		*out = re.data[1];
		return 2;
	}
	*out = re.data[0];
	return strchr("^$.[]|()?*+{}#", re.data[0]) == NULL ? 1 : 0;
}

size_t regex_leading_segments(struct weir_str re, char *out)
{
	size_t len = 0, whole = 0, taken;
	struct weir_str rest = re;

	if (may_choose(re))
		return 0;
	if (rest.len > 0 && rest.data[0] == '^')
		rest = str_skip(rest, 1);
	while ((taken = plain_at(rest, &out[len])) > 0) {
		rest = str_skip(rest, taken);
		if (rest.len > 0 && strchr("?*{", rest.data[0]) != NULL && rest.data[0] != '\0')
			break;
		if (out[len] == '/' && len > 0 && out[len - 1] == '/')
			break;
		len++;
		if (out[len - 1] == '/')
			whole = len;
		if (rest.len > 0 && rest.data[0] == '+')
			break;
	}
	return whole > 0 && out[0] == '/' ? whole : 0;
}
