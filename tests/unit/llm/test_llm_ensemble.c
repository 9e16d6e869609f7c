/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Several language models vote on a trading decision. Each of them says what the test wants it to.
 *
 * Covers: llm_ensemble.c
 */
#include "fixture.h"

#define BUY(confidence, stop, size, leverage)                                                      \
    "\"action\":\"BUY\",\"confidence\":" confidence ",\"entry_price\":100,\"stop_loss\":" stop     \
    ",\"take_profit\":1" stop ",\"position_size_pct\":" size ",\"leverage\":" leverage
#define SELL "\"action\":\"SELL\",\"confidence\":0.9"
#define HOLD "\"action\":\"HOLD\",\"confidence\":0.4"

static int set_up(void **state)
{
    (void)state;
    set_up_models();
    config.voter_count = MODELS;
    for (int i = 0; i < MODELS; i++) {
        TT_TEXT_SET(config.voters[i].provider, config.providers[i].name);
    }
    write_prompt("prompt", config.prompts.trading_decision, sizeof config.prompts.trading_decision);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    tear_down_models();
    return 0;
}

static tt_agent_answer decide_with(bool records, bool replays, const char *budget)
{
    return call_agent(TT_agent_TRADING_DECISION, records, replays, budget);
}

static tt_trading_signal signal_of(const tt_agent_answer *answer)
{
    tt_trading_signal signal = {0};
    assert_int_equal(answer->status, TT_answer_status_OK);
    assert_int_equal(answer->answer_topic, TT_TOPIC_TRADING_SIGNALS);
    memcpy(&signal, answer->body, answer->count);
    return signal;
}

static tt_trading_signal decide(void)
{
    tt_agent_answer answer = decide_with(false, false, "1");
    return signal_of(&answer);
}

/* Four of six are two thirds: a boost of 0.05 to the mean of 0.6, 0.7, 0.8 and 0.7. */
static void the_majority_decides(void **state)
{
    (void)state;
    sayings[0] = BUY("0.6", "97", "8", "3");
    sayings[1] = SELL;
    sayings[2] = BUY("0.7", "91", "2", "5");
    sayings[3] = BUY("0.8", "95", "4", "2");
    sayings[4] = HOLD;
    sayings[5] = BUY("0.7", "93", "6", "4");
    tt_trading_signal signal = decide();
    assert_int_equal(atomic_load(&calls), MODELS);
    assert_int_equal(signal.action, TT_action_BUY);
    assert_dec(signal.confidence.d, "0.75");
    assert_dec(signal.agreement.d, "0.6667");
    assert_int_equal(signal.valid_votes, 6);
    assert_int_equal(signal.count, 6);
    // Stops of 97, 95, 93, 91 from near to far: the middle two are 95 and 93, the nearer stands,
    // with entry and target of the same voter. Sizes of 2, 4, 6, 8: 4. Leverage: 2.
    assert_dec(signal.stop_loss.d, "95");
    assert_dec(signal.take_profit.d, "195");
    assert_dec(signal.entry_price.d, "100");
    assert_dec(signal.position_size_pct.d, "4");
    assert_int_equal(signal.leverage, 2);
    assert_true(signal.call_seq == 7 && signal.indicators_seq == 5);
    assert_string_equal(signal.reasoning, "1 HOLD: v4; 4 BUY: v0 v2 v3 v5; 1 SELL: v1");
    assert_string_equal(signal.votes[1].model, "v1");
    assert_int_equal(signal.votes[1].action, TT_action_SELL);
    assert_dec(signal.votes[3].confidence.d, "0.8");
    assert_dec(signal.votes[3].stop_loss.d, "95");
}

/* A short: the nearest stop is the lowest. One without a stop is the farthest of all. */
static void the_middle_stop_of_a_short(void **state)
{
    (void)state;
    sayings[0] = "\"action\":\"SELL\",\"confidence\":0.5";
    sayings[1] = "\"action\":\"SELL\",\"confidence\":0.5,\"stop_loss\":108,\"take_profit\":80";
    sayings[2] = "\"action\":\"SELL\",\"confidence\":0.5,\"stop_loss\":103,\"take_profit\":90";
    sayings[3] = "\"action\":\"SELL\",\"confidence\":0.5,\"stop_loss\":105,\"take_profit\":85";
    sayings[4] = "\"action\":\"SELL\",\"confidence\":0.5,\"stop_loss\":110,\"take_profit\":70";
    sayings[5] = "\"action\":\"SELL\",\"confidence\":0.5";
    tt_trading_signal signal = decide();
    assert_int_equal(signal.action, TT_action_SELL);
    assert_dec(signal.confidence.d, "0.65"); // Unanimous: 0.15 more.
    assert_dec(signal.stop_loss.d, "108");
    assert_dec(signal.take_profit.d, "80");
    assert_int_equal(signal.leverage, 1);
}

