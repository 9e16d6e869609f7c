/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The HTTP server: binding, checks, replies.
 */
#include "net/http_server.h"

#include "base/text.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    HEADERS_MAX = 16 * 1024,
    BODY_MAX = 64 * 1024,
    TIMEOUT_S = 15,
    HOST_MAX = 96
};

struct tt_http_server {
    tt_http_options options;
    struct event_base *base;
    struct evhttp *http;
    struct event *tick;
    struct event *wake;
    int wake_pipe[2];
    char address[HOST_MAX + 32];
};

/* ---- checks ---- */

static bool is_clean(const char *text)
{
    for (const unsigned char *at = (const unsigned char *)text; *at != 0; at++) {
        if (*at < 0x20 || *at == 0x7f) {
            return false;
        }
    }
    return true;
}

/** Counts headers of a name; says whether every header is clean. */
static int count_headers(struct evkeyvalq *headers, const char *name, bool *ret_clean)
{
    int count = 0;
    struct evkeyval *header = NULL;
    for (header = headers->tqh_first; header != NULL; header = header->next.tqe_next) {
        count += strcasecmp(header->key, name) == 0;
        *ret_clean = *ret_clean && is_clean(header->key) && is_clean(header->value);
    }
    return count;
}

/** Why a request must not reach the handler, or NULL. */
static const char *find_fault(struct evhttp_request *request)
{
    bool is_all_clean = true;
    struct evkeyvalq *headers = evhttp_request_get_input_headers(request);
    int hosts = count_headers(headers, "Host", &is_all_clean);
    int lengths = count_headers(headers, "Content-Length", &is_all_clean);
    int encodings = count_headers(headers, "Transfer-Encoding", &is_all_clean);
    if (!is_all_clean) {
        return "a header holds control characters";
    }
    if (hosts != 1) {
        return "exactly one Host header is needed";
    }
    if (lengths > 1 || (lengths > 0 && encodings > 0)) {
        return "the length of the body is given more than once";
    }
    return NULL;
}

/* ---- replies ---- */

static void send_reply(
    struct evhttp_request *request, int code, const char *type, const char *body, size_t size)
{
    struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
    evhttp_add_header(headers, "Content-Type", type);
    evhttp_add_header(headers, "Cache-Control", "no-store");
    evhttp_add_header(headers, "X-Content-Type-Options", "nosniff");
    evhttp_add_header(headers, "X-Frame-Options", "DENY");
    evhttp_add_header(headers, "Referrer-Policy", "no-referrer");
    evhttp_add_header(
        headers,
        "Content-Security-Policy",
        "default-src 'self'; style-src 'self' 'unsafe-inline'; script-src 'self' 'unsafe-inline'");
    struct evbuffer *buffer = evbuffer_new();
    if (buffer != NULL && size > 0) {
        evbuffer_add(buffer, body, size);
    }
    evhttp_send_reply(request, code, NULL, buffer);
    if (buffer != NULL) {
        evbuffer_free(buffer);
    }
}

static void send_problem(struct evhttp_request *request, int code, const char *title)
{
    char body[256];
    int size = snprintf(
        body,
        sizeof body,
        "{\"type\": \"about:blank\", \"title\": \"%s\", \"status\": %d}\n",
        title,
        code);
    send_reply(request, code, "application/problem+json", body, (size_t)size);
}

static void answer(tt_http_server *server, struct evhttp_request *request, bool is_head)
{
    const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(request);
    const char *raw_path = uri == NULL ? NULL : evhttp_uri_get_path(uri);
    const char *raw_query = uri == NULL ? NULL : evhttp_uri_get_query(uri);
    size_t length = 0;
    char *path = evhttp_uridecode(raw_path == NULL ? "" : raw_path, 0, &length);
    struct evkeyvalq query = {0};
    if (path == NULL || strlen(path) != length || path[0] != '/' || !is_clean(path) ||
        evhttp_parse_query_str(raw_query == NULL ? "" : raw_query, &query) != 0) {
        send_problem(request, 400, "the address of the request is not valid");
    } else {
        tt_http_request view = {.path = path, .query = &query, .is_head = is_head};
        tt_http_reply reply = {.code = 500, .content_type = "text/plain"};
        server->options.handler(server->options.ctx, &view, &reply);
        send_reply(request, reply.code, reply.content_type, reply.body, is_head ? 0 : reply.size);
        free(reply.body);
        evhttp_clear_headers(&query);
    }
    free(path);
}

static void handle(struct evhttp_request *request, void *ctx)
{
    const char *fault = find_fault(request);
    enum evhttp_cmd_type method = evhttp_request_get_command(request);
    if (fault != NULL) {
        send_problem(request, 400, fault);
    } else if (method != EVHTTP_REQ_GET && method != EVHTTP_REQ_HEAD) {
        evhttp_add_header(evhttp_request_get_output_headers(request), "Allow", "GET, HEAD");
        send_problem(request, 405, "only GET and HEAD are answered");
    } else {
        answer(ctx, request, method == EVHTTP_REQ_HEAD);
    }
}

const char *tt_http_query(const tt_http_request *request, const char *name)
{
    return evhttp_find_header(request->query, name);
}

/* ---- binding ---- */

