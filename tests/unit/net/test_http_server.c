/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The HTTP server on a loopback port: answers, refusals, abuse, bounds, binding.
 *
 * Covers: http_bind.c http_conn.c http_parse.c
 */
#include "../../lib/test.h"
#include "net/http_client.h"
#include "net/http_server.h"

#include <arpa/inet.h>
#include <poll.h>
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
    uint64_t waiting;           /**< Ticket of the request to "/later". */
    uint64_t stream;            /**< Ticket of the request to "/stream". */
    unsigned ticks;             /**< Of "/later" since it came. */
    _Atomic unsigned limits;    /**< Pieces of the stream that found no room. */
    _Atomic unsigned gone;      /**< Answers that found nobody. */
    _Atomic uint64_t timed_out; /**< Of the statistics, at the last tick. */
    _Atomic uint64_t closed_for_room;
    _Atomic uint32_t open;
} rig;

static void answer(void *ctx, const tt_http_request *request, tt_http_reply *reply)
{
    rig *held = ctx;
    const char *name = tt_http_query(request, "name");
    char text[128];
    snprintf(
        text,
        sizeof text,
        "%s|%s|%zu:%.*s|%s|",
        request->path,
        name == NULL ? "-" : name,
        request->body_size,
        request->body_size < 20 ? (int)request->body_size : 20,
        request->body,
        request->peer);
    reply->code = request->head->method == TT_HTTP_OTHER ? 405 : 200;
    if (strcmp(request->path, "/later") == 0) {
        held->waiting = request->ticket;
        held->ticks = 0;
        reply->kind = TT_HTTP_DEFERRED;
        tt_http_server_tick_soon(held->server);
        return;
    }
    if (strcmp(request->path, "/stream") == 0) {
        held->stream = request->ticket;
        reply->kind = TT_HTTP_STREAM;
    }
    snprintf(reply->headers, sizeof reply->headers, "X-Own: yes\r\n");
    reply->content_type = "text/plain";
    reply->body = strdup(text);
    reply->size = strlen(text);
}

