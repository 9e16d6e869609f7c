/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The report counts what the messages say, to the digit, and keeps its curves within bounds.
 *
 * Covers: render.c report_html.c report_json.c report_table.c
 */
#include "../../lib/test.h"
#include "report/report.h"
#include "steps.h"

static steps made;
static tt_instruments instruments;

static int clear(void **state)
{
    (void)state;
    memset(&made, 0, sizeof made);
    made.now.ns = INT64_C(1640995200) * TT_NS_PER_S;
    instruments.count = 1;
    strcpy(instruments.list[0].symbol, "BTC/<b>");
    instruments.list[0].id.n = 1;
    return 0;
}

static void add_equity(int64_t equity)
{
    tt_account_update account = {
        .initial = {tt_dec_from_i64(1000, 0)}, .equity = {tt_dec_from_i64(equity, 0)}};
    made.now.ns += 60 * TT_NS_PER_S;
    add_message(&made, TT_TOPIC_ACCOUNT_UPDATES, TT_SOURCE_TRADE, 0, &account);
}

static void add_closed(uint8_t side, int64_t pnl, int64_t fees)
{
    tt_position_update position = {
        .event = TT_position_event_CLOSED,
        .side = side,
        .realized_pnl = {tt_dec_from_i64(pnl, 0)},
        .fees = {tt_dec_from_i64(fees, 0)},
        .exit_reason = TT_exit_reason_STOP_LOSS,
        .position_id = made.last + 1,
    };
    add_message(&made, TT_TOPIC_POSITION_UPDATES, TT_SOURCE_TRADE, 1, &position);
}

static tt_report *report_of_made(void)
{
    tt_report *report = NULL;
    assert_int_equal(tt_report_new(1, &report), TUTTI_OK);
    tt_report_apply(report, made.bytes, made.size);
    return report;
}

static void drawdown_is_the_deepest_fall_from_the_peak(void **state)
{
    (void)state;
    add_equity(1000);
    add_equity(1200);
    add_equity(900);
    add_equity(1300);
    add_equity(1170);
    tt_report *report = report_of_made();
    const tt_report_numbers *numbers = tt_report_numbers_get(report);
    assert_true(tt_dec_eq(numbers->max_drawdown_pct.d, tt_dec_from_i64(25, 0)));
    assert_true(tt_dec_eq(numbers->peak_equity.d, tt_dec_from_i64(1300, 0)));
    assert_true(tt_dec_eq(numbers->account.equity.d, tt_dec_from_i64(1170, 0)));
    tt_report_free(report);
}

/* Half of the money leaves in a fall of 25 %: no deeper fall, and the peak is that of what is left.
 */
static void a_transfer_is_no_fall(void **state)
{
    (void)state;
    add_equity(1200);
    add_equity(900);
    tt_account_update account = {
        .initial = {tt_dec_from_i64(1000, 0)},
        .transfers = {tt_dec_from_i64(-450, 0)},
        .equity = {tt_dec_from_i64(450, 0)}};
    add_message(&made, TT_TOPIC_ACCOUNT_UPDATES, TT_SOURCE_TRADE, 0, &account);
    tt_report *report = report_of_made();
    const tt_report_numbers *numbers = tt_report_numbers_get(report);
    assert_true(tt_dec_eq(numbers->max_drawdown_pct.d, tt_dec_from_i64(25, 0)));
    assert_true(tt_dec_eq(numbers->peak_equity.d, tt_dec_from_i64(600, 0)));
    tt_report_free(report);
}

static void first_loss_counts_from_the_initial_balance(void **state)
{
    (void)state;
    add_equity(900);
    tt_report *report = report_of_made();
    assert_true(
        tt_dec_eq(tt_report_numbers_get(report)->max_drawdown_pct.d, tt_dec_from_i64(10, 0)));
    tt_report_free(report);
}

