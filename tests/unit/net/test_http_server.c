/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The HTTP server on a loopback port: answers, refusals, abuse, binding.
 */
#include "../../lib/test.h"
#include "net/http_server.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/** A server with its thread. */
typedef struct rig {
    tt_http_server *server;
    pthread_t thread;
    uint16_t port;
} rig;

static void answer(void *ctx, const tt_http_request *request, tt_http_reply *reply)
{
    (void)ctx;
    const char *name = tt_http_query(request, "name");
    char text[128];
    snprintf(text, sizeof text, "%s|%s", request->path, name == NULL ? "-" : name);
    reply->code = 200;
    reply->content_type = "text/plain";
    reply->body = strdup(text);
    reply->size = strlen(text);
}

static void *serve(void *server)
{
    tt_http_server_run(server);
    return NULL;
}

static int start(void **state)
{
    static rig held;
    tt_error error = {0};
    char address[64];
    tt_http_options options = {.listen = "127.0.0.1:0", .handler = answer};
    if (tt_http_server_open(&options, &held.server, &error) != TUTTI_OK) {
        return 1;
    }
    tt_http_server_address(held.server, address, sizeof address);
    held.port = (uint16_t)atoi(strrchr(address, ':') + 1);
    *state = &held;
    return pthread_create(&held.thread, NULL, serve, held.server);
}

static int stop(void **state)
{
    rig *held = *state;
    tt_http_server_stop(held->server);
    pthread_join(held->thread, NULL);
    tt_http_server_close(held->server);
    return 0;
}

/** Sends bytes as they are and reads until the server closes or has answered once. */
static void talk(const rig *held, const char *bytes, char *reply, size_t size)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(held->port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int file = socket(AF_INET, SOCK_STREAM, 0);
    struct timeval limit = {.tv_sec = 5};
    setsockopt(file, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    assert_int_equal(connect(file, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(write(file, bytes, strlen(bytes)), strlen(bytes));
    size_t length = 0;
    for (ssize_t got = 1; got > 0 && length < size - 1;) {
        got = read(file, reply + length, size - 1 - length);
        length += got > 0 ? (size_t)got : 0;
    }
    reply[length] = 0;
    close(file);
}

static void expect_reply(const rig *held, const char *bytes, const char *first, const char *inside)
{
    char reply[4096];
    talk(held, bytes, reply, sizeof reply);
    if (strncmp(reply, first, strlen(first)) != 0 || strstr(reply, inside) == NULL) {
        fail_msg("to\n%s\ncame\n%s", bytes, reply);
    }
}

static void answers_a_get_with_path_and_query(void **state)
{
    expect_reply(
        *state,
        "GET /a%20b?name=x%2By HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 200",
        "/a b|x+y");
    expect_reply(
        *state,
        "GET /plain HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 200",
        "/plain|-");
}

static void sends_no_body_to_a_head(void **state)
{
    char reply[4096];
    talk(*state, "HEAD /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", reply, sizeof reply);
    assert_non_null(strstr(reply, "200"));
    assert_null(strstr(reply, "/x|-"));
}

static void sends_headers_that_protect_the_reader(void **state)
{
    expect_reply(
        *state,
        "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 200",
        "X-Content-Type-Options: nosniff");
}

static void refuses_other_methods(void **state)
{
    expect_reply(
        *state,
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 405",
        "Allow: GET, HEAD");
    expect_reply(
        *state,
        "DELETE / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 405",
        "Allow");
}

static void refuses_what_the_parser_lets_through(void **state)
{
    expect_reply(
        *state, "GET / HTTP/1.1\r\nConnection: close\r\n\r\n", "HTTP/1.1 400", "one Host header");
    expect_reply(
        *state,
        "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 400",
        "one Host header");
    expect_reply(
        *state,
        "GET / HTTP/1.1\r\nHost: a\r\nX: \x01\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 400",
        "control characters");
    expect_reply(
        *state,
        "GET /%00x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 400",
        "not valid");
}

static void survives_garbage(void **state)
{
    char reply[4096];
    talk(*state, "\x16\x03\x01\x02\x00 garbage\r\n\r\n", reply, sizeof reply);
    answers_a_get_with_path_and_query(state);
}

static void says_that_a_port_is_in_use(void **state)
{
    const rig *held = *state;
    char listen_text[32];
    tt_http_server *second = NULL;
    tt_error error = {0};
    snprintf(listen_text, sizeof listen_text, "127.0.0.1:%u", held->port);
    tt_http_options options = {.listen = listen_text, .handler = answer};
    assert_int_equal(tt_http_server_open(&options, &second, &error), TUTTI_BUSY);
    assert_non_null(strstr(error.message, listen_text));
    assert_non_null(strstr(error.hint, "api.listen"));
}

static void refuses_addresses_that_are_none(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "127.0.0.1", ":80", "h:", "h:99999", "h:8o80", "[::1]"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        tt_http_server *server = NULL;
        tt_error error = {0};
        tt_http_options options = {.listen = bad[i], .handler = answer};
        assert_int_equal(tt_http_server_open(&options, &server, &error), TUTTI_INVALID);
        assert_non_null(strstr(error.message, "api.listen"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_a_get_with_path_and_query),
        cmocka_unit_test(sends_no_body_to_a_head),
        cmocka_unit_test(sends_headers_that_protect_the_reader),
        cmocka_unit_test(refuses_other_methods),
        cmocka_unit_test(refuses_what_the_parser_lets_through),
        cmocka_unit_test(survives_garbage),
        cmocka_unit_test(says_that_a_port_is_in_use),
        cmocka_unit_test(refuses_addresses_that_are_none),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
