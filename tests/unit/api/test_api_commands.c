/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Commands and the stream over HTTP, with a core that the test plays: who may ask, what is sent,
 * when and what is answered, what a number that comes again does.
 *
 * Covers: api_answer_command.c api_auth.c api_stream.c
 */
#include "../../threads/session_rig.h"
#include "api/api_priv.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>

/** How the core answers the next command. */
typedef struct script {
    bool is_full;    /**< The ring takes nothing. */
    bool is_silent;  /**< No reply comes. */
    bool is_durable; /**< What is said is durable at once. */
    tt_reply_status status;
} script;

static struct {
    pthread_mutex_t lock;
    rig http;
    tt_config *config;
    tt_api *api;
    pthread_t thread;
    script script;
    tt_coordinator_command sent[64];
    uint32_t keys[64];
    unsigned sent_count;
    tt_api_msg waiting[128];
    unsigned first;
    unsigned count;
    tt_seq next_seq;
    tt_seq durable;
    unsigned events; /**< Messages that the stream is to tell. */
    char folder[64];
    char tokens_path[128];
    char local_path[128];
    char viewer[TT_TOKEN_SECRET_MAX];
    char trader[TT_TOKEN_SECRET_MAX];
    char admin[TT_TOKEN_SECRET_MAX];
} world;

static char reply[1 << 16];

/* ---- the core ---- */

static void say(uint16_t topic, uint32_t key, const void *payload, size_t size)
{
    tt_api_msg *msg = &world.waiting[(world.first + world.count++) % 128];
    memset(msg, 0, sizeof *msg);
    msg->head = (tt_msg){
        .seq = world.next_seq++,
        .time = {INT64_C(1704067200) * TT_NS_PER_S},
        .topic = topic,
        .key = key,
        .source = TT_SOURCE_COORDINATOR,
        .size = (uint16_t)size};
    memcpy(msg->payload, payload, size);
}

static bool post(void *ctx, const tt_coordinator_command *command, uint32_t key)
{
    (void)ctx;
    pthread_mutex_lock(&world.lock);
    bool is_taken = !world.script.is_full;
    if (is_taken) {
        world.sent[world.sent_count % 64] = *command;
        world.keys[world.sent_count++ % 64] = key;
        say(TT_TOPIC_COORDINATOR_COMMANDS, key, command, sizeof *command);
        if (!world.script.is_silent) {
            tt_command_reply answer = {
                .request_id = command->request_id,
                .command = command->command,
                .status = (uint8_t)world.script.status,
                .message = "the core \"said\" so"};
            say(TT_TOPIC_COMMAND_REPLIES, key, &answer, sizeof answer);
        }
        world.durable = world.script.is_durable ? world.next_seq - 1 : world.durable;
    }
    pthread_mutex_unlock(&world.lock);
    return is_taken;
}

static bool take_reply(void *ctx, tt_api_msg *ret_msg)
{
    (void)ctx;
    pthread_mutex_lock(&world.lock);
    bool has_one = world.count > 0;
    if (has_one) {
        *ret_msg = world.waiting[world.first];
        world.first = (world.first + 1) % 128;
        world.count--;
    }
    pthread_mutex_unlock(&world.lock);
    return has_one;
}

static bool take_event(void *ctx, tt_api_msg *ret_msg)
{
    (void)ctx;
    pthread_mutex_lock(&world.lock);
    bool has_one = world.events > 0;
    if (has_one) {
        tt_notification payload = {.severity = TT_severity_HIGH, .message = "a\nb"};
        memset(ret_msg, 0, sizeof *ret_msg);
        ret_msg->head = (tt_msg){
            .seq = 1000 + world.events--,
            .topic = TT_TOPIC_NOTIFICATIONS,
            .source = TT_SOURCE_COORDINATOR,
            .size = sizeof payload};
        memcpy(ret_msg->payload, &payload, sizeof payload);
    }
    pthread_mutex_unlock(&world.lock);
    return has_one;
}

