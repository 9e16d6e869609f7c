/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Sessions and HTTP for the tests of threads.
 */
#include "session_rig.h"

#include "api/api_tokens.h"
#include "base/json.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/time.h>

/** Read by the thread sanitizer. libevent closes the socket of a connection and then takes its
 * number out of the epoll set (EBADF, or ENOENT when another thread has been given the number
 * since). Nothing comes of that, but the sanitizer sees two threads at one number. */
const char *__tsan_default_suppressions(void);
const char *__tsan_default_suppressions(void)
{
    return "race:epoll_ctl\n";
}

void rig_start(rig *held, const tt_config *config, const char *folder)
{
    tt_error error = {0};
    *held = (rig){0};
    fx_ok(tt_session_start(config, folder, &held->session, &held->info, &error), &error);
    const char *colon = strrchr(held->info.address, ':');
    held->port = colon == NULL ? 0 : (uint16_t)strtoul(colon + 1, NULL, 10);
    if (held->port != 0) {
        fx_ok(
            tt_secret_read(fx_path(folder, "api.token"), held->token, sizeof held->token, &error),
            &error);
    }
}

bool rig_wait_for(rig *held, tt_topic topic, uint64_t count)
{
    static tt_msg_copy msg;
    int64_t limit = tt_mono_ns() + RIG_PATIENCE_NS;
    while (held->shown[topic] < count) {
        if (tt_session_take_activity(held->session, &msg)) {
            held->shown[msg.head.topic]++;
        } else if (tt_session_is_over(held->session)) {
            return false;
        } else {
            tt_sleep_ns(TT_NS_PER_MS);
        }
        assert_true(tt_mono_ns() < limit);
    }
    return true;
}

void rig_command(rig *held, tt_command command, uint64_t request_id)
{
    tt_coordinator_command payload = {.request_id = request_id, .command = (uint8_t)command};
    TT_TEXT_SET(payload.actor, "test");
    TT_TEXT_SET(payload.reason, "a test asks");
    assert_true(tt_session_command(held->session, &payload, 0));
}

int rig_send(const rig *held, const char *bytes, char *reply, size_t size)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(held->port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    struct timeval limit = {.tv_sec = 20};
    int file = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(file >= 0);
    assert_int_equal(setsockopt(file, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit), 0);
    assert_int_equal(connect(file, (struct sockaddr *)&address, sizeof address), 0);
    ssize_t sent = send(file, bytes, strlen(bytes), MSG_NOSIGNAL);
    assert_int_equal(sent, strlen(bytes));
    size_t length = 0;
    for (ssize_t got = 1; got > 0 && length < size - 1;) {
        got = read(file, reply + length, size - 1 - length);
        length += got > 0 ? (size_t)got : 0;
    }
    reply[length] = 0;
    close(file);
    return strncmp(reply, "HTTP/1.1 ", 9) == 0 ? (int)strtol(reply + 9, NULL, 10) : 0;
}

int rig_get(const rig *held, const char *path, char *body, size_t size)
{
    char request[512];
    snprintf(
        request,
        sizeof request,
        "GET %s HTTP/1.1\r\nHost: localhost\r\n%s%s%sConnection: close\r\n\r\n",
        path,
        held->token[0] == 0 ? "" : "Authorization: Bearer ",
        held->token,
        held->token[0] == 0 ? "" : "\r\n");
    int code = rig_send(held, request, body, size);
    const char *start = strstr(body, "\r\n\r\n");
    assert_non_null(start);
    memmove(body, start + 4, strlen(start + 4) + 1);
    return code;
}

void rig_wait_for_text(const rig *held, const char *path, const char *text)
{
    static char body[1 << 20];
    int64_t limit = tt_mono_ns() + RIG_PATIENCE_NS;
    while (rig_get(held, path, body, sizeof body) != 200 || strstr(body, text) == NULL) {
        if (tt_mono_ns() > limit) {
            fail_msg("%s never said '%s', but\n%s", path, text, body);
        }
        tt_sleep_ns(20 * TT_NS_PER_MS);
    }
}

/** Value of a metric without labels; 0 while there is none. */
static uint64_t read_metric(const rig *held, const char *name)
{
    static char body[1 << 20];
    char start[128];
    snprintf(start, sizeof start, "\n%s ", name);
    const char *found =
        rig_get(held, "/metrics", body, sizeof body) == 200 ? strstr(body, start) : NULL;
    return found == NULL ? 0 : strtoull(found + strlen(start), NULL, 10);
}

void rig_wait_for_metric(const rig *held, const char *name, uint64_t least)
{
    int64_t limit = tt_mono_ns() + RIG_PATIENCE_NS;
    while (read_metric(held, name) < least) {
        if (tt_mono_ns() > limit) {
            fail_msg("%s never reached %llu", name, (unsigned long long)least);
        }
        tt_sleep_ns(20 * TT_NS_PER_MS);
    }
}

void rig_check_json(const char *text)
{
    static char scratch[1 << 16];
    tt_json_reader reader;
    tt_json_token token;
    tutti_status status = TUTTI_OK;
    tt_json_reader_init(&reader, text, strlen(text), scratch, sizeof scratch);
    while (status == TUTTI_OK) {
        status = tt_json_next(&reader, &token);
    }
    if (status != TUTTI_END) {
        fail_msg("no JSON: %s", text);
    }
}

tutti_status rig_stop(rig *held, tt_report **ret_report, uint8_t digest[32], tt_error *error)
{
    tt_error ignored = {0};
    tutti_status status = tt_session_stop(
        held->session, ret_report, digest, &held->delivery, error == NULL ? &ignored : error);
    held->session = NULL;
    assert_non_null(*ret_report);
    return status;
}