/** Answers what waits at the third tick; feeds the stream with more than anybody reads. */
static void tick(void *ctx)
{
    rig *held = ctx;
    static char piece[16384];
    tt_http_stats stats = tt_http_server_stats(held->server);
    held->timed_out = stats.timed_out;
    held->closed_for_room = stats.closed_for_room;
    held->open = stats.open;
    if (held->waiting != 0 && ++held->ticks == 3) {
        tt_http_reply reply = {
            .code = 201, .content_type = "text/plain", .body = strdup("later|"), .size = 6};
        held->gone += !tt_http_server_answer(held->server, held->waiting, &reply);
        held->waiting = 0;
    } else if (held->waiting != 0) {
        tt_http_server_tick_soon(held->server);
    }
    memset(piece, 'x', sizeof piece);
    for (int i = 0; i < 512 && held->stream != 0; i++) {
        tutti_status status = tt_http_server_send(held->server, held->stream, piece, sizeof piece);
        held->limits += status == TUTTI_LIMIT;
        held->stream = status == TUTTI_NOT_FOUND ? 0 : held->stream;
    }
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
    tt_http_options options = {
        .listen = "127.0.0.1:0", .handler = answer, .tick = tick, .ctx = &held, .timeout_s = 1};
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

static int dial(const rig *held)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(held->port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int file = socket(AF_INET, SOCK_STREAM, 0);
    struct timeval limit = {.tv_sec = 20};
    setsockopt(file, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    assert_int_equal(connect(file, (struct sockaddr *)&address, sizeof address), 0);
    return file;
}

/** Reads until the server closes; what it says ends with NUL. */
static void hear(int file, char *reply, size_t size)
{
    size_t length = 0;
    for (ssize_t got = 1; got > 0 && length < size - 1;) {
        got = read(file, reply + length, size - 1 - length);
        length += got > 0 ? (size_t)got : 0;
    }
    reply[length] = 0;
}

/** Sends bytes as they are and reads until the server closes. */
static void talk_bytes(const rig *held, const char *bytes, size_t size, char *reply, size_t room)
{
    int file = dial(held);
    for (size_t done = 0; done < size;) {
        ssize_t put = send(file, bytes + done, size - done, MSG_NOSIGNAL);
        if (put < 0) {
            break; // It was refused before its end.
        }
        done += (size_t)put;
    }
    hear(file, reply, room);
    close(file);
}

static void talk(const rig *held, const char *bytes, char *reply, size_t size)
{
    talk_bytes(held, bytes, strlen(bytes), reply, size);
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
    assert_non_null(strstr(reply, "Content-Length: "));
}

static void sends_headers_that_protect_the_reader(void **state)
{
    expect_reply(
        *state,
        "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 200",
        "X-Content-Type-Options: nosniff");
}

static void leaves_the_method_to_the_handler(void **state)
{
    expect_reply(
        *state,
        "POST /p?name=n HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbody",
        "HTTP/1.1 200",
        "/p|n|4:body|127.0.0.1|");
    expect_reply(
        *state,
        "DELETE / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 405",
        "X-Own: yes");
}

static unsigned count_of(const char *text, const char *part)
{
    unsigned count = 0;
    for (const char *at = strstr(text, part); at != NULL; at = strstr(at + 1, part)) {
        count++;
    }
    return count;
}

static void answers_one_request_after_the_other(void **state)
{
    char reply[8192];
    talk(
        *state,
        "GET /1 HTTP/1.1\r\nHost: h\r\n\r\n"
        "POST /2 HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc"
        "GET /later HTTP/1.1\r\nHost: h\r\n\r\n"
        "GET /4 HTTP/1.0\r\nHost: h\r\n\r\n"
        "GET /never HTTP/1.1\r\nHost: h\r\n\r\n",
        reply,
        sizeof reply);
    const char *first = strstr(reply, "/1|-|0:|");
    const char *second = strstr(reply, "/2|-|3:abc|");
    const char *third = strstr(reply, "later|");
    const char *fourth = strstr(reply, "/4|-|0:|");
    assert_true(first != NULL && second > first && third > second && fourth > third);
    assert_int_equal(count_of(reply, "HTTP/1.1 "), 4);
    assert_int_equal(count_of(reply, "HTTP/1.1 201 Created"), 1);
    assert_null(strstr(reply, "/never"));
}

static void asks_for_a_body_that_waits(void **state)
{
    char reply[4096];
    const rig *held = *state;
    static const char head[] = "POST /b HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n"
                               "Content-Length: 2\r\nConnection: close\r\n\r\n";
    int file = dial(held);
    assert_int_equal(write(file, head, sizeof head - 1), sizeof head - 1);
    assert_int_equal(read(file, reply, 25), 25);
    assert_memory_equal(reply, "HTTP/1.1 100 Continue\r\n\r\n", 25);
    assert_int_equal(write(file, "ok", 2), 2);
    hear(file, reply, sizeof reply);
    close(file);
    assert_non_null(strstr(reply, "/b|-|2:ok|"));
}

static void a_client_that_hangs_up_is_missed_by_nobody(void **state)
{
    rig *held = *state;
    static const char text[] = "GET /later HTTP/1.1\r\nHost: h\r\n\r\n";
    int file = dial(held);
    struct linger at_once = {.l_onoff = 1};
    assert_int_equal(write(file, text, sizeof text - 1), sizeof text - 1);
    setsockopt(file, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(file);
    answers_a_get_with_path_and_query(state);
}

static void refuses_what_two_readers_could_read_differently(void **state)
{
    static const struct {
        const char *text;
        const char *first;
    } cases[] = {
        {"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx", "400"},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"
         "0\r\n\r\n",
         "400"},
        {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "501"},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\nx", "400"},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1 \t\r\nX: 1\r\nConnection: close\r\n\r\nx",
         "200"},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x1\r\n\r\nx", "400"},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1,1\r\n\r\nx", "400"},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\nx", "400"},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999999\r\n\r\n", "413"},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1048577\r\n\r\n", "413"},
        {"GET / HTTP/1.1\r\nHost: a\r\nX : b\r\n\r\n", "400"},
        {"GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n folded\r\n\r\n", "400"},
        {"GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", "400"},
        {"GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n", "400"},
        {"GET / HTTP/1.1\r\nHost: a\r\nAuthorization: x\r\nAuthorization: y\r\n\r\n", "400"},
        {"GET  / HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
        {"GET / HTTP/1.1 \r\nHost: a\r\n\r\n", "505"},
        {"GET / HTTP/2.0\r\nHost: a\r\n\r\n", "505"},
        {"GET /\r\nHost: a\r\n\r\n", "400"},
        {"GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
        {"GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
        {"GET /%0d%0aX HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
        {"GET /?a=%00 HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
        {"GET /#x HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
        {"G\x01T / HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
        {"GET / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n", "417"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char first[32];
        snprintf(first, sizeof first, "HTTP/1.1 %s", cases[i].first);
        expect_reply(*state, cases[i].text, first, "\r\n\r\n");
    }
}

static void a_head_has_a_bound(void **state)
{
    static char text[TT_HTTP_HEAD_MAX + 64];
    char reply[4096];
    static const char start[] = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX: ";
    // As large as allowed, and a byte more.
    for (size_t over = 0; over < 2; over++) {
        size_t size = TT_HTTP_HEAD_MAX + over;
        memset(text, 'x', sizeof text);
        memcpy(text, start, sizeof start - 1);
        memcpy(text + size - 4, "\r\n\r\n", 4);
        talk_bytes(*state, text, size, reply, sizeof reply);
        assert_memory_equal(reply, over ? "HTTP/1.1 431" : "HTTP/1.1 200", 12);
    }
    // One that never ends is refused as soon as it is too large: no byte more is waited for.
    memset(text, 'x', sizeof text);
    talk_bytes(*state, text, TT_HTTP_HEAD_MAX, reply, sizeof reply);
    assert_memory_equal(reply, "HTTP/1.1 431", 12);
    talk_bytes(*state, text, sizeof text, reply, sizeof reply);
    assert_memory_equal(reply, "HTTP/1.1 431", 12);
    // 64 headers, and one more.
    for (int headers = 64; headers <= 65; headers++) {
        size_t length = (size_t)snprintf(
            text, sizeof text, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n");
        for (int i = 2; i < headers; i++) {
            length += (size_t)snprintf(text + length, sizeof text - length, "X%d: 1\r\n", i);
        }
        snprintf(text + length, sizeof text - length, "\r\n");
        talk(*state, text, reply, sizeof reply);
        assert_memory_equal(reply, headers == 64 ? "HTTP/1.1 200" : "HTTP/1.1 431", 12);
    }
}

static void a_body_has_a_bound(void **state)
{
    static char text[TT_HTTP_BODY_MAX + 256];
    char reply[4096];
    int length = snprintf(
        text,
        sizeof text,
        "POST /big HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: %u\r\n\r\n",
        TT_HTTP_BODY_MAX);
    memset(text + length, 'b', TT_HTTP_BODY_MAX);
    talk_bytes(*state, text, (size_t)length + TT_HTTP_BODY_MAX, reply, sizeof reply);
    assert_memory_equal(reply, "HTTP/1.1 200", 12);
    assert_non_null(strstr(reply, "|1048576:bbbb"));
}

static void a_request_that_trickles_is_ended(void **state)
{
    char reply[4096];
    const rig *held = *state;
    uint64_t before = held->timed_out;
    int file = dial(held);
    static const char text[] = "GET / HTTP/1.1\r\nHost: h\r\nX: ";
    assert_int_equal(write(file, text, sizeof text - 1), sizeof text - 1);
    struct timeval brief = {.tv_usec = 150000};
    setsockopt(file, SOL_SOCKET, SO_RCVTIMEO, &brief, sizeof brief);
    ssize_t got = -1;
    // A byte every 150 ms would keep it open for ever if only silence counted.
    for (int i = 0; i < 60 && got < 0; i++) {
        (void)!send(file, "x", 1, MSG_NOSIGNAL);
        got = read(file, reply, sizeof reply - 1);
    }
    close(file);
    assert_true(got > 12);
    assert_memory_equal(reply, "HTTP/1.1 408", 12);
    for (int i = 0; i < 2000 && held->timed_out == before; i++) {
        (void)poll(NULL, 0, 10); // Until the next tick.
    }
    assert_true(held->timed_out > before);
}

static void a_connection_without_request_is_ended(void **state)
{
    char reply[16];
    int file = dial(*state);
    hear(file, reply, sizeof reply);
    close(file);
    assert_int_equal(reply[0], 0);
}

static void connections_have_a_bound(void **state)
{
    const rig *held = *state;
    int files[TT_HTTP_CONNECTIONS_MAX + 4];
    uint64_t before = held->closed_for_room;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        files[i] = dial(held);
        (void)!send(files[i], "GET / HT", 8, MSG_NOSIGNAL);
    }
    // Those who only hold a place do not keep others out.
    answers_a_get_with_path_and_query(state);
    for (int i = 0; i < 2000 && held->closed_for_room < before + 4; i++) {
        (void)poll(NULL, 0, 10); // Until the next tick.
    }
    assert_true(held->closed_for_room >= before + 4);
    assert_true(held->open <= TT_HTTP_CONNECTIONS_MAX);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        close(files[i]);
    }
}

static void a_stream_that_nobody_reads_has_a_bound(void **state)
{
    rig *held = *state;
    char reply[512];
    static const char text[] = "GET /stream HTTP/1.1\r\nHost: h\r\n\r\n";
    int file = dial(held);
    assert_int_equal(write(file, text, sizeof text - 1), sizeof text - 1);
    assert_true(read(file, reply, sizeof reply) > 0);
    assert_memory_equal(reply, "HTTP/1.1 200", 12);
    // The buffers of the system take some megabytes first. Others are answered meanwhile.
    for (int i = 0; i < 2000 && held->limits == 0; i++) {
        answers_a_get_with_path_and_query(state);
        (void)poll(NULL, 0, 10);
    }
    assert_true(held->limits > 0);
    close(file);
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

static void our_own_client_is_understood(void **state)
{
    const rig *held = *state;
    char url[64];
    char body[256];
    tt_error error = {0};
    snprintf(url, sizeof url, "http://127.0.0.1:%u/own?name=a%%20b", held->port);
    tt_http_post call = {
        .url = url,
        .connect_timeout.ns = 5 * TT_NS_PER_S,
        .timeout.ns = 5 * TT_NS_PER_S,
    };
    tt_http_result result = {.body = body, .capacity = sizeof body};
    assert_int_equal(tt_http_client_setup(&error), TUTTI_OK);
    assert_int_equal(tt_http_client_post(&call, &result, &error), TUTTI_OK);
    assert_int_equal(result.code, 200);
    assert_string_equal(body, "/own|a b|0:|127.0.0.1|");
    // Room for the answer and its end, and a byte less: what lies behind the room stays as it was.
    const size_t length = strlen(body);
    result.capacity = length + 1;
    assert_int_equal(tt_http_client_post(&call, &result, &error), TUTTI_OK);
    assert_string_equal(body, "/own|a b|0:|127.0.0.1|");
    memset(body, '#', sizeof body);
    result.capacity = length;
    assert_int_equal(tt_http_client_post(&call, &result, &error), TUTTI_LIMIT);
    assert_string_equal(error.message, "the answer is larger than the 21 bytes that are allowed");
    assert_int_equal(body[length], '#');
    result.capacity = sizeof body;
    call.body = "xyz";
    call.body_size = 3;
    assert_int_equal(tt_http_client_post(&call, &result, &error), TUTTI_OK);
    assert_string_equal(body, "/own|a b|3:xyz|127.0.0.1|");
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
    char wide[128]; // a host of 96 bytes, one more than there is room for
    (void)snprintf(wide, sizeof wide, "%096d:80", 0);
    const char *const bad[] = {
        "", "127.0.0.1", ":80", "h:", "h:99999", "127.0.0.1:65536", "h:8o80", "[::1]", wide};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        tt_http_server *server = NULL;
        tt_error error = {0};
        tt_http_options options = {.listen = bad[i], .handler = answer};
        char told[256];
        (void)snprintf(told, sizeof told, "api.listen: '%s' is no address", bad[i]);
        assert_int_equal(tt_http_server_open(&options, &server, &error), TUTTI_INVALID);
        assert_string_equal(error.message, told);
        assert_string_equal(error.hint, "host:port, such as 127.0.0.1:8090 or [::1]:8090");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_a_get_with_path_and_query),
        cmocka_unit_test(sends_no_body_to_a_head),
        cmocka_unit_test(sends_headers_that_protect_the_reader),
        cmocka_unit_test(leaves_the_method_to_the_handler),
        cmocka_unit_test(answers_one_request_after_the_other),
        cmocka_unit_test(asks_for_a_body_that_waits),
        cmocka_unit_test(a_client_that_hangs_up_is_missed_by_nobody),
        cmocka_unit_test(refuses_what_two_readers_could_read_differently),
        cmocka_unit_test(a_head_has_a_bound),
        cmocka_unit_test(a_body_has_a_bound),
        cmocka_unit_test(a_request_that_trickles_is_ended),
        cmocka_unit_test(a_connection_without_request_is_ended),
        cmocka_unit_test(connections_have_a_bound),
        cmocka_unit_test(a_stream_that_nobody_reads_has_a_bound),
        cmocka_unit_test(refuses_what_the_parser_lets_through),
        cmocka_unit_test(survives_garbage),
        cmocka_unit_test(our_own_client_is_understood),
        cmocka_unit_test(says_that_a_port_is_in_use),
        cmocka_unit_test(refuses_addresses_that_are_none),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