static tt_seq durable(void *ctx)
{
    (void)ctx;
    pthread_mutex_lock(&world.lock);
    tt_seq seq = world.durable;
    pthread_mutex_unlock(&world.lock);
    return seq;
}

static bool take_status(void *ctx, tt_api_status *ret_status)
{
    (void)ctx;
    (void)ret_status;
    return false;
}

static void *serve(void *api)
{
    tt_api_run(api);
    return NULL;
}

static void make_tokens(void)
{
    tt_tokens tokens = {0};
    tt_error error = {0};
    fx_ok(tt_tokens_add(&tokens, "vera", TT_role_VIEWER, world.viewer, &error), &error);
    fx_ok(tt_tokens_add(&tokens, "tom", TT_role_TRADER, world.trader, &error), &error);
    fx_ok(tt_tokens_add(&tokens, "ada", TT_role_ADMIN, world.admin, &error), &error);
    fx_ok(tt_tokens_save(world.tokens_path, &tokens, &error), &error);
}

static int open_with(const char *const *sets)
{
    tt_error error = {0};
    char address[128];
    memset(&world, 0, sizeof world);
    pthread_mutex_init(&world.lock, NULL);
    world.next_seq = 100;
    world.script.is_durable = true;
    world.config = fx_config(sets);
    snprintf(world.folder, sizeof world.folder, "%s", fx_folder());
    snprintf(world.tokens_path, sizeof world.tokens_path, "%s/api.tokens", world.folder);
    snprintf(world.local_path, sizeof world.local_path, "%s/api.token", world.folder);
    make_tokens();
    tt_api_options options = {
        .config = &world.config->api,
        .tokens_path = world.tokens_path,
        .local_path = world.local_path,
        .run_name = "a test",
        .currency = "USDT",
        .instruments = &world.config->engine.instruments,
        .mode = TT_mode_PAPER,
        .take_status = take_status,
        .take_reply = take_reply,
        .take_event = take_event,
        .post = post,
        .durable = durable,
    };
    fx_ok(tt_api_open(&options, &world.api, &error), &error);
    fx_ok(tt_api_secure(world.api, &error), &error);
    tt_api_address(world.api, address, sizeof address);
    world.http.port = (uint16_t)strtoul(strrchr(address, ':') + 1, NULL, 10);
    return pthread_create(&world.thread, NULL, serve, world.api);
}

static int open_api(void **state)
{
    (void)state;
    return open_with(NULL);
}

static int open_impatient(void **state)
{
    (void)state;
    static const char *const sets[] = {"api.command_timeout=0.5", NULL};
    return open_with(sets);
}

static int open_limited(void **state)
{
    (void)state;
    static const char *const sets[] = {
        "api.limit_default=60", "api.limit_moderate=30", "api.limit_expensive=5", NULL};
    return open_with(sets);
}

static int close_api(void **state)
{
    (void)state;
    tt_api_stop(world.api);
    pthread_join(world.thread, NULL);
    tt_api_close(world.api);
    fx_remove(world.folder);
    free(world.config);
    return 0;
}

/* ---- requests ---- */

static unsigned sent_count(void)
{
    pthread_mutex_lock(&world.lock);
    unsigned count = world.sent_count;
    pthread_mutex_unlock(&world.lock);
    return count;
}

/** A copy of a command that reached the core; lives until the fourth call after. */
static const tt_coordinator_command *sent(unsigned place)
{
    static tt_coordinator_command copies[4];
    static unsigned next;
    tt_coordinator_command *copy = &copies[next++ % 4];
    pthread_mutex_lock(&world.lock);
    *copy = world.sent[place];
    pthread_mutex_unlock(&world.lock);
    return copy;
}

static uint32_t sent_key(unsigned place)
{
    pthread_mutex_lock(&world.lock);
    uint32_t key = world.keys[place];
    pthread_mutex_unlock(&world.lock);
    return key;
}

