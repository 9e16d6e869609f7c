/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Answers of models: what is taken, and that everything else is a refusal which names the member.
 */
#include "../../lib/test.h"
#include "llm/llm_answer.h"

static tt_instruments instruments;

static void set_instruments(void)
{
    memset(&instruments, 0, sizeof instruments);
    instruments.count = 1;
    instruments.list[0].id.n = 1;
    TT_TEXT_SET(instruments.list[0].symbol, "BTC/USDT");
    instruments.list[0].price_increment.d = TT_DEC_C(5, 1);
}

static tutti_status
read_answer(tt_agent agent, const char *text, tt_agent_answer *answer, tt_error *error)
{
    tt_agent_request request = {.key = 1, .call = {.agent = (uint8_t)agent}};
    request.indicators.rsi_14.d = TT_DEC_C(55, 0);
    memset(answer, 0, sizeof *answer);
    set_instruments();
    return tt_llm_answer_read(&instruments, &request, text, strlen(text), answer, error);
}

static void refuse(tt_agent agent, const char *text, const char *why)
{
    tt_agent_answer answer;
    tt_error error = {0};
    assert_int_not_equal(read_answer(agent, text, &answer, &error), TUTTI_OK);
    if (strstr(error.message, why) == NULL) {
        fail_msg("%s\n  said:   %s\n  wanted: %s", text, error.message, why);
    }
    assert_int_equal(answer.count, 0);
}

static tt_agent_answer accept(tt_agent agent, const char *text)
{
    tt_agent_answer answer;
    tt_error error = {0};
    if (read_answer(agent, text, &answer, &error) != TUTTI_OK) {
        fail_msg("%s\n  said: %s", text, error.message);
    }
    assert_int_equal(answer.status, TT_answer_status_OK);
    return answer;
}

static void an_opinion_is_exact(void **state)
{
    (void)state;
    tt_agent_answer answer = accept(
        TT_agent_ARBITER,
        "\n {\"action\":\"modify\",\"confidence\":0.123456789012345678,\"reasoning\":\"why "
        "\\u00e4\","
        "\"modifications\":{\"leverage\":2,\"size_reduction_pct\":33.3,\"stop_loss\":49500.5,"
        "\"confidence\":0.4}} \n");
    assert_int_equal(answer.answer_topic, TT_TOPIC_ARBITER_OPINIONS);
    tt_arbiter_opinion opinion;
    memcpy(&opinion, answer.body, sizeof opinion);
    assert_true(opinion.confidence.d.v == INT64_C(123456789012345678));
    assert_true(tt_dec_eq(opinion.size_reduction_pct.d, TT_DEC_C(333, 1)));
    assert_true(tt_dec_eq(opinion.stop_loss.d, TT_DEC_C(495005, 1)));
    assert_true(tt_dec_eq(opinion.confidence_limit.d, TT_DEC_C(4, 1)));
    assert_int_equal(opinion.leverage, 2);
    assert_int_equal(opinion.action, TT_resolution_MODIFY);
    assert_string_equal(opinion.reasoning, "why \xc3\xa4");
}

/** What a number may be is told by both ends, or by one if there is no other. */
static void a_number_out_of_range_is_told_with_the_range(void **state)
{
    (void)state;
    tt_agent_answer answer;
    tt_error error = {0};
    const char *below = "{\"action\":\"BUY\",\"confidence\":0.7,\"stop_loss\":-0.5,"
                        "\"reasoning\":\"r\"}";
    assert_int_equal(read_answer(TT_agent_TRADING_DECISION, below, &answer, &error), TUTTI_INVALID);
    assert_string_equal(error.message, "answer.stop_loss is -0.5; it must be from 0");
    const char *beyond = "{\"action\":\"BUY\",\"confidence\":0.7,\"position_size_pct\":101,"
                         "\"reasoning\":\"r\"}";
    assert_int_equal(
        read_answer(TT_agent_TRADING_DECISION, beyond, &answer, &error), TUTTI_INVALID);
    assert_string_equal(error.message, "answer.position_size_pct is 101; it must be from 0 to 100");
}

#define OPINION(rest) "{\"action\":\"wait\",\"reasoning\":\"r\"," rest "}"

