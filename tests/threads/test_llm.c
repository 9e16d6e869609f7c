/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Language models asked by several workers at once, in a world that answers each with what it was
 * asked: nobody gets the answer of another, every call has its own record, the minute and the
 * breaker hold for all together. The network fails now and then.
 */
#include "../lib/test.h"
#include "llm/llm.h"
#include "llm/llm_record.h"

#include <dirent.h>
#include <pthread.h>
#include <stdatomic.h>

enum {
    WORKERS = 4,
    CALLS = 100 /**< Of each worker. */
};

/** The world; its clock moves when somebody sleeps. */
static struct {
    _Atomic int64_t now_ns;
    _Atomic uint32_t posts;
    bool is_down; /**< Every attempt ends with 500. */
} world;

static tt_llm_module_config config;
static tt_coord_config coord;
static tt_instruments instruments;
static char folder[64];

/** Copies what stands between `now=\"` and the next backslash of a request. */
static void find_asked(const tt_http_post *post, char asked[TT_TIME_TEXT_MAX])
{
    const char *at = memmem(post->body, post->body_size, "now=\\\"", 6);
    assert_non_null(at);
    at += 6;
    size_t length = strcspn(at, "\\");
    assert_true(length < TT_TIME_TEXT_MAX);
    memcpy(asked, at, length);
    asked[length] = '\0';
}

static tutti_status
play_post(void *ctx, const tt_http_post *post, tt_http_result *result, tt_error *error)
{
    (void)ctx;
    char asked[TT_TIME_TEXT_MAX];
    uint32_t number = atomic_fetch_add(&world.posts, 1);
    find_asked(post, asked);
    result->retry_after.ns = -1;
    result->was_sent = true;
    if (number % 11 == 5) {
        result->was_sent = false;
        return tt_error_set(error, TUTTI_BUSY, "nobody listens");
    }
    result->code = world.is_down || number % 7 == 3 ? 500 : 200;
    int length = snprintf(
        result->body,
        result->capacity,
        "{\"choices\":[{\"message\":{\"content\":\"{\\\"action\\\":\\\"wait\\\",\\\"confidence\\\":"
        "0.5,\\\"reasoning\\\":\\\"%s\\\"}\"},\"finish_reason\":\"stop\"}],\"usage\":{"
        "\"prompt_tokens\":10,\"completion_tokens\":10}}",
        asked);
    result->size = (size_t)length;
    return TUTTI_OK;
}

static int64_t play_now(void *ctx)
{
    (void)ctx;
    return atomic_load(&world.now_ns);
}

static void play_sleep(void *ctx, int64_t span_ns)
{
    (void)ctx;
    atomic_fetch_add(&world.now_ns, span_ns);
}

static const tt_llm_world played = {.post = play_post, .now_ns = play_now, .sleep_ns = play_sleep};

static void write_prompt(void)
{
    char path[96];
    strcpy(folder, "/tmp/tutti-threads-llm-XXXXXX");
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/prompt", folder);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fputs("judge\n---\nnow={{now}}", file);
    assert_int_equal(fclose(file), 0);
    TT_TEXT_SET(config.prompts.arbiter, path);
}

static int set_up(void **state)
{
    (void)state;
    memset(&world, 0, sizeof world);
    config.llm = (tt_llm_config){
        .prompt_max = 1000,
        .answer_max = 4096,
        .backoff.ns = TT_NS_PER_MS,
        .backoff_max.ns = TT_NS_PER_MS,
        .breaker_failures = 1000,
        .breaker_open.ns = 60 * TT_NS_PER_S,
    };
    config.provider_count = 1;
    tt_llm_provider_config *provider = &config.providers[0];
    *provider = (tt_llm_provider_config){
        .timeout.ns = 300 * TT_NS_PER_S,
        .max_tokens = 100,
        .requests_per_minute = 100,
        .retries = 5,
    };
    TT_TEXT_SET(provider->name, "one");
    TT_TEXT_SET(provider->url, "http://127.0.0.1:1/");
    TT_TEXT_SET(provider->model, "m");
    TT_TEXT_SET(provider->key_env, "none");
    TT_TEXT_SET(provider->key_file, "none");
    TT_TEXT_SET(provider->proxy, "none");
    TT_TEXT_SET(provider->ca_file, "none");
    coord.arbiter_count = 1;
    TT_TEXT_SET(coord.arbiters[0].provider, "one");
    write_prompt();
    return 0;
}

/** Calls the file of each record; returns how many there are. */
static uint32_t clear_folder(void)
{
    uint32_t records = 0;
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    for (const struct dirent *item = readdir(dir); item != NULL; item = readdir(dir)) {
        char path[400];
        records += strstr(item->d_name, ".json") != NULL;
        (void)snprintf(path, sizeof path, "%s/%s", folder, item->d_name);
        (void)unlink(path);
    }
    (void)closedir(dir);
    return records;
}