/** Splits "host:port"; brackets around an IPv6 address are taken off. */
static tutti_status
split_address(const char *listen, char host[HOST_MAX], char port[8], tt_error *error)
{
    const char *colon = strrchr(listen, ':');
    size_t host_length = colon == NULL ? 0 : (size_t)(colon - listen);
    const char *start = listen;
    if (host_length >= 2 && listen[0] == '[' && listen[host_length - 1] == ']') {
        start++;
        host_length -= 2;
    }
    size_t port_length = colon == NULL ? 0 : strlen(colon + 1);
    uint64_t number = 0;
    bool is_number = port_length >= 1 &&
                     tt_text_parse_u64(colon + 1, port_length, &number) == TUTTI_OK &&
                     number <= UINT16_MAX;
    if (host_length == 0 || host_length >= HOST_MAX || !is_number) {
        tt_error_set(error, TUTTI_INVALID, "api.listen: '%s' is no address", listen);
        tt_error_hint(error, "host:port, such as 127.0.0.1:8090 or [::1]:8090");
        return TUTTI_INVALID;
    }
    memcpy(host, start, host_length);
    host[host_length] = 0;
    memcpy(port, colon + 1, port_length + 1);
    return TUTTI_OK;
}

static tutti_status fail_to_bind(const char *listen, int code, tt_error *error)
{
    if (code == EADDRINUSE) {
        tt_error_set(error, TUTTI_BUSY, "api.listen: %s is in use by another program", listen);
        tt_error_hint(error, "choose another port: --set api.listen=127.0.0.1:8091");
        return TUTTI_BUSY;
    }
    tutti_status status = code == EACCES || code == EPERM ? TUTTI_PERMISSION : TUTTI_INVALID;
    return tt_error_set(
        error, status, "api.listen: cannot listen on %s: %s", listen, strerror(code));
}

static int bind_first(const struct addrinfo *list)
{
    for (const struct addrinfo *at = list; at != NULL; at = at->ai_next) {
        int file = socket(at->ai_family, at->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        const int yes = 1;
        if (file < 0) {
            continue;
        }
        setsockopt(file, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
        if (bind(file, at->ai_addr, at->ai_addrlen) == 0 && listen(file, 64) == 0) {
            return file;
        }
        int code = errno;
        close(file);
        errno = code;
    }
    return -1;
}

static void remember_address(tt_http_server *server, int file)
{
    struct sockaddr_storage bound;
    socklen_t length = sizeof bound;
    char host[HOST_MAX] = "?";
    char port[8] = "?";
    if (getsockname(file, (struct sockaddr *)&bound, &length) == 0) {
        getnameinfo(
            (struct sockaddr *)&bound,
            length,
            host,
            sizeof host,
            port,
            sizeof port,
            NI_NUMERICHOST | NI_NUMERICSERV);
    }
    bool is_v6 = strchr(host, ':') != NULL;
    snprintf(
        server->address,
        sizeof server->address,
        "http://%s%s%s:%s",
        is_v6 ? "[" : "",
        host,
        is_v6 ? "]" : "",
        port);
}

static tutti_status bind_server(tt_http_server *server, tt_error *error)
{
    char host[HOST_MAX];
    char port[8];
    TUTTI_TRY(split_address(server->options.listen, host, port, error));
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *list = NULL;
    int found = getaddrinfo(host, port, &hints, &list);
    if (found != 0) {
        return tt_error_set(
            error,
            TUTTI_INVALID,
            "api.listen: '%s': %s",
            server->options.listen,
            gai_strerror(found));
    }
    int file = bind_first(list);
    int code = errno;
    freeaddrinfo(list);
    if (file < 0) {
        return fail_to_bind(server->options.listen, code, error);
    }
    remember_address(server, file);
    if (evhttp_accept_socket(server->http, file) != 0) {
        close(file);
        return tt_error_set(error, TUTTI_IO, "api.listen: the event loop took no socket");
    }
    return TUTTI_OK;
}

/* ---- loop ---- */

static void on_tick(evutil_socket_t file, short what, void *ctx)
{
    (void)file;
    (void)what;
    tt_http_server *server = ctx;
    server->options.tick(server->options.ctx);
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
    if (server->wake == NULL || event_add(server->wake, NULL) != 0) {
        return TUTTI_NO_MEMORY;
    }
    if (server->options.tick != NULL) {
        server->tick = event_new(server->base, -1, EV_PERSIST, on_tick, server);
        if (server->tick == NULL || event_add(server->tick, &interval) != 0) {
            return TUTTI_NO_MEMORY;
        }
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
    server->wake_pipe[0] = server->wake_pipe[1] = -1;
    server->base = event_base_new();
    server->http = server->base == NULL ? NULL : evhttp_new(server->base);
    tutti_status status = TUTTI_OK;
    if (server->http == NULL || add_events(server) != TUTTI_OK) {
        status = tt_error_set(error, TUTTI_NO_MEMORY, "no memory for the event loop");
    } else {
        evhttp_set_allowed_methods(
            server->http,
            EVHTTP_REQ_GET | EVHTTP_REQ_HEAD | EVHTTP_REQ_POST | EVHTTP_REQ_PUT |
                EVHTTP_REQ_DELETE | EVHTTP_REQ_PATCH | EVHTTP_REQ_OPTIONS);
        evhttp_set_max_headers_size(server->http, HEADERS_MAX);
        evhttp_set_max_body_size(server->http, BODY_MAX);
        evhttp_set_timeout(server->http, TIMEOUT_S);
        evhttp_set_gencb(server->http, handle, server);
        status = bind_server(server, error);
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

void tt_http_server_close(tt_http_server *server)
{
    if (server == NULL) {
        return;
    }
    if (server->tick != NULL) {
        event_free(server->tick);
    }
    if (server->wake != NULL) {
        event_free(server->wake);
    }
    if (server->http != NULL) {
        evhttp_free(server->http);
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
