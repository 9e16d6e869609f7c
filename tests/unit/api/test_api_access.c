/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Who may ask over HTTP, how often, from where; what is no right request.
 *
 * Covers: api_auth.c
 */
#include "commands_world.h"

#include <sys/stat.h>

static void nobody_gets_more_than_his_role(void **state)
{
    (void)state;
    assert_int_equal(api_command("coordinator/pause", NULL, ""), 401);
    assert_true(api_says("WWW-Authenticate: Bearer"));
    assert_int_equal(api_command("coordinator/pause", "tutti_00000000_00", ""), 401);
    assert_int_equal(api_command("coordinator/pause", world.viewer, ""), 403);
    assert_int_equal(api_command("coordinator/pause", world.trader, ""), 403);
    assert_true(api_says("role admin"));
    assert_int_equal(api_command("coordinator/halt", world.viewer, ""), 403);
    assert_int_equal(api_command("coordinator/halt", world.trader, ""), 200);
    assert_int_equal(api_get("commands", NULL), 401);
    assert_int_equal(api_get("commands", world.viewer), 200);
    assert_int_equal(api_sent_count(), 1);
    assert_null(strstr(api_reply, world.viewer + 20)); // Nothing tells a secret.
}

static void requests_that_are_not_right_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        const char *body;
        int code;
    } rows[] = {
        {"coordinator/pause?symbol=BTC/USDT", "", 400},
        {"coordinator/task/ta_analysis/run?symbol=NOPE", "", 404},
        {"approvals/x/approve", "", 400},
        {"approvals/0/approve", "", 400},
        {"approvals/18446744073709551616/approve", "", 400},
        {"coordinator/pause", "{\"reason\": 5}", 400},
        {"coordinator/pause", "{\"force\": true}", 400},
        {"coordinator/pause", "pause", 400},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int code = api_command(rows[i].path, world.admin, rows[i].body);
        if (code != rows[i].code) {
            fail_msg("%s %s: %d", rows[i].path, rows[i].body, code);
        }
        api_check_body();
    }
    static const char path[] = "/api/v1/coordinator/pause";
    assert_int_equal(api_ask_with("POST", path, world.admin, "", "{}"), 415);
    assert_int_equal(
        api_ask_with("POST", path, world.admin, "Content-Type: application/jsonx\r\n", "{}"), 415);
    assert_int_equal(
        api_ask_with(
            "POST", path, world.admin, "Content-Type: application/json; charset=utf-8\r\n", "{}"),
        200);
    assert_int_equal(api_ask_with("GET", path, world.admin, "", ""), 405);
    assert_true(api_says("Allow: POST"));
    assert_int_equal(api_ask_with("DELETE", path, world.admin, "", ""), 405);
    assert_int_equal(api_sent_count(), 1);
}

static void pages_of_other_sites_are_refused(void **state)
{
    (void)state;
    static const char path[] = "/api/v1/coordinator/pause";
    static const char *const foreign[] = {
        "Origin: http://evil.example\r\n", "Origin: null\r\n", "Origin: http://127.0.0.1.evil\r\n"};
    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++) {
        assert_int_equal(api_ask_with("POST", path, world.admin, foreign[i], ""), 403);
    }
    assert_int_equal(
        api_ask_with("POST", path, world.admin, "Origin: http://127.0.0.1\r\n", ""), 200);
    // A name that a resolver was tricked into.
    assert_int_equal(
        rig_send(
            &world.http,
            "GET /healthz HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
            api_reply,
            sizeof api_reply),
        421);
    assert_int_equal(
        rig_send(
            &world.http,
            "GET /healthz HTTP/1.1\r\nHost: LocalHost:99\r\nConnection: close\r\n\r\n",
            api_reply,
            sizeof api_reply),
        200);
}

