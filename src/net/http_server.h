/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * HTTP server over libevent: one thread, one event loop, one handler for every request.
 *
 * libevent's parser accepts more than it should; a request is checked again before the handler sees
 * it: one Host, no conflicting lengths, no control bytes in headers, a plain path.
 */
#ifndef TT_NET_HTTP_SERVER_H
#define TT_NET_HTTP_SERVER_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct tt_http_server tt_http_server;

/** A request, lent for the call of the handler. */
typedef struct tt_http_request {
    const char *path;  /**< Decoded, without the query. */
    const void *query; /**< For tt_http_query. */
    bool is_head;      /**< HEAD: the body is not sent. */
} tt_http_request;

/** A reply that the handler fills. */
typedef struct tt_http_reply {
    int code; /**< 200, 404, ... */
    const char *content_type;
    char *body; /**< From malloc; the server frees it. NULL: empty. */
    size_t size;
} tt_http_reply;

/** Answers a GET or HEAD request; other methods have been refused before (405). */
typedef void (*tt_http_handler_fn)(void *ctx, const tt_http_request *request, tt_http_reply *reply);
/** Called by the loop about ten times a second. */
typedef void (*tt_http_tick_fn)(void *ctx);

typedef struct tt_http_options {
    const char *listen; /**< "host:port", "[::1]:port"; port 0 = any free one. */
    tt_http_handler_fn handler;
    tt_http_tick_fn tick; /**< May be NULL. */
    void *ctx;
} tt_http_options;

/** Binds. @retval TUTTI_BUSY the port is in use.  @retval TUTTI_INVALID no such address.
 * @retval TUTTI_PERMISSION the system does not allow it. @thread{setup} */
TUTTI_NODISCARD tutti_status
tt_http_server_open(const tt_http_options *options, tt_http_server **result, tt_error *error);
/** Writes "http://host:port" of the bound address. */
void tt_http_server_address(const tt_http_server *server, char *text, size_t size);
/** Serves until tt_http_server_stop. @blocks{until stopped} */
void tt_http_server_run(tt_http_server *server);
/** @thread{any} */
void tt_http_server_stop(tt_http_server *server);
/** After run has returned, or instead of it. NULL is fine. */
void tt_http_server_close(tt_http_server *server);

/** Value of a query parameter (the first of that name), or NULL. @lends{during the request} */
const char *tt_http_query(const tt_http_request *request, const char *name);

#endif
