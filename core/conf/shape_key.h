/* shape_key.h - the shape of keys (client.ip, header.x-user) and of templates ("/v2/{code}").
 * Pure. */
#ifndef CORE_CONF_SHAPE_KEY_H
#define CORE_CONF_SHAPE_KEY_H

#include <weir/error.h>

#include "core/base/str.h"

/* One key of contract's list: client.ip[/n], client.identity, header.NAME, cookie.NAME, query.NAME,
 * path.NAME, claim.NAME, claim."NAME", host, method, route, service, listener. */
bool check_key(struct weir_str text, struct weir_error *error);

/* Braces pair up and hold something; `{{` is a brace. Which names are known is seen where it is
 * used. */
bool check_template(struct weir_str text, struct weir_error *error);

#endif
