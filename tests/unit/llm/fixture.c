/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The world of the tests of calls that several models answer.
 */
#include "fixture.h"

#include "../../lib/folder.h"

const char *sayings[MODELS];
const char *reasoning;
atomic_int calls;
tt_llm_module_config config;
tt_coord_config coord;
tt_instruments instruments;
char folder[64];

/* The request names the model. */
static int model_of(const tt_http_post *post)
{
    for (int i = 0; i < MODELS; i++) {
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
    const char *saying = sayings[model_of(post)];
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
        "{\"choices\":[{\"message\":{\"content\":\"{%s,\\\"reasoning\\\":\\\"%s\\\"}\"},"
        "\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":1000,\"completion_tokens\":10}}",
        escaped,
        reasoning);
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

static void add_provider(int index)
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
}

void set_up_models(void)
{
    memset(&config, 0, sizeof config);
    memset(&coord, 0, sizeof coord);
    config.llm = (tt_llm_config){
        .prompt_max = 1000,
        .answer_max = 4096,
        .breaker_failures = 1000,
        .min_votes = 4,
    };
    for (int i = 0; i < MODELS; i++) {
        add_provider(i);
        sayings[i] = NULL;
    }
    config.provider_count = MODELS;
    (void)snprintf(folder, sizeof folder, "/tmp/tutti-models-%d", (int)getpid());
    assert_int_equal(tt_llm_record_make(folder, NULL), TUTTI_OK);
    reasoning = "so";
    atomic_store(&calls, 0);
}

void write_prompt(const char *name, char *ret_path, size_t size)
{
    char path[96];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fputs("decide\n---\n{{symbol}}", file);
    assert_int_equal(fclose(file), 0);
    tt_text_set(ret_path, size, path);
}

void tear_down_models(void)
{
    tt_test_remove_folder(folder);
}

tt_agent_answer call_agent(tt_agent agent, bool records, bool replays, const char *budget)
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
    request = (tt_agent_request){.call_seq = 7, .call.agent = (uint8_t)agent};
    request.call.indicators_seq = 5;
    assert_int_equal(tt_dec_parse(budget, strlen(budget), &request.call.budget.d), TUTTI_OK);
    const tt_agent_slot *slot = &agents.slots[agent];
    slot->fn(slot->ctx, &instruments, &request, &answer);
    tt_llm_close(llm);
    return answer;
}

void assert_dec(tt_dec value, const char *expected)
{
    char found[TT_DEC_TEXT_MAX];
    (void)tt_dec_format(value, found);
    assert_string_equal(found, expected);
}
