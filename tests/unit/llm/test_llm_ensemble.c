/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Several language models vote on a trading decision. Each of them says what the test wants it to.
 *
 * Covers: llm_ensemble.c
 */
#include "../../lib/test.h"
#include "llm/llm.h"
#include "llm/llm_record.h"

#include <dirent.h>
#include <stdatomic.h>

enum {
    VOTERS = 6
};

/** What a voter says: NULL = it breaks; else the members of its answer. */
static const char *sayings[VOTERS];
static atomic_int calls;
static tt_llm_module_config config;
static tt_coord_config coord;
static tt_instruments instruments;
static char folder[64];

#define BUY(confidence, stop, size, leverage)                                                      \
    "\"action\":\"BUY\",\"confidence\":" confidence ",\"entry_price\":100,\"stop_loss\":" stop     \
    ",\"take_profit\":1" stop ",\"position_size_pct\":" size ",\"leverage\":" leverage
#define SELL "\"action\":\"SELL\",\"confidence\":0.9"
#define HOLD "\"action\":\"HOLD\",\"confidence\":0.4"

/* Voter i has the model "m<i>", which its request names. */
static int voter_of(const tt_http_post *post)
{
    for (int i = 0; i < VOTERS; i++) {
        char model[16];
        (void)snprintf(model, sizeof model, "\"m%d\"", i);
        if (memmem(post->body, post->body_size, model, strlen(model)) != NULL) {
            return i;
        }
    }
    fail();
    return 0;
}

static void escape(const char *text, char *to)
{
    for (; *text != '\0'; text++) {
        if (*text == '"') {
            *to++ = '\\';
        }
        *to++ = *text;
    }
    *to = '\0';
}

static tutti_status
play_post(void *ctx, const tt_http_post *post, tt_http_result *result, tt_error *error)
{
    (void)ctx;
    const char *saying = sayings[voter_of(post)];
    char escaped[1024];
    atomic_fetch_add(&calls, 1);
    result->was_sent = true;
    result->retry_after.ns = -1;
    if (saying == NULL) {
        return tt_error_set(error, TUTTI_TIMEOUT, "it is silent");
    }
    escape(saying, escaped);
    result->code = 200;
    result->size = (size_t)snprintf(
        result->body,
        4096,
        "{\"choices\":[{\"message\":{\"content\":\"{%s,\\\"reasoning\\\":\\\"so\\\"}\"},"
        "\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":1000,\"completion_tokens\":10}}",
        escaped);
    return TUTTI_OK;
}

static int64_t play_now(void *ctx)
{
    (void)ctx;
    return TT_NS_PER_S;
}

static void play_sleep(void *ctx, int64_t span_ns)
{
    (void)ctx;
    (void)span_ns;
}

static const tt_llm_world played = {.post = play_post, .now_ns = play_now, .sleep_ns = play_sleep};

/* Prices of 1 and 10 a million: what a voter says costs 0.0011. */
static void add_voter(int index)
{
    tt_llm_provider_config *provider = &config.providers[index];
    *provider = (tt_llm_provider_config){
        .input_price.d = TT_DEC_C(1, 0),
        .output_price.d = TT_DEC_C(10, 0),
        .timeout.ns = 30 * TT_NS_PER_S,
        .max_tokens = 100,
        .requests_per_minute = 600,
    };
    (void)snprintf(provider->name, sizeof provider->name, "v%d", index);
    (void)snprintf(provider->model, sizeof provider->model, "m%d", index);
    TT_TEXT_SET(provider->url, "http://127.0.0.1:1/");
    TT_TEXT_SET(provider->key_env, "none");
    TT_TEXT_SET(provider->key_file, "none");
    TT_TEXT_SET(provider->proxy, "none");
    TT_TEXT_SET(provider->ca_file, "none");
    TT_TEXT_SET(config.voters[index].provider, provider->name);
}

static int set_up(void **state)
{
    (void)state;
    char path[96];
    memset(&config, 0, sizeof config);
    memset(&coord, 0, sizeof coord);
    config.llm = (tt_llm_config){
        .prompt_max = 1000,
        .answer_max = 4096,
        .breaker_failures = 1000,
        .min_votes = 4,
    };
    for (int i = 0; i < VOTERS; i++) {
        add_voter(i);
        sayings[i] = NULL;
    }
    config.provider_count = VOTERS;
    config.voter_count = VOTERS;
    (void)snprintf(folder, sizeof folder, "/tmp/tutti-voters-%d", (int)getpid());
    assert_int_equal(tt_llm_record_make(folder, NULL), TUTTI_OK);
    (void)snprintf(path, sizeof path, "%s/prompt", folder);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fputs("decide\n---\n{{symbol}}", file);
    assert_int_equal(fclose(file), 0);
    TT_TEXT_SET(config.prompts.trading_decision, path);
    atomic_store(&calls, 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    for (const struct dirent *item = readdir(dir); item != NULL; item = readdir(dir)) {
        char path[400];
        (void)snprintf(path, sizeof path, "%s/%s", folder, item->d_name);
        (void)unlink(path);
    }
    (void)closedir(dir);
    (void)rmdir(folder);
    return 0;
}

/* One decision, with or without a record, or out of one. */
static tt_agent_answer decide_with(bool records, bool replays, const char *budget)
{
    static tt_agent_request request;
    tt_agents agents = {0};
    tt_agent_answer answer = {0};
    tt_llm *llm = NULL;
    tt_error error = {0};
    const tt_llm_options options = {
        .config = &config,
        .coord = &coord,
        .record_folder = records ? folder : NULL,
        .replay_folder = replays ? folder : NULL,
        .world = &played,
    };
    if (tt_llm_open(&options, &agents, &llm, &error) != TUTTI_OK) {
        fail_msg("%s", error.message);
    }
    request = (tt_agent_request){.call_seq = 7, .call.agent = TT_agent_TRADING_DECISION};
    request.call.indicators_seq = 5;
    assert_int_equal(tt_dec_parse(budget, strlen(budget), &request.call.budget.d), TUTTI_OK);
    const tt_agent_slot *slot = &agents.slots[TT_agent_TRADING_DECISION];
    slot->fn(slot->ctx, &instruments, &request, &answer);
    tt_llm_close(llm);
    return answer;
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

static void assert_dec(tt_dec value, const char *expected)
{
    char found[TT_DEC_TEXT_MAX];
    (void)tt_dec_format(value, found);
    assert_string_equal(found, expected);
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
    assert_int_equal(atomic_load(&calls), VOTERS);
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
    for (int i = 0; i < VOTERS; i++) {
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
    for (int i = 0; i < VOTERS; i++) {
        sayings[i] = HOLD;
    }
    tt_agent_answer answer = decide_with(false, false, "0.006492");
    assert_int_equal(signal_of(&answer).valid_votes, 6);
    answer = decide_with(false, false, "0.006491999999999999");
    assert_int_equal(answer.status, TT_answer_status_ERROR);
    assert_non_null(strstr(answer.error, "v0: the call may cost 0.001082"));
    assert_int_equal(atomic_load(&calls), VOTERS);
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
    assert_int_equal(atomic_load(&calls), VOTERS);
    tt_agent_answer again = decide_with(false, true, "1");
    assert_memory_equal(&again, &answer, sizeof again);
    assert_int_equal(atomic_load(&calls), VOTERS);
}

static void the_record_names_the_calls(void **state)
{
    (void)state;
    for (int i = 0; i < VOTERS; i++) {
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
    assert_int_equal(found, VOTERS);
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
