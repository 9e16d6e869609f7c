/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Loading as a whole: defaults, files, what follows from other keys.
 */
#include "config_fixture.h"

static char folder[] = "/tmp/tutti-test-config-XXXXXX";

static int setup(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    return rmdir(folder);
}

/* Writes a file, loads it, removes it. */
static tutti_status load_file(const char *name, const char *data, size_t size)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
    memset(&error, 0, sizeof error);
    tutti_status status = tt_config_load(path, NULL, &config, &error);
    assert_int_equal(remove(path), 0);
    return status;
}

static void defaults_are_those_of_the_tables(void **state)
{
    (void)state;
    assert_loads(ONE_INSTRUMENT);
    assert_string_equal(config.run.id, "run");
    assert_int_equal(config.run.seed, 1);
    assert_true(tt_dec_eq(config.clock.speed.d, TT_DEC_C(60, 0)));
    assert_int_equal(config.journal.durability, TT_durability_BATCH);
    assert_int_equal(config.journal.batch_interval.ns, 10 * TT_NS_PER_MS);
    assert_true(config.api.enabled);
    assert_string_equal(config.api.listen, "127.0.0.1:8090");
    assert_true(
        tt_dec_eq(config.engine.coord.consensus.high_agreement_threshold.d, TT_DEC_C(66, 2)));
    assert_true(tt_dec_eq(config.engine.risk.confidence.relaxed.d, TT_DEC_C(-5, 2)));
    assert_string_equal(config.engine.trade.account.currency, "USDT");
    assert_int_equal(config.feed.feed.kind, TT_feed_kind_SYNTHETIC);
}

static void schedules_have_defaults_of_their_own(void **state)
{
    (void)state;
    static const int64_t intervals[TT_task_COUNT] = {60, 300, 1800, 3600, 3600};
    static const int64_t timeouts[TT_task_COUNT] = {30, 30, 60, 60, 30};
    assert_loads(ONE_INSTRUMENT);
    for (int task = 0; task < TT_task_COUNT; task++) {
        const tt_schedule_config *schedule = &config.engine.coord.schedules[task];
        assert_int_equal(schedule->interval.ns, intervals[task] * TT_NS_PER_S);
        assert_int_equal(schedule->timeout.ns, timeouts[task] * TT_NS_PER_S);
        assert_int_equal(schedule->enabled, task != TT_task_SENTIMENT_ANALYSIS);
    }
}

static void sentiment_runs_only_with_data_or_on_request(void **state)
{
    (void)state;
    const bool *enabled = &config.engine.coord.schedules[TT_task_SENTIMENT_ANALYSIS].enabled;
    assert_loads(ONE_INSTRUMENT "agents: {sentiment: {path: x.csv}}\n");
    assert_true(*enabled);
    assert_loads(ONE_INSTRUMENT
                 "agents: {sentiment: {path: x.csv}}\n"
                 "coordinator: {schedules: {sentiment_analysis: {enabled: false}}}\n");
    assert_false(*enabled);
    assert_loads(ONE_INSTRUMENT
                 "coordinator: {schedules: {sentiment_analysis: {enabled: true}}}\n");
    assert_true(*enabled);
}

static void the_engine_gets_what_belongs_to_the_run(void **state)
{
    (void)state;
    assert_loads(ONE_INSTRUMENT
                 "run: {id: a-26.characters_long_runID, seed: 18446744073709551615}\n");
    assert_string_equal(config.engine.run_id, "a-26.characters_long_runID");
    assert_true(config.engine.seed == UINT64_MAX);
    assert_int_equal(config.engine.instruments.count, 1);
    const tt_instrument *instrument = &config.engine.instruments.list[0];
    assert_int_equal(instrument->id.n, 1);
    assert_true(tt_dec_eq(instrument->min_qty.d, TT_DEC_C(1, 3))); // One lot.
    assert_true(tt_dec_eq(instrument->taker_fee_rate.d, TT_DEC_C(5, 4)));
    assert_int_equal(instrument->bar_interval_s, 60);
}

