/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Which addresses may be called, and what failures look like. Misbehaving servers stand in
 * tests/system/llm_test.py.
 */
#include "../../lib/test.h"
#include "net/http_client.h"

#include <arpa/inet.h>
#include <sys/socket.h>

static void only_safe_addresses_are_called(void **state)
{
    (void)state;
    static const char *const good[] = {
        "https://api.example.org/v1/messages",
        "https://127.0.0.1:8443/",
        "http://127.0.0.1:8080/x",
        "http://localhost/x",
        "http://[::1]:8080/x",
        "HTTPS://example.org"};
    static const char *const bad[] = {
        "",
        "example.org",
        "http://example.org/",
        "http://127.0.0.1.example.org/",
        "http://localhost@example.org/",
        "http://10.0.0.1/",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "https://user:hunter2@example.org/",
        "https://",
        "javascript:alert(1)"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_int_equal(tt_http_client_check_url(good[i], NULL), TUTTI_OK);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        tt_error error = {0};
        assert_int_equal(tt_http_client_check_url(bad[i], &error), TUTTI_INVALID);
        assert_null(strstr(error.message, "hunter2"));
    }
}

/* A port that is bound but not listened on: nobody answers there. */
static int dead_port(int *ret_socket)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    *ret_socket = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(*ret_socket >= 0);
    assert_int_equal(bind(*ret_socket, (struct sockaddr *)&address, size), 0);
    assert_int_equal(getsockname(*ret_socket, (struct sockaddr *)&address, &size), 0);
    return ntohs(address.sin_port);
}

static void nobody_there_may_pass(void **state)
{
    (void)state;
    int held = -1;
    char url[64];
    char body[64];
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%d/", dead_port(&held));
    const tt_http_post post = {
        .url = url,
        .headers = {"Authorization: Bearer secret"},
        .body = "{}",
        .body_size = 2,
        .connect_timeout.ns = TT_NS_PER_S,
        .timeout.ns = TT_NS_PER_S,
    };
    tt_http_result result = {.body = body, .capacity = sizeof body};
    tt_error error = {0};
    assert_int_equal(tt_http_client_setup(&error), TUTTI_OK);
    assert_int_equal(setenv("http_proxy", "http://127.0.0.1:1", 1), 0); // Is not looked at.
    assert_int_equal(tt_http_client_post(&post, &result, &error), TUTTI_BUSY);
    assert_false(result.was_sent);
    assert_int_equal(result.code, 0);
    assert_int_equal(result.retry_after.ns, -1);
    assert_null(strstr(error.message, "secret"));
    assert_int_equal(close(held), 0);
}

/* A server that takes the connection and says nothing. */
static void silence_ends_with_the_time(void **state)
{
    (void)state;
    int server = -1;
    char url[64];
    char body[64];
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%d/", dead_port(&server));
    assert_int_equal(listen(server, 4), 0);
    const tt_http_post post = {
        .url = url,
        .body = "{}",
        .body_size = 2,
        .connect_timeout.ns = TT_NS_PER_S,
        .timeout.ns = 100 * TT_NS_PER_MS,
    };
    tt_http_result result = {.body = body, .capacity = sizeof body};
    tt_error error = {0};
    assert_int_equal(tt_http_client_post(&post, &result, &error), TUTTI_TIMEOUT);
    assert_true(result.was_sent); // It may have been read: its cost is unknown.
    assert_int_equal(close(server), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_safe_addresses_are_called),
        cmocka_unit_test(nobody_there_may_pass),
        cmocka_unit_test(silence_ends_with_the_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
