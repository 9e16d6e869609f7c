/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The routes of the interface on a loopback port: before there is a status, with one, with a read
 * model; parameters at their bounds; metrics as the text format demands.
 *
 * Covers: api_books.c api_bus.c api_bus_metrics.c api_lists.c api_metrics.c api_page.c
 * api_parameters.c api_performance.c api_portfolio.c api_reply.c api_request.c api_status.c
 */
#include "../../threads/session_rig.h"
#include "api/api.h"
#include "api/api_tokens.h"
#include "store/store.h"

#include <ctype.h>
#include <pthread.h>

/** An interface with its thread, and the status that it will be given. */
typedef struct served {
    rig http;
    tt_config *config;
    tt_api *api;
    pthread_t thread;
    tt_api_status status;
    _Atomic int has_status;
    char folder[64];
    char store_path[128];
    char tokens_path[128];
    char local_path[128];
} served;

static served world;
static char body[1 << 20];

static bool take_status(void *ctx, tt_api_status *ret_status)
{
    served *self = ctx;
    if (atomic_exchange(&self->has_status, 0) == 0) {
        return false;
    }
    *ret_status = self->status;
    return true;
}

static void *serve(void *api)
{
    tt_api_run(api);
    return NULL;
}

/** A status with numbers that a test can find again. */
static void fill_status(tt_api_status *status)
{
    tt_engine *engine = NULL;
    tt_error error = {0};
    fx_ok(tt_engine_new(&world.config->engine, &engine, &error), &error);
    tt_engine_status_get(engine, &status->engine);
    tt_engine_bus_status_get(engine, &status->bus);
    tt_engine_free(engine);
    status->bus.recent.delivered = 2;
    status->bus.recent.failed = 1;
    status->bus.failures.dead_count = 5;
    status->bus.lanes[TT_priority_HIGH].high_water = 12;
    status->bus.delays[TT_priority_HIGH] =
        (tt_engine_times){.count = 1, .p50 = 1, .max = 2000000001};
    status->bus.handlers[0].times =
        (tt_engine_times){.count = 9, .p50 = 500, .p99 = 1500, .max = 2500};
    status->engine.bus_topics[TT_TOPIC_FILLS] = (tt_bus_topic_stats){
        .published = 21,
        .delivered = 22,
        .failed = 23,
        .expired = 24,
        .retried = 25,
        .dead_lettered = 26,
        .duplicates = 27,
        .quarantined = 28,
        .guarded = 29};
    status->engine.bus_totals.dropped = 9;
    status->engine.bus_totals.rate_limited = 2;
    status->engine.bus_totals.too_deep = 3;
    status->engine.now.ns = INT64_C(1704067200) * TT_NS_PER_S;
    status->engine.trade.fills = 7;
    status->engine.trade.groups_sent = 31;
    status->engine.trade.groups_refused = 32;
    status->engine.trade.group_repairs = 33;
    status->engine.trade.comparisons_failed = 36;
    status->engine.trade.is_venue_late = true;
    status->engine.trade.live_groups = 34;
    status->engine.trade.waiting_fills = 35;
    status->engine.trade.waiting_refused = 36;
    status->engine.trade.waiting_released = 37;
    status->engine.trade.live_waiting = 38;
    status->engine.trade.account.equity.d = tt_dec_from_i64(1234567, 2);
    status->engine.risk.rejected[TT_risk_code_LOW_RR] = 3;
    status->engine.coord.state = TT_coordinator_state_PAUSED;
    status->engine.portfolio = (tt_portfolio_status){
        .has_targets = true,
        .max_deviation_pct.d = tt_dec_from_i64(499, 2),
        .row_count = 1,
        .rows =
            {{.value.d = tt_dec_from_i64(333333, 2),
              .target_pct.d = tt_dec_from_i64(3333, 2),
              .instrument = 2}},
        .batch_count = 1,
        .batches = {{.planned.d = tt_dec_from_i64(8335, 2), .trades = 2}},
    };
    status->engine.risk.breached[TT_breach_type_WEEKLY_LOSS] = true;
    status->engine.risk.lock_count = 2;
    status->engine.risk.locks[0] = (tt_risk_lock_status){
        .subject_seq = 93, .key = 2, .reason = TT_lock_reason_POST_LOSS, .side = TT_side_BUY};
    status->engine.risk.locks[1] = (tt_risk_lock_status){.reason = TT_lock_reason_STOPLOSS_GUARD};
    status->engine.coord.waiting_approvals = status->engine.coord.approval_count = 1;
    status->engine.coord.approvals[0] = (tt_coord_approval){
        .case_seq = 41, .key = 2, .action = TT_action_BUY, .arbiter = "deepseek"};
    status->host.durable_seq = 99;
}

