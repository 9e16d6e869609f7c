/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Commands with their replies, margins, and what has no table of its own; and that nothing that
 * was decided is left out.
 */
#include "store/store_priv.h"
#include "store_fixture.h"

#include <stdio.h>
#include <string.h>

static char root[FX_PATH_MAX];
static char path[FX_PATH_MAX + 16];
static tt_store *store;
static tt_seq next_seq;
static fx_step step;

static int set_up(void **state)
{
    (void)state;
    fx_dir_make(root);
    (void)snprintf(path, sizeof path, "%s/store.db", root);
    store = store_of(path);
    next_seq = 1;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    tt_store_close(store);
    fx_dir_remove(root);
    return 0;
}

/* A step of one message of instrument `key`, one second after the last; fill its payload. */
static void *begin(tt_topic topic, uint32_t key, size_t size)
{
    step.size = 0;
    void *payload = fx_step_add(&step, topic, next_seq, size);
    tt_msg *msg = (tt_msg *)payload - 1;
    msg->key = key;
    msg->source = TT_SOURCE_OPERATOR;
    msg->time.ns = (int64_t)next_seq * TT_NS_PER_S;
    next_seq++;
    return payload;
}

static void apply(void)
{
    tt_error error = {0};
    if (tt_store_apply_step(store, step.bytes, step.size, &error) != TUTTI_OK) {
        fail_msg("%s", error.message);
    }
}

static void command(uint64_t request_id, tt_command asked)
{
    tt_coordinator_command *payload =
        begin(TT_TOPIC_COORDINATOR_COMMANDS, 1, sizeof(tt_coordinator_command));
    payload->request_id = request_id;
    payload->command = (uint8_t)asked;
    payload->role = TT_role_TRADER;
    payload->subject_seq = 7;
    TT_TEXT_SET(payload->actor, "ann");
    TT_TEXT_SET(payload->reason, "lunch");
    apply();
}

static void reply(uint64_t request_id, tt_command asked, tt_reply_status status)
{
    tt_command_reply *payload = begin(TT_TOPIC_COMMAND_REPLIES, 0, sizeof(tt_command_reply));
    payload->request_id = request_id;
    payload->command = (uint8_t)asked;
    payload->status = (uint8_t)status;
    TT_TEXT_SET(payload->message, "so it is");
    apply();
}

static void test_a_command_and_its_reply_are_one_row(void **state)
{
    (void)state;
    command(UINT64_MAX, TT_command_PAUSE);
    command(5, TT_command_FLATTEN);
    reply(UINT64_MAX, TT_command_PAUSE, TT_reply_status_DONE);
    command(UINT64_MAX, TT_command_PAUSE); // A repeat changes nothing.
    reply(6, TT_command_HALT, TT_reply_status_REFUSED);
    assert_int_equal(tt_store_commit(store, NULL), TUTTI_OK);
    expect_rows(
        path,
        "SELECT request_id, seq, time / 1000000000, command, symbol, actor, role, reason,"
        " subject_seq, status, reply, replied_at / 1000000000, reply_seq FROM commands ORDER BY"
        " time",
        "18446744073709551615|1|1|pause|BTC/USDT|ann|trader|lunch|7|done|so it is|3|3\n"
        "5|2|2|flatten|BTC/USDT|ann|trader|lunch|7|||0|0\n"
        "6|NULL|5|halt|NULL|NULL|NULL|NULL|NULL|refused|so it is|5|5");
}

static void margin(uint64_t position_id, tt_liquidation_level level, const char *distance)
{
    tt_position_margin *payload = begin(TT_TOPIC_POSITION_MARGINS, 1, sizeof(tt_position_margin));
    payload->position_id = position_id;
    payload->side = TT_side_BUY;
    payload->level = (uint8_t)level;
    payload->distance_pct.d = dec_of(distance);
    apply();
}

static void test_margins_are_brought_up_to_date(void **state)
{
    (void)state;
    margin(3, TT_liquidation_level_MEDIUM, "25.5");
    margin(4, TT_liquidation_level_FAR, "60");
    margin(3, TT_liquidation_level_CRITICAL, "9.99");
    assert_int_equal(tt_store_commit(store, NULL), TUTTI_OK);
    expect_rows(
        path,
        "SELECT position_id, symbol, side, level, distance_pct, updated_seq FROM position_margins"
        " ORDER BY 1",
        "3|BTC/USDT|buy|critical|9.99|3\n4|BTC/USDT|buy|far|60|2");
}

static void batch(tt_batch_state batch_state, const char *filled, uint8_t attempts)
{
    tt_rebalance_batch *payload = begin(TT_TOPIC_REBALANCE_BATCHES, 2, sizeof(tt_rebalance_batch));
    payload->plan_seq = 77;
    payload->batch = 1;
    payload->batches = 6;
    payload->side = TT_side_SELL;
    payload->state = (uint8_t)batch_state;
    payload->attempts = attempts;
    payload->planned.d = dec_of("83.33");
    payload->filled.d = dec_of(filled);
    payload->due.ns = 14400 * TT_NS_PER_S;
    apply();
}