static void half_is_no_majority(void **state)
{
    (void)state;
    for (int i = 0; i < MODELS; i++) {
        sayings[i] = i < 3 ? BUY("0.9", "95", "5", "1") : SELL;
    }
    tt_trading_signal signal = decide();
    assert_int_equal(signal.action, TT_action_HOLD);
    assert_dec(signal.confidence.d, "0");
    assert_dec(signal.stop_loss.d, "0");
    assert_string_equal(
        signal.reasoning, "3 BUY: v0 v1 v2; 3 SELL: v3 v4 v5; no action has a majority");
}

/* Who is silent, or says what no model may say, has no vote; four of four are all. */
static void who_does_not_answer_has_no_vote(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        sayings[i] = BUY("0.7", "95", "5", "1");
    }
    sayings[5] = "\"action\":\"BUY\",\"confidence\":7";
    tt_agent_answer answer = decide_with(false, false, "1");
    tt_trading_signal signal = signal_of(&answer);
    assert_int_equal(signal.action, TT_action_BUY);
    assert_int_equal(signal.valid_votes, 4);
    assert_int_equal(signal.count, 4);
    assert_dec(signal.confidence.d, "0.85");
    assert_string_equal(signal.reasoning, "4 BUY: v0 v1 v2 v3; no answer: v4 v5");
    // Five replies of 0.0011, and a lost call at all that it might have cost: its prompt has 18
    // bytes, so at most 82 tokens, and 100 are written.
    assert_dec(answer.cost.d, "0.006582");
    assert_int_equal(answer.tokens, 5 * 1010);
    assert_string_equal(answer.model, "6 voters");
    sayings[3] = NULL;
    signal = decide();
    assert_int_equal(signal.action, TT_action_HOLD);
    assert_int_equal(signal.valid_votes, 3);
    assert_dec(signal.confidence.d, "0");
    assert_string_equal(
        signal.reasoning, "3 BUY: v0 v1 v2; no answer: v3 v4 v5; too few models have answered");
}

static void without_any_answer_it_is_a_failure(void **state)
{
    (void)state;
    tt_agent_answer answer = decide_with(false, false, "1");
    assert_int_equal(answer.status, TT_answer_status_TIMEOUT);
    assert_int_equal(answer.count, 0);
    assert_string_equal(answer.error, "no voter has answered; v0: it is silent");
}

/* 0.001082 a call and six voters: 0.006492 is enough, a digit less is not. */
static void the_budget_is_divided(void **state)
{
    (void)state;
    for (int i = 0; i < MODELS; i++) {
        sayings[i] = HOLD;
    }
    tt_agent_answer answer = decide_with(false, false, "0.006492");
    assert_int_equal(signal_of(&answer).valid_votes, 6);
    answer = decide_with(false, false, "0.006491999999999999");
    assert_int_equal(answer.status, TT_answer_status_ERROR);
    assert_non_null(strstr(answer.error, "v0: the call may cost 0.001082"));
    assert_int_equal(atomic_load(&calls), MODELS);
}

static void a_record_repeats_the_decision_without_calls(void **state)
{
    (void)state;
    sayings[0] = BUY("0.6", "97", "8", "3");
    sayings[1] = BUY("0.6", "96", "8", "3");
    sayings[2] = BUY("0.6", "95", "8", "3");
    sayings[4] = "\"action\":\"dance\",\"confidence\":1";
    sayings[5] = SELL;
    tt_agent_answer answer = decide_with(true, false, "1");
    assert_int_equal(signal_of(&answer).action, TT_action_BUY);
    assert_int_equal(atomic_load(&calls), MODELS);
    tt_agent_answer again = decide_with(false, true, "1");
    assert_memory_equal(&again, &answer, sizeof again);
    assert_int_equal(atomic_load(&calls), MODELS);
}

static void the_record_names_the_calls(void **state)
{
    (void)state;
    for (int i = 0; i < MODELS; i++) {
        sayings[i] = HOLD;
    }
    tt_agent_answer answer = decide_with(true, false, "1");
    tt_error error = {0};
    char *text = NULL;
    assert_int_equal(tt_llm_record_text(folder, answer.record, &text, &error), TUTTI_OK);
    assert_non_null(strstr(text, "6 HOLD: v0 v1 v2 v3 v4 v5"));
    const char *at = strstr(text, "calls");
    int found = 0;
    assert_non_null(at);
    for (const char *hex = strstr(at, "\\\""); hex != NULL; hex = strstr(hex + 1, "\\\"")) {
        char path[256];
        (void)snprintf(path, sizeof path, "%s/%.64s.json", folder, hex + 2);
        found += access(path, R_OK) == 0;
    }
    assert_int_equal(found, MODELS);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_majority_decides, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_middle_stop_of_a_short, set_up, tear_down),
        cmocka_unit_test_setup_teardown(half_is_no_majority, set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_does_not_answer_has_no_vote, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_any_answer_it_is_a_failure, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_budget_is_divided, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_record_repeats_the_decision_without_calls, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_record_names_the_calls, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
