/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Related symbols that contradict each other.
 *
 * Covers: coord_symbols.c
 */
#include "fixture.h"

#include <string.h>

static void relate(struct desk *desk, const char *first, const char *second, bool inverse)
{
    tt_related_symbols_config *pair = &desk->config.related[desk->config.related_count++];
    *pair = (tt_related_symbols_config){.inverse = inverse};
    TT_TEXT_SET(pair->first, first);
    TT_TEXT_SET(pair->second, second);
}

static void open_desk(struct desk *desk, bool inverse)
{
    desk_init(desk);
    for (uint32_t i = 0; i < TT_task_COUNT; i++) {
        desk->config.schedules[i].enabled = false;
    }
    relate(desk, "BTC/USDT", "XRP/USDT", inverse);
    desk_open(desk);
    desk_bar(desk, BTC);
    desk_bar(desk, XRP);
    desk_session(desk, TT_session_event_type_STARTED);
    desk_forget(desk);
}

/* What the rules make of a signal: PROCEED when there is no conflict at all. */
static tt_resolution
decide(struct desk *desk, uint32_t key, tt_action action, const char *confidence)
{
    desk_forget(desk);
    desk_signal(desk, key, action, confidence);
    if (desk_count(desk, TT_TOPIC_CONFLICT_DECISIONS) == 0) {
        return TT_resolution_PROCEED;
    }
    const tt_conflict_decision *decision =
        PAYLOAD(desk_last(desk, TT_TOPIC_CONFLICT_DECISIONS), conflict_decision);
    assert_int_equal(decision->count, 1);
    assert_int_equal(decision->conflicts[0].type, TT_conflict_type_CONTRADICTING_SYMBOLS);
    return (tt_resolution)decision->action;
}

static void opposite_decisions_contradict(void **state)
{
    (void)state;
    struct desk desk;
    open_desk(&desk, false);
    assert_int_equal(decide(&desk, BTC, TT_action_BUY, "0.7"), TT_resolution_PROCEED);
    assert_int_equal(decide(&desk, XRP, TT_action_BUY, "0.7"), TT_resolution_PROCEED);
    uint64_t bought = desk.coord->symbols[BTC - 1].decided_seq;
    assert_int_equal(decide(&desk, XRP, TT_action_SELL, "0.8499"), TT_resolution_WAIT);
    const tt_conflict_item *item =
        &PAYLOAD(desk_last(&desk, TT_TOPIC_CONFLICT_DECISIONS), conflict_decision)->conflicts[0];
    assert_string_equal(item->detail, "SELL, but buy of BTC/USDT, which moves with it");
    assert_int_equal(item->seq_b, bought);
    assert_num(item->confidence_a, "0.8499");
    assert_num(item->confidence_b, "0.7");
    assert_int_equal(desk_count(&desk, TT_TOPIC_TRADE_PROPOSALS), 0);
    // Sure enough it goes on with half the size.
    assert_int_equal(decide(&desk, XRP, TT_action_SELL, "0.85"), TT_resolution_MODIFY);
    assert_num(
        PAYLOAD(desk_last(&desk, TT_TOPIC_TRADE_PROPOSALS), trade_proposal)->size_reduction_pct,
        "50");
    // The pair counts in both directions: now the sale of XRP speaks against BTC.
    assert_int_equal(decide(&desk, BTC, TT_action_BUY, "0.7"), TT_resolution_WAIT);
    desk_close(&desk);
}

static void holds_closes_and_time_take_a_decision_back(void **state)
{
    (void)state;
    struct desk desk;
    open_desk(&desk, false);
    desk_signal(&desk, BTC, TT_action_BUY, "0.7");
    desk_signal(&desk, BTC, TT_action_HOLD, "0.7");
    assert_int_equal(decide(&desk, XRP, TT_action_SELL, "0.7"), TT_resolution_PROCEED);
    desk_signal(&desk, BTC, TT_action_SELL, "0.7");
    desk_signal(&desk, BTC, TT_action_CLOSE_SHORT, "0.7");
    assert_int_equal(decide(&desk, XRP, TT_action_BUY, "0.7"), TT_resolution_PROCEED);
    desk_signal(&desk, BTC, TT_action_HOLD, "0.7");
    desk_signal(&desk, XRP, TT_action_BUY, "0.7");
    desk_wait(&desk, "3600");
    assert_int_equal(decide(&desk, BTC, TT_action_SELL, "0.7"), TT_resolution_WAIT);
    desk_signal(&desk, XRP, TT_action_HOLD, "0.7");
    desk_signal(&desk, XRP, TT_action_BUY, "0.7");
    desk_signal(&desk, BTC, TT_action_HOLD, "0.7");
    desk_wait(&desk, "3600.000000001");
    assert_int_equal(decide(&desk, BTC, TT_action_SELL, "0.7"), TT_resolution_PROCEED);
    desk_close(&desk);
}

