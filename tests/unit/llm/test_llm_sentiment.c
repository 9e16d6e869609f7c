/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Two language models say the parts of sentiment: v0 the social one, v1 the news.
 *
 * Covers: llm_sentiment.c, llm_parts.c
 */
#include "fixture.h"

#define MOOD(score, confidence)                                                                    \
    "\"bias\":\"neutral\",\"score\":" score ",\"confidence\":" confidence
#define EVENT(text) ",\"key_event\":\"" text "\""

static int set_up(void **state)
{
    (void)state;
    set_up_models();
    TT_TEXT_SET(config.sentiment.social, "v0");
    TT_TEXT_SET(config.sentiment.news, "v1");
    write_prompt("social", config.prompts.sentiment_social, sizeof config.prompts.sentiment_social);
    write_prompt("news", config.prompts.sentiment_news, sizeof config.prompts.sentiment_news);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    tear_down_models();
    return 0;
}

static tt_agent_answer ask_with(bool records, bool replays, const char *budget)
{
    return call_agent(TT_agent_SENTIMENT_ANALYSIS, records, replays, budget);
}

static tt_sentiment_update mood_of(const tt_agent_answer *answer)
{
    tt_sentiment_update update = {0};
    assert_int_equal(answer->status, TT_answer_status_OK);
    assert_int_equal(answer->answer_topic, TT_TOPIC_SENTIMENT_UPDATES);
    memcpy(&update, answer->body, answer->count);
    return update;
}

static tt_sentiment_update ask(void)
{
    tt_agent_answer answer = ask_with(false, false, "1");
    return mood_of(&answer);
}

static void the_mood_is_the_mean_of_its_parts(void **state)
{
    (void)state;
    sayings[0] = MOOD("0.9", "0.5") EVENT("a rumour");
    sayings[1] = MOOD("0.35", "0.8") EVENT("an approval");
    tt_agent_answer answer = ask_with(false, false, "1");
    tt_sentiment_update mood = mood_of(&answer);
    assert_int_equal(atomic_load(&calls), 2);
    assert_dec(mood.score.d, "0.625");
    assert_dec(mood.social_score.d, "0.9");
    assert_dec(mood.news_score.d, "0.35");
    assert_dec(mood.confidence.d, "0.65");
    assert_dec(mood.fear_greed.d, "0.625");
    assert_int_equal(mood.bias, TT_sentiment_bias_VERY_BULLISH); // Not what the parts call it.
    assert_string_equal(mood.key_event, "an approval");
    assert_string_equal(mood.reasoning, "social 0.9: so; news 0.35: so");
    assert_int_equal(mood.call_seq, 7);
    assert_string_equal(answer.model, "social and news");
    assert_dec(answer.cost.d, "0.0022");
    assert_int_equal(answer.tokens, 2 * 1010);
}

static void the_event_of_the_surer_part_is_kept(void **state)
{
    (void)state;
    sayings[0] = MOOD("0", "0.8") EVENT("a rumour");
    sayings[1] = MOOD("0", "0.7") EVENT("an approval");
    assert_string_equal(ask().key_event, "a rumour");
    sayings[1] = MOOD("0", "0.8") EVENT("an approval");
    assert_string_equal(ask().key_event, "an approval");
    sayings[1] = MOOD("0", "0.9");
    assert_string_equal(ask().key_event, "a rumour");
    sayings[0] = MOOD("0", "0.8");
    assert_string_equal(ask().key_event, "");
}

/* What is not said does not pull the mood towards neutral. */
static void one_part_alone_stands(void **state)
{
    (void)state;
    sayings[0] = MOOD("-0.7", "0.6");
    tt_sentiment_update mood = ask();
    assert_dec(mood.score.d, "-0.7");
    assert_dec(mood.confidence.d, "0.6");
    assert_int_equal(mood.bias, TT_sentiment_bias_VERY_BEARISH);
    assert_string_equal(mood.reasoning, "social -0.7: so; news none");
    sayings[0] = MOOD("7", "0.6"); // What no model may say is no answer.
    sayings[1] = MOOD("0.3", "0.4");
    mood = ask();
    assert_dec(mood.score.d, "0.3");
    assert_dec(mood.social_score.d, "0");
    assert_string_equal(mood.reasoning, "social none; news 0.3: so");
}

/* 44 bytes of each: the euro sign that would be the 44th to 46th goes whole. */
static void long_reasons_are_cut_between_characters(void **state)
{
    (void)state;
    reasoning = "0123456789012345678901234567890123456789abc\xe2\x82\xac"
                "and more";
    sayings[0] = MOOD("0.1", "0.5");
    sayings[1] = MOOD("0.1", "0.5");
    assert_string_equal(
        ask().reasoning,
        "social 0.1: 0123456789012345678901234567890123456789abc; "
        "news 0.1: 0123456789012345678901234567890123456789abc");
}

static void confidence_has_a_floor(void **state)
{
    (void)state;
    sayings[0] = MOOD("0.1", "0.2");
    sayings[1] = MOOD("0.1", "0.3");
    assert_dec(ask().confidence.d, "0.3");
    sayings[1] = MOOD("0.1", "0.42");
    assert_dec(ask().confidence.d, "0.31");
}

static void without_either_it_is_a_failure(void **state)
{
    (void)state;
    tt_agent_answer answer = ask_with(false, false, "1");
    assert_int_equal(answer.status, TT_answer_status_TIMEOUT);
    assert_int_equal(answer.count, 0);
    assert_string_equal(answer.error, "no part has answered; v0: it is silent");
}

/* 0.001082 a call at most, as in the test of the voters. */
static void each_part_has_half_of_the_budget(void **state)
{
    (void)state;
    sayings[0] = MOOD("0.1", "0.5");
    sayings[1] = MOOD("0.1", "0.5");
    tt_agent_answer answer = ask_with(false, false, "0.002164");
    assert_int_equal(answer.status, TT_answer_status_OK);
    answer = ask_with(false, false, "0.002163999999999999");
    assert_int_equal(answer.status, TT_answer_status_ERROR);
    assert_non_null(strstr(answer.error, "v0: the call may cost 0.001082"));
}

static void one_provider_may_say_both(void **state)
{
    (void)state;
    TT_TEXT_SET(config.sentiment.news, "v0");
    sayings[0] = MOOD("0.2", "0.5");
    tt_sentiment_update mood = ask();
    assert_int_equal(atomic_load(&calls), 2);
    assert_dec(mood.news_score.d, "0.2");
    assert_int_equal(mood.bias, TT_sentiment_bias_BULLISH);
}

static void a_record_repeats_the_mood_without_calls(void **state)
{
    (void)state;
    sayings[0] = MOOD("0.4", "0.5");
    tt_agent_answer answer = ask_with(true, false, "1");
    assert_dec(mood_of(&answer).score.d, "0.4");
    tt_agent_answer again = ask_with(false, true, "1");
    assert_memory_equal(&again, &answer, sizeof again);
    assert_int_equal(atomic_load(&calls), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_mood_is_the_mean_of_its_parts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_event_of_the_surer_part_is_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_part_alone_stands, set_up, tear_down),
        cmocka_unit_test_setup_teardown(long_reasons_are_cut_between_characters, set_up, tear_down),
        cmocka_unit_test_setup_teardown(confidence_has_a_floor, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_either_it_is_a_failure, set_up, tear_down),
        cmocka_unit_test_setup_teardown(each_part_has_half_of_the_budget, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_provider_may_say_both, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_record_repeats_the_mood_without_calls, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
