/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Calls in a world that the test plays: attempts, budget, time, cost, breaker, record and replay.
 *
 * Covers: llm.c llm_attempts.c llm_key.c
 */
#include "../../lib/folder.h"
#include "../../lib/test.h"
#include "llm/llm.h"
#include "llm/llm_record.h"

#define GOOD                                                                                       \
    "{\"choices\":[{\"message\":{\"content\":\"{\\\"action\\\":\\\"wait\\\",\\\"confidence\\\":"   \
    "0.5,\\\"reasoning\\\":\\\"SAID\\\"}\"},\"finish_reason\":\"stop\"}],\"usage\":{"              \
    "\"prompt_tokens\":1000,\"completion_tokens\":10}}"

/** What the network does with one attempt. */
struct attempt {
    tutti_status status;
    int code;
    bool was_sent;
    const char *body;
    int64_t takes_ns;
    int64_t retry_after_ns;
};

/** The world. */
struct world {
    const struct attempt *script;
    size_t count;
    size_t used;
    int64_t now_ns;
    int64_t slept_ns;
    char header[128]; /**< The second header of the last attempt. */
};

static struct world world;
static tt_llm_module_config config;
static tt_coord_config coord;
static tt_instruments instruments;
static char folder[64];

static tutti_status
play_post(void *ctx, const tt_http_post *post, tt_http_result *result, tt_error *error)
{
    (void)ctx;
    assert_true(world.used < world.count);
    const struct attempt *now = &world.script[world.used++];
    world.now_ns += now->takes_ns;
    (void)snprintf(
        world.header, sizeof world.header, "%s", post->headers[1] == NULL ? "" : post->headers[1]);
    result->code = now->code;
    result->was_sent = now->was_sent;
    result->retry_after.ns = now->retry_after_ns == 0 ? -1 : now->retry_after_ns;
    result->size = now->body == NULL ? 0 : strlen(now->body);
    memcpy(result->body, now->body == NULL ? "" : now->body, result->size + 1);
    return now->status == TUTTI_OK ? TUTTI_OK : tt_error_set(error, now->status, "it broke");
}

static int64_t play_now(void *ctx)
{
    (void)ctx;
    return world.now_ns;
}

static void play_sleep(void *ctx, int64_t span_ns)
{
    (void)ctx;
    world.now_ns += span_ns;
    world.slept_ns += span_ns;
}

static const tt_llm_world played = {.post = play_post, .now_ns = play_now, .sleep_ns = play_sleep};

static void write_prompt(void)
{
    char path[96];
    (void)snprintf(folder, sizeof folder, "/tmp/tutti-llm-%d", (int)getpid());
    assert_int_equal(tt_llm_record_make(folder, NULL), TUTTI_OK);
    (void)snprintf(path, sizeof path, "%s/prompt", folder);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fputs("judge\n---\n{{symbol}}", file);
    assert_int_equal(fclose(file), 0);
    (void)snprintf(config.prompts.arbiter, sizeof config.prompts.arbiter, "%s", path);
}

/* Prices of 1 and 10 a million; a call of GOOD costs 0.0011. */
static int set_up(void **state)
{
    (void)state;
    memset(&config, 0, sizeof config);
    memset(&coord, 0, sizeof coord);
    config.llm = (tt_llm_config){
        .prompt_max = 1000,
        .answer_max = 4096,
        .backoff.ns = TT_NS_PER_S,
        .backoff_max.ns = 4 * TT_NS_PER_S,
        .breaker_failures = 2,
        .breaker_open.ns = 60 * TT_NS_PER_S,
    };
    config.provider_count = 1;
    tt_llm_provider_config *provider = &config.providers[0];
    *provider = (tt_llm_provider_config){
        .input_price.d = TT_DEC_C(1, 0),
        .output_price.d = TT_DEC_C(10, 0),
        .timeout.ns = 30 * TT_NS_PER_S,
        .max_tokens = 100,
        .requests_per_minute = 600,
        .retries = 2,
    };
    TT_TEXT_SET(provider->name, "one");
    TT_TEXT_SET(provider->url, "http://127.0.0.1:1/");
    TT_TEXT_SET(provider->model, "m");
    TT_TEXT_SET(provider->key_env, "TUTTI_TEST_KEY");
    TT_TEXT_SET(provider->key_file, "none");
    TT_TEXT_SET(provider->proxy, "none");
    TT_TEXT_SET(provider->ca_file, "none");
    coord.arbiter_count = 1;
    TT_TEXT_SET(coord.arbiters[0].provider, "one");
    coord.arbiters[0].call_budget.d = TT_DEC_C(1, 2);
    assert_int_equal(setenv("TUTTI_TEST_KEY", "sk-12345", 1), 0);
    write_prompt();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    tt_test_remove_folder(folder);
    return 0;
}