static void trades_are_counted_by_side_and_won_only_after_fees(void **state)
{
    (void)state;
    add_closed(TT_side_BUY, 10, 3);
    add_closed(TT_side_SELL, 3, 3);
    add_closed(TT_side_SELL, -5, 1);
    tt_report *report = report_of_made();
    const tt_report_numbers *numbers = tt_report_numbers_get(report);
    uint32_t count = 0;
    const tt_closed_trade *trades = tt_report_trades(report, &count);
    assert_int_equal(numbers->closed_trades, 3);
    assert_int_equal(numbers->long_trades, 1);
    assert_int_equal(numbers->short_trades, 2);
    assert_int_equal(numbers->winning_trades, 1);
    assert_int_equal(numbers->exits[TT_exit_reason_STOP_LOSS], 3);
    assert_int_equal(count, 3);
    assert_int_equal(trades[2].side, TT_side_SELL);
    tt_report_free(report);
}

/* What it was closed at is the price of the fill, not the mark; where no fill closed it, there is
 * only the mark. */
static void a_trade_ends_at_the_price_of_its_fill(void **state)
{
    (void)state;
    tt_report *report = NULL;
    tt_fill fill = {.price = {tt_dec_from_i64(38538, 0)}};
    add_message(&made, TT_TOPIC_FILLS, TT_SOURCE_TRADE, 1, &fill);
    tt_position_update position = {
        .event = TT_position_event_CLOSED,
        .side = TT_side_BUY,
        .mark = {tt_dec_from_i64(38544, 0)},
        .cause_fill = made.last,
        .position_id = 7,
    };
    for (int i = 0; i < 15; i++) {
        fill.price.d = tt_dec_from_i64(i + 1, 0);
        add_message(&made, TT_TOPIC_FILLS, TT_SOURCE_TRADE, 1, &fill);
    }
    add_message(&made, TT_TOPIC_POSITION_UPDATES, TT_SOURCE_TRADE, 1, &position);
    position.cause_fill = 0;
    add_message(&made, TT_TOPIC_POSITION_UPDATES, TT_SOURCE_TRADE, 1, &position);
    report = report_of_made();
    uint32_t count = 0;
    const tt_closed_trade *trades = tt_report_trades(report, &count);
    assert_int_equal(count, 2);
    assert_true(tt_dec_eq(trades[0].exit_price.d, tt_dec_from_i64(38538, 0)));
    assert_true(tt_dec_eq(trades[1].exit_price.d, tt_dec_from_i64(38544, 0)));
    tt_report_free(report);
}

/* Rows that were left out stand in the table, with the first of them; without any there is no such
 * line. */
static void refused_rows_are_told(void **state)
{
    (void)state;
    const tt_report_context context = {.title = "T", .currency = "USDT"};
    tt_feed_event event = {
        .event = TT_feed_event_type_ROW_REFUSED,
        .line = 3,
        .file = "bars.csv",
        .message = "high is below low"};
    add_equity(1000);
    char *text = NULL;
    tt_report *report = report_of_made();
    assert_int_equal(tt_report_table(report, &context, &text), TUTTI_OK);
    assert_null(strstr(text, "refused"));
    assert_non_null(strstr(text, "Sharpe, Sortino, Calmar need two days"));
    free(text);
    tt_report_free(report);
    add_message(&made, TT_TOPIC_FEED_EVENTS, TT_SOURCE_FEED, 1, &event);
    event.line = 4;
    add_message(&made, TT_TOPIC_FEED_EVENTS, TT_SOURCE_FEED, 1, &event);
    report = report_of_made();
    assert_int_equal(tt_report_table(report, &context, &text), TUTTI_OK);
    assert_non_null(
        strstr(text, "  refused rows                    2  first bars.csv:3: high is below low\n"));
    free(text);
    tt_report_free(report);
}

