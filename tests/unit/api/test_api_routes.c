/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The table of routes: each is found, stands in the OpenAPI document and in docs/api.md, and asks
 * for what it should.
 *
 * Covers: api_openapi.c
 */
#include "../../lib/test.h"
#include "api/api_priv.h"
#include "store/store_lists.h"

static void each_row_is_whole_and_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < tt_api_route_count(); i++) {
        const tt_api_route *route = &tt_api_routes[i];
        char param[64] = "";
        char allow[32];
        assert_non_null(route->answer);
        assert_non_null(route->summary);
        if (tt_api_route_find(route->method, route->pattern, param, allow) != route) {
            fail_msg("%s is hidden by another", route->pattern);
        }
        // Everything that changes something needs a role above viewer, and is no GET.
        if (route->command != TT_command_NONE || route->bus_command != TT_bus_command_type_NONE) {
            assert_int_equal(route->method, TT_HTTP_POST);
            assert_true(route->role > TT_role_VIEWER);
        }
        assert_true(route->answer != tt_api_answer_render || route->render != NULL);
    }
}

static void only_these_are_public(void **state)
{
    (void)state;
    for (size_t i = 0; i < tt_api_route_count(); i++) {
        const char *pattern = tt_api_routes[i].pattern;
        bool may_be = strcmp(pattern, "/") == 0 || strcmp(pattern, "/healthz") == 0 ||
                      strcmp(pattern, "/readyz") == 0;
        assert_int_equal(tt_api_routes[i].role == TT_role_NONE, may_be);
    }
}

/** The row of a command with this pattern. */
static const tt_api_route *command_row(tt_command command)
{
    for (size_t i = 0; i < tt_api_route_count(); i++) {
        if (tt_api_routes[i].command == command) {
            return &tt_api_routes[i];
        }
    }
    fail_msg("no route for %s", tt_enum_text(&tt_enum_command, (uint8_t)command));
    return NULL;
}

static void commands_of_the_bus_are_for_administrators(void **state)
{
    (void)state;
    static const struct {
        tt_bus_command_type command;
        const char *pattern;
        bool is_confirmed;
    } rows[] = {
        {TT_bus_command_type_REDRIVE, "/api/v1/dead_letters/{id}/redrive", true},
        {TT_bus_command_type_DISCARD, "/api/v1/dead_letters/{id}/discard", true},
        {TT_bus_command_type_REDRIVE_ALL, "/api/v1/dead_letters/redrive", true},
        {TT_bus_command_type_DISCARD_ALL, "/api/v1/dead_letters/discard", true},
        {TT_bus_command_type_RELEASE, "/api/v1/quarantine/{name}/release", false},
    };
    size_t found = 0;
    for (size_t i = 0; i < tt_api_route_count(); i++) {
        const tt_api_route *route = &tt_api_routes[i];
        for (size_t j = 0; j < sizeof rows / sizeof rows[0]; j++) {
            if (route->bus_command == rows[j].command) {
                assert_string_equal(route->pattern, rows[j].pattern);
                assert_int_equal(route->role, TT_role_ADMIN);
                assert_int_equal(route->needs_confirmation, rows[j].is_confirmed);
                found++;
            }
        }
    }
    assert_int_equal(found, sizeof rows / sizeof rows[0]);
}