static tt_llm *open_llm(tt_agents *agents, bool records, bool replays)
{
    tt_llm *llm = NULL;
    tt_error error = {0};
    const tt_llm_options options = {
        .config = &config,
        .coord = &coord,
        .record_folder = records ? folder : NULL,
        .replay_folder = replays ? folder : NULL,
        .world = &played,
    };
    memset(agents, 0, sizeof *agents);
    if (tt_llm_open(&options, agents, &llm, &error) != TUTTI_OK) {
        fail_msg("%s", error.message);
    }
    return llm;
}

static tt_agent_answer call(const tt_agents *agents, tt_seq seq, const char *budget)
{
    static tt_agent_request request;
    tt_agent_answer answer = {0};
    request = (tt_agent_request){.call_seq = seq, .call.agent = TT_agent_ARBITER};
    assert_int_equal(tt_dec_parse(budget, strlen(budget), &request.call.budget.d), TUTTI_OK);
    const tt_agent_slot *slot = &agents->slots[TT_agent_ARBITER];
    slot->fn(slot->ctx, &instruments, &request, &answer);
    return answer;
}

/* Plays a script against one call of a fresh provider. */
static tt_agent_answer play(const struct attempt *script, size_t count, const char *budget)
{
    tt_agents agents;
    tt_llm *llm = open_llm(&agents, false, false);
    world = (struct world){.script = script, .count = count};
    tt_agent_answer answer = call(&agents, 1, budget);
    tt_llm_close(llm);
    return answer;
}

static void assert_cost(const tt_agent_answer *answer, const char *cost)
{
    char found[TT_DEC_TEXT_MAX];
    (void)tt_dec_format(answer->cost.d, found);
    assert_string_equal(found, cost);
}

static void a_good_answer_costs_its_tokens(void **state)
{
    (void)state;
    const struct attempt script[] = {{.code = 200, .was_sent = true, .body = GOOD}};
    tt_agent_answer answer = play(script, 1, "0.01");
    assert_int_equal(answer.status, TT_answer_status_OK);
    assert_int_equal(answer.answer_topic, TT_TOPIC_ARBITER_OPINIONS);
    assert_int_equal(answer.tokens, 1010);
    assert_cost(&answer, "0.0011");
    assert_string_equal(answer.model, "m");
    assert_string_equal(world.header, "Authorization: Bearer sk-12345");
}

static void what_may_pass_is_repeated_within_bounds(void **state)
{
    (void)state;
    const struct attempt script[] = {
        {.code = 500, .was_sent = true},
        {.code = 429, .was_sent = true, .retry_after_ns = 7 * TT_NS_PER_S},
        {.code = 200, .was_sent = true, .body = GOOD},
    };
    tt_agent_answer answer = play(script, 3, "0.01");
    assert_int_equal(answer.status, TT_answer_status_OK);
    assert_true(world.slept_ns == 8 * TT_NS_PER_S); // 1 s of back-off, 7 s because it was asked.
    assert_cost(&answer, "0.0011");                 // Errors cost nothing.
    const struct attempt broken[] = {{.code = 500}, {.code = 500}, {.code = 503}};
    answer = play(broken, 3, "0.01");
    assert_int_equal(answer.status, TT_answer_status_ERROR);
    assert_string_equal(answer.error, "the provider answered HTTP 503");
    assert_int_equal(world.used, 3);
    const struct attempt wrong[] = {{.code = 401, .was_sent = true}};
    answer = play(wrong, 1, "0.01");
    assert_int_equal(world.used, 1);
    assert_string_equal(answer.error, "the provider answered HTTP 401");
    // To be told to wait longer than the call may last ends it at once.
    const struct attempt patient[] = {{.code = 429, .retry_after_ns = 30 * TT_NS_PER_S}};
    answer = play(patient, 1, "0.01");
    assert_int_equal(answer.status, TT_answer_status_ERROR);
    assert_true(world.slept_ns == 0);
}

