/* services.c - services and names of the world that is not there. */
#include "core/kit/services.h"

#include "core/base/reason.h"
#include "core/kit/inside.h"

struct fake_queued {
	struct fake_queued *next;
	struct weir_fake_answer answer;
};

/* A service answers by its function, or with its queue: one after the other, the last for ever. */
struct fake_service {
	struct fake_service *next;
	struct weir_str name;
	bool unknown;
	weir_fake_service_fn *fn;
	void *arg;
	struct fake_queued *queue;
};

static struct fake_service *find(const struct weir_fake *f, struct weir_str name)
{
	for (struct fake_service *s = f->services; s != NULL; s = s->next)
		if (str_eq(s->name, name))
			return s;
	return NULL;
}

static struct fake_service *find_or_add(struct weir_fake *f, const char *name)
{
	struct fake_service *s = find(f, str_from(name));

	if (s != NULL)
		return s;
	s = fake_must(arena_zero(&f->arena, sizeof(*s)));
	s->name = fake_copy(&f->arena, str_from(name));
	s->next = f->services;
	f->services = s;
	return s;
}

static void copy_answer(struct arena *arena, const struct weir_fake_answer *from,
			struct weir_fake_answer *to)
{
	size_t size = (from->header_count + 1) * sizeof(struct weir_field);
	struct weir_field *fields = fake_must(arena_take(arena, size));

	*to = *from;
	to->body = fake_copy(arena, from->body);
	to->reason = fake_copy(arena, from->reason);
	for (size_t i = 0; i < from->header_count; i++)
		fields[i] = (struct weir_field){ fake_copy(arena, from->headers[i].name),
						 fake_copy(arena, from->headers[i].value) };
	to->headers = fields;
	if (to->status == 0 && to->reason.data == NULL)
		to->status = 200;
}

void weir_fake_service(struct weir_fake *f, const char *name, const struct weir_fake_answer *answer)
{
	struct fake_service *s = find_or_add(f, name);
	struct fake_queued **end = &s->queue, *q;

	s->unknown = answer == NULL;
	s->fn = NULL;
	if (answer == NULL)
		return;
	while (*end != NULL)
		end = &(*end)->next;
	q = fake_must(arena_zero(&f->arena, sizeof(*q)));
	copy_answer(&f->arena, answer, &q->answer);
	*end = q;
}

void weir_fake_service_by(struct weir_fake *f, const char *name, weir_fake_service_fn *fn, void *arg)
{
	struct fake_service *s = find_or_add(f, name);

	s->unknown = false;
	s->fn = fn;
	s->arg = arg;
}

bool fake_service_known(struct weir_fake *f, struct weir_str name)
{
	const struct fake_service *s = find(f, name);

	return name.len > 0 && (s == NULL || !s->unknown);
}

bool fake_service_answers(struct weir_fake *f, struct weir_str name,
			  const struct weir_call_request *request, struct arena *arena,
			  struct weir_fake_answer *answer)
{
	struct fake_service *s = find(f, name);
	struct weir_fake_answer given = { 0 };

	if (s == NULL || s->unknown || (s->fn == NULL && s->queue == NULL))
		return false;
	if (s->fn != NULL)
		s->fn(s->arg, request, &given);
	else
		given = s->queue->answer;
	if (s->fn == NULL && s->queue->next != NULL)
		s->queue = s->queue->next;
	copy_answer(arena, &given, answer);
	return true;
}

/* Forwarding ---------------------------------------------------------------------- */

static void take_answer(struct weir_exchange *ex, const struct weir_fake_answer *answer)
{
	const enum reason why = reason_of_word(answer->reason);

	if (answer->reason.data == NULL) {
		weir_fake_answered(ex, answer->status, WEIR_ABSENT);
	} else {
		weir_fake_answered(ex, why != REASON_COUNT ? reason_row(why)->status : 502,
				   answer->reason);
	}
	for (size_t i = 0; i < answer->header_count; i++)
		(void)headers_add(&ex->headers[WEIR_RESPONSE], answer->headers[i].name,
				  answer->headers[i].value);
	ex->body[WEIR_RESPONSE] = answer->body;
}

void weir_fake_answered_with(struct weir_exchange *ex, const struct weir_fake_answer *answer)
{
	struct weir_fake_answer copy;

	copy_answer(&ex->arena, answer, &copy);
	ex->attempts++;
	ex->forwarded = true;
	weir_fake_advance(ex->fake, copy.delay_ns);
	take_answer(ex, &copy);
}

void weir_fake_forward(struct weir_exchange *ex)
{
	struct weir_fake *f = ex->fake;
	struct weir_call_request request = WEIR_CALL(
		.service = ex->parts[WEIR_PART_SERVICE], .method = ex->parts[WEIR_PART_METHOD],
		.path = ex->parts[WEIR_PART_PATH], .body = ex->body[WEIR_REQUEST]);
	struct weir_fake_answer answer = { .status = 200 };

	ex->attempts++;
	ex->forwarded = true;
	(void)fake_service_answers(f, request.service, &request, &ex->arena, &answer);
	weir_fake_advance(f, answer.delay_ns);
	take_answer(ex, &answer);
}

/* Names --------------------------------------------------------------------------- */

void weir_fake_name(struct weir_fake *f, const char *name, enum weir_record_kind kind,
		    const struct weir_record *records, uint32_t count, uint32_t ttl)
{
	struct fake_name *n = fake_must(arena_zero(&f->arena, sizeof(*n)));

	n->name = fake_copy(&f->arena, str_from(name));
	n->kind = (int)kind;
	n->ttl = ttl;
	n->count = count;
	n->records = fake_must(arena_zero(&f->arena, (count + (size_t)1) * sizeof(*records)));
	for (uint32_t i = 0; i < count; i++) {
		n->records[i] = records[i];
		n->records[i].target = fake_copy(&f->arena, records[i].target);
	}
	n->next = f->names;
	f->names = n;
}

const struct fake_name *fake_name_find(const struct weir_fake *f, struct weir_str name, int kind)
{
	const struct fake_name *other = NULL;

	for (const struct fake_name *n = f->names; n != NULL; n = n->next) {
		if (!str_eq_nocase(n->name, name))
			continue;
		if (n->kind == kind)
			return n;
		other = n;
	}
	return other;
}