/** Asks as somebody; NULL = nobody. Returns the code; `reply` holds head and body. */
static int ask_with(
    const char *method, const char *path, const char *token, const char *more, const char *body)
{
    static char text[8192];
    snprintf(
        text,
        sizeof text,
        "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\n%s%s%s%sContent-Length: %zu\r\n"
        "Connection: close\r\n\r\n%s",
        method,
        path,
        token == NULL ? "" : "Authorization: Bearer ",
        token == NULL ? "" : token,
        token == NULL ? "" : "\r\n",
        more,
        strlen(body),
        body);
    return rig_send(&world.http, text, reply, sizeof reply);
}

static int command(const char *path, const char *token, const char *body)
{
    char full[160];
    snprintf(full, sizeof full, "/api/v1/%s", path);
    return ask_with(
        "POST", full, token, body[0] == 0 ? "" : "Content-Type: application/json\r\n", body);
}

static int get(const char *path, const char *token)
{
    char full[128];
    snprintf(full, sizeof full, "/api/v1/%s", path);
    return ask_with("GET", full, token, "", "");
}

static bool says(const char *text)
{
    return strstr(reply, text) != NULL;
}

static void check_body(void)
{
    const char *body = strstr(reply, "\r\n\r\n");
    assert_non_null(body);
    rig_check_json(body + 4);
}

static void set_script(script next)
{
    pthread_mutex_lock(&world.lock);
    world.script = next;
    pthread_mutex_unlock(&world.lock);
}

/** Asks for a confirmation and gives a body that sends it along. */
static const char *confirm(const char *path, const char *token)
{
    static char body[128];
    char full[128];
    snprintf(full, sizeof full, "%s/confirm", path);
    assert_int_equal(command(full, token, ""), 201);
    const char *found = strstr(reply, "\"confirmation\": \"");
    assert_non_null(found);
    snprintf(body, sizeof body, "{\"confirmation\": \"%.32s\"}", found + 17);
    return body;
}

/* ---- tests ---- */

static void a_command_is_sent_as_it_was_asked(void **state)
{
    (void)state;
    assert_int_equal(
        command(
            "coordinator/task/ta_analysis/run?symbol=ETH/USDT",
            world.trader,
            "{\"reason\": \"to see\", \"request_id\": 7}"),
        200);
    check_body();
    assert_true(says("\"outcome\": \"done\"") && says("\"message\": \"the core \\\"said\\\" so\""));
    assert_true(says("\"actor\": \"tom\"") && says("\"role\": \"trader\""));
    assert_true(says("\"command_seq\": 100, \"reply_seq\": 101"));
    const tt_coordinator_command *first = sent(0);
    assert_int_equal(sent_count(), 1);
    assert_int_equal(sent_key(0), 2);
    assert_int_equal(first->command, TT_command_FORCE_RUN);
    assert_int_equal(first->task, TT_task_TA_ANALYSIS);
    assert_int_equal(first->role, TT_role_TRADER);
    assert_string_equal(first->actor, "tom");
    assert_string_equal(first->reason, "to see");
    assert_true(first->request_id == 7);
}

static void every_task_of_the_coordinator_can_be_named(void **state)
{
    (void)state;
    static const char *const verbs[] = {"run", "enable", "disable"};
    static const tt_command meant[] = {
        TT_command_FORCE_RUN, TT_command_ENABLE_TASK, TT_command_DISABLE_TASK};
    for (uint8_t task = 0; task < TT_task_COUNT; task++) {
        for (int verb = 0; verb < 3; verb++) {
            char path[96];
            snprintf(
                path,
                sizeof path,
                "coordinator/task/%s/%s",
                tt_enum_text(&tt_enum_task, task),
                verbs[verb]);
            assert_int_equal(command(path, world.admin, ""), 200);
            const tt_coordinator_command *last = sent(sent_count() - 1);
            assert_int_equal(last->task, task);
            assert_int_equal(last->command, meant[verb]);
        }
    }
    // Names of agents are no names of tasks; the answer lists those there are.
    assert_int_equal(command("coordinator/task/technical_analysis/run", world.admin, ""), 404);
    assert_true(says("ta_analysis, regime_detection, sentiment_analysis, trading_decision"));
    assert_int_equal(sent_count(), 15);
}