/* The prompt has 17 bytes: at most 81 tokens in and 100 out, that is 0.001081 an attempt. */
static void an_unknown_outcome_costs_all_it_may(void **state)
{
    (void)state;
    const struct attempt script[] = {
        {.status = TUTTI_TIMEOUT, .was_sent = true, .takes_ns = TT_NS_PER_S},
        {.status = TUTTI_BUSY, .was_sent = false},
        {.code = 200, .was_sent = true, .body = "{}"},
    };
    tt_agent_answer answer = play(script, 3, "0.01");
    assert_int_equal(answer.status, TT_answer_status_INVALID);
    assert_int_equal(answer.count, 0);
    assert_cost(&answer, "0.002162"); // The lost one, and the one without a count of tokens.
}

static void no_attempt_is_made_that_may_exceed_the_budget(void **state)
{
    (void)state;
    tt_agent_answer answer = play(NULL, 0, "0.00108099");
    assert_int_equal(answer.status, TT_answer_status_ERROR);
    assert_string_equal(answer.error, "the call may cost 0.001081, but its budget is 0.00108099");
    assert_cost(&answer, "0");
    const struct attempt script[] = {{.status = TUTTI_BUSY, .was_sent = true}};
    answer = play(script, 1, "0.001081"); // Exactly one fits; its fate is unknown.
    assert_int_equal(world.used, 1);
    assert_cost(&answer, "0.001081");
}

static void time_ends_a_call(void **state)
{
    (void)state;
    const struct attempt script[] = {
        {.status = TUTTI_TIMEOUT, .was_sent = true, .takes_ns = 30 * TT_NS_PER_S}};
    tt_agent_answer answer = play(script, 1, "0.01");
    assert_int_equal(answer.status, TT_answer_status_TIMEOUT);
    assert_int_equal(world.used, 1);
}

static void a_failing_provider_is_left_alone(void **state)
{
    (void)state;
    const struct attempt script[] = {
        {.code = 404}, {.code = 200, .body = "{}"}, {.code = 404}, {.code = 200, .body = GOOD}};
    tt_agents agents;
    tt_llm *llm = open_llm(&agents, false, false);
    world = (struct world){.script = script, .count = 4};
    assert_int_equal(call(&agents, 1, "1").status, TT_answer_status_ERROR);
    assert_int_equal(call(&agents, 2, "1").status, TT_answer_status_INVALID); // Counts as well.
    tt_agent_answer answer = call(&agents, 3, "1");
    assert_string_equal(answer.error, "one failed too often and is left alone");
    assert_int_equal(world.used, 2);
    world.now_ns += 60 * TT_NS_PER_S;
    (void)call(&agents, 4, "1"); // The trial fails.
    (void)call(&agents, 5, "1");
    assert_int_equal(world.used, 3);
    world.now_ns += 60 * TT_NS_PER_S;
    assert_int_equal(call(&agents, 6, "1").status, TT_answer_status_OK);
    tt_llm_close(llm);
}

static void a_record_answers_in_the_place_of_the_provider(void **state)
{
    (void)state;
    const struct attempt script[] = {
        {.code = 200, .body = GOOD}, {.code = 404, .takes_ns = 5}, {.code = 200, .body = "{}"}};
    tt_agents agents;
    tt_agent_answer answers[3];
    tt_llm *llm = open_llm(&agents, true, false);
    world = (struct world){.script = script, .count = 3};
    for (tt_seq i = 0; i < 3; i++) {
        answers[i] = call(&agents, 10 + i, "1");
    }
    tt_llm_close(llm);
    (void)unsetenv("TUTTI_TEST_KEY"); // A record needs no key.
    llm = open_llm(&agents, false, true);
    for (tt_seq i = 0; i < 3; i++) {
        tt_agent_answer again = call(&agents, 10 + i, "1");
        assert_memory_equal(&again, &answers[i], sizeof again);
    }
    assert_int_equal(world.used, 3);
    tt_agent_answer answer = call(&agents, 13, "1");
    assert_string_equal(answer.error, "call 13 to one is not in the record");
    assert_int_equal(answer.status, TT_answer_status_ERROR);
    tt_llm_close(llm);
    char *text = NULL;
    tt_error error = {0};
    assert_int_equal(tt_llm_record_text(folder, answers[0].record, &text, &error), TUTTI_OK);
    assert_non_null(strstr(text, "SAID"));
    assert_null(strstr(text, "sk-12345"));
    free(text);
}