static int open_api(void **state)
{
    (void)state;
    tt_error error = {0};
    char address[128];
    memset(&world, 0, sizeof world);
    world.config = fx_config(NULL);
    snprintf(world.folder, sizeof world.folder, "%s", fx_folder());
    snprintf(world.store_path, sizeof world.store_path, "%s/store.db", world.folder);
    fill_status(&world.status);
    snprintf(world.tokens_path, sizeof world.tokens_path, "%s/api.tokens", world.folder);
    snprintf(world.local_path, sizeof world.local_path, "%s/api.token", world.folder);
    tt_api_options options = {
        .config = &world.config->api,
        .tokens_path = world.tokens_path,
        .local_path = world.local_path,
        .store_path = world.store_path,
        .run_name = "a test",
        .currency = "USDT",
        .instruments = &world.config->engine.instruments,
        .mode = TT_mode_PAPER,
        .take_status = take_status,
        .ctx = &world,
    };
    fx_ok(tt_api_open(&options, &world.api, &error), &error);
    fx_ok(tt_api_secure(world.api, &error), &error);
    fx_ok(
        tt_secret_read(world.local_path, world.http.token, sizeof world.http.token, &error),
        &error);
    tt_api_address(world.api, address, sizeof address);
    world.http.port = (uint16_t)strtoul(strrchr(address, ':') + 1, NULL, 10);
    return pthread_create(&world.thread, NULL, serve, world.api);
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

static int get(const char *path)
{
    return rig_get(&world.http, path, body, sizeof body);
}

static void give_status(void)
{
    atomic_store(&world.has_status, 1);
}

/** Makes an empty read model, as a session does after its start. */
static void make_store(void)
{
    tt_store *store = NULL;
    tt_error error = {0};
    fx_ok(
        tt_store_open(world.store_path, &world.config->engine.instruments, &store, &error), &error);
    tt_store_close(store);
}

static void says_503_while_there_is_no_status(void **state)
{
    (void)state;
    static const char *const waiting[] = {
        "/metrics",
        "/api/v1/coordinator/status",
        "/api/v1/orchestration/message-bus/stats",
        "/api/v1/account",
        "/api/v1/orders",
        "/api/v1/equity",
        "/api/v1/performance"};
    for (size_t i = 0; i < sizeof waiting / sizeof waiting[0]; i++) {
        assert_int_equal(get(waiting[i]), 503);
        rig_check_json(body);
        assert_non_null(strstr(body, "\"status\": 503"));
    }
    assert_int_equal(get("/readyz"), 503);
    assert_int_equal(get("/healthz"), 200);
    assert_int_equal(get("/"), 200);
    assert_int_equal(get("/api/v1/openapi.json"), 200);
}

static void answers_with_the_newest_status(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        const char *text;
    } wanted[] = {
        {"/api/v1/coordinator/status", "\"state\": \"paused\""},
        {"/api/v1/coordinator/status", "\"trading_mode\": \"paper\""},
        {"/api/v1/coordinator/status",
         "\"entry_groups\": {\"open\": 34, \"sent\": 31, \"refused\": 32, \"repairs\": 33}"},
        {"/api/v1/coordinator/status", "\"time\": \"2024-01-01T00:00:00"},
        {"/api/v1/orchestration/message-bus/stats", "\"durable_seq\": 99"},
        {"/api/v1/orchestration/message-bus/stats", "\"market_data.bar\": {"},
        {"/api/v1/orchestration/message-bus/stats", "\"success_ratio\": 0.666666}"},
        {"/api/v1/orchestration/message-bus/stats", "\"dead_letters\": 5"},
        {"/api/v1/orchestration/message-bus/stats", "\"high\": {\"depth\": 0, \"high_water\": 12"},
        {"/api/v1/orchestration/message-bus/stats", "\"measured\": 9, \"p50_ns\": 500"},
        {"/api/v1/account", "\"equity\": \"12345.67\""},
        {"/api/v1/account", "\"currency\": \"USDT\""},
        {"/api/v1/account", "\"comparisons_failed\": 36, \"is_venue_late\": true}"},
        {"/healthz", "\"ok\""},
        {"/readyz", "\"ready\""},
        {"/api/v1/bus", "\"durable_seq\": 99"},
        {"/api/v1/whoami", "{\"name\": \"local\", \"role\": \"admin\""},
        {"/api/v1/positions/exposure", "\"equity\": \"12345.67\""},
        {"/api/v1/stats/execution", "\"fills\": 7"},
        {"/api/v1/risk/state", "\"rejections\": {\"LOW_RR\": 3}"},
        {"/api/v1/risk/state", "\"breakers\": [\"weekly_loss\"]"},
        {"/api/v1/risk/state",
         "{\"reason\": \"post_loss\", \"symbol\": \"ETH/USDT\", \"side\": \"buy\""},
        {"/api/v1/risk/state", "\"subject_seq\": 93},"},
        {"/api/v1/risk/state", "{\"reason\": \"stoploss_guard\", \"symbol\": \"all\""},
        {"/api/v1/portfolio/allocation", "{\"has_targets\": true, \"needs_rebalancing\": false"},
        {"/api/v1/portfolio/allocation", "\"max_deviation_pct\": \"4.99\""},
        {"/api/v1/portfolio/allocation", "{\"symbol\": \"ETH/USDT\", \"value\": \"3333.33\""},
        {"/api/v1/portfolio/allocation", "\"target_pct\": \"33.33\"}]"},
        {"/api/v1/portfolio/allocation",
         "\"planned\": \"83.35\", \"filled\": \"0\", \"trades\": 2"},
        {"/api/v1/approvals", "\"id\": 41, \"symbol\": \"ETH/USDT\", \"action\": \"BUY\""},
        {"/api/v1/approvals", "\"count\": 1, \"total\": 1"},
        {"/api/v1/commands", "{\"items\": [], \"count\": 0}"},
    };
    give_status();
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        assert_int_equal(get(wanted[i].path), 200);
        rig_check_json(body);
        if (strstr(body, wanted[i].text) == NULL) {
            fail_msg("no %s in\n%s", wanted[i].text, body);
        }
    }
}

