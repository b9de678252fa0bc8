/* test_mailbox.c - letters from several threads, each once, each sender's in order. */
#include "config.h"

#include <pthread.h>

#include "tests/fiber/story.h"

enum { SENDERS = 4, LETTERS = 2000 };

struct note {
	struct letter letter;
	struct sender *from;
	int number;
};

struct sender {
	struct post *post;
	pthread_t thread;
	int next;		/* the number that must come */
	int wrong;
};

struct post {
	struct loop loop;
	struct sender senders[SENDERS];
	int opened;
};

static void note_opens(struct letter *l)
{
	struct note *n = container_of(l, struct note, letter);
	struct sender *s = n->from;

	if (n->number != s->next++)
		s->wrong++;
	if (loop_self() != &s->post->loop)
		s->wrong++;
	s->post->opened++;
	mem_free(n);
}

static void *sends_all(void *arg)
{
	struct sender *s = arg;

	for (int i = 0; i < LETTERS; i++) {
		struct note *n = mem_alloc(sizeof(*n));

		if (n == NULL)
			break;
		*n = (struct note){ .letter.open = note_opens, .from = s, .number = i };
		loop_post(&s->post->loop, &n->letter);
	}
	return NULL;
}

static void letters_of_one_sender_arrive_once_and_in_order(void **state)
{
	static struct post post;
	struct loop *l = story_begins(&post.loop);

	(void)state;
	for (int i = 0; i < SENDERS; i++) {
		post.senders[i].post = &post;
		assert_int_equal(pthread_create(&post.senders[i].thread, NULL, sends_all,
						&post.senders[i]), 0);
	}
	while (post.opened < SENDERS * LETTERS)
		loop_turn(l, NS_LONG);
	for (int i = 0; i < SENDERS; i++) {
		pthread_join(post.senders[i].thread, NULL);
		assert_int_equal(post.senders[i].wrong, 0);
		assert_int_equal(post.senders[i].next, LETTERS);
	}
	assert_int_equal(post.opened, SENDERS * LETTERS);
	story_ends(l);
}

/* Ping and pong ---------------------------------------------------------------- */

/* One letter that goes to and fro between two loops, each of which sleeps meanwhile. */
struct ball {
	struct letter letter;
	struct loop *here, *there;
	int strokes;
};

static void ball_comes(struct letter *l)
{
	struct ball *b = container_of(l, struct ball, letter);
	struct loop *here = b->here;

	if (--b->strokes <= 0) {
		loop_stop(b->there);
		loop_stop(here);
		return;
	}
	b->here = b->there;
	b->there = here;
	loop_post(b->here, &b->letter);
}

static void *turns(void *arg)
{
	loop_run(arg);
	return NULL;
}

static void a_letter_wakes_a_loop_that_sleeps(void **state)
{
	struct loop a, b;
	struct ball ball = { .letter.open = ball_comes, .here = &a, .there = &b, .strokes = 5000 };
	pthread_t thread;

	(void)state;
	story_begins(&a);
	story_begins(&b);
	assert_int_equal(pthread_create(&thread, NULL, turns, &b), 0);
	loop_post(&a, &ball.letter);
	loop_run(&a);
	pthread_join(thread, NULL);

	assert_int_equal(ball.strokes, 0);
	story_ends(&a);
	story_ends(&b);
}

static void a_letter_to_oneself_is_opened_in_this_turn(void **state)
{
	struct loop loop, *l = story_begins(&loop);
	struct ball ball = { .letter.open = ball_comes, .here = l, .there = l, .strokes = 1 };

	(void)state;
	loop_post(l, &ball.letter);
	loop_turn(l, NS_LONG);
	assert_int_equal(ball.strokes, 0);
	story_ends(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(letters_of_one_sender_arrive_once_and_in_order),
		cmocka_unit_test(a_letter_wakes_a_loop_that_sleeps),
		cmocka_unit_test(a_letter_to_oneself_is_opened_in_this_turn),
	};

	return cmocka_run_group_tests_name("mailbox", tests, NULL, NULL);
}