static void test_a_batch_is_one_row_until_it_is_done(void **state)
{
    (void)state;
    batch(TT_batch_state_PENDING, "0", 0);
    batch(TT_batch_state_DONE, "83.33", 1);
    assert_int_equal(tt_store_commit(store, NULL), TUTTI_OK);
    expect_rows(
        path,
        "SELECT plan_seq, batch, symbol, batches, side, state, planned, filled, due / 1000000000,"
        " attempts, updated_seq FROM rebalance_batches",
        "77|1|ETH/USDT|6|sell|done|83.33|83.33|14400|1|2");
}

static void sub_account(uint32_t key, const char *position_qty, uint32_t fills)
{
    tt_sub_account_update *payload =
        begin(TT_TOPIC_SUB_ACCOUNT_UPDATES, key, sizeof(tt_sub_account_update));
    payload->account = 1;
    payload->account_source = TT_SOURCE_OPERATOR;
    payload->initial.d = dec_of(fills == 1 ? "1999" : "2000");
    payload->position_qty.d = dec_of(position_qty);
    payload->fills = fills;
    apply();
}

static void test_a_sub_account_has_a_row_for_each_position(void **state)
{
    (void)state;
    sub_account(1, "2", 1);
    sub_account(2, "-3", 2);
    sub_account(1, "0.5", 3);
    sub_account(0, "0", 4);
    assert_int_equal(tt_store_commit(store, NULL), TUTTI_OK);
    expect_rows(
        path,
        "SELECT account, source, instrument, symbol, position_side, initial, position_qty, fills,"
        " updated_seq FROM sub_accounts ORDER BY instrument",
        "1|operator|0|NULL|none|2000|0|4|4\n1|operator|1|BTC/USDT|none|2000|0.5|3|3\n"
        "1|operator|2|ETH/USDT|none|2000|-3|2|2");
}

static void test_the_rest_is_kept_whole(void **state)
{
    (void)state;
    tt_funding *funding = begin(TT_TOPIC_FUNDING, 2, sizeof(tt_funding));
    funding->amount.d = dec_of("-1.25");
    ((tt_msg *)funding - 1)->cause = 1;
    apply();
    assert_int_equal(tt_store_commit(store, NULL), TUTTI_OK);
    expect_rows(
        path,
        "SELECT seq, topic, symbol, source, cause, json_extract(payload, '$.amount') FROM activity",
        "1|funding|ETH/USDT|operator|1|-1.25");
}

/* What only leads to something that has a row: market data, calls, answers, reports, queries
 * and what the venue holds. */
static bool is_left_out(tt_topic topic)
{
    static const tt_topic left_out[] = {
        TT_TOPIC_MARKET_BAR,
        TT_TOPIC_MARKET_QUOTE,
        TT_TOPIC_MARKET_TRADE,
        TT_TOPIC_MARKET_DEPTH,
        TT_TOPIC_CLOCK,
        TT_TOPIC_INDICATORS,
        TT_TOPIC_AGENT_CALLS,
        TT_TOPIC_AGENT_ANSWERS,
        TT_TOPIC_VENUE_REPORTS,
        TT_TOPIC_ORDER_QUERIES,
        TT_TOPIC_TOPIC_DECLARATIONS,
        TT_TOPIC_SOURCE_DECLARATIONS,
        TT_TOPIC_FUNDING_PAYMENTS,
        TT_TOPIC_VENUE_QUERIES,
        TT_TOPIC_VENUE_POSITIONS,
        TT_TOPIC_POST_KEYS,
        TT_TOPIC_VENUE_BALANCES,
        TT_TOPIC_VENUE_TRANSFERS,
    };
    for (size_t i = 0; i < sizeof left_out / sizeof left_out[0]; i++) {
        if (left_out[i] == topic) {
            return true;
        }
    }
    return false;
}

static void test_every_topic_has_a_row_or_is_left_out_on_purpose(void **state)
{
    (void)state;
    for (int topic = TT_TOPIC_NONE + 1; topic < TT_TOPIC_COUNT; topic++) {
        bool has_row = false;
        for (size_t i = 0; i < tt_store_projection_count; i++) {
            has_row |= tt_store_projection[i].topic == (tt_topic)topic;
        }
        if (has_row == is_left_out((tt_topic)topic)) {
            fail_msg("%s", tt_topic_info_get((uint16_t)topic)->name);
        }
    }
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_a_command_and_its_reply_are_one_row),
        CASE(test_margins_are_brought_up_to_date),
        CASE(test_a_batch_is_one_row_until_it_is_done),
        CASE(test_a_sub_account_has_a_row_for_each_position),
        CASE(test_the_rest_is_kept_whole),
        CASE(test_every_topic_has_a_row_or_is_left_out_on_purpose),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