static void what_is_not_there_is_404(void **state)
{
    (void)state;
    static const char *const absent[] = {
        "/nowhere",
        "/api/v1/",
        "/api/v1/nothing",
        "/api/v1/positions/",
        "/api/v1/orders/1/2",
        "/api/v2/orders",
        "/metrics/",
        "/healthz2"};
    give_status();
    for (size_t i = 0; i < sizeof absent / sizeof absent[0]; i++) {
        assert_int_equal(get(absent[i]), 404);
        rig_check_json(body);
    }
}

static void lists_come_as_soon_as_the_read_model_is_there(void **state)
{
    (void)state;
    static const char *const lists[] = {
        "sessions",
        "orders",
        "fills",
        "positions",
        "agent_outputs",
        "signals",
        "consensus",
        "conflicts",
        "verdicts",
        "alerts",
        "system_events",
        "dead_letters"};
    char path[128];
    assert_int_equal(get("/api/v1/orders"), 503);
    make_store();
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        snprintf(path, sizeof path, "/api/v1/%s", lists[i]);
        assert_int_equal(get(path), 200);
        rig_check_json(body);
        assert_non_null(strstr(body, "\"total\": 0"));
    }
    assert_int_equal(get("/api/v1/equity"), 200);
    rig_check_json(body);
    assert_int_equal(get("/api/v1/performance"), 200);
    rig_check_json(body);
    assert_non_null(strstr(body, "{\"currency\": \"USDT\", \"last_seq\": 0, \"performance\": {"));
    assert_non_null(strstr(body, "\"profit_factor\": null"));
}