/* A position outranks what was said last. */
static void positions_contradict(void **state)
{
    (void)state;
    struct desk desk;
    open_desk(&desk, false);
    desk_signal(&desk, BTC, TT_action_SELL, "0.7");
    desk_position(&desk, BTC, "2");
    desk_wait(&desk, "100000");
    assert_int_equal(decide(&desk, XRP, TT_action_SELL, "0.7"), TT_resolution_WAIT);
    assert_string_equal(
        PAYLOAD(desk_last(&desk, TT_TOPIC_CONFLICT_DECISIONS), conflict_decision)
            ->conflicts[0]
            .detail,
        "SELL, but a long position of BTC/USDT, which moves with it");
    assert_int_equal(decide(&desk, XRP, TT_action_BUY, "0.7"), TT_resolution_PROCEED);
    // A close is never held up.
    desk_position(&desk, XRP, "2");
    assert_int_equal(decide(&desk, XRP, TT_action_SELL, "0.7"), TT_resolution_PROCEED);
    assert_int_equal(desk_count(&desk, TT_TOPIC_TRADE_PROPOSALS), 1);
    desk_close(&desk);
}

static void inverse_pairs(void **state)
{
    (void)state;
    struct desk desk;
    open_desk(&desk, true);
    desk_position(&desk, BTC, "-2");
    assert_int_equal(decide(&desk, XRP, TT_action_BUY, "0.7"), TT_resolution_PROCEED);
    assert_int_equal(decide(&desk, XRP, TT_action_SELL, "0.7"), TT_resolution_WAIT);
    assert_string_equal(
        PAYLOAD(desk_last(&desk, TT_TOPIC_CONFLICT_DECISIONS), conflict_decision)
            ->conflicts[0]
            .detail,
        "SELL, but a short position of BTC/USDT, which moves against it");
    desk_close(&desk);
}

static void the_switch_is_read(void **state)
{
    (void)state;
    struct desk desk;
    open_desk(&desk, false);
    desk.coord->config.conflicts.contradicting_symbols = false;
    desk_position(&desk, BTC, "2");
    assert_int_equal(decide(&desk, XRP, TT_action_SELL, "0.7"), TT_resolution_PROCEED);
    desk_close(&desk);
}

static void bad_pairs_are_refused(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk);
    tt_error error = {0};
    relate(&desk, "BTC/USDT", "XRP/USDT", false);
    assert_int_equal(tt_coord_related_check(&desk.config, &desk.instruments, &error), TUTTI_OK);
    relate(&desk, "XRP/USDT", "BTC/USDT", true);
    assert_int_equal(
        tt_coord_related_check(&desk.config, &desk.instruments, &error), TUTTI_INVALID);
    assert_string_equal(
        error.message,
        "coordinator.related_symbols[1] is the pair of coordinator.related_symbols[0]");
    desk.config.related_count = 0;
    relate(&desk, "BTC/USDT", "DOGE/USDT", false);
    assert_int_equal(
        tt_coord_related_check(&desk.config, &desk.instruments, &error), TUTTI_INVALID);
    assert_string_equal(
        error.message, "coordinator.related_symbols[0] names `DOGE/USDT`, which is no instrument");
    desk.config.related_count = 0;
    relate(&desk, "BTC/USDT", "BTC/USDT", false);
    assert_int_equal(
        tt_coord_related_check(&desk.config, &desk.instruments, &error), TUTTI_INVALID);
    assert_string_equal(error.message, "coordinator.related_symbols[0] names one symbol twice");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opposite_decisions_contradict),
        cmocka_unit_test(holds_closes_and_time_take_a_decision_back),
        cmocka_unit_test(positions_contradict),
        cmocka_unit_test(inverse_pairs),
        cmocka_unit_test(the_switch_is_read),
        cmocka_unit_test(bad_pairs_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
