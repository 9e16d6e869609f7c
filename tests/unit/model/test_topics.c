/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The registry of topics.
 */
#include "../../lib/test.h"
#include "model/message.h"

static void every_topic_is_whole_and_found(void **state)
{
    (void)state;
    for (uint16_t i = 1; i < TT_TOPIC_COUNT; i++) {
        const tt_topic_info *info = tt_topic_info_get(i);
        assert_non_null(info);
        assert_int_equal(info->topic, i);
        assert_true(strlen(info->name) > 0);
        assert_true(strlen(info->doc) > 0);
        assert_int_equal(tt_topic_find(info->name, strlen(info->name)), i);
        assert_in_range(info->priority, TT_priority_LOW, TT_priority_URGENT);
        assert_true(info->history > 0);
        assert_true(info->origin != 0);
        assert_true(info->edge == TT_EDGE_NONE || (info->origin & TT_ORIGIN_IN) == 0);
    }
}

static void unknown_topics_are_told(void **state)
{
    (void)state;
    assert_null(tt_topic_info_get(TT_TOPIC_NONE));
    assert_null(tt_topic_info_get(TT_TOPIC_COUNT));
    assert_null(tt_topic_info_get(UINT16_MAX));
    assert_int_equal(tt_topic_find("ta_signal", 9), TT_TOPIC_NONE);
    assert_int_equal(tt_topic_find("", 0), TT_TOPIC_NONE);
}

/** Numbers of topics are stored in journals: rows are appended, never moved. */
static void stored_numbers_stay(void **state)
{
    (void)state;
    static const char *const names[] = {
        "market_data.bar",
        "market_data.quote",
        "market_data.trade",
        "market_data.depth",
        "feed_events",
        "clock",
        "session_events",
        "agent_answers",
        "venue_reports",
        "coordinator_commands",
        "indicators",
        "agent_calls",
        "ta_signals",
        "regime_updates",
        "sentiment_updates",
        "trading_signals",
        "portfolio_updates",
        "consensus",
        "conflict_decisions",
        "trade_proposals",
        "command_replies",
        "system_events",
        "notifications",
        "position_commands",
        "risk_verdicts",
        "risk_alerts",
        "order_intents",
        "order_cancels",
        "order_queries",
        "execution_events",
        "fills",
        "position_updates",
        "account_updates",
        "dead_letters",
        "topic_declarations",
        "source_declarations",
        "bus_commands",
        "bus_alerts",
    };
    for (uint16_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_string_equal(tt_topic_info_get((uint16_t)(i + 1))->name, names[i]);
    }
}

static void rows_say_what_the_table_says(void **state)
{
    (void)state;
    const tt_topic_info *info = tt_topic_info_get(TT_TOPIC_SENTIMENT_UPDATES);
    assert_int_equal(info->ttl_ms, 5400000);
    assert_int_equal(info->history, 256);
    assert_ptr_equal(info->layout, &tt_layout_sentiment_update);
    assert_int_equal(info->kind, TT_msg_kind_SIGNAL);
    assert_int_equal(info->priority, TT_priority_NORMAL);
    assert_int_equal(info->origin, TT_ORIGIN_CORE);
    assert_int_equal(tt_topic_info_get(TT_TOPIC_ORDER_INTENTS)->edge, TT_EDGE_VENUE);
    assert_int_equal(tt_topic_info_get(TT_TOPIC_AGENT_CALLS)->edge, TT_EDGE_AGENT);
    assert_int_equal(tt_topic_info_get(TT_TOPIC_NOTIFICATIONS)->edge, TT_EDGE_NOTIFY);
    assert_int_equal(tt_topic_info_get(TT_TOPIC_MARKET_BAR)->origin, TT_ORIGIN_IN | TT_ORIGIN_CORE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_topic_is_whole_and_found),
        cmocka_unit_test(unknown_topics_are_told),
        cmocka_unit_test(stored_numbers_stay),
        cmocka_unit_test(rows_say_what_the_table_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