static void what_the_core_says_is_told_truthfully(void **state)
{
    (void)state;
    static const struct {
        tt_reply_status status;
        int code;
        const char *outcome;
    } rows[] = {
        {TT_reply_status_DONE, 200, "\"outcome\": \"done\""},
        {TT_reply_status_REFUSED, 409, "\"outcome\": \"refused\""},
        {TT_reply_status_NOT_FOUND, 404, "\"outcome\": \"not_found\""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        set_script((script){.is_durable = true, .status = rows[i].status});
        assert_int_equal(command("coordinator/resume", world.admin, ""), rows[i].code);
        assert_true(says(rows[i].outcome));
        assert_int_equal(says("application/problem+json"), rows[i].code != 200);
        check_body();
    }
    set_script((script){.is_full = true});
    assert_int_equal(command("coordinator/halt", world.admin, ""), 503);
    assert_int_equal(get("commands", world.viewer), 200);
    assert_true(says("\"count\": 3}")); // What was not sent is no command.
}

static void an_answer_waits_until_it_is_durable(void **state)
{
    (void)state;
    set_script((script){.is_durable = false});
    int64_t start = tt_mono_ns();
    assert_int_equal(command("coordinator/pause", world.admin, "{\"request_id\": 9}"), 504);
    assert_true(tt_mono_ns() - start >= TT_NS_PER_S / 2);
    check_body();
    assert_true(says("/api/v1/commands/9") && says("\"request_id\": 9}"));
    assert_int_equal(get("commands/9", world.viewer), 200);
    assert_true(says("\"outcome\": \"pending\"") && says("\"message\": \"\""));
    // Asked again under its number it is not sent again, and says what is known.
    assert_int_equal(command("coordinator/pause", world.admin, "{\"request_id\": 9}"), 202);
    assert_true(says("Idempotent-Replayed: true"));
    pthread_mutex_lock(&world.lock);
    world.durable = world.next_seq - 1;
    pthread_mutex_unlock(&world.lock);
    for (int i = 0; i < 100 && (get("commands/9", world.viewer), !says("\"done\"")); i++) {
        tt_sleep_ns(20 * TT_NS_PER_MS);
    }
    assert_true(says("\"outcome\": \"done\""));
    assert_int_equal(sent_count(), 1);
}

static void a_number_is_carried_out_once(void **state)
{
    (void)state;
    assert_int_equal(command("coordinator/pause", world.admin, "{\"request_id\": 5}"), 200);
    assert_int_equal(command("coordinator/pause", world.admin, "{\"request_id\": 5}"), 200);
    assert_true(says("Idempotent-Replayed: true") && says("\"command_seq\": 100"));
    assert_int_equal(sent_count(), 1);
    // The same number for something else, or by somebody else, is refused.
    assert_int_equal(command("coordinator/resume", world.admin, "{\"request_id\": 5}"), 422);
    assert_int_equal(
        command("coordinator/task/ta_analysis/enable", world.admin, "{\"request_id\": 5}"), 422);
    assert_int_equal(command("coordinator/halt", world.trader, "{\"request_id\": 5}"), 422);
    assert_int_equal(sent_count(), 1);
    // Without a number each is a command of its own.
    assert_int_equal(command("coordinator/pause", world.admin, ""), 200);
    assert_int_equal(command("coordinator/pause", world.admin, ""), 200);
    assert_int_equal(sent_count(), 3);
    assert_true(sent(1)->request_id != sent(2)->request_id);
}

static void what_is_dangerous_needs_a_confirmation(void **state)
{
    (void)state;
    const char *path = "coordinator/flatten";
    assert_int_equal(command(path, world.trader, ""), 400);
    assert_true(says("a valid confirmation is needed"));
    assert_int_equal(
        command(path, world.trader, "{\"confirmation\": \"0123456789abcdef0123456789abcdef\"}"),
        400);
    char body[128];
    snprintf(body, sizeof body, "%s", confirm(path, world.trader));
    // Neither for another symbol, nor for another action, nor by another.
    assert_int_equal(command("coordinator/flatten?symbol=BTC/USDT", world.trader, body), 400);
    assert_int_equal(command("positions/3/close", world.trader, body), 400);
    assert_int_equal(command(path, world.admin, body), 400);
    assert_int_equal(sent_count(), 0);
    assert_int_equal(command(path, world.trader, body), 200);
    assert_int_equal(command(path, world.trader, body), 400); // It holds once.
    assert_int_equal(sent_count(), 1);
    assert_int_equal(sent_key(0), 0);
    assert_int_equal(
        command("positions/3/close", world.trader, confirm("positions/3/close", world.trader)),
        200);
    assert_int_equal(sent(1)->command, TT_command_CLOSE_POSITION);
    assert_true(sent(1)->subject_seq == 3);
    assert_int_equal(
        command("positions/4/close", world.trader, confirm("positions/3/close", world.trader)),
        400);
    assert_int_equal(command("risk/reset", world.admin, confirm("risk/reset", world.admin)), 200);
    assert_int_equal(sent(2)->command, TT_command_RESET_RISK);
}

static void nobody_gets_more_than_his_role(void **state)
{
    (void)state;
    assert_int_equal(command("coordinator/pause", NULL, ""), 401);
    assert_true(says("WWW-Authenticate: Bearer"));
    assert_int_equal(command("coordinator/pause", "tutti_00000000_00", ""), 401);
    assert_int_equal(command("coordinator/pause", world.viewer, ""), 403);
    assert_int_equal(command("coordinator/pause", world.trader, ""), 403);
    assert_true(says("role admin"));
    assert_int_equal(command("coordinator/halt", world.viewer, ""), 403);
    assert_int_equal(command("coordinator/halt", world.trader, ""), 200);
    assert_int_equal(get("commands", NULL), 401);
    assert_int_equal(get("commands", world.viewer), 200);
    assert_int_equal(sent_count(), 1);
    assert_null(strstr(reply, world.viewer + 20)); // Nothing tells a secret.
}

static void requests_that_are_not_right_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        const char *body;
        int code;
    } rows[] = {
        {"coordinator/pause?symbol=BTC/USDT", "", 400},
        {"coordinator/task/ta_analysis/run?symbol=NOPE", "", 404},
        {"approvals/x/approve", "", 400},
        {"approvals/0/approve", "", 400},
        {"approvals/18446744073709551616/approve", "", 400},
        {"coordinator/pause", "{\"reason\": 5}", 400},
        {"coordinator/pause", "{\"force\": true}", 400},
        {"coordinator/pause", "pause", 400},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int code = command(rows[i].path, world.admin, rows[i].body);
        if (code != rows[i].code) {
            fail_msg("%s %s: %d", rows[i].path, rows[i].body, code);
        }
        check_body();
    }
    static const char path[] = "/api/v1/coordinator/pause";
    assert_int_equal(ask_with("POST", path, world.admin, "", "{}"), 415);
    assert_int_equal(
        ask_with("POST", path, world.admin, "Content-Type: application/jsonx\r\n", "{}"), 415);
    assert_int_equal(
        ask_with(
            "POST", path, world.admin, "Content-Type: application/json; charset=utf-8\r\n", "{}"),
        200);
    assert_int_equal(ask_with("GET", path, world.admin, "", ""), 405);
    assert_true(says("Allow: POST"));
    assert_int_equal(ask_with("DELETE", path, world.admin, "", ""), 405);
    assert_int_equal(sent_count(), 1);
}

