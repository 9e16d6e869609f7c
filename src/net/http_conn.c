/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The life of a connection.
 *
 *   FREE      -accept->    READING    a request comes; TT_HTTP_TIMEOUT_S for all of it
 *   READING   -whole->     handler    WHOLE: the reply is written, and back to READING
 *                          WAITING    DEFERRED: until tt_http_server_answer
 *                          STREAM     STREAM: until tt_http_server_end, or the client goes
 *   any       -end->       CLOSING    what was written goes out
 *   CLOSING   -empty->     LINGERING  our side is shut; what the client still sends is thrown away
 *                                     for a moment, or a reset would take the answer from it
 *   LINGERING -end, time-> FREE
 *
 * A client that has requests waiting does not get the next one answered before it has read the
 * answer of the one before: what waits for it is bounded.
 */
#include "net/http_priv.h"

#include <arpa/inet.h>
#include <event2/buffer.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int64_t linger_ns = INT64_C(2000000000);

/* ---- replies ---- */

static const char *reason_of(int code)
{
    static const struct {
        int code;
        const char *text;
    } rows[] = {
        {200, "OK"},
        {201, "Created"},
        {202, "Accepted"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {413, "Content Too Large"},
        {415, "Unsupported Media Type"},
        {417, "Expectation Failed"},
        {421, "Misdirected Request"},
        {422, "Unprocessable Content"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {503, "Service Unavailable"},
        {504, "Gateway Timeout"},
        {505, "HTTP Version Not Supported"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].code == code) {
            return rows[i].text;
        }
    }
    return "Other";
}

static void set_state(http_conn *conn, http_conn_state state)
{
    conn->state = state;
    conn->since_ns = tt_http_server_now(conn->server);
}

static void write_head(http_conn *conn, const tt_http_reply *reply)
{
    struct evbuffer *out = bufferevent_get_output(conn->stream);
    evbuffer_add_printf(
        out,
        "HTTP/1.1 %d %s\r\n"
        "Content-Type: %s\r\n"
        "Cache-Control: no-store\r\n"
        "X-Content-Type-Options: nosniff\r\n"
        "X-Frame-Options: DENY\r\n"
        "Referrer-Policy: no-referrer\r\n"
        "Content-Security-Policy: default-src 'self'; style-src 'self' 'unsafe-inline'; "
        "script-src 'self' 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; "
        "form-action 'none'\r\n"
        "%s",
        reply->code,
        reason_of(reply->code),
        reply->content_type,
        reply->headers);
    if (reply->kind != TT_HTTP_STREAM) {
        evbuffer_add_printf(out, "Content-Length: %zu\r\n", reply->size);
    }
    evbuffer_add_printf(out, "Connection: %s\r\n\r\n", conn->must_close ? "close" : "keep-alive");
}

void tt_http_conn_reply(http_conn *conn, tt_http_reply *reply)
{
    conn->must_close |= reply->kind == TT_HTTP_STREAM;
    write_head(conn, reply);
    if (reply->size > 0 && !conn->is_head_method) {
        evbuffer_add(bufferevent_get_output(conn->stream), reply->body, reply->size);
    }
    free(reply->body);
    reply->body = NULL;
    conn->has_head = false;
    if (reply->kind == TT_HTTP_STREAM && !conn->is_head_method) {
        set_state(conn, HTTP_CONN_STREAM);
    } else if (conn->must_close) {
        tt_http_conn_end(conn);
    } else {
        set_state(conn, HTTP_CONN_READING);
    }
}

/** Refuses what is no request: the connection ends, for nobody knows where the next one starts. */
static void refuse(http_conn *conn, int code, const char *why)
{
    tt_http_reply reply = {.code = code, .content_type = "application/problem+json"};
    char body[256];
    int size = snprintf(
        body,
        sizeof body,
        "{\"type\": \"about:blank\", \"title\": \"%s\", \"status\": %d}\n",
        why,
        code);
    reply.body = malloc((size_t)size + 1);
    if (reply.body != NULL) {
        memcpy(reply.body, body, (size_t)size + 1);
        reply.size = (size_t)size;
    }
    conn->must_close = true;
    conn->server->stats.malformed++;
    tt_http_conn_reply(conn, &reply);
}

/* ---- requests ---- */

/** Reads the head once it is there. True when there is one. */
static bool read_head(http_conn *conn)
{
    struct evbuffer *input = bufferevent_get_input(conn->stream);
    struct evbuffer_ptr found = evbuffer_search(input, "\r\n\r\n", 4, NULL);
    size_t length = found.pos < 0 ? 0 : (size_t)found.pos + 4;
    if (found.pos < 0 ? evbuffer_get_length(input) >= TT_HTTP_HEAD_MAX
                      : length > TT_HTTP_HEAD_MAX) {
        refuse(conn, 431, "the head of the request is too large");
        return false;
    }
    if (found.pos < 0) {
        return false;
    }
    const char *why = NULL;
    evbuffer_remove(input, conn->text, length);
    conn->text[length] = 0;
    int code = tt_http_parse_head(conn->text, length, &conn->head, &why);
    conn->is_head_method = conn->head.method == TT_HTTP_HEAD;
    if (code == 0 && conn->head.body_size > TT_HTTP_BODY_MAX) {
        code = 413;
        why = "the body is too large";
    }
    if (code != 0) {
        refuse(conn, code, why);
        return false;
    }
    conn->has_head = true;
    conn->must_close = conn->head.wants_close;
    bool is_body_here = evbuffer_get_length(input) >= conn->head.body_size;
    if (conn->head.expects_continue && !is_body_here) {
        evbuffer_add_printf(bufferevent_get_output(conn->stream), "HTTP/1.1 100 Continue\r\n\r\n");
    }
    return true;
}

static void handle(http_conn *conn)
{
    tt_http_server *server = conn->server;
    struct evbuffer *input = bufferevent_get_input(conn->stream);
    size_t size = (size_t)conn->head.body_size;
    const char *body = size == 0 ? "" : (const char *)evbuffer_pullup(input, (ev_ssize_t)size);
    tt_http_request request = {
        .head = &conn->head,
        .path = conn->head.path,
        .body = body,
        .body_size = body == NULL ? 0 : size,
        .peer = conn->peer,
        .ticket = conn->ticket,
    };
    tt_http_reply reply = {.code = 500, .content_type = "text/plain"};
    server->options.handler(server->options.ctx, &request, &reply);
    evbuffer_drain(input, size);
    if (reply.kind == TT_HTTP_DEFERRED) {
        set_state(conn, HTTP_CONN_WAITING);
    } else {
        tt_http_conn_reply(conn, &reply);
    }
}

void tt_http_conn_work(http_conn *conn)
{
    struct evbuffer *input = bufferevent_get_input(conn->stream);
    struct evbuffer *output = bufferevent_get_output(conn->stream);
    while (conn->state == HTTP_CONN_READING && evbuffer_get_length(output) == 0) {
        if (!conn->has_head && !read_head(conn)) {
            return;
        }
        if (evbuffer_get_length(input) < conn->head.body_size) {
            return;
        }
        handle(conn);
    }
}

/* ---- ends ---- */

void tt_http_conn_free(http_conn *conn)
{
    if (conn->stream != NULL) {
        bufferevent_free(conn->stream);
        conn->stream = NULL;
        conn->server->stats.open--;
    }
    conn->state = HTTP_CONN_FREE;
}

static void linger(http_conn *conn)
{
    set_state(conn, HTTP_CONN_LINGERING);
    (void)shutdown(bufferevent_getfd(conn->stream), SHUT_WR);
}

void tt_http_conn_end(http_conn *conn)
{
    set_state(conn, HTTP_CONN_CLOSING);
    conn->ticket = conn->server->next_ticket++; // The old one names nothing any more.
    if (evbuffer_get_length(bufferevent_get_output(conn->stream)) == 0) {
        linger(conn);
    }
}

static void throw_input_away(http_conn *conn)
{
    struct evbuffer *input = bufferevent_get_input(conn->stream);
    evbuffer_drain(input, evbuffer_get_length(input));
}

static void on_read(struct bufferevent *stream, void *ctx)
{
    (void)stream;
    http_conn *conn = ctx;
    if (conn->state == HTTP_CONN_READING) {
        tt_http_conn_work(conn);
    } else if (conn->state != HTTP_CONN_WAITING) {
        throw_input_away(conn);
    }
}

static void on_written(struct bufferevent *stream, void *ctx)
{
    (void)stream;
    http_conn *conn = ctx;
    if (conn->state == HTTP_CONN_CLOSING) {
        linger(conn);
    } else if (conn->state == HTTP_CONN_READING) {
        tt_http_conn_work(conn);
    }
}

static void on_event(struct bufferevent *stream, short what, void *ctx)
{
    http_conn *conn = ctx;
    bool has_only_shut = (what & BEV_EVENT_EOF) != 0;
    bool is_unread = evbuffer_get_length(bufferevent_get_output(stream)) > 0;
    bool is_owed = conn->state == HTTP_CONN_WAITING || conn->state == HTTP_CONN_CLOSING;
    if (has_only_shut && (is_owed || (conn->state == HTTP_CONN_READING && is_unread))) {
        conn->must_close = true; // It may still read the answer.
        bufferevent_disable(stream, EV_READ);
        if (conn->state == HTTP_CONN_READING) {
            tt_http_conn_end(conn);
        }
    } else if ((what & (BEV_EVENT_EOF | BEV_EVENT_ERROR | BEV_EVENT_TIMEOUT)) != 0) {
        tt_http_conn_free(conn);
    }
}

/* ---- table ---- */

http_conn *tt_http_conn_find(tt_http_server *server, uint64_t ticket, http_conn_state state)
{
    for (uint32_t i = 0; i < TT_HTTP_CONNECTIONS_MAX; i++) {
        http_conn *conn = &server->conns[i];
        if (conn->state == state && conn->ticket == ticket) {
            return conn;
        }
    }
    return NULL;
}

/** A free place; if there is none, that of the client that has been sending the longest. */
static http_conn *find_place(tt_http_server *server)
{
    http_conn *oldest = NULL;
    for (uint32_t i = 0; i < TT_HTTP_CONNECTIONS_MAX; i++) {
        http_conn *conn = &server->conns[i];
        if (conn->state == HTTP_CONN_FREE) {
            return conn;
        }
        bool may_go = conn->state == HTTP_CONN_READING || conn->state >= HTTP_CONN_CLOSING;
        if (may_go && (oldest == NULL || conn->since_ns < oldest->since_ns)) {
            oldest = conn;
        }
    }
    if (oldest != NULL) {
        tt_http_conn_free(oldest);
    }
    server->stats.closed_for_room++;
    return oldest;
}

static void name_peer(const struct sockaddr *address, char text[TT_HTTP_PEER_MAX])
{
    const void *bytes = NULL;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    if (address->sa_family == AF_INET) {
        memcpy(&v4, address, sizeof v4);
        bytes = &v4.sin_addr;
    } else if (address->sa_family == AF_INET6) {
        memcpy(&v6, address, sizeof v6);
        bytes = &v6.sin6_addr;
    }
    text[0] = 0;
    if (bytes == NULL || inet_ntop(address->sa_family, bytes, text, TT_HTTP_PEER_MAX) == NULL) {
        snprintf(text, TT_HTTP_PEER_MAX, "?");
    }
}

void tt_http_conn_accept(
    tt_http_server *server, evutil_socket_t file, const struct sockaddr *address, int length)
{
    (void)length;
    http_conn *conn = find_place(server);
    struct bufferevent *stream =
        conn == NULL ? NULL : bufferevent_socket_new(server->base, file, BEV_OPT_CLOSE_ON_FREE);
    if (stream == NULL) {
        evutil_closesocket(file);
        return;
    }
    const struct timeval write_limit = {.tv_sec = (time_t)(server->timeout_ns / 1000000000)};
    *conn = (http_conn){.server = server, .stream = stream, .ticket = server->next_ticket++};
    name_peer(address, conn->peer);
    set_state(conn, HTTP_CONN_READING);
    server->stats.accepted++;
    server->stats.open++;
    bufferevent_setcb(stream, on_read, on_written, on_event, conn);
    // One request may wait behind the one in work; beyond that the system's buffers hold it back.
    bufferevent_setwatermark(stream, EV_READ, 0, TT_HTTP_HEAD_MAX + TT_HTTP_BODY_MAX);
    bufferevent_set_timeouts(stream, NULL, &write_limit);
    bufferevent_enable(stream, EV_READ | EV_WRITE);
}

static void sweep_one(http_conn *conn, int64_t now)
{
    int64_t age = now - conn->since_ns;
    struct evbuffer *input = conn->stream == NULL ? NULL : bufferevent_get_input(conn->stream);
    if (conn->state == HTTP_CONN_LINGERING && age > linger_ns) {
        tt_http_conn_free(conn);
    } else if (conn->state == HTTP_CONN_CLOSING && age > conn->server->timeout_ns) {
        tt_http_conn_free(conn);
    } else if (conn->state == HTTP_CONN_READING && age > conn->server->timeout_ns) {
        bool has_begun = conn->has_head || evbuffer_get_length(input) > 0;
        bool is_unread = evbuffer_get_length(bufferevent_get_output(conn->stream)) > 0;
        if (has_begun && !is_unread) {
            conn->server->stats.timed_out++;
            refuse(conn, 408, "the request did not end in time");
        } else {
            tt_http_conn_free(conn); // It only kept the connection, or does not read.
        }
    }
}

void tt_http_conn_sweep(tt_http_server *server)
{
    int64_t now = tt_http_server_now(server);
    for (uint32_t i = 0; i < TT_HTTP_CONNECTIONS_MAX; i++) {
        sweep_one(&server->conns[i], now);
    }
}
