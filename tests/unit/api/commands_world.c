/* SPDX-License-Identifier: Apache-2.0 */
#include "commands_world.h"

struct world world;
char api_reply[1 << 16];

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
            if (world.script.says != NULL) {
                snprintf(answer.message, sizeof answer.message, "%s", world.script.says);
            }
            say(TT_TOPIC_COMMAND_REPLIES, key, &answer, sizeof answer);
        }
        world.durable = world.script.is_durable ? world.next_seq - 1 : world.durable;
    }
    pthread_mutex_unlock(&world.lock);
    return is_taken;
}

/** The bus answers for itself. */
/** The letters of the world: those below `before`, at most `limit`. */
static bool read_dead(void *ctx, uint64_t before, uint32_t limit, tt_engine_dead_page *ret_page)
{
    (void)ctx;
    pthread_mutex_lock(&world.lock);
    bool is_there = !world.is_silent;
    const tt_engine_dead_page *all = &world.dead;
    uint32_t count = 0;
    while (count < all->count && (before == 0 || all->rows[count].id < before)) {
        count++;
    }
    uint32_t skip = count > limit ? count - limit : 0;
    *ret_page = (tt_engine_dead_page){.count = count - skip, .left_out = all->left_out + skip};
    memcpy(ret_page->rows, all->rows + skip, (count - skip) * sizeof all->rows[0]);
    pthread_mutex_unlock(&world.lock);
    return is_there;
}

static bool post_bus(void *ctx, const tt_bus_command *command)
{
    (void)ctx;
    pthread_mutex_lock(&world.lock);
    bool is_taken = !world.script.is_full;
    if (is_taken) {
        world.sent_bus[world.sent_bus_count++ % 16] = *command;
        say(TT_TOPIC_BUS_COMMANDS, 0, command, sizeof *command);
        tt_command_reply answer = {
            .request_id = command->request_id,
            .status = (uint8_t)world.script.status,
            .message = "the bus said so"};
        say(TT_TOPIC_COMMAND_REPLIES, 0, &answer, sizeof answer);
        world.durable = world.next_seq - 1;
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
    pthread_mutex_lock(&world.lock);
    bool has_one = world.has_status;
    world.has_status = false;
    if (has_one) {
        memset(ret_status, 0, sizeof *ret_status);
        ret_status->bus = world.bus;
    }
    pthread_mutex_unlock(&world.lock);
    return has_one;
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
        .post_bus = post_bus,
        .read_dead = read_dead,
        .durable = durable,
    };
    fx_ok(tt_api_open(&options, &world.api, &error), &error);
    fx_ok(tt_api_secure(world.api, &error), &error);
    tt_api_address(world.api, address, sizeof address);
    world.http.port = (uint16_t)strtoul(strrchr(address, ':') + 1, NULL, 10);
    return pthread_create(&world.thread, NULL, serve, world.api);
}

int api_open(void **state)
{
    (void)state;
    return open_with(NULL);
}

int api_open_impatient(void **state)
{
    (void)state;
    static const char *const sets[] = {"api.command_timeout=0.5", NULL};
    return open_with(sets);
}

int api_open_limited(void **state)
{
    (void)state;
    static const char *const sets[] = {
        "api.limit_default=60", "api.limit_moderate=30", "api.limit_expensive=5", NULL};
    return open_with(sets);
}

int api_close(void **state)
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

unsigned api_sent_count(void)
{
    pthread_mutex_lock(&world.lock);
    unsigned count = world.sent_count;
    pthread_mutex_unlock(&world.lock);
    return count;
}

const tt_coordinator_command *api_sent(unsigned place)
{
    static tt_coordinator_command copies[4];
    static unsigned next;
    tt_coordinator_command *copy = &copies[next++ % 4];
    pthread_mutex_lock(&world.lock);
    *copy = world.sent[place];
    pthread_mutex_unlock(&world.lock);
    return copy;
}

uint32_t api_sent_key(unsigned place)
{
    pthread_mutex_lock(&world.lock);
    uint32_t key = world.keys[place];
    pthread_mutex_unlock(&world.lock);
    return key;
}

int api_ask_with(
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
    return rig_send(&world.http, text, api_reply, sizeof api_reply);
}

int api_command(const char *path, const char *token, const char *body)
{
    char full[160];
    snprintf(full, sizeof full, "/api/v1/%s", path);
    return api_ask_with(
        "POST", full, token, body[0] == 0 ? "" : "Content-Type: application/json\r\n", body);
}

int api_get(const char *path, const char *token)
{
    char full[128];
    snprintf(full, sizeof full, "/api/v1/%s", path);
    return api_ask_with("GET", full, token, "", "");
}

bool api_says(const char *text)
{
    return strstr(api_reply, text) != NULL;
}

void api_check_body(void)
{
    const char *body = strstr(api_reply, "\r\n\r\n");
    assert_non_null(body);
    rig_check_json(body + 4);
}

void api_set_script(script next)
{
    pthread_mutex_lock(&world.lock);
    world.script = next;
    pthread_mutex_unlock(&world.lock);
}

const char *api_confirm(const char *path, const char *token)
{
    static char body[128];
    char full[128];
    snprintf(full, sizeof full, "%s/confirm", path);
    assert_int_equal(api_command(full, token, ""), 201);
    const char *found = strstr(api_reply, "\"confirmation\": \"");
    assert_non_null(found);
    snprintf(body, sizeof body, "{\"confirmation\": \"%.32s\"}", found + 17);
    return body;
}
