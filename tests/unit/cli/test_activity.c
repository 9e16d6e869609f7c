/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * One line a message, in words that a trader reads at a glance.
 */
#include "../../lib/test.h"
#include "cli/activity.h"

static tt_instruments instruments;

/** A message with room for any payload. */
typedef struct made_msg {
    _Alignas(16) tt_msg head;
    unsigned char payload[TT_PAYLOAD_MAX];
} made_msg;

/** Prints a message of the first instrument. Release with free(). */
static char *line_of(tt_topic topic, tt_source source, const void *payload, size_t size)
{
    static made_msg made;
    char *text = NULL;
    size_t length = 0;
    memset(&made, 0, sizeof made);
    made.head.seq = 12;
    made.head.time.ns = INT64_C(1704067200) * TT_NS_PER_S + 999;
    made.head.key = 1;
    made.head.topic = (uint16_t)topic;
    made.head.source = (uint16_t)source;
    made.head.size = (uint16_t)size;
    memcpy(made.payload, payload, size);
    instruments.count = 1;
    instruments.list[0].id.n = 1;
    strcpy(instruments.list[0].symbol, "BTC/USDT");
    FILE *out = open_memstream(&text, &length);
    assert_non_null(out);
    tt_activity_print(out, &made.head, &instruments);
    fclose(out);
    return text;
}

#define EXPECT_LINE(topic, source, payload, wanted)                                                \
    do {                                                                                           \
        char *line_ = line_of(topic, source, &(payload), sizeof(payload));                         \
        assert_string_equal(line_, "2024-01-01T00:00:00Z  BTC/USDT   " wanted "\n");               \
        free(line_);                                                                               \
    } while (0)

static void a_fill_has_side_quantity_price_and_number(void **state)
{
    (void)state;
    tt_fill fill = {
        .side = TT_side_SELL,
        .role = TT_order_role_STOP_LOSS,
        .qty = {tt_dec_from_i64(5, 1)},
        .price = {tt_dec_from_i64(420005, 1)},
    };
    EXPECT_LINE(
        TT_TOPIC_FILLS,
        TT_SOURCE_TRADE,
        fill,
        "fill      sell 0.5 at 42000.5  (stop_loss, fill 12)");
}

static void a_closed_position_has_its_result_after_fees(void **state)
{
    (void)state;
    tt_position_update position = {
        .side = TT_side_SELL,
        .event = TT_position_event_CLOSED,
        .realized_pnl = {tt_dec_from_i64(1000, 2)},
        .fees = {tt_dec_from_i64(1255, 2)},
        .exit_reason = TT_exit_reason_TAKE_PROFIT,
    };
    EXPECT_LINE(
        TT_TOPIC_POSITION_UPDATES,
        TT_SOURCE_TRADE,
        position,
        "closed    short  P&L -2.55 after fees  (take_profit)");
}

static void a_signal_has_its_action_confidence_and_source(void **state)
{
    (void)state;
    tt_trading_signal signal = {.action = TT_action_BUY, .confidence = {tt_dec_from_i64(825, 3)}};
    char *line = line_of(TT_TOPIC_TRADING_SIGNALS, TT_SOURCE_STRATEGY, &signal, sizeof signal);
    assert_non_null(strstr(line, "signal    BUY  confidence 0.82  by "));
    assert_non_null(strstr(line, tt_source_text(TT_SOURCE_STRATEGY)));
    free(line);
}

static void alerts_conflicts_events_and_notices_say_their_reason(void **state)
{
    (void)state;
    tt_risk_alert alert = {.alert_type = TT_alert_type_TRADE_REJECTED};
    TT_TEXT_SET(alert.message, "too large");
    EXPECT_LINE(TT_TOPIC_RISK_ALERTS, TT_SOURCE_RISK, alert, "alert     trade_rejected: too large");
    tt_conflict_decision decision = {.action = TT_resolution_WAIT};
    TT_TEXT_SET(decision.reasoning, "they disagree");
    EXPECT_LINE(
        TT_TOPIC_CONFLICT_DECISIONS,
        TT_SOURCE_COORDINATOR,
        decision,
        "conflict  wait: they disagree");
    tt_system_event event = {.event = TT_system_event_type_TASK_ERROR};
    TT_TEXT_SET(event.subject, "ta_analysis");
    TT_TEXT_SET(event.message, "no answer");
    EXPECT_LINE(
        TT_TOPIC_SYSTEM_EVENTS,
        TT_SOURCE_COORDINATOR,
        event,
        "system    task_error ta_analysis no answer");
    tt_notification notice = {0};
    TT_TEXT_SET(notice.message, "look here");
    EXPECT_LINE(TT_TOPIC_NOTIFICATIONS, TT_SOURCE_COORDINATOR, notice, "notice    look here");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fill_has_side_quantity_price_and_number),
        cmocka_unit_test(a_closed_position_has_its_result_after_fees),
        cmocka_unit_test(a_signal_has_its_action_confidence_and_source),
        cmocka_unit_test(alerts_conflicts_events_and_notices_say_their_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
