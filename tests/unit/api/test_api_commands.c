/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Commands over HTTP, with a core that the test plays: what is sent, when and what is answered,
 * what a number that comes again does.
 *
 * Covers: api_answer_command.c api_command_tell.c api_commands.c
 */
#include "commands_world.h"

static void a_command_is_sent_as_it_was_asked(void **state)
{
    (void)state;
    assert_int_equal(
        api_command(
            "coordinator/task/ta_analysis/run?symbol=ETH/USDT",
            world.trader,
            "{\"reason\": \"to see\", \"request_id\": 7}"),
        200);
    api_check_body();
    assert_true(
        api_says("\"outcome\": \"done\"") && api_says("\"message\": \"the core \\\"said\\\" so\""));
    assert_true(api_says("\"actor\": \"tom\"") && api_says("\"role\": \"trader\""));
    assert_true(api_says("\"command_seq\": 100, \"reply_seq\": 101"));
    const tt_coordinator_command *first = api_sent(0);
    assert_int_equal(api_sent_count(), 1);
    assert_int_equal(api_sent_key(0), 2);
    assert_int_equal(first->command, TT_command_FORCE_RUN);
    assert_int_equal(first->task, TT_task_TA_ANALYSIS);
    assert_int_equal(first->role, TT_role_TRADER);
    assert_string_equal(first->actor, "tom");
    assert_string_equal(first->reason, "to see");
    assert_true(first->request_id == 7);
}