static void limits_are_of_tiers_and_told(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++) {
        assert_int_equal(api_command("coordinator/task/ta_analysis/run", world.trader, ""), 200);
        char left[48];
        snprintf(left, sizeof left, "X-RateLimit-Remaining: %d\r\n", 4 - i);
        assert_true(api_says("X-RateLimit-Limit: 5\r\n") && api_says(left));
    }
    assert_int_equal(api_command("coordinator/task/ta_analysis/run", world.trader, ""), 429);
    assert_true(api_says("Retry-After: ") && api_says("X-RateLimit-Remaining: 0"));
    api_check_body();
    assert_int_equal(api_command("coordinator/halt", world.trader, ""), 200); // Another tier.
    assert_int_equal(api_command("coordinator/task/ta_analysis/run", world.admin, ""), 200);
    // Status of the coordinator is read in the default tier: sixty times, not five.
    for (int i = 0; i < 60; i++) {
        assert_int_equal(api_get("coordinator/status", world.viewer), 503); // There is none yet.
    }
    assert_int_equal(api_get("coordinator/status", world.viewer), 429);
    // Who guesses tokens is slowed down as well.
    int refused = 0;
    for (int i = 0; i < 61; i++) {
        refused = api_get("whoami", "tutti_00000000_11");
        assert_int_equal(refused, i < 60 ? 401 : 429);
    }
    assert_int_equal(api_get("whoami", world.admin), 200);
}

/* Whatever else a token has asked within the minute: it can pause, halt, flatten, close and cancel.
 */
static void nothing_keeps_trading_from_being_ended(void **state)
{
    (void)state;
    static const char *const dangerous[] = {
        "coordinator/flatten", "positions/3/close", "orders/4/cancel"};
    for (int i = 0; i < 30; i++) {
        assert_int_equal(api_command("coordinator/resume", world.admin, ""), 200);
    }
    assert_int_equal(api_command("coordinator/resume", world.admin, ""), 429);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(api_command("coordinator/task/ta_analysis/run", world.admin, ""), 200);
    }
    assert_int_equal(api_command("coordinator/task/ta_analysis/run", world.admin, ""), 429);
    assert_int_equal(api_command("coordinator/pause", world.admin, ""), 200);
    assert_true(api_says("X-RateLimit-Limit: 120\r\n"));
    assert_int_equal(api_command("coordinator/halt", world.admin, ""), 200);
    assert_int_equal(api_command("approvals/7/reject", world.admin, ""), 200);
    assert_int_equal(api_command("portfolio/rebalance/cancel", world.admin, ""), 200);
    for (size_t i = 0; i < sizeof dangerous / sizeof dangerous[0]; i++) {
        const char *path = dangerous[i];
        assert_int_equal(api_command(path, world.admin, api_confirm(path, world.admin)), 200);
    }
    assert_int_equal(api_command("coordinator/resume", world.admin, ""), 429);
}

static void a_revoked_token_ends_within_seconds(void **state)
{
    (void)state;
    tt_tokens tokens;
    tt_error error = {0};
    assert_int_equal(api_get("whoami", world.viewer), 200);
    fx_ok(tt_tokens_load(world.tokens_path, &tokens, &error), &error);
    assert_true(tt_tokens_remove(&tokens, "vera"));
    fx_ok(tt_tokens_save(world.tokens_path, &tokens, &error), &error);
    for (int i = 0; i < 200 && api_get("whoami", world.viewer) == 200; i++) {
        tt_sleep_ns(20 * TT_NS_PER_MS);
    }
    assert_int_equal(api_get("whoami", world.viewer), 401);
    assert_int_equal(api_get("whoami", world.admin), 200);
    // A file that others may change lets nobody in.
    assert_int_equal(chmod(world.tokens_path, 0666), 0);
    for (int i = 0; i < 200 && api_get("whoami", world.admin) == 200; i++) {
        tt_sleep_ns(20 * TT_NS_PER_MS);
    }
    assert_int_equal(api_get("whoami", world.admin), 503);
    assert_null(strstr(api_reply, world.tokens_path));
}

static void the_link_of_the_page_may_look_and_no_more(void **state)
{
    (void)state;
    char link[256];
    tt_api_page_link(world.api, link, sizeof link);
    const char *key = strstr(link, "/#key=");
    assert_non_null(key);
    assert_int_equal(api_get("whoami", key + 6), 200);
    assert_true(api_says("\"name\": \"status_page\", \"role\": \"viewer\""));
    assert_int_equal(api_command("coordinator/halt", key + 6, ""), 403);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        API_TEST(nobody_gets_more_than_his_role),
        API_TEST(requests_that_are_not_right_are_refused),
        API_TEST(pages_of_other_sites_are_refused),
        cmocka_unit_test_setup_teardown(limits_are_of_tiers_and_told, api_open_limited, api_close),
        cmocka_unit_test_setup_teardown(
            nothing_keeps_trading_from_being_ended, api_open_limited, api_close),
        API_TEST(a_revoked_token_ends_within_seconds),
        API_TEST(the_link_of_the_page_may_look_and_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
