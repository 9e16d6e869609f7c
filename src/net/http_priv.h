/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Inside of the HTTP server: connections and the listening socket.
 */
#ifndef TT_NET_HTTP_PRIV_H
#define TT_NET_HTTP_PRIV_H

#include "net/http_server.h"

#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <event2/util.h>

enum {
    HTTP_HOST_MAX = 96
};

/** What a connection is about. */
typedef enum http_conn_state {
    HTTP_CONN_FREE,
    HTTP_CONN_READING,  /**< A request comes, or none does. */
    HTTP_CONN_WAITING,  /**< The handler answers later. */
    HTTP_CONN_STREAM,   /**< Pieces are sent. */
    HTTP_CONN_CLOSING,  /**< What was written goes out, then it ends. */
    HTTP_CONN_LINGERING /**< Ended; what the client still sends is thrown away for a moment. */
} http_conn_state;

/** One connection. */
typedef struct http_conn {
    tt_http_server *server;
    struct bufferevent *stream;
    uint64_t ticket;  /**< Never used twice. */
    int64_t since_ns; /**< Start of this state. */
    http_conn_state state;
    bool has_head; /**< `head` is read; its body may still come. */
    bool is_head_method;
    bool must_close;
    char peer[TT_HTTP_PEER_MAX];
    tt_http_head head;
    char text[TT_HTTP_HEAD_MAX + 1]; /**< Memory of `head`. */
} http_conn;

struct tt_http_server {
    tt_http_options options;
    struct event_base *base;
    struct evconnlistener *listener;
    struct event *tick;
    struct event *soon;
    struct event *wake;
    struct evutil_monotonic_timer *timer;
    http_conn *conns; /**< TT_HTTP_CONNECTIONS_MAX. */
    uint64_t next_ticket;
    int64_t timeout_ns;
    tt_http_stats stats;
    int wake_pipe[2];
    bool is_loopback;
    char address[HTTP_HOST_MAX + 32];
};

/** Binds the address of the options and starts to listen. */
TUTTI_NODISCARD tutti_status tt_http_bind(tt_http_server *server, int *ret_file, tt_error *error);
/** Takes a new connection. */
void tt_http_conn_accept(
    tt_http_server *server, evutil_socket_t file, const struct sockaddr *address, int length);
/** Ends what has taken too long. */
void tt_http_conn_sweep(tt_http_server *server);
/** Ends one at once. */
void tt_http_conn_free(http_conn *conn);
/** The connection of a ticket in a state, or NULL. */
http_conn *tt_http_conn_find(tt_http_server *server, uint64_t ticket, http_conn_state state);
/** Writes a reply; takes its body. */
void tt_http_conn_reply(http_conn *conn, tt_http_reply *reply);
/** Works off the requests that are complete. */
void tt_http_conn_work(http_conn *conn);
/** Lets what was written go out, then ends the connection. */
void tt_http_conn_end(http_conn *conn);

#endif
