/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A trade belongs to whoever signalled it first.
 *
 * Covers: trade_sources.c
 */
#include "../../lib/test.h"
#include "report/trade_sources.h"

#include <string.h>

static tt_trade_sources made;

/** A message about the decision `decision`. */
static struct {
    tt_msg head;
    tt_position_update position;
} message;

static const tt_msg *say(uint16_t topic, uint16_t source, uint8_t decision, uint64_t position_id)
{
    memset(&message, 0, sizeof message);
    message.head.topic = topic;
    message.head.source = source;
    message.head.correlation.bytes[3] = decision;
    message.position.position_id = position_id;
    return &message.head;
}

static int clear(void **state)
{
    (void)state;
    memset(&made, 0, sizeof made);
    return 0;
}

static void the_first_word_counts(void **state)
{
    (void)state;
    tt_trade_sources_decide(&made, say(TT_TOPIC_TRADING_SIGNALS, TT_SOURCE_STRATEGY, 1, 0));
    tt_trade_sources_decide(&made, say(TT_TOPIC_TRADE_PROPOSALS, TT_SOURCE_COORDINATOR, 1, 0));
    tt_trade_sources_decide(&made, say(TT_TOPIC_TRADE_PROPOSALS, TT_SOURCE_PORTFOLIO, 2, 0));
    tt_trade_sources_open(&made, say(TT_TOPIC_POSITION_UPDATES, TT_SOURCE_TRADE, 1, 11));
    tt_trade_sources_open(&made, say(TT_TOPIC_POSITION_UPDATES, TT_SOURCE_TRADE, 2, 12));
    tt_trade_sources_open(&made, say(TT_TOPIC_POSITION_UPDATES, TT_SOURCE_TRADE, 3, 13));
    assert_int_equal(tt_trade_sources_close(&made, 12), TT_SOURCE_PORTFOLIO);
    assert_int_equal(tt_trade_sources_close(&made, 11), TT_SOURCE_STRATEGY);
    assert_int_equal(tt_trade_sources_close(&made, 13), TT_SOURCE_NONE);
    assert_int_equal(tt_trade_sources_close(&made, 11), TT_SOURCE_NONE);
}

static void a_position_keeps_its_source_when_the_decision_is_forgotten(void **state)
{
    (void)state;
    tt_trade_sources_decide(&made, say(TT_TOPIC_TRADING_SIGNALS, TT_SOURCE_STRATEGY, 1, 0));
    tt_trade_sources_open(&made, say(TT_TOPIC_POSITION_UPDATES, TT_SOURCE_TRADE, 1, 11));
    for (unsigned i = 0; i < TT_TRADE_SOURCES_DECISIONS; i++) {
        const tt_msg *msg = say(TT_TOPIC_TRADING_SIGNALS, TT_SOURCE_AGENT_DECISION, 2, 0);
        message.head.correlation.bytes[4] = (uint8_t)i;
        tt_trade_sources_decide(&made, msg);
    }
    tt_trade_sources_open(&made, say(TT_TOPIC_POSITION_UPDATES, TT_SOURCE_TRADE, 1, 12));
    assert_int_equal(tt_trade_sources_close(&made, 11), TT_SOURCE_STRATEGY);
    assert_int_equal(tt_trade_sources_close(&made, 12), TT_SOURCE_NONE);
}

static void more_positions_than_there_is_room_for_have_no_source(void **state)
{
    (void)state;
    tt_trade_sources_decide(&made, say(TT_TOPIC_TRADING_SIGNALS, TT_SOURCE_STRATEGY, 1, 0));
    for (uint64_t i = 1; i <= TT_TRADE_SOURCES_OPEN + 1; i++) {
        tt_trade_sources_open(&made, say(TT_TOPIC_POSITION_UPDATES, TT_SOURCE_TRADE, 1, i));
    }
    assert_int_equal(tt_trade_sources_close(&made, TT_TRADE_SOURCES_OPEN), TT_SOURCE_STRATEGY);
    assert_int_equal(tt_trade_sources_close(&made, TT_TRADE_SOURCES_OPEN + 1), TT_SOURCE_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_first_word_counts, clear),
        cmocka_unit_test_setup(a_position_keeps_its_source_when_the_decision_is_forgotten, clear),
        cmocka_unit_test_setup(more_positions_than_there_is_room_for_have_no_source, clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