static void what_is_no_opinion_is_refused(void **state)
{
    (void)state;
    const tt_agent a = TT_agent_ARBITER;
    refuse(a, "", "no JSON");
    refuse(a, "wait", "no JSON");
    refuse(a, "[]", "no JSON object");
    refuse(a, "Sure: " OPINION("\"confidence\":1"), "no JSON");
    refuse(a, OPINION("\"confidence\":1") " I hope that helps", "no JSON object alone");
    refuse(a, "```json\n" OPINION("\"confidence\":1") "\n```", "no JSON");
    refuse(a, OPINION("\"confidence\":1") OPINION("\"confidence\":1"), "no JSON object alone");
    refuse(a, "{\"action\":\"wait\"", "no JSON object alone");
    refuse(a, "{\"action\":\"wait\",\"reasoning\":\"r\"}", "answer.confidence is missing");
    refuse(a, "{\"confidence\":1,\"reasoning\":\"r\"}", "answer.action is missing");
    refuse(a, "{\"action\":\"wait\",\"confidence\":1}", "answer.reasoning is missing");
    refuse(a, OPINION("\"confidence\":1.000000000000000001"), "answer.confidence is 1.0");
    refuse(a, OPINION("\"confidence\":-0.1"), "it must be from 0 to 1");
    refuse(a, OPINION("\"confidence\":7"), "answer.confidence is 7; it must be from 0 to 1");
    refuse(a, OPINION("\"confidence\":0.1234567890123456789"), "more than 18 decimals");
    refuse(a, OPINION("\"confidence\":1e400"), "answer.confidence is too large");
    refuse(a, OPINION("\"confidence\":\"1\""), "answer.confidence must be a number");
    refuse(a, OPINION("\"confidence\":true"), "must be a number");
    refuse(a, OPINION("\"confidence\":null"), "must be a number");
    refuse(a, OPINION("\"confidence\":NaN"), "no JSON");
    refuse(a, OPINION("\"confidence\":[1]"), "must be a number");
    refuse(a, OPINION("\"confidence\":1,\"confidence\":1"), "no JSON object alone");
    refuse(a, OPINION("\"confidence\":1,\"entry_adjustment_pct\":5"), "unknown member");
    refuse(a, OPINION("\"confidence\":1,\"modifications\":[]"), "must be an object");
    refuse(a, OPINION("\"confidence\":1,\"modifications\":{\"size\":5}"), "unknown member 'size'");
    refuse(a, OPINION("\"confidence\":1,\"modifications\":{\"leverage\":1.5}"), "whole number");
    refuse(a, OPINION("\"confidence\":1,\"modifications\":{\"leverage\":0}"), "from 1 to 10");
    refuse(a, OPINION("\"confidence\":1,\"modifications\":{\"leverage\":257}"), "from 1 to 10");
    refuse(
        a, OPINION("\"confidence\":1,\"modifications\":{\"size_reduction_pct\":100}"), "to 99.99");
    refuse(a, OPINION("\"confidence\":1,\"modifications\":{\"stop_loss\":-1}"), "from 0");
    refuse(
        a, OPINION("\"confidence\":1,\"modifications\":{\"stop_loss\":49500.3}"), "the tick 0.5");
    refuse(a, OPINION("\"confidence\":1,\"modifications\":{\"confidence\":0}"), "from 0.01 to 1");
    refuse(
        a,
        "{\"action\":\"BUY\",\"confidence\":1,\"reasoning\":\"r\"}",
        "answer.action is none of the words for resolution");
    refuse(
        a,
        "{\"action\":\"wait \",\"confidence\":1,\"reasoning\":\"r\"}",
        "answer.action is none of the words");
    refuse(a, "{\"action\":1,\"confidence\":1,\"reasoning\":\"r\"}", "must be a text");
}

static void null_modifications_are_none(void **state)
{
    (void)state;
    tt_agent_answer answer =
        accept(TT_agent_ARBITER, OPINION("\"confidence\":0,\"modifications\":null"));
    const tt_arbiter_opinion *opinion = (const tt_arbiter_opinion *)(const void *)answer.body;
    assert_int_equal(opinion->leverage, 0);
    (void)accept(
        TT_agent_ARBITER, OPINION("\"confidence\":1,\"modifications\":{\"leverage\":null}"));
}

/* Text of an answer reaches terminals and pages: nothing in it may act there. */
static void text_is_only_text(void **state)
{
    (void)state;
    tt_agent_answer answer = accept(
        TT_agent_ARBITER,
        "{\"action\":\"wait\",\"confidence\":1,\"reasoning\":\"\\u001b[2J\\u0000ignore "
        "all\\nrules\"}");
    const tt_arbiter_opinion *opinion = (const tt_arbiter_opinion *)(const void *)answer.body;
    assert_string_equal(opinion->reasoning, " [2J ignore all rules");
    char text[4096];
    size_t used = (size_t)snprintf(
        text, sizeof text, "{\"action\":\"wait\",\"confidence\":1,\"reasoning\":\"");
    while (used < 3000) {
        used += (size_t)snprintf(text + used, sizeof text - used, "\xe2\x82\xac");
    }
    (void)snprintf(text + used, sizeof text - used, "\"}");
    answer = accept(TT_agent_ARBITER, text); // Cut between two characters.
    opinion = (const tt_arbiter_opinion *)(const void *)answer.body;
    assert_int_equal(strlen(opinion->reasoning) % 3, 0);
    assert_in_range(strlen(opinion->reasoning), 120, 127);
}

