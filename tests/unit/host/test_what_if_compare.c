/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The events of two runs: which are the same, what counts as a difference, in which order they are
 * told. Every field that is named exists.
 */
#include "../../lib/test.h"
#include "../report/steps.h"
#include "host/what_if_compare.h"

static steps sides[2];
static tt_difference_counts counts;
static tt_compare compare;

/** What was told: topic, and a letter a difference: c changed, b only before, a only after. */
static char told[64];

static int clear(void **state)
{
    (void)state;
    memset(sides, 0, sizeof sides);
    memset(&counts, 0, sizeof counts);
    told[0] = '\0';
    for (int i = 0; i < 2; i++) {
        sides[i].now.ns = 1000 * TT_NS_PER_S;
    }
    sides[1].last = 70; // Numbers differ and mean nothing.
    return 0;
}

static int release(void **state)
{
    (void)state;
    tt_compare_fini(&compare);
    return 0;
}

static void take(void *ctx, const tt_difference *difference)
{
    assert_ptr_equal(ctx, &compare);
    assert_int_equal(difference->input, 42);
    const tt_msg *msg = difference->before != NULL ? difference->before : difference->after;
    const char *kind = difference->before == NULL ? "a" : difference->after == NULL ? "b" : "c";
    size_t length = strlen(told);
    snprintf(told + length, sizeof told - length, "%u%s ", msg->topic, kind);
}

static void run(void)
{
    const tt_message_list lists[2] = {
        {sides[0].bytes, sides[0].size}, {sides[1].bytes, sides[1].size}};
    assert_int_equal(tt_compare_stretch(&compare, lists, 42, &counts, take, &compare), TUTTI_OK);
}

static void add_verdict(int side, uint32_t key, uint8_t status, int64_t equity)
{
    tt_risk_verdict verdict = {
        .status = status, .equity.d = tt_dec_from_i64(equity, 0), .proposal_seq = sides[side].last};
    (void)add_message(&sides[side], TT_TOPIC_RISK_VERDICTS, TT_SOURCE_RISK, key, &verdict);
}

static void add_order(int side, uint8_t role, int64_t qty)
{
    tt_order_intent order = {
        .role = role,
        .side = TT_side_BUY,
        .qty.d = tt_dec_from_i64(qty, 0),
        .order_id = sides[side].last + 1};
    (void)add_message(&sides[side], TT_TOPIC_ORDER_INTENTS, TT_SOURCE_TRADE, 1, &order);
}

static void expect_told(const char *format, ...)
{
    char wanted[sizeof told];
    va_list args;
    va_start(args, format);
    vsnprintf(wanted, sizeof wanted, format, args);
    va_end(args);
    assert_string_equal(told, wanted);
}

static void numbers_and_sums_do_not_count(void **state)
{
    (void)state;
    add_verdict(0, 1, TT_verdict_APPROVED, 10000);
    add_verdict(1, 1, TT_verdict_APPROVED, 9000);
    add_order(0, TT_order_role_ENTRY, 5);
    add_order(1, TT_order_role_ENTRY, 5);
    run();
    assert_int_equal(counts.same[TT_TOPIC_RISK_VERDICTS], 1);
    assert_int_equal(counts.same[TT_TOPIC_ORDER_INTENTS], 1);
    expect_told("");
}

static void another_outcome_counts(void **state)
{
    (void)state;
    add_verdict(0, 1, TT_verdict_APPROVED, 1);
    add_order(0, TT_order_role_ENTRY, 5);
    add_verdict(1, 1, TT_verdict_REJECTED, 1);
    run();
    assert_int_equal(counts.changed[TT_TOPIC_RISK_VERDICTS], 1);
    assert_int_equal(counts.only_before[TT_TOPIC_ORDER_INTENTS], 1);
    expect_told("%uc %ub ", TT_TOPIC_RISK_VERDICTS, TT_TOPIC_ORDER_INTENTS);
}

static void keys_and_roles_keep_events_apart(void **state)
{
    (void)state;
    add_verdict(0, 1, TT_verdict_APPROVED, 1);
    add_verdict(1, 2, TT_verdict_APPROVED, 1);
    add_order(0, TT_order_role_STOP_LOSS, 5);
    add_order(1, TT_order_role_TAKE_PROFIT, 5);
    run();
    assert_int_equal(counts.only_before[TT_TOPIC_RISK_VERDICTS], 1);
    assert_int_equal(counts.only_after[TT_TOPIC_RISK_VERDICTS], 1);
    assert_int_equal(counts.only_before[TT_TOPIC_ORDER_INTENTS], 1);
    assert_int_equal(counts.only_after[TT_TOPIC_ORDER_INTENTS], 1);
}