static void every_form_of_value_arrives(void **state)
{
    (void)state;
    assert_loads(ONE_INSTRUMENT
                 "run:\n  name: 'a # \"title\" \\ é'\n"
                 "journal:\n  durability: none\n  segment_mib: 4095\n  batch_interval: 1.5e-3\n"
                 "store: {enabled: false}\n"
                 "account:\n  initial_balance: 1234.56\n"
                 "coordinator:\n  schedules:\n    trading_decision:\n      interval: 900\n"
                 "market:\n"
                 "risk:\n  correlation_pairs: []\n");
    assert_string_equal(config.run.name, "a # \"title\" \\ é");
    assert_int_equal(config.journal.durability, TT_durability_NONE);
    assert_int_equal(config.journal.segment_mib, 4095);
    assert_int_equal(config.journal.batch_interval.ns, 1500000);
    assert_false(config.store.enabled);
    assert_true(tt_dec_eq(config.engine.trade.account.initial_balance.d, TT_DEC_C(123456, 2)));
    const tt_schedule_config *schedules = config.engine.coord.schedules;
    assert_int_equal(schedules[TT_task_TRADING_DECISION].interval.ns, 900 * TT_NS_PER_S);
    assert_int_equal(schedules[TT_task_TRADING_DECISION].timeout.ns, 60 * TT_NS_PER_S);
    assert_int_equal(config.engine.risk.correlation_pair_count, 0);
}

static void files_are_read_and_named(void **state)
{
    (void)state;
    static const char good[] = "\n" ONE_INSTRUMENT;
    assert_int_equal(load_file("good.yaml", good, sizeof good - 1), TUTTI_OK);
    static const char bad[] = ONE_INSTRUMENT "run:\n  sed: 3\n";
    assert_int_equal(load_file("bad.yaml", bad, sizeof bad - 1), TUTTI_NOT_FOUND);
    char expected[256];
    (void)snprintf(
        expected, sizeof expected, "%s/bad.yaml:6:3: run: there is no key `sed`", folder);
    assert_error(expected, "did you mean `seed`?");
}

static void missing_and_unreadable_files_are_named(void **state)
{
    (void)state;
    char expected[256];
    assert_int_equal(tt_config_load("/nowhere/x.yaml", NULL, &config, &error), TUTTI_NOT_FOUND);
    assert_string_equal(error.message, "/nowhere/x.yaml: No such file or directory");
    assert_int_equal(tt_config_load(folder, NULL, &config, &error), TUTTI_IO);
    (void)snprintf(expected, sizeof expected, "%s: Is a directory", folder);
    assert_string_equal(error.message, expected);
    assert_int_equal(tt_config_load("/nowhere/x.yaml", NULL, &config, NULL), TUTTI_NOT_FOUND);
}

static void files_have_a_largest_size(void **state)
{
    (void)state;
    char *data = malloc(TT_CONFIG_SIZE_MAX + 1);
    assert_non_null(data);
    memset(data, '\n', TT_CONFIG_SIZE_MAX + 1);
    memcpy(data, ONE_INSTRUMENT, strlen(ONE_INSTRUMENT));
    assert_int_equal(load_file("big.yaml", data, TT_CONFIG_SIZE_MAX), TUTTI_OK);
    assert_int_equal(load_file("big.yaml", data, TT_CONFIG_SIZE_MAX + 1), TUTTI_LIMIT);
    assert_non_null(strstr(error.message, "big.yaml: larger than 1048576 bytes"));
    free(data);
}

/* Whatever is cut off, the answer is a configuration or a reason. */
static void every_truncation_is_answered(void **state)
{
    (void)state;
    static const char text[] = ONE_INSTRUMENT
        "run: {name: \"x\\u00e9\", seed: 7}\n"
        "risk:\n  max_leverage: 3\n  correlation_pairs: [{first: BTC/USDT, second: BTC/USDT}]\n";
    for (size_t length = 0; length < sizeof text; length++) {
        char *copy = malloc(length > 0 ? length : 1);
        assert_non_null(copy);
        memcpy(copy, text, length);
        memset(&error, 0, sizeof error);
        tutti_status status = tt_config_load_text(copy, length, NULL, &config, &error);
        assert_int_equal(status, error.status);
        assert_int_equal(status == TUTTI_OK, error.message[0] == '\0');
        free(copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_are_those_of_the_tables),
        cmocka_unit_test(schedules_have_defaults_of_their_own),
        cmocka_unit_test(sentiment_runs_only_with_data_or_on_request),
        cmocka_unit_test(the_engine_gets_what_belongs_to_the_run),
        cmocka_unit_test(every_form_of_value_arrives),
        cmocka_unit_test(files_are_read_and_named),
        cmocka_unit_test(missing_and_unreadable_files_are_named),
        cmocka_unit_test(files_have_a_largest_size),
        cmocka_unit_test(every_truncation_is_answered),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
