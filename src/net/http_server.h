/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * HTTP/1.1 server: one thread, one event loop, one handler for every request (ADR 53).
 *
 * Bounds, each with what happens there: TT_HTTP_CONNECTIONS_MAX connections (the one that has been
 * sending its request the longest is closed for a new one), TT_HTTP_HEAD_MAX bytes of head (431),
 * TT_HTTP_BODY_MAX bytes of body (413), TT_HTTP_TIMEOUT_S seconds from the first wait for a request
 * to its last byte however it trickles (408), TT_HTTP_STREAM_MAX bytes that wait for the reader of
 * a stream (refused, told to the caller).
 */
#ifndef TT_NET_HTTP_SERVER_H
#define TT_NET_HTTP_SERVER_H

#include "base/error.h"
#include "net/http_parse.h"

#define TT_HTTP_CONNECTIONS_MAX 64u
#define TT_HTTP_BODY_MAX        (1024u * 1024u)
#define TT_HTTP_TIMEOUT_S       45
#define TT_HTTP_STREAM_MAX      (256u * 1024u)
/** Room for the numeric address of a client. */
#define TT_HTTP_PEER_MAX 48

typedef struct tt_http_server tt_http_server;

/** A request, lent for the call of the handler. */
typedef struct tt_http_request {
    const tt_http_head *head;
    const char *path; /**< Of the head. */
    const char *body;
    size_t body_size;
    const char *peer; /**< Numeric address of the client, without port. */
    uint64_t ticket;  /**< Names the connection for tt_http_server_answer and _send. */
} tt_http_request;

/** How a request is answered. */
typedef enum tt_http_reply_kind {
    TT_HTTP_WHOLE,    /**< With this reply. */
    TT_HTTP_DEFERRED, /**< Later, with tt_http_server_answer. */
    TT_HTTP_STREAM,   /**< Head now; pieces follow with tt_http_server_send. */
} tt_http_reply_kind;

/** A reply that the handler fills. */
typedef struct tt_http_reply {
    int code; /**< 200, 404, ... */
    tt_http_reply_kind kind;
    const char *content_type;
    char *body; /**< From malloc; the server frees it. NULL: empty. */
    size_t size;
    char headers[384]; /**< Further ones, each "Name: value\r\n". */
} tt_http_reply;

/** Answers a request, whatever its method. */
typedef void (*tt_http_handler_fn)(void *ctx, const tt_http_request *request, tt_http_reply *reply);
/** Called by the loop about ten times a second, and after tt_http_server_tick_soon. */
typedef void (*tt_http_tick_fn)(void *ctx);

typedef struct tt_http_options {
    const char *listen; /**< "host:port", "[::1]:port"; port 0 = any free one. */
    tt_http_handler_fn handler;
    tt_http_tick_fn tick; /**< May be NULL. */
    void *ctx;
    int timeout_s; /**< 0 = TT_HTTP_TIMEOUT_S. */
} tt_http_options;

/** Counters since the start. */
typedef struct tt_http_stats {
    uint64_t accepted;
    uint64_t closed_for_room; /**< Connections closed because the table was full. */
    uint64_t timed_out;       /**< Requests that did not end in time. */
    uint64_t malformed;       /**< Requests refused before the handler. */
    uint32_t open;
} tt_http_stats;

/** Binds. @retval TUTTI_BUSY the port is in use.  @retval TUTTI_INVALID no such address.
 * @retval TUTTI_PERMISSION the system does not allow it. @thread{setup} */
TUTTI_NODISCARD tutti_status
tt_http_server_open(const tt_http_options *options, tt_http_server **result, tt_error *error);
/** Writes "http://host:port" of the bound address. */
void tt_http_server_address(const tt_http_server *server, char *text, size_t size);
/** Tells whether only this machine can reach the bound address. */
bool tt_http_server_is_loopback(const tt_http_server *server);
/** Serves until tt_http_server_stop. @blocks{until stopped} */
void tt_http_server_run(tt_http_server *server);
/** @thread{any} */
void tt_http_server_stop(tt_http_server *server);
/** After run has returned, or instead of it. NULL is fine. */
void tt_http_server_close(tt_http_server *server);

/** Answers a deferred request; takes the body. False if the client has gone. @thread{net} */
bool tt_http_server_answer(tt_http_server *server, uint64_t ticket, tt_http_reply *reply);
/** Sends a piece of a stream. @retval TUTTI_LIMIT the reader is too slow: nothing was sent.
 * @retval TUTTI_NOT_FOUND it has gone. @thread{net} */
TUTTI_NODISCARD tutti_status
tt_http_server_send(tt_http_server *server, uint64_t ticket, const void *data, size_t size);
/** Ends a stream. @thread{net} */
void tt_http_server_end(tt_http_server *server, uint64_t ticket);
/** Lets the tick come in some milliseconds, once. @thread{net} */
void tt_http_server_tick_soon(tt_http_server *server);
/** Nanoseconds of a clock that never runs backwards. @thread{net} */
int64_t tt_http_server_now(tt_http_server *server);
tt_http_stats tt_http_server_stats(const tt_http_server *server);

/** Value of a query parameter (the first of that name), or NULL. @lends{during the request} */
const char *tt_http_query(const tt_http_request *request, const char *name);

#endif
