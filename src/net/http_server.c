/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The HTTP server: its loop, its tick, its end.
 */
#include "net/http_server.h"

#include "net/http_priv.h"

#include <event2/buffer.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void on_accept(
    struct evconnlistener *listener,
    evutil_socket_t file,
    struct sockaddr *address,
    int length,
    void *ctx)
{
    (void)listener;
    tt_http_conn_accept(ctx, file, address, length);
}

static void on_tick(evutil_socket_t file, short what, void *ctx)
{
    (void)file;
    (void)what;
    tt_http_server *server = ctx;
    tt_http_conn_sweep(server);
    if (server->options.tick != NULL) {
        server->options.tick(server->options.ctx);
    }
}

static void on_wake(evutil_socket_t file, short what, void *ctx)
{
    (void)file;
    (void)what;
    tt_http_server *server = ctx;
    event_base_loopbreak(server->base);
}

static tutti_status add_events(tt_http_server *server)
{
    const struct timeval interval = {.tv_usec = 100000};
    if (pipe2(server->wake_pipe, O_CLOEXEC | O_NONBLOCK) != 0) {
        return TUTTI_IO;
    }
    server->wake =
        event_new(server->base, server->wake_pipe[0], EV_READ | EV_PERSIST, on_wake, server);
    server->tick = event_new(server->base, -1, EV_PERSIST, on_tick, server);
    server->soon = event_new(server->base, -1, 0, on_tick, server);
    bool has_events = server->wake != NULL && server->tick != NULL && server->soon != NULL;
    if (!has_events || event_add(server->wake, NULL) != 0 ||
        event_add(server->tick, &interval) != 0) {
        return TUTTI_NO_MEMORY;
    }
    return TUTTI_OK;
}

static tutti_status listen_on(tt_http_server *server, tt_error *error)
{
    int file = -1;
    TUTTI_TRY(tt_http_bind(server, &file, error));
    server->listener = evconnlistener_new(
        server->base,
        on_accept,
        server,
        LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE,
        -1,
        file);
    if (server->listener == NULL) {
        close(file);
        return tt_error_set(error, TUTTI_IO, "api.listen: the event loop took no socket");
    }
    return TUTTI_OK;
}

tutti_status
tt_http_server_open(const tt_http_options *options, tt_http_server **result, tt_error *error)
{
    tt_http_server *server = calloc(1, sizeof *server);
    if (server == NULL) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory for the HTTP server");
    }
    server->options = *options;
    server->timeout_ns =
        INT64_C(1000000000) * (options->timeout_s > 0 ? options->timeout_s : TT_HTTP_TIMEOUT_S);
    server->next_ticket = 1;
    server->wake_pipe[0] = server->wake_pipe[1] = -1;
    server->base = event_base_new();
    server->timer = evutil_monotonic_timer_new();
    // Pages that no connection has used are never taken from the system.
    server->conns = calloc(TT_HTTP_CONNECTIONS_MAX, sizeof *server->conns);
    tutti_status status = TUTTI_OK;
    if (server->base == NULL || server->timer == NULL || server->conns == NULL ||
        evutil_configure_monotonic_time(server->timer, EV_MONOT_PRECISE) != 0 ||
        add_events(server) != TUTTI_OK) {
        status = tt_error_set(error, TUTTI_NO_MEMORY, "no memory for the event loop");
    } else {
        status = listen_on(server, error);
    }
    if (status != TUTTI_OK) {
        tt_http_server_close(server);
        return status;
    }
    *result = server;
    return TUTTI_OK;
}

void tt_http_server_address(const tt_http_server *server, char *text, size_t size)
{
    snprintf(text, size, "%s", server->address);
}

bool tt_http_server_is_loopback(const tt_http_server *server)
{
    return server->is_loopback;
}

int64_t tt_http_server_now(tt_http_server *server)
{
    struct timeval now = {0};
    (void)evutil_gettime_monotonic(server->timer, &now);
    return (int64_t)now.tv_sec * INT64_C(1000000000) + (int64_t)now.tv_usec * 1000;
}

tt_http_stats tt_http_server_stats(const tt_http_server *server)
{
    return server->stats;
}

void tt_http_server_run(tt_http_server *server)
{
    event_base_dispatch(server->base);
}

void tt_http_server_stop(tt_http_server *server)
{
    // A full pipe means that it has been woken already.
    ssize_t written = write(server->wake_pipe[1], "x", 1);
    (void)written;
}

void tt_http_server_tick_soon(tt_http_server *server)
{
    const struct timeval soon = {.tv_usec = 2000};
    if (evtimer_pending(server->soon, NULL) == 0) {
        (void)event_add(server->soon, &soon);
    }
}

static void free_event(struct event *event)
{
    if (event != NULL) {
        event_free(event);
    }
}

void tt_http_server_close(tt_http_server *server)
{
    if (server == NULL) {
        return;
    }
    for (uint32_t i = 0; server->conns != NULL && i < TT_HTTP_CONNECTIONS_MAX; i++) {
        tt_http_conn_free(&server->conns[i]);
    }
    free(server->conns);
    if (server->listener != NULL) {
        evconnlistener_free(server->listener);
    }
    free_event(server->tick);
    free_event(server->soon);
    free_event(server->wake);
    if (server->timer != NULL) {
        evutil_monotonic_timer_free(server->timer);
    }
    if (server->base != NULL) {
        event_base_free(server->base);
    }
    for (int i = 0; i < 2; i++) {
        if (server->wake_pipe[i] >= 0) {
            close(server->wake_pipe[i]);
        }
    }
    free(server);
}

/* ---- later answers, streams ---- */

bool tt_http_server_answer(tt_http_server *server, uint64_t ticket, tt_http_reply *reply)
{
    http_conn *conn = tt_http_conn_find(server, ticket, HTTP_CONN_WAITING);
    if (conn == NULL) {
        free(reply->body);
        reply->body = NULL;
        return false;
    }
    tt_http_conn_reply(conn, reply);
    tt_http_conn_work(conn);
    return true;
}

tutti_status
tt_http_server_send(tt_http_server *server, uint64_t ticket, const void *data, size_t size)
{
    http_conn *conn = tt_http_conn_find(server, ticket, HTTP_CONN_STREAM);
    if (conn == NULL) {
        return TUTTI_NOT_FOUND;
    }
    struct evbuffer *out = bufferevent_get_output(conn->stream);
    if (evbuffer_get_length(out) + size > TT_HTTP_STREAM_MAX) {
        return TUTTI_LIMIT;
    }
    return evbuffer_add(out, data, size) == 0 ? TUTTI_OK : TUTTI_LIMIT;
}

void tt_http_server_end(tt_http_server *server, uint64_t ticket)
{
    http_conn *conn = tt_http_conn_find(server, ticket, HTTP_CONN_STREAM);
    if (conn != NULL) {
        tt_http_conn_end(conn);
    }
}

const char *tt_http_query(const tt_http_request *request, const char *name)
{
    for (uint32_t i = 0; i < request->head->param_count; i++) {
        if (strcmp(request->head->params[i].name, name) == 0) {
            return request->head->params[i].value;
        }
    }
    return NULL;
}
