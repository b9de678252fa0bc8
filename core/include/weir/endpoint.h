/* endpoint.h - one address of a service, as discovery tells it and balancers see it. */
#ifndef WEIR_ENDPOINT_H
#define WEIR_ENDPOINT_H

#include <weir/host.h>

/* It grows at the end; arrays of it carry the size of one. Absent parts are absent strs. */
struct weir_endpoint {
	struct weir_str address;	/* IP:PORT, [IP6]:PORT or unix:PATH */
	struct weir_str id;		/* what stays when the address changes; absent: the address */
	uint32_t weight;		/* 0 counts as 1; at most 65535 */
	struct weir_str zone;
	struct weir_str server_name;	/* TLS name to ask for; absent: as the service says */
	const struct weir_field *labels;
	size_t label_count;
};

#endif