static void the_same_moment_goes_first(void **state)
{
    (void)state;
    add_order(0, TT_order_role_ENTRY, 5); // At 1000 s.
    sides[1].now.ns = 999 * TT_NS_PER_S;
    add_order(1, TT_order_role_ENTRY, 9);
    sides[1].now.ns = 1000 * TT_NS_PER_S;
    add_order(1, TT_order_role_ENTRY, 5);
    run();
    assert_int_equal(counts.same[TT_TOPIC_ORDER_INTENTS], 1);
    assert_int_equal(counts.only_after[TT_TOPIC_ORDER_INTENTS], 1);
}

static void a_shifted_event_is_the_same_event(void **state)
{
    (void)state;
    add_order(0, TT_order_role_ENTRY, 5);
    sides[1].now.ns += 60 * TT_NS_PER_MS;
    add_order(1, TT_order_role_ENTRY, 5);
    run();
    assert_int_equal(counts.same[TT_TOPIC_ORDER_INTENTS], 1);
    expect_told("");
}

static void differences_come_in_order_of_time(void **state)
{
    (void)state;
    sides[0].now.ns = 1003 * TT_NS_PER_S;
    add_verdict(0, 1, TT_verdict_APPROVED, 1);
    sides[1].now.ns = 1001 * TT_NS_PER_S;
    add_order(1, TT_order_role_ENTRY, 1);
    sides[1].now.ns = 1003 * TT_NS_PER_S;
    add_verdict(1, 1, TT_verdict_REJECTED, 1);
    sides[1].now.ns = 1004 * TT_NS_PER_S;
    add_order(1, TT_order_role_CLOSE, 1);
    run();
    expect_told(
        "%ua %uc %ua ", TT_TOPIC_ORDER_INTENTS, TT_TOPIC_RISK_VERDICTS, TT_TOPIC_ORDER_INTENTS);
}

static void holds_and_marks_are_no_events(void **state)
{
    (void)state;
    tt_trading_signal hold = {.action = TT_action_HOLD};
    tt_position_update mark = {.event = TT_position_event_MARKED};
    tt_bar bar = {.feed_seq = 1};
    (void)add_message(&sides[0], TT_TOPIC_TRADING_SIGNALS, TT_SOURCE_STRATEGY, 1, &hold);
    (void)add_message(&sides[0], TT_TOPIC_POSITION_UPDATES, TT_SOURCE_TRADE, 1, &mark);
    (void)add_message(&sides[0], TT_TOPIC_MARKET_BAR, TT_SOURCE_FEED, 1, &bar);
    run();
    expect_told("");
}

static void many_events_fit(void **state)
{
    (void)state;
    for (int64_t i = 0; i < 300; i++) {
        add_order(0, TT_order_role_ENTRY, i);
        add_order(1, TT_order_role_ENTRY, i);
    }
    run();
    assert_int_equal(counts.same[TT_TOPIC_ORDER_INTENTS], 300);
}

static void every_named_field_exists(void **state)
{
    (void)state;
    for (uint16_t topic = 1; topic < TT_TOPIC_COUNT; topic++) {
        const tt_layout *layout = tt_topic_info_get(topic)->layout;
        tt_slice names =
            tt_slice_of(tt_compare_fields(topic) == NULL ? "" : tt_compare_fields(topic));
        while (names.data != NULL && names.length > 0) {
            tt_slice name = tt_slice_split(&names, ',');
            bool is_there = false;
            for (uint16_t i = 0; i < layout->field_count; i++) {
                is_there = is_there || tt_slice_is(name, layout->fields[i].name);
            }
            if (!is_there) {
                fail_msg("topic %u has no field %.*s", topic, (int)name.length, name.data);
            }
        }
    }
}

static void an_event_is_described(void **state)
{
    (void)state;
    char line[512];
    tt_text_buf text;
    add_order(0, TT_order_role_STOP_LOSS, 5);
    tt_text_init(&text, line, sizeof line);
    tt_compare_describe((const tt_msg *)(const void *)sides[0].bytes, NULL, &text);
    assert_string_equal(line, "role=stop_loss side=buy type=market qty=5 price=0 trigger_price=0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(numbers_and_sums_do_not_count, clear, release),
        cmocka_unit_test_setup_teardown(another_outcome_counts, clear, release),
        cmocka_unit_test_setup_teardown(keys_and_roles_keep_events_apart, clear, release),
        cmocka_unit_test_setup_teardown(the_same_moment_goes_first, clear, release),
        cmocka_unit_test_setup_teardown(a_shifted_event_is_the_same_event, clear, release),
        cmocka_unit_test_setup_teardown(differences_come_in_order_of_time, clear, release),
        cmocka_unit_test_setup_teardown(holds_and_marks_are_no_events, clear, release),
        cmocka_unit_test_setup_teardown(many_events_fit, clear, release),
        cmocka_unit_test_setup_teardown(every_named_field_exists, clear, release),
        cmocka_unit_test_setup_teardown(an_event_is_described, clear, release),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