static void what_is_wrong_with_a_parameter_is_said(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        const char *title;
        const char *detail;
    } cases[] = {
        {"orders?limit=x",
         "a parameter is not right",
         "limit is a whole number from 1 to 1000, not 'x'"},
        {"orders?limit=0",
         "a parameter is not right",
         "limit is a whole number from 1 to 1000, not '0'"},
        {"orders?id=0",
         "a parameter is not right",
         "id is a whole number from 1 to 18446744073709551615, not '0'"},
        {"orders?state=", "a parameter is not right", "state is empty"},
        {"orders?symbol=NOPE", "there is no symbol 'NOPE'", "instruments are BTC/USDT, ETH/USDT"},
        {"orders?simbol=BTC/USDT",
         "this address has no such parameter",
         "'simbol'; it takes limit, offset, id, symbol, state, status"},
        {"account?x", "this address has no such parameter", "'x'; it takes none"},
        {"orders?limit=1&limit=2", "a parameter is given twice", "limit"},
        {"orders?state=nonsense",
         "the list could not be read with these parameters",
         "state of orders is one of all, working, final, none, new, "},
        {"sessions?state=x",
         "the list could not be read with these parameters",
         "sessions cannot be selected by state"},
        {"equity?points=1",
         "a parameter is not right",
         "points is a whole number from 2 to 5000, not '1'"},
    };
    make_store();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char path[128];
        char title[128];
        snprintf(path, sizeof path, "/api/v1/%s", cases[i].path);
        snprintf(title, sizeof title, "\"title\": \"%s\"", cases[i].title);
        assert_int_equal(get(path), 400);
        rig_check_json(body);
        if (strstr(body, title) == NULL || strstr(body, cases[i].detail) == NULL) {
            fail_msg("%s: %s", path, body);
        }
    }
}

/* Scrapers and load balancers may add some; nothing else lets them through. */
static void metrics_and_health_let_parameters_through(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        int code;
    } cases[] = {
        {"/metrics?cluster=a&cluster=b&collect[]=x", 200},
        {"/metrics?x", 200},
        {"/healthz?probe=1&probe=1", 200},
        {"/api/v1/whoami?x", 400},
        {"/api/v1/openapi.json?x", 400},
        {"/api/v1/health?x", 400},
    };
    give_status();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(get(cases[i].path), cases[i].code);
    }
}

static void parameters_are_taken_up_to_their_bounds_only(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        int code;
    } cases[] = {
        {"/api/v1/orders?limit=1000", 200},
        {"/api/v1/orders?limit=1001", 400},
        {"/api/v1/orders?limit=x", 400},
        {"/api/v1/orders?limit=", 400},
        {"/api/v1/orders?limit=-1", 400},
        {"/api/v1/orders?limit=1.5", 400},
        {"/api/v1/orders?limit=99999999999999999999", 400},
        {"/api/v1/orders?offset=4294967295", 200},
        {"/api/v1/orders?offset=4294967296", 400},
        {"/api/v1/orders?id=18446744073709551615", 200},
        {"/api/v1/orders?id=18446744073709551616", 400},
        {"/api/v1/orders?symbol=BTC/USDT", 200},
        {"/api/v1/orders?symbol=BTC%2FUSDT", 200},
        {"/api/v1/orders?symbol=NOPE", 400},
        {"/api/v1/orders?state=working", 200},
        {"/api/v1/orders?state=all", 200},
        {"/api/v1/orders?state=nonsense", 400},
        {"/api/v1/orders?state='--", 400},
        {"/api/v1/positions?status=open", 200},
        {"/api/v1/equity?points=5000", 200},
        {"/api/v1/equity?points=5001", 400},
        {"/api/v1/equity?points=many", 400},
    };
    make_store();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int code = get(cases[i].path);
        if (code != cases[i].code) {
            fail_msg("%s: %d, not %d", cases[i].path, code, cases[i].code);
        }
        rig_check_json(body);
    }
}

