/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Confirmations: once, 300 s, one token, one action and resource. Bodies of commands.
 *
 * Covers: api_body.c
 */
#include "../../lib/test.h"
#include "api/api_body.h"

#define SECOND INT64_C(1000000000)

static tt_confirmations table;

static int reset(void **state)
{
    (void)state;
    memset(&table, 0, sizeof table);
    return 0;
}

static void a_confirmation_holds_once(void **state)
{
    (void)state;
    char text[TT_CONFIRM_TEXT_MAX];
    assert_true(tt_confirm_make(&table, "anna", "/flatten", SECOND, text));
    assert_int_equal(strlen(text), 32);
    assert_false(tt_confirm_use(&table, "bert", "/flatten", text, SECOND));
    assert_false(tt_confirm_use(&table, "anna", "/reset", text, SECOND));
    assert_false(tt_confirm_use(&table, "anna", "/flatten", "", SECOND));
    text[0] ^= 1;
    assert_false(tt_confirm_use(&table, "anna", "/flatten", text, SECOND));
    text[0] ^= 1;
    assert_true(tt_confirm_use(&table, "anna", "/flatten", text, SECOND));
    assert_false(tt_confirm_use(&table, "anna", "/flatten", text, SECOND));
}

static void a_confirmation_holds_300_seconds(void **state)
{
    (void)state;
    char text[TT_CONFIRM_TEXT_MAX];
    assert_true(tt_confirm_make(&table, "a", "/x", 0, text));
    assert_false(tt_confirm_use(&table, "a", "/x", text, 300 * SECOND));
    assert_true(tt_confirm_make(&table, "a", "/x", 0, text));
    assert_true(tt_confirm_use(&table, "a", "/x", text, 300 * SECOND - 1));
}

static void a_token_holds_eight_and_the_table_all(void **state)
{
    (void)state;
    static char texts[TT_CONFIRM_MAX + 1][TT_CONFIRM_TEXT_MAX];
    char actor[TT_TOKEN_NAME_MAX];
    for (int i = 0; i < 9; i++) {
        assert_true(tt_confirm_make(&table, "a", "/x", SECOND + i, texts[i]));
    }
    assert_false(tt_confirm_use(&table, "a", "/x", texts[0], 2 * SECOND)); // The oldest is gone.
    for (int i = 1; i < 9; i++) {
        assert_true(tt_confirm_use(&table, "a", "/x", texts[i], 2 * SECOND));
    }
    // All tokens, and the status page, may hold as many as they may at a time.
    for (unsigned i = 0; i < TT_CONFIRM_MAX; i++) {
        snprintf(actor, sizeof actor, "t%u", i / TT_CONFIRM_EACH_MAX);
        assert_true(tt_confirm_make(&table, actor, "/x", SECOND + i, texts[i]));
    }
    for (unsigned i = 0; i < TT_CONFIRM_MAX; i++) {
        snprintf(actor, sizeof actor, "t%u", i / TT_CONFIRM_EACH_MAX);
        assert_true(tt_confirm_use(&table, actor, "/x", texts[i], 2 * SECOND));
    }
}

static void bodies_are_read_strictly(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        tutti_status status;
    } cases[] = {
        {"", TUTTI_OK},
        {"{}", TUTTI_OK},
        {"{\"reason\": \"caf\\u00e9\", \"request_id\": 9007199254740991}", TUTTI_OK},
        {"{\"request_id\": \"17\"}", TUTTI_OK},
        {"{\"request_id\": 0}", TUTTI_INVALID},
        {"{\"request_id\": 9007199254740992}", TUTTI_INVALID},
        {"{\"request_id\": -1}", TUTTI_INVALID},
        {"{\"request_id\": 1.0}", TUTTI_INVALID},
        {"{\"request_id\": true}", TUTTI_INVALID},
        {"{\"request_id\": null}", TUTTI_INVALID},
        {"{\"request_id\": [1]}", TUTTI_INVALID},
        {"{\"reason\": 1}", TUTTI_INVALID},
        {"{\"reason\": \"a\\nb\"}", TUTTI_INVALID},
        {"{\"reason\": \"a\\u0000b\"}", TUTTI_INVALID},
        {"{\"confirmation\": \"012345678901234567890123456789012\"}", TUTTI_INVALID},
        {"{\"halt\": true}", TUTTI_INVALID},
        {"{\"reason\": \"a\", \"reason\": \"b\"}", TUTTI_PARSE},
        {"[]", TUTTI_PARSE},
        {"\"x\"", TUTTI_PARSE},
        {"{} {}", TUTTI_PARSE},
        {"{\"reason\": \"a\"", TUTTI_PARSE},
        {"{\"reason\": \"\xff\"}", TUTTI_PARSE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        tt_api_body body;
        tt_error error = {0};
        tutti_status status = tt_api_body_read(cases[i].text, strlen(cases[i].text), &body, &error);
        if (status != cases[i].status || (status != TUTTI_OK && error.message[0] == 0)) {
            fail_msg("%s: %d (%s)", cases[i].text, (int)status, error.message);
        }
    }
    tt_api_body body;
    static const char good[] = "{\"confirmation\": \"ab\", \"request_id\": 5, \"reason\": \"why\"}";
    assert_int_equal(tt_api_body_read(good, sizeof good - 1, &body, NULL), TUTTI_OK);
    assert_true(body.request_id == 5);
    assert_string_equal(body.reason, "why");
    assert_string_equal(body.confirmation, "ab");
}

static void a_reason_has_a_bound(void **state)
{
    (void)state;
    char text[256];
    tt_api_body body;
    for (int length = 95; length <= 96; length++) {
        int size = snprintf(text, sizeof text, "{\"reason\": \"%0*d\"}", length, 0);
        assert_int_equal(
            tt_api_body_read(text, (size_t)size, &body, NULL),
            length == 95 ? TUTTI_OK : TUTTI_INVALID);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_confirmation_holds_once, reset),
        cmocka_unit_test_setup(a_confirmation_holds_300_seconds, reset),
        cmocka_unit_test_setup(a_token_holds_eight_and_the_table_all, reset),
        cmocka_unit_test(bodies_are_read_strictly),
        cmocka_unit_test(a_reason_has_a_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
