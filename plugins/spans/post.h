/* post.h - a body is posted to a collector, and its answer judged: taken, later, or never. */
#ifndef PLUGINS_SPANS_POST_H
#define PLUGINS_SPANS_POST_H

#include <weir/plugin.h>

/* Where, and what stands in every head. Lent texts: of the setup. */
struct post {
	struct weir_str url;
	struct weir_str ca;		/* absent: the machine's authorities */
	uint64_t timeout;		/* ns */
	struct weir_field *headers;	/* own; the first `fixed` are for whoever posts to fill */
	uint32_t count;
};

/* Reads `endpoint`, `ca`, `timeout` and `headers`; room for `fixed` further headers stands first. */
bool post_open(struct post *p, const struct weir_setup *setup, uint32_t fixed);
void post_close(struct post *p);

/* Judges with the sentence in batch->why, which lies in `words` (of WEIR_ERROR_ROOM bytes). With
 * WEIR_SENT, and else too, end `reply` with weir_call_done(). May wait. [control] */
enum weir_sent post_body(const struct post *p, struct weir_str body, struct weir_batch *batch,
			 struct weir_call_reply *reply, char *words);

#endif
