/* today.h - what a plugin of any age hands in, made into today's: members it does not know are absent. */
#ifndef CORE_PLUGIN_TODAY_H
#define CORE_PLUGIN_TODAY_H

#include <weir/policy.h>
#include <weir/wait.h>

/* What these point to stays the plugin's. */
struct weir_reply reply_today(const struct weir_reply *given);
struct weir_refusal refusal_today(const struct weir_refusal *given);
/* With the defaults that <weir/wait.h> promises. */
struct weir_call_request call_request_today(const struct weir_call_request *given);

#endif
