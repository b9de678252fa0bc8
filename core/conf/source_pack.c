/* source_pack.c - the files of a configuration in one piece, to be handed to another process. */
#include "core/conf/source.h"

#define MARK "weir files 1\n"

/* First the mark and how many files follow. Behind each head the path and the text, each with its NUL. */
struct packed_head {
	uint32_t kind, path_len, text_len;
};

static bool pack_one(const struct source_file *file, struct buffer *out)
{
	struct packed_head head = { .kind = file->kind, .path_len = (uint32_t)strlen(file->path),
				    .text_len = (uint32_t)file->text.len };

	return buffer_add(out, str_of((const char *)&head, sizeof(head))) &&
	       buffer_add(out, str_of(file->path, head.path_len + 1)) &&
	       buffer_add(out, file->text) && buffer_add(out, str_of("", 1));
}

bool sources_pack(const struct sources *s, struct buffer *out)
{
	uint32_t count = 0;
	bool done;

	for (uint32_t i = 0; i < s->count; i++)
		count += s->items[i].text.data != NULL;
	done = buffer_add(out, STR(MARK)) &&
	       buffer_add(out, str_of((const char *)&count, sizeof(count)));
	for (uint32_t i = 0; i < s->count && done; i++)
		if (s->items[i].text.data != NULL)
			done = pack_one(&s->items[i], out);
	return done;
}

/* Ends with NUL. */
static bool take_text(struct weir_str *rest, size_t len, struct weir_str *out)
{
	if (rest->len <= len || rest->data[len] != '\0')
		return false;
	*out = str_head(*rest, len);
	*rest = str_skip(*rest, len + 1);
	return true;
}

static bool unpack_one(struct sources *s, struct weir_str *rest)
{
	struct packed_head head;
	struct weir_str path, text;

	if (rest->len < sizeof(head))
		return false;
	memcpy(&head, rest->data, sizeof(head));
	*rest = str_skip(*rest, sizeof(head));
	if (head.kind > SOURCE_FOLDER || !take_text(rest, head.path_len, &path) ||
	    strlen(path.data) != path.len || !take_text(rest, head.text_len, &text) ||
	    !source_add(s, path, (enum source_kind)head.kind))
		return false;
	s->items[s->count - 1].text = text;
	return true;
}

bool sources_unpack(struct sources *s, struct weir_str packed)
{
	uint32_t count;

	if (!str_starts(packed, STR(MARK)))
		return false;
	packed = str_skip(packed, sizeof(MARK) - 1);
	if (packed.len < sizeof(count))
		return false;
	memcpy(&count, packed.data, sizeof(count));
	packed = str_skip(packed, sizeof(count));
	while (count-- > 0)
		if (!unpack_one(s, &packed))
			return false;
	return packed.len == 0;
}