static void pages_of_other_sites_are_refused(void **state)
{
    (void)state;
    static const char path[] = "/api/v1/coordinator/pause";
    static const char *const foreign[] = {
        "Origin: http://evil.example\r\n", "Origin: null\r\n", "Origin: http://127.0.0.1.evil\r\n"};
    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++) {
        assert_int_equal(ask_with("POST", path, world.admin, foreign[i], ""), 403);
    }
    assert_int_equal(ask_with("POST", path, world.admin, "Origin: http://127.0.0.1\r\n", ""), 200);
    // A name that a resolver was tricked into.
    assert_int_equal(
        rig_send(
            &world.http,
            "GET /healthz HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
            reply,
            sizeof reply),
        421);
    assert_int_equal(
        rig_send(
            &world.http,
            "GET /healthz HTTP/1.1\r\nHost: LocalHost:99\r\nConnection: close\r\n\r\n",
            reply,
            sizeof reply),
        200);
}

static void limits_are_of_tiers_and_told(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++) {
        assert_int_equal(command("coordinator/task/ta_analysis/run", world.trader, ""), 200);
        char left[48];
        snprintf(left, sizeof left, "X-RateLimit-Remaining: %d\r\n", 4 - i);
        assert_true(says("X-RateLimit-Limit: 5\r\n") && says(left));
    }
    assert_int_equal(command("coordinator/task/ta_analysis/run", world.trader, ""), 429);
    assert_true(says("Retry-After: ") && says("X-RateLimit-Remaining: 0"));
    check_body();
    assert_int_equal(command("coordinator/halt", world.trader, ""), 200); // Another tier.
    assert_int_equal(command("coordinator/task/ta_analysis/run", world.admin, ""), 200);
    // Status of the coordinator is read in the default tier: sixty times, not five.
    for (int i = 0; i < 60; i++) {
        assert_int_equal(get("coordinator/status", world.viewer), 503); // There is none yet.
    }
    assert_int_equal(get("coordinator/status", world.viewer), 429);
    // Who guesses tokens is slowed down as well.
    int refused = 0;
    for (int i = 0; i < 61; i++) {
        refused = get("whoami", "tutti_00000000_11");
        assert_int_equal(refused, i < 60 ? 401 : 429);
    }
    assert_int_equal(get("whoami", world.admin), 200);
}