static void a_record_that_was_changed_is_refused(void **state)
{
    (void)state;
    const struct attempt script[] = {{.code = 200, .body = GOOD}};
    tt_agents agents;
    tt_llm *llm = open_llm(&agents, true, false);
    world = (struct world){.script = script, .count = 1};
    tt_agent_answer answer = call(&agents, 1, "1");
    tt_llm_close(llm);
    char hex[TT_LLM_HEX_MAX];
    char path[256];
    tt_llm_hex(answer.record, hex);
    (void)snprintf(path, sizeof path, "%s/%s.json", folder, hex);
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, 20, SEEK_SET), 0);
    assert_int_equal(fputc('9', file), '9');
    assert_int_equal(fclose(file), 0);
    tt_llm_record *record = NULL;
    tt_error error = {0};
    assert_int_equal(tt_llm_record_open(folder, &record, &error), TUTTI_CORRUPT);
    assert_non_null(strstr(error.message, "is not what its name says"));
}

static void keys_come_from_their_place_alone(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "  ", "a b", "a\nX-Evil: 1", "\xc3\xa4"};
    tt_agents agents = {0};
    tt_llm *llm = NULL;
    const tt_llm_options options = {.config = &config, .coord = &coord, .world = &played};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        tt_error error = {0};
        assert_int_equal(setenv("TUTTI_TEST_KEY", bad[i], 1), 0);
        assert_int_equal(tt_llm_open(&options, &agents, &llm, &error), TUTTI_INVALID);
        assert_non_null(strstr(error.message, "TUTTI_TEST_KEY holds no key"));
    }
    tt_error error = {0};
    char longest[513];
    memset(longest, 'k', 512);
    longest[512] = '\0';
    assert_int_equal(setenv("TUTTI_TEST_KEY", longest, 1), 0);
    assert_int_equal(tt_llm_open(&options, &agents, &llm, &error), TUTTI_INVALID);
    assert_non_null(strstr(error.message, "holds no key: 1 to 511 visible characters are needed"));
    longest[511] = '\0';
    assert_int_equal(setenv("TUTTI_TEST_KEY", longest, 1), 0);
    assert_int_equal(tt_llm_open(&options, &agents, &llm, &error), TUTTI_OK);
    tt_llm_close(llm);
    llm = NULL;
    assert_int_equal(unsetenv("TUTTI_TEST_KEY"), 0);
    assert_int_equal(tt_llm_open(&options, &agents, &llm, &error), TUTTI_NOT_FOUND);
    TT_TEXT_SET(config.providers[0].key_env, "none");
    (void)snprintf(config.providers[0].key_file, 200, "%s/key", folder);
    assert_int_equal(tt_llm_open(&options, &agents, &llm, &error), TUTTI_NOT_FOUND);
    FILE *file = fopen(config.providers[0].key_file, "wb");
    assert_non_null(file);
    fputs("  from-file\n", file);
    assert_int_equal(fclose(file), 0);
    const struct attempt script[] = {{.code = 200, .body = GOOD}};
    (void)play(script, 1, "1");
    assert_string_equal(world.header, "Authorization: Bearer from-file");
    assert_null(llm);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(a_good_answer_costs_its_tokens),
        CASE(what_may_pass_is_repeated_within_bounds),
        CASE(an_unknown_outcome_costs_all_it_may),
        CASE(no_attempt_is_made_that_may_exceed_the_budget),
        CASE(time_ends_a_call),
        CASE(a_failing_provider_is_left_alone),
        CASE(a_record_answers_in_the_place_of_the_provider),
        CASE(a_record_that_was_changed_is_refused),
        CASE(keys_come_from_their_place_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