static void a_budget_has_a_source_and_an_amount(void **state)
{
    (void)state;
    const char *reserve = "risk/budgets/strategy/reserve";
    assert_int_equal(api_command(reserve, world.trader, "{\"amount\": 1}"), 403);
    assert_int_equal(
        api_command(reserve, world.admin, "{\"amount\": \"1500.25\", \"request_id\": 7}"), 200);
    const tt_coordinator_command *first = api_sent(0);
    assert_int_equal(first->command, TT_command_RESERVE_BUDGET);
    assert_int_equal(first->budget_source, TT_SOURCE_STRATEGY);
    assert_true(tt_dec_eq(first->amount.d, TT_DEC_C(150025, 2)));
    assert_true(api_says("\"source\": \"strategy\", \"amount\": \"1500.25\""));
    // The same number for another amount, or another source, is another command.
    assert_int_equal(
        api_command(reserve, world.admin, "{\"amount\": 1500.250, \"request_id\": 7}"), 200);
    assert_int_equal(
        api_command(reserve, world.admin, "{\"amount\": 1500, \"request_id\": 7}"), 422);
    const char *of_another = "{\"amount\": 1500.25, \"request_id\": 7}";
    assert_int_equal(api_command("risk/budgets/portfolio/reserve", world.admin, of_another), 422);
    assert_int_equal(api_sent_count(), 1);
    // Without an amount all is released; nothing is reserved.
    assert_int_equal(api_command("risk/budgets/strategy/release", world.admin, ""), 200);
    assert_int_equal(api_sent(1)->command, TT_command_RELEASE_BUDGET);
    assert_true(tt_dec_is_zero(api_sent(1)->amount.d));
    static const struct {
        const char *path;
        const char *body;
        int code;
        const char *says;
    } wrong[] = {
        {"risk/budgets/strategy/reserve", "", 400, "an amount is needed"},
        {"risk/budgets/strategy/reserve", "{\"amount\": 0}", 400, "must be a sum of money above 0"},
        {"risk/budgets/strategy/reserve",
         "{\"amount\": -1}",
         400,
         "must be a sum of money above 0"},
        {"risk/budgets/strategy/reserve", "{\"amount\": \"x\"}", 400, "must be a sum of money"},
        {"risk/budgets/strategy/reserve",
         "{\"amount\": 10000000000000000001}",
         400,
         "must be a sum of money above 0"},
        {"risk/budgets/strategy/reserve", "{\"amount\": true}", 400, "must be a sum of money"},
        {"risk/budgets/strategy/reserve", "{\"amount\": 1e30}", 400, "must be a sum of money"},
        {"risk/budgets/strategy/release", "{\"stop_loss\": 1}", 400, "takes no stop_loss"},
        {"risk/budgets/nobody/reserve", "{\"amount\": 1}", 404, "no such source of trades"},
        {"coordinator/halt", "{\"amount\": 1}", 400, "this takes no amount"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(api_command(wrong[i].path, world.admin, wrong[i].body), wrong[i].code);
        assert_true(api_says(wrong[i].says));
    }
    assert_int_equal(api_sent_count(), 2);
}

/** A body with a confirmation and these members. */
static const char *confirmed_body(const char *path, const char *token, const char *members)
{
    static char body[256];
    const char *confirmed = api_confirm(path, token);
    snprintf(body, sizeof body, "%.*s, %s}", (int)strlen(confirmed) - 1, confirmed, members);
    return body;
}

static const char *amend_body(const char *members)
{
    return confirmed_body("orders/132/amend", world.trader, members);
}

static void an_order_is_amended_by_its_values(void **state)
{
    (void)state;
    const char *path = "orders/132/amend";
    assert_int_equal(api_command(path, world.viewer, "{\"qty\": 1}"), 403);
    assert_int_equal(api_command(path, world.trader, "{\"qty\": 1}"), 400);
    assert_true(api_says("a valid confirmation is needed"));
    const char *values = "\"qty\": \"0.5\", \"price\": 49900.5, \"request_id\": 7";
    assert_int_equal(api_command(path, world.trader, amend_body(values)), 200);
    assert_true(api_says("\"subject\": 132, \"qty\": \"0.5\", \"price\": \"49900.5\""));
    const tt_coordinator_command *first = api_sent(0);
    assert_int_equal(first->command, TT_command_AMEND_ORDER);
    assert_true(first->subject_seq == 132);
    assert_true(tt_dec_eq(first->qty.d, TT_DEC_C(5, 1)));
    assert_true(tt_dec_eq(first->price.d, TT_DEC_C(499005, 1)));
    assert_true(tt_dec_is_zero(first->trigger_price.d));
    // The same number for other values is another command; for the same ones it is not sent again.
    assert_int_equal(
        api_command(path, world.trader, "{\"qty\": 0.5, \"price\": 49900.5, \"request_id\": 7}"),
        200);
    assert_int_equal(
        api_command(path, world.trader, "{\"qty\": 0.6, \"price\": 49900.5, \"request_id\": 7}"),
        422);
    assert_int_equal(
        api_command(
            path,
            world.trader,
            "{\"qty\": 0.5, \"price\": 49900.5, \"trigger_price\": 1, \"request_id\": 7}"),
        422);
    assert_int_equal(
        api_command(path, world.trader, "{\"qty\": 0.5, \"price\": 49901, \"request_id\": 7}"),
        422);
    assert_int_equal(api_sent_count(), 1);
    static const struct {
        const char *path;
        const char *body;
        int code;
        const char *part;
    } bad[] = {
        {"orders/132/amend", "", 400, "nothing is to be amended"},
        {"orders/132/amend", "{\"qty\": 0}", 400, "to take all back, cancel the order"},
        {"orders/132/amend", "{\"qty\": -1}", 400, "must be a quantity above 0"},
        {"orders/132/amend", "{\"qty\": true}", 400, "must be a quantity above 0"},
        {"orders/132/amend", "{\"qty\": \"x\"}", 400, "must be a quantity above 0"},
        {"orders/132/amend", "{\"qty\": [1]}", 400, "must be a quantity above 0"},
        {"orders/132/amend", "{\"price\": 0}", 400, "price must be a price above 0"},
        {"orders/132/amend", "{\"price\": 1e30}", 400, "price must be a price above 0"},
        {"orders/132/amend", "{\"trigger_price\": null}", 400, "trigger_price must be a price"},
        {"orders/132/amend", "{\"quantity\": 1}", 400, "there is no member 'quantity'"},
        {"orders/132/amend", "{\"qty\": 1, \"amount\": 1}", 400, "takes no amount"},
        {"orders/x/amend", "{\"qty\": 1}", 400, ""},
        {"orders/132/cancel", "{\"qty\": 1}", 400, "takes no qty, no price and no trigger_price"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        int code = api_command(bad[i].path, world.trader, bad[i].body);
        if (code != bad[i].code || !api_says(bad[i].part)) {
            fail_msg("%s %s: %d %s", bad[i].path, bad[i].body, code, api_reply);
        }
    }
    assert_int_equal(api_sent_count(), 1);
}

static void a_difference_of_the_cash_is_acknowledged(void **state)
{
    (void)state;
    const char *path = "account/acknowledge/transfer";
    const char *cost = "account/acknowledge/cost";
    assert_int_equal(api_command(path, world.trader, "{\"amount\": -1000.5}"), 403);
    assert_int_equal(api_command(path, world.admin, "{\"amount\": -1000.5}"), 400);
    assert_true(api_says("a valid confirmation is needed"));
    const char *body = confirmed_body(path, world.admin, "\"amount\": \"-1000.5\"");
    assert_int_equal(api_command(path, world.admin, body), 200);
    assert_int_equal(api_sent(0)->command, TT_command_ACKNOWLEDGE_TRANSFER);
    assert_true(tt_dec_eq(api_sent(0)->amount.d, TT_DEC_C(-10005, 1)));
    assert_true(api_says("\"amount\": \"-1000.5\""));
    body = confirmed_body(cost, world.admin, "\"amount\": 2, \"request_id\": 9");
    assert_int_equal(api_command(cost, world.admin, body), 200);
    assert_int_equal(api_sent(1)->command, TT_command_ACKNOWLEDGE_COST);
    body = confirmed_body(cost, world.admin, "\"amount\": -2, \"request_id\": 9");
    assert_int_equal(api_command(cost, world.admin, body), 422);
    // A confirmation for one is none for the other.
    body = confirmed_body(cost, world.admin, "\"amount\": 2");
    assert_int_equal(api_command(path, world.admin, body), 400);
    assert_int_equal(api_command(path, world.admin, ""), 400);
    assert_true(api_says("an amount is needed"));
    assert_true(api_says("balance_difference of GET /api/v1/account"));
    static const char *const bad[] = {
        "{\"amount\": 0}", "{\"amount\": -1e30}", "{\"amount\": \"-10000000000000000001\"}"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(api_command(path, world.admin, bad[i]), 400);
        assert_true(api_says("amount must be a sum of money"));
    }
    assert_int_equal(api_sent_count(), 2);
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
            assert_int_equal(api_command(path, world.admin, ""), 200);
            const tt_coordinator_command *last = api_sent(api_sent_count() - 1);
            assert_int_equal(last->task, task);
            assert_int_equal(last->command, meant[verb]);
        }
    }
    // Names of agents are no names of tasks; the answer lists those there are.
    assert_int_equal(api_command("coordinator/task/technical_analysis/run", world.admin, ""), 404);
    assert_true(api_says("ta_analysis, regime_detection, sentiment_analysis, trading_decision"));
    assert_int_equal(api_sent_count(), 15);
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
        api_set_script((script){.is_durable = true, .status = rows[i].status});
        assert_int_equal(api_command("coordinator/resume", world.admin, ""), rows[i].code);
        assert_true(api_says(rows[i].outcome));
        assert_int_equal(api_says("application/problem+json"), rows[i].code != 200);
        api_check_body();
    }
    // A reason that begins with the title is told once.
    api_set_script(
        (script){.is_durable = true, .status = TT_reply_status_REFUSED, .says = "refused: why"});
    assert_int_equal(api_command("coordinator/resume", world.admin, ""), 409);
    assert_true(api_says("\"title\": \"refused\", \"status\": 409, \"detail\": \"why\""));
    api_set_script((script){.is_full = true});
    assert_int_equal(api_command("coordinator/halt", world.admin, ""), 503);
    assert_int_equal(api_get("commands", world.viewer), 200);
    assert_true(api_says("\"count\": 4}")); // What was not sent is no command.
}

