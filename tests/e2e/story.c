/* story.c - before and after each story. */
#include "tests/e2e/story.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>

/* A port of our own: bound here too, so that nobody else is given it while the gateway comes and goes. */
static int reserve_port(struct gateway *g, const char *name, char *address, size_t room)
{
	uint16_t port = 0;
	int fd, one = 1;

	fd = listen_on_loopback(&port);
	setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one));
	(void)snprintf(address, room, "127.0.0.1:%u", port);
	gateway_knows(g, name, address);
	return fd;
}

static struct origin *open_origin(struct gateway *g, const char *name)
{
	struct origin *o = origin_open(name);

	gateway_knows(g, name, origin_address(o));
	return o;
}

void story_starts(struct story *s, const char *config)
{
	gateway_writes(s->gateway, config);
	if (!gateway_start(s->gateway))
		fail_msg("the gateway did not become ready:\n%s", gateway_log(s->gateway));
}

int story_begin(void **state)
{
	struct story *s = calloc(1, sizeof(*s));

	signal(SIGPIPE, SIG_IGN);
	s->scene = *state;
	*state = s;
	s->gateway = gateway_new();
	s->reserved[0] = reserve_port(s->gateway, "EDGE", s->edge, sizeof(s->edge));
	s->reserved[1] = reserve_port(s->gateway, "SPARE", s->spare, sizeof(s->spare));
	s->a = open_origin(s->gateway, "A");
	s->b = open_origin(s->gateway, "B");
	s->c = open_origin(s->gateway, "C");
	s->d = open_origin(s->gateway, "D");
	return 0;
}

void story_tell(void **state)
{
	struct story *s = *state;

	if (s->scene->config != NULL) {
		story_starts(s, s->scene->config);
		s->client = client_connect(s->edge);
	}
	s->scene->play(s);
	s->told = true;
}

static void show_log(struct story *s)
{
	const char *log = gateway_log(s->gateway);
	size_t len = strlen(log);

	print_message("the gateway's log:\n%s\n", len > 6000 ? log + len - 6000 : log);
}

int story_end(void **state)
{
	struct story *s = *state;
	int status, ok;

	client_close(s->client);
	status = gateway_stop(s->gateway);
	ok = status == 0 || s->may_end_badly;
	if (!s->told || !ok)
		show_log(s);
	if (!ok)
		print_message("the gateway ended with status %d\n", status);
	origin_close(s->a);
	origin_close(s->b);
	origin_close(s->c);
	origin_close(s->d);
	close(s->reserved[0]);
	close(s->reserved[1]);
	gateway_free(s->gateway);
	free(s);
	return ok ? 0 : -1;
}

struct client *story_client(struct story *s)
{
	return client_connect(s->edge);
}

void story_reconnects(struct story *s)
{
	client_close(s->client);
	s->client = NULL;
	s->client = story_client(s);
}

long story_reloads(struct story *s, const char *config)
{
	gateway_writes(s->gateway, config);
	return admin_post(s->gateway, "/reload");
}

void story_is_at_baseline(struct story *s, unsigned descriptors)
{
	assert_true(gateway_is_idle(s->gateway));
	if (!eventually(gateway_descriptors(s->gateway) <= descriptors))
		fail_msg("%u descriptors are open, %u were at first",
			 gateway_descriptors(s->gateway), descriptors);
}

unsigned story_seconds(unsigned fallback)
{
	const char *said = getenv("SOAK_SECONDS");

	return said != NULL ? (unsigned)strtoul(said, NULL, 10) : fallback;
}