static void verdicts_and_agents_are_counted_by_code_and_name(void **state)
{
    (void)state;
    tt_risk_verdict verdict = {
        .status = TT_verdict_REJECTED, .code = TT_risk_code_LOW_RR, .count = 2};
    tt_agent_call call = {.agent = TT_agent_TRADING_DECISION};
    tt_agent_answer answer = {.status = TT_answer_status_TIMEOUT};
    tt_trading_signal signal = {.action = TT_action_SELL};
    add_message(&made, TT_TOPIC_RISK_VERDICTS, TT_SOURCE_RISK, 1, &verdict);
    add_message(&made, TT_TOPIC_AGENT_CALLS, TT_SOURCE_COORDINATOR, 1, &call);
    add_message(&made, TT_TOPIC_AGENT_ANSWERS, TT_SOURCE_AGENT_DECISION, 1, &answer);
    add_message(&made, TT_TOPIC_TRADING_SIGNALS, TT_SOURCE_AGENT_DECISION, 1, &signal);
    signal.action = TT_action_HOLD;
    add_message(&made, TT_TOPIC_TRADING_SIGNALS, TT_SOURCE_STRATEGY, 1, &signal);
    tt_report *report = report_of_made();
    const tt_report_numbers *numbers = tt_report_numbers_get(report);
    const tt_agent_counts *decision = &numbers->agents[TT_agent_TRADING_DECISION];
    assert_int_equal(numbers->rejections[TT_risk_code_LOW_RR], 1);
    assert_int_equal(numbers->verdicts[TT_verdict_REJECTED], 1);
    assert_int_equal(decision->calls, 1);
    assert_int_equal(decision->answers[TT_answer_status_TIMEOUT], 1);
    assert_int_equal(decision->outputs, 1);
    assert_int_equal(numbers->signals, 1);
    assert_int_equal(numbers->holds, 1);
    assert_int_equal(numbers->messages, 5);
    tt_report_free(report);
}

static void curve_stays_within_its_bound_and_keeps_the_lowest_point(void **state)
{
    (void)state;
    tt_report *report = NULL;
    assert_int_equal(tt_report_new(1, &report), TUTTI_OK);
    for (int i = 0; i < 3 * TT_REPORT_POINTS_MAX; i++) {
        made.size = 0;
        add_equity(i == 5000 ? 1 : 1000);
        tt_report_apply(report, made.bytes, made.size);
    }
    uint32_t count = 0;
    const tt_equity_point *points = tt_report_equity(report, &count);
    tt_dec lowest = points[0].lowest.d;
    for (uint32_t i = 0; i < count; i++) {
        lowest = tt_dec_min(lowest, points[i].lowest.d);
        assert_true(i == 0 || points[i - 1].time.ns < points[i].time.ns);
    }
    assert_in_range(count, TT_REPORT_POINTS_MAX / 4, TT_REPORT_POINTS_MAX);
    /* The old half of the curve is as fine as the new one. */
    int64_t middle = (points[0].time.ns + points[count - 1].time.ns) / 2;
    uint32_t old = 0;
    while (points[old].time.ns < middle) {
        old++;
    }
    assert_in_range(old, count / 3, count * 2 / 3);
    assert_true(tt_dec_eq(lowest, tt_dec_from_i64(1, 0)));
    tt_report_free(report);
}

static void page_and_json_are_whole_and_no_text_can_break_out(void **state)
{
    (void)state;
    static const uint8_t digest[32] = {0xab};
    add_equity(1000);
    add_closed(TT_side_BUY, 1, 0);
    tt_report *report = report_of_made();
    tt_report_context context = {
        .title = "a \"title\" </script>",
        .currency = "USDT",
        .instruments = &instruments,
        .digest = digest,
    };
    char *json = NULL;
    char *html = NULL;
    assert_int_equal(tt_report_json(report, &context, true, &json), TUTTI_OK);
    assert_int_equal(tt_report_html(report, &context, &html), TUTTI_OK);
    assert_non_null(strstr(json, "\"title\": \"a \\\"title\\\" \\u003c/script\\u003e\""));
    assert_non_null(strstr(json, "\"symbol\": \"BTC/\\u003cb\\u003e\""));
    assert_non_null(strstr(json, "\"final_equity\": 1000,"));
    assert_non_null(strstr(json, "\"digest\": \"ab00"));
    assert_non_null(strstr(html, json));
    assert_null(strstr(html, "title\\\" </script>"));
    assert_string_equal(html + strlen(html) - 8, "</html>\n");
    free(json);
    free(html);
    tt_report_free(report);
}

