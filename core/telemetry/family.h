/* family.h - what is measured: one table of metric families, for /metrics, its tests and the
 * manual. */
#ifndef CORE_TELEMETRY_FAMILY_H
#define CORE_TELEMETRY_FAMILY_H

enum family_type { FAMILY_COUNTER, FAMILY_GAUGE, FAMILY_HISTOGRAM };

/* Whoever measures something that is not in the table below makes one of his own. Each service's
 * counts of core/upstream/counts.h are families too: weir_service_..._total. */
struct family {
	const char *name;
	const char *labels;	/* as the manual lists them: "listener, route"; "" none */
	const char *help;
	enum family_type type;
};

/* id, name, type, labels, help */
#define FAMILIES(X) \
	X(REQUESTS, "weir_requests_total", COUNTER, "listener, route, code_class", \
	  "Requests answered, by the class of the status that was sent; none: nothing was.") \
	X(DURATION, "weir_request_duration_seconds", HISTOGRAM, "listener, route", \
	  "From the first byte of a request to the last of its answer.") \
	X(GATEWAY, "weir_gateway_duration_seconds", HISTOGRAM, "listener", \
	  "Time that the gateway itself adds: without the upstream, the client and the bodies.") \
	X(UPSTREAM, "weir_upstream_duration_seconds", HISTOGRAM, "service", \
	  "From the first attempt to the head of the answer, waits between attempts included.") \
	X(REASONS, "weir_reasons_total", COUNTER, "reason, side", \
	  "Requests that did not end well, by reason and whose doing it was.") \
	X(SERVICE_REQUESTS, "weir_service_requests_total", COUNTER, "service, code_class", \
	  "Requests routed to a service, by the class of the status that was sent.") \
	X(SERVICE_REASONS, "weir_service_reasons_total", COUNTER, "service, reason", \
	  "Requests to a service that did not end well, by reason.") \
	X(ATTEMPTS, "weir_attempts_total", COUNTER, "service, reason", \
	  "Attempts on endpoints of a service, by how they ended; ok: the answer was used.") \
	X(RETRIES, "weir_retries_total", COUNTER, "service, reason", \
	  "Attempts that were followed by another, by what had gone wrong.") \
	X(BYTES_IN, "weir_request_bytes_total", COUNTER, "listener", \
	  "Bytes of request bodies.") \
	X(BYTES_OUT, "weir_response_bytes_total", COUNTER, "listener", \
	  "Bytes of response bodies.") \
	X(ACTIVE, "weir_active_requests", GAUGE, "listener", "Requests under way.") \
	X(CONNECTIONS, "weir_connections", GAUGE, "listener", "Client connections open.") \
	X(ACCEPTED, "weir_connections_accepted_total", COUNTER, "listener", \
	  "Client connections accepted.") \
	X(HANDSHAKES, "weir_tls_handshakes_total", COUNTER, "listener, result", \
	  "TLS handshakes with clients: full, resumed, or why they failed.") \
	X(CERTIFICATE, "weir_certificate_expiry_seconds", GAUGE, "owner, file", \
	  "When a certificate in use expires, in seconds since 1970.") \
	X(CERTIFICATE_READS, "weir_certificate_reads_total", COUNTER, "result", \
	  "Certificate files that changed and were read again; refused: what was read before stays.") \
	X(FIBERS, "weir_fibers", GAUGE, "worker", "Fibers alive.") \
	X(STACK, "weir_fiber_stack_high_water_bytes", GAUGE, "worker", \
	  "The most stack that a fiber has touched, where it was looked up.") \
	X(LOG_DROPPED, "weir_log_dropped_total", COUNTER, "log", \
	  "Log lines lost because a ring was full or the output is broken.") \
	X(SPANS_SENT, "weir_trace_spans_sent_total", COUNTER, "tracer", \
	  "Spans of exchanges that a tracer has handed on.") \
	X(SPANS_WAITING, "weir_trace_spans_waiting", GAUGE, "tracer", \
	  "Spans that wait for a tracer.") \
	X(SPANS_LOST, "weir_trace_spans_dropped_total", COUNTER, "tracer, reason", \
	  "Spans that were not handed on, by what became of them.") \
	X(UNCOUNTED, "weir_uncounted_requests_total", COUNTER, "", \
	  "Requests missing from the numbers above for want of memory.") \
	X(RELOADS, "weir_config_reloads_total", COUNTER, "result", \
	  "Configurations that were to come into force, the first one included.") \
	X(LAST_RELOAD, "weir_config_last_success_timestamp_seconds", GAUGE, "", \
	  "When the configuration in force came into force.") \
	X(DISCOVERY_AGE, "weir_discovery_age_seconds", GAUGE, "service", \
	  "Since a service's slowest source last said what endpoints there are; +Inf: never.") \
	X(ENDPOINT_STATE, "weir_endpoint_state", GAUGE, "service, state", \
	  "Endpoints of a service in each state.") \
	X(USABLE, "weir_endpoints_usable", GAUGE, "service", \
	  "Endpoints of a service that may be picked.") \
	X(PANIC, "weir_service_panic", GAUGE, "service", \
	  "1 while every endpoint is ejected, and ejections are therefore ignored.") \
	X(IDLE, "weir_upstream_connections_idle", GAUGE, "service", \
	  "Connections to endpoints that are kept for the next request.") \
	X(WAITING, "weir_queue_length", GAUGE, "service", \
	  "Requests that wait because a service is at its limit.") \
	X(STORE_ENTRIES, "weir_store_entries", GAUGE, "store", \
	  "Values in a store that the workers share, expired ones included.") \
	X(STORE_BYTES, "weir_store_bytes", GAUGE, "store", "Memory that a store takes.") \
	X(STORE_MOST, "weir_store_limit_bytes", GAUGE, "store", "Memory that a store may take.") \
	X(STORE_EVICTED, "weir_store_evicted_total", COUNTER, "store", \
	  "Values dropped before their time because the store was full.") \
	X(STORE_REFUSED, "weir_store_refused_total", COUNTER, "store", \
	  "Values not taken: too large, or no memory.") \
	X(PLUGIN_EVENTS, "weir_plugin_events_total", COUNTER, "plugin, use, place, event", \
	  "What plugins count; their own pages say what each event is.") \
	X(LUA_CALLS, "weir_lua_calls_total", COUNTER, "script", "Hooks of Lua policies that were run.") \
	X(LUA_ERRORS, "weir_lua_errors_total", COUNTER, "script", \
	  "Hooks that failed, those that were stopped included.") \
	X(LUA_STOPPED, "weir_lua_stopped_total", COUNTER, "script, limit", \
	  "Hooks that were stopped at a limit: time or memory.") \
	X(LUA_CPU, "weir_lua_cpu_seconds_total", COUNTER, "script", \
	  "CPU time of a script, counted in steps of 4 ms.") \
	X(LUA_MEMORY, "weir_lua_memory_bytes", GAUGE, "vm, script", \
	  "Memory that a script holds in the Lua of one worker; without a script: the libraries.") \
	X(BUILD, "weir_build_info", GAUGE, "version", "Always 1.") \
	X(PROCESS_CPU, "process_cpu_seconds_total", COUNTER, "", \
	  "User and system CPU time of the process.") \
	X(PROCESS_RESIDENT, "process_resident_memory_bytes", GAUGE, "", \
	  "Memory of the process that is in RAM.") \
	X(PROCESS_VIRTUAL, "process_virtual_memory_bytes", GAUGE, "", \
	  "Address space of the process; most of it is stacks that were never touched.") \
	X(PROCESS_FDS, "process_open_fds", GAUGE, "", "Open file descriptors.") \
	X(PROCESS_MAX_FDS, "process_max_fds", GAUGE, "", "File descriptors it may open.") \
	X(PROCESS_THREADS, "process_threads", GAUGE, "", "Threads of the process.") \
	X(PROCESS_START, "process_start_time_seconds", GAUGE, "", \
	  "When the process started, since 1970.")

enum family_id {
#define X(id, name, type, labels, help) FAMILY_##id,
	FAMILIES(X)
#undef X
	FAMILY_COUNT
};

extern const struct family families[FAMILY_COUNT];

#endif
