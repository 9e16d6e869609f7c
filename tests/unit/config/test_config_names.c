/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Hints for names that do not exist.
 */
#include "config/config_priv.h"
#include "config_fixture.h"

static void assert_hint(const char *path, const char *name, const char *hint)
{
    memset(&error, 0, sizeof error);
    tt_config_hint_names(&error, path, name);
    assert_string_equal(error.hint, hint);
}

static void the_nearest_name_is_offered(void **state)
{
    (void)state;
    assert_hint("", "jurnal", "did you mean `journal`?");
    assert_hint("", "Risk", "did you mean `risk`?");
    assert_hint("risk", "max_open_position", "did you mean `max_open_positions`?");
    assert_hint("risk", "break", "did you mean `breakers`?");
    assert_hint("coordinator.schedules", "trading_decisions", "did you mean `trading_decision`?");
    assert_hint("instruments", "symbl", "did you mean `symbol`?");
}

static void the_owner_is_named(void **state)
{
    (void)state;
    assert_hint("clock", "durability", "`durability` belongs to the section `journal`");
    assert_hint("run", "bar_interval_s", "`bar_interval_s` belongs to the section `instruments`");
}

static void otherwise_all_names_are_listed(void **state)
{
    (void)state;
    assert_hint("clock", "zzzzzzzz", "allowed here: speed");
    assert_hint("clock", "", "allowed here: speed");
    char name[200];
    memset(name, 'x', sizeof name);
    name[sizeof name - 1] = '\0';
    assert_hint("clock", name, "allowed here: speed");
    memset(&error, 0, sizeof error);
    tt_config_hint_names(&error, "risk", "zzzzzzzzzz");
    assert_non_null(strstr(error.hint, "allowed here: max_leverage, max_position_pct, "));
    assert_string_equal(error.hint + strlen(error.hint) - 3, "..."); // More than fit.
    tt_config_hint_names(NULL, "risk", "x");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_nearest_name_is_offered),
        cmocka_unit_test(the_owner_is_named),
        cmocka_unit_test(otherwise_all_names_are_listed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
