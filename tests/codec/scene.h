/* scene.h - a worker with one connection, whose other end is in the test's hand. */
#ifndef TESTS_CODEC_SCENE_H
#define TESTS_CODEC_SCENE_H

#include "core/codec/h1_stream.h"
#include "tests/net/pair.h"
#include "tests/test.h"

#define LONG_TIME (60 * NS_PER_S)
#define SHORT_TIME (20 * NS_PER_MS)

struct scene {
	struct worker worker;
	struct transport t;
	struct inlet in;
	struct arena arena;
	struct h1_limits limits;
	struct h1_stream h1;
	struct stream *stream;		/* that one */
	struct request req;
	struct response res;
	struct headers trailers;
	int peer;			/* blocking; -1: closed */

	void (*act)(struct scene *s);
	struct fiber *fiber;
	bool over;
	enum io io;			/* what came of the act */
	enum reason why;
	char *body;			/* all that was read of it */
	size_t body_len;
	unsigned pieces;
	bool last;
};

struct scene *scene_new(void);
void scene_free(struct scene *s);	/* asserts that every buffer is home */

void scene_begins(struct scene *s, void (*act)(struct scene *s));	/* until it is parked */
void scene_ends(struct scene *s);
void scene_does(struct scene *s, void (*act)(struct scene *s));
void scene_goes_on(struct scene *s);
/* The stream begins anew on the same connection, as the next exchange does. */
void scene_next(struct scene *s);

void peer_says_bytes(struct scene *s, const char *bytes, size_t len);
void peer_says(struct scene *s, const char *text);
void peer_half_closes(struct scene *s);
void peer_closes(struct scene *s);
void peer_resets(struct scene *s);
/* What it hears until nothing more comes; lends until the next call. */
struct weir_str peer_hears(struct scene *s);

/* Acts. */
void reads_request(struct scene *s);
void reads_response(struct scene *s);		/* to a GET */
void reads_body(struct scene *s);		/* all of it, into `body` */
void reads_piece(struct scene *s);

#endif