/* ---- metrics ---- */

/** What was seen of the metrics so far. */
typedef struct metrics {
    char names[256][96]; /**< Each with one HELP and one TYPE. */
    size_t count;
    char type[16]; /**< Of the newest. */
    bool has_type;
    size_t samples;
} metrics;

static bool is_name(const char *text, size_t length)
{
    if (length == 0 || isdigit((unsigned char)text[0])) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        if (!isalnum((unsigned char)text[i]) && text[i] != '_' && text[i] != ':') {
            return false;
        }
    }
    return true;
}

/** "# HELP name text": a new name. */
static void check_help(metrics *seen, const char *line)
{
    size_t length = strcspn(line, " ");
    assert_true(is_name(line, length) && length < sizeof seen->names[0]);
    assert_true(line[length] == ' ' && line[length + 1] != 0);
    for (size_t i = 0; i < seen->count; i++) {
        assert_false(
            strlen(seen->names[i]) == length && strncmp(seen->names[i], line, length) == 0);
    }
    assert_true(seen->count < 256);
    memcpy(seen->names[seen->count], line, length);
    seen->names[seen->count++][length] = 0;
    seen->has_type = false;
}

/** "# TYPE name counter": right after its HELP, once. */
static void check_type(metrics *seen, const char *line)
{
    const char *name = seen->names[seen->count - 1];
    size_t length = strlen(name);
    assert_true(seen->count > 0 && !seen->has_type);
    assert_true(strncmp(line, name, length) == 0 && line[length] == ' ');
    snprintf(seen->type, sizeof seen->type, "%s", line + length + 1);
    assert_true(strcmp(seen->type, "counter") == 0 || strcmp(seen->type, "gauge") == 0);
    bool is_total = length > 6 && strcmp(name + length - 6, "_total") == 0;
    assert_int_equal(is_total, strcmp(seen->type, "counter") == 0);
    seen->has_type = true;
}

/** "name{label=\"value\"} number": of the metric that was declared last. */
static void check_sample(metrics *seen, const char *line)
{
    const char *name = seen->names[seen->count - 1];
    size_t length = strlen(name);
    assert_true(seen->count > 0 && seen->has_type);
    assert_memory_equal(line, name, length);
    const char *value = line + length;
    if (*value == '{') {
        size_t label = strcspn(value + 1, "=");
        assert_true(is_name(value + 1, label) && value[label + 2] == '"');
        value = strstr(value, "\"} ");
        assert_non_null(value);
        value += 2;
    }
    char *end = NULL;
    assert_true(*value == ' ');
    (void)strtod(value + 1, &end);
    assert_true(end != value + 1 && *end == 0);
    seen->samples++;
}

/** No two lines have the same name and labels: a scraper would refuse the whole. */
static void check_that_series_are_unique(const char *text)
{
    for (const char *line = text; *line != 0; line += strcspn(line, "\n") + 1) {
        size_t length = strcspn(line, "\n");
        const char *value = memrchr(line, ' ', length);
        assert_non_null(value);
        size_t series = (size_t)(value - line) + 1;
        const char *next = line + length;
        while (line[0] != '#' && (next = strstr(next, "\n")) != NULL) {
            next++;
            if (strncmp(next, line, series) == 0) {
                fail_msg("twice: %.*s", (int)series, line);
            }
        }
    }
}

/** Each counter of a topic comes under its own name. */
static void check_counters_of_a_topic(void)
{
    static const char *const names[] = {
        "published",
        "delivered",
        "failed",
        "expired",
        "retries",
        "dead_lettered",
        "duplicates",
        "quarantined",
        "guarded"};
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
        char line[96];
        const char *topic = tt_topic_info_get(TT_TOPIC_FILLS)->name;
        (void)snprintf(
            line, sizeof line, "\ntutti_bus_%s_total{topic=\"%s\"} %u\n", names[i], topic, 21 + i);
        assert_non_null(strstr(body, line));
    }
}