static void a_revoked_token_ends_within_seconds(void **state)
{
    (void)state;
    tt_tokens tokens;
    tt_error error = {0};
    assert_int_equal(get("whoami", world.viewer), 200);
    fx_ok(tt_tokens_load(world.tokens_path, &tokens, &error), &error);
    assert_true(tt_tokens_remove(&tokens, "vera"));
    fx_ok(tt_tokens_save(world.tokens_path, &tokens, &error), &error);
    for (int i = 0; i < 200 && get("whoami", world.viewer) == 200; i++) {
        tt_sleep_ns(20 * TT_NS_PER_MS);
    }
    assert_int_equal(get("whoami", world.viewer), 401);
    assert_int_equal(get("whoami", world.admin), 200);
    // A file that others may change lets nobody in.
    assert_int_equal(chmod(world.tokens_path, 0666), 0);
    for (int i = 0; i < 200 && get("whoami", world.admin) == 200; i++) {
        tt_sleep_ns(20 * TT_NS_PER_MS);
    }
    assert_int_equal(get("whoami", world.admin), 503);
    assert_null(strstr(reply, world.tokens_path));
}

static void the_link_of_the_page_may_look_and_no_more(void **state)
{
    (void)state;
    char link[256];
    tt_api_page_link(world.api, link, sizeof link);
    const char *key = strstr(link, "/#key=");
    assert_non_null(key);
    assert_int_equal(get("whoami", key + 6), 200);
    assert_true(says("\"name\": \"status_page\", \"role\": \"viewer\""));
    assert_int_equal(command("coordinator/halt", key + 6, ""), 403);
}

