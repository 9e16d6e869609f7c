/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What stands above the file: order of precedence, every form, every error.
 */
#include "config_fixture.h"

static const char file[] = ONE_INSTRUMENT "run:\n  seed: 1\nfeed:\n  path: from_file\n";

static tutti_status load_with(const tt_config_overrides *overrides)
{
    memset(&error, 0, sizeof error);
    return tt_config_load_text(file, strlen(file), overrides, &config, &error);
}

static tutti_status load_set(const char *set)
{
    const tt_config_overrides overrides = {.sets = &set, .set_count = 1};
    return load_with(&overrides);
}

static tutti_status load_environment(const char *variable)
{
    const char *const environment[] = {"PATH=/bin", "TUTTI_SEED=9", variable, NULL};
    const tt_config_overrides overrides = {.environment = environment};
    return load_with(&overrides);
}

static void later_sources_win(void **state)
{
    (void)state;
    const char *const environment[] = {
        "TUTTI__RUN__SEED=2", "TUTTI__FEED__PATH=from_environment", NULL};
    const char *const sets[] = {"run.seed=3", "run.seed=4", "feed.path=from_set"};
    tt_config_overrides overrides = {.environment = environment};
    assert_int_equal(load_with(&overrides), TUTTI_OK);
    assert_int_equal(config.run.seed, 2);
    assert_int_equal(config.engine.seed, 2);
    assert_string_equal(config.feed.feed.path, "from_environment");
    overrides.sets = sets;
    overrides.set_count = 3;
    assert_int_equal(load_with(&overrides), TUTTI_OK);
    assert_int_equal(config.run.seed, 4);
    assert_string_equal(config.feed.feed.path, "from_set");
    overrides.data_path = "from_data";
    assert_int_equal(load_with(&overrides), TUTTI_OK);
    assert_string_equal(config.feed.feed.path, "from_data");
    assert_int_equal(load_with(NULL), TUTTI_OK);
    assert_string_equal(config.feed.feed.path, "from_file");
}

static void every_form_of_value(void **state)
{
    (void)state;
    assert_int_equal(load_set("risk.max_leverage=2.5"), TUTTI_OK);
    assert_true(tt_dec_eq(config.engine.risk.limits.max_leverage.d, TT_DEC_C(25, 1)));
    assert_int_equal(load_set("store.enabled=false"), TUTTI_OK);
    assert_false(config.store.enabled);
    assert_int_equal(load_set("journal.durability=always"), TUTTI_OK);
    assert_int_equal(config.journal.durability, TT_durability_ALWAYS);
    assert_int_equal(load_set("run.name=a=b"), TUTTI_OK); // Only the first '=' divides.
    assert_string_equal(config.run.name, "a=b");
    assert_int_equal(load_set("run.name="), TUTTI_OK);
    assert_string_equal(config.run.name, "");
    assert_int_equal(
        load_environment("TUTTI__COORDINATOR__SCHEDULES__TRADING_DECISION__INTERVAL=900"),
        TUTTI_OK);
    const tt_schedule_config *schedules = config.engine.coord.schedules;
    assert_int_equal(schedules[TT_task_TRADING_DECISION].interval.ns, 900 * TT_NS_PER_S);
}

static void errors_of_sets(void **state)
{
    (void)state;
    assert_int_equal(load_set("run.sed=3"), TUTTI_NOT_FOUND);
    assert_error("--set: run.sed: there is no such key", "did you mean `seed`?");
    assert_int_equal(load_set("rum.seed=3"), TUTTI_NOT_FOUND);
    assert_error("--set: rum.seed: there is no such key", "did you mean `run`?");
    assert_int_equal(load_set("clock=3"), TUTTI_NOT_FOUND);
    assert_error("--set: clock: this is a section", "allowed here: speed");
    assert_int_equal(load_set("seed=3"), TUTTI_NOT_FOUND);
    assert_error("--set: seed: there is no such key", "did you mean `feed`?");
    assert_int_equal(load_set("run.seed"), TUTTI_PARSE);
    assert_error(
        "--set: run.seed: this is not of the form key=value", "write --set section.key=value");
    assert_int_equal(load_set("=3"), TUTTI_PARSE);
    assert_error("--set: this is not of the form key=value", "write --set section.key=value");
    assert_int_equal(load_set("clock.speed=fast"), TUTTI_PARSE);
    assert_error(
        "--set: clock.speed: `fast` is not a number", "write a number from 0.001 to 1000000");
    assert_int_equal(load_set("clock.speed="), TUTTI_PARSE);
    assert_error("--set: clock.speed: `` is not a number", "write a number from 0.001 to 1000000");
    assert_int_equal(load_set("instruments.0.symbol=X"), TUTTI_INVALID);
    assert_error("--set: instruments.0.symbol: a list can only be given in the file", "");
    assert_int_equal(load_set("ma_cross.fast=500"), TUTTI_INVALID);
    assert_error(
        "--set: ma_cross.fast is 500, but ma_cross.slow is 100", "the second must be larger");
}

static void errors_of_the_environment(void **state)
{
    (void)state;
    assert_int_equal(load_environment("TUTTI__RUN__SED=3"), TUTTI_NOT_FOUND);
    assert_error(
        "environment TUTTI__RUN__SED: run.sed: there is no such key", "did you mean `seed`?");
    assert_int_equal(load_environment("TUTTI__STORE__ENABLED=yes"), TUTTI_PARSE);
    assert_error(
        "environment TUTTI__STORE__ENABLED: store.enabled: `yes` is neither true nor false",
        "write true or false");
    assert_int_equal(load_environment("TUTTI__RISK__MAX_LEVERAGE=11"), TUTTI_RANGE);
    assert_error(
        "environment TUTTI__RISK__MAX_LEVERAGE: risk.max_leverage: `11` is too large",
        "write a number from 1 to 10");
    assert_int_equal(load_environment("TUTTI__=1"), TUTTI_NOT_FOUND);
    assert_int_equal(load_environment("TUTTI__RUN"), TUTTI_NOT_FOUND);
    char variable[400];
    (void)snprintf(variable, sizeof variable, "TUTTI__%0300d=1", 0);
    assert_int_equal(load_environment(variable), TUTTI_NOT_FOUND);
}

/* A name that is longer than any buffer must not be taken for its beginning. */
static void long_names_are_not_cut_to_known_ones(void **state)
{
    (void)state;
    char set[400];
    (void)snprintf(set, sizeof set, "run.seed%0300d=1", 0);
    assert_int_equal(load_set(set), TUTTI_NOT_FOUND);
}

static void data_paths_have_a_largest_length(void **state)
{
    (void)state;
    char path[600];
    memset(path, 'p', sizeof path);
    path[sizeof path - 1] = '\0';
    const tt_config_overrides overrides = {.data_path = path};
    assert_int_equal(load_with(&overrides), TUTTI_RANGE);
    assert_non_null(strstr(error.message, "--data: feed.path: `ppp"));
    assert_string_equal(error.hint, "write text of at most 511 bytes");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(later_sources_win),
        cmocka_unit_test(every_form_of_value),
        cmocka_unit_test(errors_of_sets),
        cmocka_unit_test(errors_of_the_environment),
        cmocka_unit_test(long_names_are_not_cut_to_known_ones),
        cmocka_unit_test(data_paths_have_a_largest_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
