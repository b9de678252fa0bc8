/* svc.c - a JSON service on libmicrohttpd, as small as it can be and still be a good neighbour. */
#include "tests/demo/svc.h"

#include <arpa/inet.h>
#include <getopt.h>
#include <microhttpd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BODY_MOST = 256 * 1024, THREADS = 4, IDLE_SECONDS = 60 };

/* Set once, before the first request. */
static const char *instance, *upstream;
static svc_handler handler;

/* The body of one request as it comes in. */
struct inbox {
	char data[BODY_MOST];
	size_t len;
	bool too_large;
};

const char *svc_instance(void)
{
	return instance;
}

const char *svc_upstream(void)
{
	return upstream;
}

struct svc_answer svc_refuse(unsigned status, const char *format, ...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return (struct svc_answer){ status, json_pack("{s:s}", "error", text) };
}

static enum MHD_Result send_answer(struct MHD_Connection *connection, struct svc_answer answer)
{
	char *text = answer.body != NULL ? json_dumps(answer.body, JSON_COMPACT | JSON_REAL_PRECISION(6)) : NULL;
	struct MHD_Response *response;
	enum MHD_Result queued;

	json_decref(answer.body);
	if (text == NULL)
		return MHD_NO;
	response = MHD_create_response_from_buffer(strlen(text), text, MHD_RESPMEM_MUST_FREE);
	MHD_add_response_header(response, "content-type", "application/json");
	MHD_add_response_header(response, "x-instance", instance);
	queued = MHD_queue_response(connection, answer.status, response);
	MHD_destroy_response(response);
	return queued;
}

static const char *header(struct MHD_Connection *connection, const char *name)
{
	return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

static struct svc_answer answer_request(struct MHD_Connection *connection, const char *method,
					const char *path, const struct inbox *inbox)
{
	struct svc_request request = {
		.method = method, .path = path,
		.body = json_loadb(inbox->data, inbox->len, JSON_REJECT_DUPLICATES, NULL),
		.request_id = header(connection, "x-request-id"),
		.traceparent = header(connection, "traceparent"),
	};
	struct svc_answer answer;

	if (strcmp(path, "/healthz") == 0)
		answer = (struct svc_answer){ 200, json_pack("{s:s}", "status", "ok") };
	else if (inbox->too_large)
		answer = svc_refuse(413, "the body is larger than %d bytes", BODY_MOST);
	else
		answer = handler(&request);
	json_decref(request.body);
	return answer;
}

static enum MHD_Result on_request(void *unused, struct MHD_Connection *connection, const char *path,
				  const char *method, const char *version, const char *data,
				  size_t *len, void **memory)
{
	struct inbox *inbox = *memory;

	(void)unused;
	(void)version;
	if (inbox == NULL) {
		*memory = calloc(1, sizeof(*inbox));
		return *memory != NULL ? MHD_YES : MHD_NO;
	}
	if (*len == 0)
		return send_answer(connection, answer_request(connection, method, path, inbox));
	if (*len <= sizeof(inbox->data) - inbox->len) {
		memcpy(inbox->data + inbox->len, data, *len);
		inbox->len += *len;
	} else {
		inbox->too_large = true;
	}
	*len = 0;
	return MHD_YES;
}

static void on_end(void *unused, struct MHD_Connection *connection, void **memory,
		   enum MHD_RequestTerminationCode how)
{
	(void)unused;
	(void)connection;
	(void)how;
	free(*memory);
}

static struct MHD_Daemon *listen_on(uint16_t port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port),
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	return MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_EPOLL, port, NULL, NULL,
				on_request, NULL,
				MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address,
				MHD_OPTION_NOTIFY_COMPLETED, on_end, NULL,
				MHD_OPTION_THREAD_POOL_SIZE, (unsigned)THREADS,
				MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS, MHD_OPTION_END);
}

static bool read_flags(int argc, char **argv, uint16_t *port)
{
	static const struct option flags[] = {
		{ "port", required_argument, NULL, 'p' },
		{ "instance", required_argument, NULL, 'i' },
		{ "upstream", required_argument, NULL, 'u' },
		{ 0 }
	};
	int flag;

	while ((flag = getopt_long(argc, argv, "", flags, NULL)) != -1) {
		if (flag == 'p')
			*port = (uint16_t)strtoul(optarg, NULL, 10);
		else if (flag == 'i')
			instance = optarg;
		else if (flag == 'u')
			upstream = optarg;
		else
			return false;
	}
	return *port != 0 && optind == argc;
}

int svc_main(int argc, char **argv, const char *name, svc_handler answer)
{
	struct MHD_Daemon *daemon;
	uint16_t port = 0;
	sigset_t stop;
	int signal;

	instance = name;
	handler = answer;
	if (!read_flags(argc, argv, &port)) {
		fprintf(stderr, "usage: %s --port PORT [--instance WORD] [--upstream URL]\n", name);
		return 2;
	}
	sigemptyset(&stop);
	sigaddset(&stop, SIGTERM);
	sigaddset(&stop, SIGINT);
	pthread_sigmask(SIG_BLOCK, &stop, NULL);
	daemon = listen_on(port);
	if (daemon == NULL) {
		fprintf(stderr, "%s: cannot listen on port %u; is it in use?\n", name, port);
		return 1;
	}
	sigwait(&stop, &signal);
	MHD_stop_daemon(daemon);
	return 0;
}