static void an_answer_waits_until_it_is_durable(void **state)
{
    (void)state;
    api_set_script((script){.is_durable = false});
    int64_t start = tt_mono_ns();
    assert_int_equal(api_command("coordinator/pause", world.admin, "{\"request_id\": 9}"), 504);
    assert_true(tt_mono_ns() - start >= TT_NS_PER_S / 2);
    api_check_body();
    assert_true(api_says("/api/v1/commands/9") && api_says("\"request_id\": 9}"));
    assert_int_equal(api_get("commands/9", world.viewer), 200);
    assert_true(api_says("\"outcome\": \"pending\"") && api_says("\"message\": \"\""));
    // Asked again under its number it is not sent again, and says what is known.
    assert_int_equal(api_command("coordinator/pause", world.admin, "{\"request_id\": 9}"), 202);
    assert_true(api_says("Idempotent-Replayed: true"));
    pthread_mutex_lock(&world.lock);
    world.durable = world.next_seq - 1;
    pthread_mutex_unlock(&world.lock);
    for (int i = 0; i < 100 && (api_get("commands/9", world.viewer), !api_says("\"done\"")); i++) {
        tt_sleep_ns(20 * TT_NS_PER_MS);
    }
    assert_true(api_says("\"outcome\": \"done\""));
    assert_int_equal(api_sent_count(), 1);
}

