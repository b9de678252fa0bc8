/* notification_svc.c - takes a message to be sent later: POST /notify {to, text} is answered 202. */
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "tests/demo/svc.h"

static struct svc_answer on_notify(const struct svc_request *request)
{
	static atomic_uint taken;
	const char *to, *text;
	char id[64];

	if (strcmp(request->path, "/notify") != 0 || strcmp(request->method, "POST") != 0)
		return svc_refuse(404, "only POST /notify is here");
	if (json_unpack(request->body, "{s:s, s:s}", "to", &to, "text", &text) != 0)
		return svc_refuse(400, "wanted {\"to\": who, \"text\": what}");
	(void)snprintf(id, sizeof(id), "%s-%u", svc_instance(), atomic_fetch_add(&taken, 1) + 1);
	return (struct svc_answer){ 202, json_pack("{s:s, s:s}", "id", id, "to", to) };
}

int main(int argc, char **argv)
{
	return svc_main(argc, argv, "notification-svc", on_notify);
}