static int tear_down(void **state)
{
    (void)state;
    (void)clear_folder();
    return rmdir(folder);
}

/** One worker: its calls, and what came of them. */
struct worker {
    pthread_t thread;
    const tt_agents *agents;
    uint32_t number;
    uint32_t calls;
    uint32_t answered;
    uint32_t failed;
    uint32_t recorded;
    uint32_t wrong; /**< Answers to what somebody else had asked. */
};

static void *work(void *argument)
{
    static const uint8_t none[32];
    struct worker *worker = argument;
    tt_agent_request request = {.call.agent = TT_agent_ARBITER};
    const tt_agent_slot *slot = &worker->agents->slots[TT_agent_ARBITER];
    for (uint32_t i = 0; i < worker->calls; i++) {
        char asked[TT_TIME_TEXT_MAX];
        tt_agent_answer answer = {0};
        tt_arbiter_opinion opinion;
        request.call_seq = worker->number * CALLS + i + 1;
        request.now.ns = (int64_t)request.call_seq * TT_NS_PER_S;
        slot->fn(slot->ctx, &instruments, &request, &answer);
        worker->recorded += memcmp(answer.record, none, sizeof none) != 0;
        if (answer.status != TT_answer_status_OK) {
            worker->failed++;
            continue;
        }
        tt_time_format(request.now, asked);
        memcpy(&opinion, answer.body, sizeof opinion);
        worker->answered++;
        worker->wrong += strcmp(opinion.reasoning, asked) != 0;
    }
    return NULL;
}

/** Lets all workers make `calls` each; returns the sums. */
static struct worker run_workers(const tt_agents *agents, uint32_t calls)
{
    static struct worker workers[WORKERS];
    struct worker sum = {0};
    for (uint32_t i = 0; i < WORKERS; i++) {
        workers[i] = (struct worker){.agents = agents, .number = i, .calls = calls};
        assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    }
    for (uint32_t i = 0; i < WORKERS; i++) {
        pthread_join(workers[i].thread, NULL);
        sum.answered += workers[i].answered;
        sum.failed += workers[i].failed;
        sum.recorded += workers[i].recorded;
        sum.wrong += workers[i].wrong;
    }
    return sum;
}

static tt_llm *open_llm(tt_agents *agents)
{
    tt_llm *llm = NULL;
    tt_error error = {0};
    const tt_llm_options options = {
        .config = &config, .coord = &coord, .record_folder = folder, .world = &played};
    memset(agents, 0, sizeof *agents);
    if (tt_llm_open(&options, agents, &llm, &error) != TUTTI_OK) {
        fail_msg("%s", error.message);
    }
    return llm;
}

static void everybody_gets_the_own_answer_and_record(void **state)
{
    (void)state;
    tt_agents agents;
    tt_llm *llm = open_llm(&agents);
    struct worker sum = run_workers(&agents, CALLS);
    tt_llm_close(llm);
    assert_int_equal(sum.answered + sum.failed, WORKERS * CALLS);
    assert_int_equal(sum.wrong, 0);
    assert_true(sum.answered > WORKERS * CALLS * 9 / 10);
    assert_int_equal(clear_folder(), sum.recorded);
    assert_true(sum.recorded >= sum.answered);
    // 100 requests in any minute, for all workers together.
    uint32_t minutes = (uint32_t)(atomic_load(&world.now_ns) / (60 * TT_NS_PER_S));
    assert_in_range(atomic_load(&world.posts), sum.answered, 100 * (minutes + 1));
}

static void one_breaker_stops_all(void **state)
{
    (void)state;
    tt_agents agents;
    world.is_down = true;
    config.llm.breaker_failures = 5;
    config.providers[0].retries = 0;
    tt_llm *llm = open_llm(&agents);
    struct worker sum = run_workers(&agents, CALLS);
    assert_int_equal(sum.answered, 0);
    // The fifth failure opens it; who was under way then still ends.
    assert_in_range(atomic_load(&world.posts), 5, 5 + WORKERS - 1);
    // A minute later one of all may try, and fails; nobody else is let through.
    uint32_t before = atomic_load(&world.posts);
    play_sleep(NULL, 60 * TT_NS_PER_S);
    (void)run_workers(&agents, 20);
    assert_int_equal(atomic_load(&world.posts), before + 1);
    // When the provider works again one success lets all of them through.
    world.is_down = false;
    atomic_store(&world.posts, 7); // Far from the numbers that fail.
    play_sleep(NULL, 60 * TT_NS_PER_S);
    config.llm.breaker_failures = 5;
    (void)run_workers(&agents, 1);
    sum = run_workers(&agents, 1);
    assert_true(sum.answered > 0);
    tt_llm_close(llm);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            everybody_gets_the_own_answer_and_record, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_breaker_stops_all, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