static void dangerous_ones_need_a_confirmation(void **state)
{
    (void)state;
    static const struct {
        tt_command command;
        tt_role role;
        bool is_confirmed;
    } rows[] = {
        {TT_command_PAUSE, TT_role_ADMIN, false},
        {TT_command_RESUME, TT_role_ADMIN, false},
        {TT_command_HALT, TT_role_TRADER, false},
        {TT_command_RELEASE, TT_role_ADMIN, true},
        {TT_command_FLATTEN, TT_role_TRADER, true},
        {TT_command_ENABLE_TASK, TT_role_ADMIN, false},
        {TT_command_DISABLE_TASK, TT_role_ADMIN, false},
        {TT_command_FORCE_RUN, TT_role_TRADER, false},
        {TT_command_RESET_RISK, TT_role_ADMIN, true},
        {TT_command_APPROVE, TT_role_TRADER, false},
        {TT_command_REJECT, TT_role_TRADER, false},
        {TT_command_CLOSE_POSITION, TT_role_TRADER, true},
        {TT_command_CANCEL_ORDER, TT_role_TRADER, true},
        {TT_command_REBALANCE, TT_role_TRADER, true},
        {TT_command_FORCE_REBALANCE, TT_role_TRADER, true},
        {TT_command_CANCEL_REBALANCE, TT_role_TRADER, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const tt_api_route *row = command_row(rows[i].command);
        assert_int_equal(row->role, rows[i].role);
        assert_int_equal(row->needs_confirmation, rows[i].is_confirmed);
        char path[128];
        char param[64];
        char allow[32];
        snprintf(path, sizeof path, "%s/confirm", row->pattern);
        const tt_api_route *confirm = tt_api_route_find(TT_HTTP_POST, path, param, allow);
        assert_int_equal(confirm != NULL, rows[i].is_confirmed);
        if (confirm != NULL) {
            assert_int_equal(confirm->role, row->role);
            assert_int_equal(confirm->takes_symbol, row->takes_symbol);
        }
    }
}

static void every_command_has_a_route(void **state)
{
    (void)state;
    for (int command = TT_command_NONE + 1; command < TT_command_COUNT; command++) {
        assert_non_null(command_row((tt_command)command));
    }
}

static void every_list_has_a_route(void **state)
{
    (void)state;
    for (int list = 0; list < TT_STORE_LIST_COUNT; list++) {
        char path[64];
        char param[64];
        char allow[32];
        snprintf(path, sizeof path, "/api/v1/%s", tt_store_lists[list].name);
        const tt_api_route *route = tt_api_route_find(TT_HTTP_GET, path, param, allow);
        if (route == NULL || route->answer != tt_api_answer_list) {
            fail_msg("no route for the list %s", path);
        }
    }
}

static void paths_match_whole(void **state)
{
    (void)state;
    static const struct {
        tt_http_method method;
        const char *path;
        const char *pattern; /**< NULL: none. */
        const char *rest;    /**< The parameter, or what is allowed. */
    } cases[] = {
        {TT_HTTP_GET, "/api/v1/orders/17", "/api/v1/orders/{id}", "17"},
        {TT_HTTP_HEAD, "/api/v1/orders", "/api/v1/orders", ""},
        {TT_HTTP_GET, "/api/v1/positions/exposure", "/api/v1/positions/exposure", ""},
        {TT_HTTP_POST,
         "/api/v1/coordinator/task/ta_analysis/run",
         "/api/v1/coordinator/task/{name}/run",
         "ta_analysis"},
        {TT_HTTP_GET, "/api/v1/coordinator/pause", NULL, "POST"},
        {TT_HTTP_POST, "/api/v1/orders", NULL, "GET, HEAD"},
        {TT_HTTP_OTHER, "/healthz", NULL, "GET, HEAD"},
        {TT_HTTP_GET, "/api/v1/orders/", NULL, ""},
        {TT_HTTP_GET, "/api/v1/orders/1/2", NULL, ""},
        {TT_HTTP_GET, "/api/v1/order", NULL, ""},
        {TT_HTTP_GET, "//healthz", NULL, ""},
        {TT_HTTP_GET, "", NULL, ""},
        {TT_HTTP_GET,
         "/api/v1/orders/0123456789012345678901234567890123456789012345678901234567890123",
         NULL,
         ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char param[64] = "";
        char allow[32] = "";
        const tt_api_route *found = tt_api_route_find(cases[i].method, cases[i].path, param, allow);
        if (cases[i].pattern == NULL) {
            assert_null(found);
            assert_string_equal(allow, cases[i].rest);
        } else {
            assert_non_null(found);
            assert_string_equal(found->pattern, cases[i].pattern);
            assert_string_equal(param, cases[i].rest);
        }
    }
}

static char *render(void)
{
    static char *text; // GCC 12 takes pointers into the text for pointers to a variable here.
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    tt_api_render_openapi(NULL, out);
    fclose(out);
    return text;
}

/* The members that the body of a command may have are those that are read. */
static void the_document_knows_the_members_of_commands(void **state)
{
    (void)state;
    static const char *const members[] = {
        "request_id",
        "reason",
        "confirmation",
        "stop_loss",
        "take_profit",
        "amount",
        "qty",
        "price",
        "trigger_price",
        "size_pct",
        "leverage",
        "style",
        "upper_entry",
        "upper_stop",
        "upper_target",
        "lower_entry",
        "lower_stop",
        "lower_target"};
    char *text = render();
    const char *command = strstr(text, "\"Command\": {");
    assert_non_null(command);
    size_t length = strcspn(command, "\n");
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        char name[32];
        snprintf(name, sizeof name, "\"%s\": {", members[i]);
        const char *found = strstr(command, name);
        assert_true(found != NULL && (size_t)(found - command) < length);
    }
    free(text);
}

static void each_route_stands_in_the_document(void **state)
{
    (void)state;
    char *text = render();
    for (size_t i = 0; i < tt_api_route_count(); i++) {
        char path[128];
        snprintf(path, sizeof path, "\n  \"%s\": {", tt_api_routes[i].pattern);
        const char *found = strstr(text, path);
        if (found == NULL || strstr(found, tt_api_routes[i].summary) == NULL) {
            fail_msg("%s is missing", tt_api_routes[i].pattern);
        } else {
            assert_null(strstr(found + 1, path)); // A key that stood twice would be lost.
        }
    }
    free(text);
}

static void each_route_stands_in_the_manual(void **state)
{
    (void)state;
    static char manual[1 << 16];
    FILE *file = fopen(TT_TEST_SOURCE_DIR "/docs/api.md", "r");
    assert_non_null(file);
    size_t size = fread(manual, 1, sizeof manual - 1, file);
    assert_true(size < sizeof manual - 1);
    fclose(file);
    for (size_t i = 0; i < tt_api_route_count(); i++) {
        const tt_api_route *route = &tt_api_routes[i];
        char row[160];
        snprintf(
            row,
            sizeof row,
            "| `%s %s` | %s | %s |",
            route->method == TT_HTTP_POST ? "POST" : "GET",
            route->pattern,
            route->role == TT_role_NONE ? "public"
                                        : tt_enum_text(&tt_enum_role, (uint8_t)route->role),
            tt_tier_text(route->tier));
        if (strstr(manual, row) == NULL) {
            fail_msg("docs/api.md lacks %s", row);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_row_is_whole_and_found),
        cmocka_unit_test(only_these_are_public),
        cmocka_unit_test(commands_of_the_bus_are_for_administrators),
        cmocka_unit_test(dangerous_ones_need_a_confirmation),
        cmocka_unit_test(every_command_has_a_route),
        cmocka_unit_test(every_list_has_a_route),
        cmocka_unit_test(paths_match_whole),
        cmocka_unit_test(the_document_knows_the_members_of_commands),
        cmocka_unit_test(each_route_stands_in_the_document),
        cmocka_unit_test(each_route_stands_in_the_manual),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
