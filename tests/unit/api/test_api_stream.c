/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The stream of events over HTTP.
 *
 * Covers: api_stream.c
 */
#include "commands_world.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static void a_stream_tells_what_happens(void **state)
{
    (void)state;
    char request[256];
    static char text[1 << 16];
    snprintf(
        request,
        sizeof request,
        "GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n\r\n",
        world.viewer);
    assert_int_equal(api_get("events", NULL), 401);
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons(world.http.port),
        .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int file = socket(AF_INET, SOCK_STREAM, 0);
    struct timeval limit = {.tv_sec = 20};
    setsockopt(file, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    assert_int_equal(connect(file, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(send(file, request, strlen(request), 0), strlen(request));
    size_t length = 0;
    while (strstr(text, "from now on") == NULL) {
        ssize_t got = read(file, text + length, sizeof text - 1 - length);
        assert_true(got > 0);
        length += (size_t)got;
    }
    pthread_mutex_lock(&world.lock);
    world.events = 2;
    pthread_mutex_unlock(&world.lock);
    while (strstr(text, "id: 1001\n") == NULL || strstr(text + length - 2, "\n\n") == NULL) {
        ssize_t got = read(file, text + length, sizeof text - 1 - length);
        assert_true(got > 0);
        length += (size_t)got;
    }
    assert_non_null(strstr(text, "Content-Type: text/event-stream"));
    assert_non_null(strstr(text, "id: 1002\nevent: notifications\ndata: {"));
    assert_non_null(strstr(text, "a\\nb")); // A line feed in a text does not end the event.
    close(file);
}

static int open_stream(void)
{
    char request[256];
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons(world.http.port),
        .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int size = snprintf(
        request,
        sizeof request,
        "GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n\r\n",
        world.viewer);
    int file = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(file, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(send(file, request, (size_t)size, 0), size);
    assert_true(read(file, request, 12) == 12 && memcmp(request, "HTTP/1.1 200", 12) == 0);
    return file;
}

static void streams_have_a_bound(void **state)
{
    (void)state;
    int files[TT_API_STREAMS_MAX];
    for (size_t i = 0; i < TT_API_STREAMS_MAX; i++) {
        files[i] = open_stream();
    }
    assert_int_equal(api_get("events", world.viewer), 503);
    assert_true(api_says("too many streams"));
    assert_int_equal(api_get("whoami", world.viewer), 200);
    for (size_t i = 0; i < TT_API_STREAMS_MAX; i++) {
        close(files[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        API_TEST(a_stream_tells_what_happens),
        API_TEST(streams_have_a_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