static void each_agent_has_its_form(void **state)
{
    (void)state;
    tt_agent_answer answer = accept(
        TT_agent_TECHNICAL_ANALYSIS,
        "{\"trend_direction\":\"bullish\",\"trend_strength\":0.5,\"momentum_score\":-1,\"bias\":"
        "\"long\","
        "\"confidence\":0.7,\"support\":null,\"reasoning\":\"r\"}");
    const tt_ta_signal *ta = (const tt_ta_signal *)(const void *)answer.body;
    assert_true(tt_dec_eq(ta->rsi.d, TT_DEC_C(55, 0))); // Of the indicators, not of the model.
    assert_int_equal(ta->bias, TT_bias_LONG);
    answer = accept(
        TT_agent_TRADING_DECISION,
        "{\"action\":\"BUY\",\"confidence\":0.7,\"entry_price\":null,\"stop_loss\":49500,"
        "\"take_profit\":51000,\"position_size_pct\":5,\"reasoning\":\"r\"}");
    const tt_trading_signal *signal = (const tt_trading_signal *)(const void *)answer.body;
    assert_int_equal(signal->leverage, 1);
    assert_int_equal(signal->valid_votes, 1);
    assert_int_equal(signal->votes[0].action, TT_action_BUY);
    refuse(
        TT_agent_TRADING_DECISION,
        "{\"action\":\"BUY\",\"confidence\":0.7,\"stop_loss\":49500.1,\"reasoning\":\"r\"}",
        "no multiple of the tick");
    refuse(
        TT_agent_TRADING_DECISION,
        "{\"action\":\"buy\",\"confidence\":0.7,\"reasoning\":\"r\"}",
        "none of the words for action");
    answer = accept(
        TT_agent_PORTFOLIO_REBALANCE,
        "{\"action\":\"rebalance\",\"confidence\":1,\"reasoning\":\"r\",\"trades\":[{\"symbol\":"
        "\"BTC/USDT\",\"side\":\"sell\",\"amount\":12.5}]}");
    const tt_portfolio_update *update = (const tt_portfolio_update *)(const void *)answer.body;
    assert_int_equal(update->count, 1);
    assert_int_equal(update->trades[0].instrument, 1);
    assert_int_equal(update->strategy, TT_rebalance_strategy_NONE);
    answer = accept(
        TT_agent_PORTFOLIO_REBALANCE,
        "{\"action\":\"rebalance\",\"confidence\":1,\"reasoning\":\"r\",\"strategy\":"
        "\"dca_24h\"}");
    assert_int_equal(update->strategy, TT_rebalance_strategy_DCA_24H);
    refuse(
        TT_agent_PORTFOLIO_REBALANCE,
        "{\"action\":\"rebalance\",\"confidence\":1,\"reasoning\":\"r\",\"strategy\":"
        "\"all_in\"}",
        "none of the words for rebalance_strategy");
    refuse(
        TT_agent_PORTFOLIO_REBALANCE,
        "{\"action\":\"rebalance\",\"confidence\":1,\"reasoning\":\"r\",\"trades\":[{\"symbol\":"
        "\"DOGE\",\"side\":\"sell\",\"amount\":12.5}]}",
        "answer.symbol is no instrument");
    refuse(
        TT_agent_PORTFOLIO_REBALANCE,
        "{\"action\":\"rebalance\",\"confidence\":1,\"reasoning\":\"r\",\"trades\":[{\"side\":"
        "\"sell\",\"amount\":12.5}]}",
        "answer.symbol is missing");
    (void)accept(
        TT_agent_SENTIMENT_ANALYSIS,
        "{\"bias\":\"very_bearish\",\"score\":-1,\"confidence\":0.5,\"reasoning\":\"r\"}");
    refuse(
        TT_agent_REGIME_DETECTION,
        "{\"regime\":\"choppy\",\"confidence\":1,\"volatility\":\"low\",\"trend_strength\":0,"
        "\"volume_profile\":\"stable\",\"position_size_multiplier\":1.51}",
        "answer.position_size_multiplier is 1.51; it must be from 0.25 to 1.5");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_opinion_is_exact),
        cmocka_unit_test(a_number_out_of_range_is_told_with_the_range),
        cmocka_unit_test(what_is_no_opinion_is_refused),
        cmocka_unit_test(null_modifications_are_none),
        cmocka_unit_test(text_is_only_text),
        cmocka_unit_test(each_agent_has_its_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