static void a_stream_tells_what_happens(void **state)
{
    (void)state;
    char request[256];
    static char text[1 << 16];
    snprintf(
        request,
        sizeof request,
        "GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n\r\n",
        world.viewer);
    assert_int_equal(get("events", NULL), 401);
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons(world.http.port),
        .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int file = socket(AF_INET, SOCK_STREAM, 0);
    struct timeval limit = {.tv_sec = 20};
    setsockopt(file, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    assert_int_equal(connect(file, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(send(file, request, strlen(request), 0), strlen(request));
    size_t length = 0;
    while (strstr(text, "from now on") == NULL) {
        ssize_t got = read(file, text + length, sizeof text - 1 - length);
        assert_true(got > 0);
        length += (size_t)got;
    }
    pthread_mutex_lock(&world.lock);
    world.events = 2;
    pthread_mutex_unlock(&world.lock);
    while (strstr(text, "id: 1001\n") == NULL || strstr(text + length - 2, "\n\n") == NULL) {
        ssize_t got = read(file, text + length, sizeof text - 1 - length);
        assert_true(got > 0);
        length += (size_t)got;
    }
    assert_non_null(strstr(text, "Content-Type: text/event-stream"));
    assert_non_null(strstr(text, "id: 1002\nevent: notifications\ndata: {"));
    assert_non_null(strstr(text, "a\\nb")); // A line feed in a text does not end the event.
    close(file);
}

static int open_stream(void)
{
    char request[256];
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons(world.http.port),
        .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int size = snprintf(
        request,
        sizeof request,
        "GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n\r\n",
        world.viewer);
    int file = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(file, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(send(file, request, (size_t)size, 0), size);
    assert_true(read(file, request, 12) == 12 && memcmp(request, "HTTP/1.1 200", 12) == 0);
    return file;
}

static void streams_have_a_bound(void **state)
{
    (void)state;
    int files[TT_API_STREAMS_MAX];
    for (size_t i = 0; i < TT_API_STREAMS_MAX; i++) {
        files[i] = open_stream();
    }
    assert_int_equal(get("events", world.viewer), 503);
    assert_true(says("too many streams"));
    assert_int_equal(get("whoami", world.viewer), 200);
    for (size_t i = 0; i < TT_API_STREAMS_MAX; i++) {
        close(files[i]);
    }
}

static void the_table_of_commands_has_a_bound(void **state)
{
    (void)state;
    static tt_api_commands table;
    memset(&table, 0, sizeof table);
    for (uint64_t i = 1; i <= TT_API_COMMANDS_MAX; i++) {
        tt_api_command *at = tt_api_commands_place(&table);
        assert_non_null(at);
        at->state = TT_API_COMMAND_SENT;
        at->ticket = i;
        at->command.request_id = i;
    }
    assert_null(tt_api_commands_place(&table)); // All are in work: one more is refused.
    tt_api_commands_find(&table, 9)->state = TT_API_COMMAND_ANSWERED;
    assert_null(tt_api_commands_place(&table)); // Not durable yet: it is still in work.
    tt_api_commands_find(&table, 200)->state = TT_API_COMMAND_DONE;
    tt_api_commands_find(&table, 100)->state = TT_API_COMMAND_DONE;
    assert_ptr_equal(tt_api_commands_place(&table), &table.list[99]); // The older one goes.
}

#define SERVED(test) cmocka_unit_test_setup_teardown(test, open_api, close_api)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVED(a_command_is_sent_as_it_was_asked),
        SERVED(every_task_of_the_coordinator_can_be_named),
        SERVED(what_the_core_says_is_told_truthfully),
        cmocka_unit_test_setup_teardown(
            an_answer_waits_until_it_is_durable, open_impatient, close_api),
        SERVED(a_number_is_carried_out_once),
        SERVED(what_is_dangerous_needs_a_confirmation),
        SERVED(nobody_gets_more_than_his_role),
        SERVED(requests_that_are_not_right_are_refused),
        SERVED(pages_of_other_sites_are_refused),
        cmocka_unit_test_setup_teardown(limits_are_of_tiers_and_told, open_limited, close_api),
        SERVED(a_revoked_token_ends_within_seconds),
        SERVED(the_link_of_the_page_may_look_and_no_more),
        SERVED(a_stream_tells_what_happens),
        SERVED(streams_have_a_bound),
        cmocka_unit_test(the_table_of_commands_has_a_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