static void declared_topics_are_counted_and_passed_over(void **state)
{
    (void)state;
    add_equity(1000);
    tt_msg head = {.seq = ++made.last, .time = made.now, .topic = 1024, .size = 16};
    memcpy(made.bytes + made.size, &head, sizeof head);
    memset(made.bytes + made.size + sizeof head, 0xff, head.size);
    made.size += sizeof head + head.size;
    head.topic = UINT16_MAX;
    memcpy(made.bytes + made.size, &head, sizeof head);
    made.size += sizeof head + head.size;
    tt_report *report = report_of_made();
    const tt_report_numbers *numbers = tt_report_numbers_get(report);
    assert_int_equal(numbers->messages, 3);
    assert_int_equal(numbers->topics[TT_TOPIC_ACCOUNT_UPDATES], 1);
    tt_report_free(report);
}

/* A bar, a quote four hours later: the middle of 99 and 102 is above 100. */
static void votes_stand_in_the_json(void **state)
{
    (void)state;
    const tt_report_context context = {
        .title = "t", .currency = "USD", .instruments = &instruments, .digest = NULL};
    tt_bar bar = {.close.d = TT_DEC_C(100, 0)};
    tt_quote quote = {.bid.d = TT_DEC_C(99, 0), .ask.d = TT_DEC_C(102, 0)};
    tt_trading_signal signal = {
        .count = 1, .votes = {{.confidence.d = TT_DEC_C(7, 1), .action = TT_action_BUY}}};
    TT_TEXT_SET(signal.votes[0].model, "m\"1");
    char *text = NULL;
    add_message(&made, TT_TOPIC_MARKET_BAR, TT_SOURCE_FEED, 1, &bar);
    add_message(&made, TT_TOPIC_TRADING_SIGNALS, TT_SOURCE_AGENT_DECISION, 1, &signal);
    made.now.ns += 4 * 3600 * TT_NS_PER_S;
    add_message(&made, TT_TOPIC_MARKET_QUOTE, TT_SOURCE_FEED, 1, &quote);
    tt_report *report = report_of_made();
    assert_int_equal(tt_report_json(report, &context, false, &text), TUTTI_OK);
    assert_non_null(strstr(
        text,
        "\"models\": [\n    {\"model\": \"m\\\"1\", \"votes\": 1, \"HOLD\": 0, \"BUY\": 1, "
        "\"SELL\": 0, \"CLOSE_LONG\": 0, \"CLOSE_SHORT\": 0, \"judged\": 1, \"right\": 1, "
        "\"mean_confidence\": 0.7000}\n  ],\n  \"votes_lost\": 0,\n"));
    free(text);
    tt_report_free(report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(drawdown_is_the_deepest_fall_from_the_peak, clear),
        cmocka_unit_test_setup(a_transfer_is_no_fall, clear),
        cmocka_unit_test_setup(first_loss_counts_from_the_initial_balance, clear),
        cmocka_unit_test_setup(trades_are_counted_by_side_and_won_only_after_fees, clear),
        cmocka_unit_test_setup(a_trade_ends_at_the_price_of_its_fill, clear),
        cmocka_unit_test_setup(refused_rows_are_told, clear),
        cmocka_unit_test_setup(verdicts_and_agents_are_counted_by_code_and_name, clear),
        cmocka_unit_test_setup(curve_stays_within_its_bound_and_keeps_the_lowest_point, clear),
        cmocka_unit_test_setup(declared_topics_are_counted_and_passed_over, clear),
        cmocka_unit_test_setup(page_and_json_are_whole_and_no_text_can_break_out, clear),
        cmocka_unit_test_setup(votes_stand_in_the_json, clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