static void metrics_are_as_the_text_format_demands(void **state)
{
    (void)state;
    static metrics seen;
    give_status();
    assert_int_equal(get("/metrics"), 200);
    assert_non_null(strstr(body, "\ntutti_fills_total 7\n"));
    assert_non_null(strstr(body, "\ntutti_equity 12345.67\n"));
    assert_non_null(strstr(body, "\ntutti_entry_groups_sent_total 31\n"));
    assert_non_null(strstr(body, "\ntutti_entry_groups_refused_total 32\n"));
    assert_non_null(strstr(body, "\ntutti_entry_group_repairs_total 33\n"));
    assert_non_null(strstr(body, "\ntutti_entry_groups_open 34\n"));
    assert_non_null(strstr(body, "\ntutti_comparisons_failed 36\n"));
    assert_non_null(strstr(body, "\ntutti_waiting_fills_total 35\n"));
    assert_non_null(strstr(body, "\ntutti_waiting_fills_refused_total 36\n"));
    assert_non_null(strstr(body, "\ntutti_waiting_fills_released_total 37\n"));
    assert_non_null(strstr(body, "\ntutti_waiting_fills 38\n"));
    assert_non_null(strstr(body, "\ntutti_durable_seq 99\n"));
    assert_non_null(strstr(body, "tutti_bus_published_total{topic=\"market_data.bar\"} 0\n"));
    check_counters_of_a_topic();
    assert_non_null(strstr(body, "\ntutti_bus_dropped_total{reason=\"queue_full\"} 4\n"));
    assert_non_null(strstr(body, "\ntutti_bus_dropped_total{reason=\"rate_limit\"} 2\n"));
    assert_non_null(strstr(body, "\ntutti_bus_success_ratio 0.666666\n"));
    assert_non_null(strstr(body, "\ntutti_bus_dead_letters 5\n"));
    assert_non_null(strstr(body, "\ntutti_bus_queue_high_water{lane=\"high\"} 12\n"));
    assert_non_null(strstr(body, "{lane=\"high\",quantile=\"1\"} 2.000000001\n"));
    assert_null(strstr(body, "tutti_bus_queue_delay_seconds{lane=\"low\"")); // not measured
    assert_non_null(strstr(body, ",quantile=\"0.99\"} 0.000001500\n"));
    check_that_series_are_unique(body);
    assert_true(body[strlen(body) - 1] == '\n');
    char *rest = NULL;
    for (char *line = strtok_r(body, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        if (strncmp(line, "# HELP ", 7) == 0) {
            check_help(&seen, line + 7);
        } else if (strncmp(line, "# TYPE ", 7) == 0) {
            check_type(&seen, line + 7);
        } else {
            check_sample(&seen, line);
        }
    }
    assert_true(seen.count > 30);
    assert_true(seen.samples > seen.count);
}

static void counts_requests_and_refusals(void **state)
{
    (void)state;
    give_status();
    assert_int_equal(get("/healthz"), 200);
    assert_int_equal(get("/nowhere"), 404);
    assert_int_equal(get("/api/v1/orders"), 503);
    assert_int_equal(get("/metrics"), 200);
    assert_non_null(strstr(body, "\ntutti_http_requests_total 4\n"));
    assert_non_null(strstr(body, "\ntutti_http_failed_requests_total 2\n"));
}

#define SERVED(test) cmocka_unit_test_setup_teardown(test, open_api, close_api)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVED(says_503_while_there_is_no_status),
        SERVED(answers_with_the_newest_status),
        SERVED(what_is_not_there_is_404),
        SERVED(lists_come_as_soon_as_the_read_model_is_there),
        SERVED(parameters_are_taken_up_to_their_bounds_only),
        SERVED(what_is_wrong_with_a_parameter_is_said),
        SERVED(metrics_and_health_let_parameters_through),
        SERVED(metrics_are_as_the_text_format_demands),
        SERVED(counts_requests_and_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