static void a_number_is_carried_out_once(void **state)
{
    (void)state;
    assert_int_equal(api_command("coordinator/pause", world.admin, "{\"request_id\": 5}"), 200);
    assert_int_equal(api_command("coordinator/pause", world.admin, "{\"request_id\": 5}"), 200);
    assert_true(api_says("Idempotent-Replayed: true") && api_says("\"command_seq\": 100"));
    assert_int_equal(api_sent_count(), 1);
    // The same number for something else, or by somebody else, is refused.
    assert_int_equal(api_command("coordinator/resume", world.admin, "{\"request_id\": 5}"), 422);
    assert_int_equal(
        api_command("coordinator/task/ta_analysis/enable", world.admin, "{\"request_id\": 5}"),
        422);
    assert_int_equal(api_command("coordinator/halt", world.trader, "{\"request_id\": 5}"), 422);
    assert_int_equal(api_sent_count(), 1);
    // Without a number each is a command of its own.
    assert_int_equal(api_command("coordinator/pause", world.admin, ""), 200);
    assert_int_equal(api_command("coordinator/pause", world.admin, ""), 200);
    assert_int_equal(api_sent_count(), 3);
    assert_true(api_sent(1)->request_id != api_sent(2)->request_id);
}

static void what_is_dangerous_needs_a_confirmation(void **state)
{
    (void)state;
    const char *path = "coordinator/flatten";
    assert_int_equal(api_command(path, world.trader, ""), 400);
    assert_true(api_says("a valid confirmation is needed"));
    assert_int_equal(
        api_command(path, world.trader, "{\"confirmation\": \"0123456789abcdef0123456789abcdef\"}"),
        400);
    char body[128];
    snprintf(body, sizeof body, "%s", api_confirm(path, world.trader));
    // Neither for another symbol, nor for another action, nor by another.
    assert_int_equal(api_command("coordinator/flatten?symbol=BTC/USDT", world.trader, body), 400);
    assert_int_equal(api_command("positions/3/close", world.trader, body), 400);
    assert_int_equal(api_command(path, world.admin, body), 400);
    assert_int_equal(api_sent_count(), 0);
    assert_int_equal(api_command(path, world.trader, body), 200);
    assert_int_equal(api_command(path, world.trader, body), 400); // It holds once.
    assert_int_equal(api_sent_count(), 1);
    assert_int_equal(api_sent_key(0), 0);
    assert_int_equal(
        api_command(
            "positions/3/close", world.trader, api_confirm("positions/3/close", world.trader)),
        200);
    assert_int_equal(api_sent(1)->command, TT_command_CLOSE_POSITION);
    assert_true(api_sent(1)->subject_seq == 3);
    assert_int_equal(
        api_command(
            "positions/4/close", world.trader, api_confirm("positions/3/close", world.trader)),
        400);
    assert_int_equal(
        api_command("risk/reset", world.admin, api_confirm("risk/reset", world.admin)), 200);
    assert_int_equal(api_sent(2)->command, TT_command_RESET_RISK);
}

/** What was meant for one symbol must not become a command for all of them. */
static void a_symbol_misnamed_flattens_nothing(void **state)
{
    (void)state;
    static const char *const paths[] = {
        "coordinator/flatten?simbol=BTC/USDT",
        "coordinator/flatten?Symbol=BTC/USDT",
        "coordinator/flatten?symbol=BTC/USDT&symbol=ETH/USDT",
    };
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        char confirm[96];
        char body[128];
        const char *query = strchr(paths[i], '?');
        snprintf(confirm, sizeof confirm, "coordinator/flatten/confirm%s", query);
        snprintf(body, sizeof body, "%s", api_confirm("coordinator/flatten", world.trader));
        assert_int_equal(api_command(confirm, world.trader, ""), 400);
        assert_int_equal(api_command(paths[i], world.trader, body), 400);
        assert_true(api_says(i < 2 ? "it takes symbol" : "a parameter is given twice"));
    }
    assert_int_equal(api_sent_count(), 0);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        API_TEST(a_command_is_sent_as_it_was_asked),
        API_TEST(a_budget_has_a_source_and_an_amount),
        API_TEST(a_difference_of_the_cash_is_acknowledged),
        API_TEST(an_order_is_amended_by_its_values),
        API_TEST(every_task_of_the_coordinator_can_be_named),
        API_TEST(what_the_core_says_is_told_truthfully),
        cmocka_unit_test_setup_teardown(
            an_answer_waits_until_it_is_durable, api_open_impatient, api_close),
        API_TEST(a_number_is_carried_out_once),
        API_TEST(what_is_dangerous_needs_a_confirmation),
        API_TEST(a_symbol_misnamed_flattens_nothing),
        cmocka_unit_test(the_table_of_commands_has_a_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
