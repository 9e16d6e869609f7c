/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Figures of performance from the read model: told once each, the same as from the rows, and
 * damage.
 */
#include "base/random.h"
#include "query_fixture.h"
#include "store/store_priv.h"
#include "store/store_query_priv.h"

#include <stdio.h>

/* What was told. */
typedef struct told_figures {
    uint32_t accounts;
    uint32_t trades;
    tt_account_figures account;
    tt_money fees;
    tt_store_trade trade;
    char source[32];
} told_figures;

static void take_account(void *ctx, const tt_account_figures *account, tt_money fees)
{
    told_figures *told = ctx;
    told->accounts++;
    told->account = *account;
    told->fees = fees;
}

static void take_trade(void *ctx, const tt_store_trade *trade)
{
    told_figures *told = ctx;
    told->trades++;
    told->trade = *trade;
    (void)snprintf(told->source, sizeof told->source, "%s", trade->source);
}

static void take_funding(void *ctx, tt_money funding)
{
    (void)ctx;
    (void)funding;
    fail_msg("there was no funding");
}

static told_figures read_figures(void)
{
    told_figures told = {0};
    tt_seq last = 0;
    tt_error error = {0};
    const tt_store_figures figures = {
        .account = take_account, .trade = take_trade, .funding = take_funding, .ctx = &told};
    assert_int_equal(tt_store_figures_read(query, &figures, &last, &error), TUTTI_OK);
    assert_int_equal(last, store->committed.last_seq);
    assert_int_equal(told.accounts, 1);
    return told;
}

static void figures_of_the_run(void **state)
{
    (void)state;
    told_figures told = read_figures();
    assert_true(tt_dec_eq(told.account.last.equity.d, dec_of("9989.8")));
    assert_int_equal(told.trades, 1);
    assert_true(told.trade.opened_at.ns > 0 && told.trade.opened_at.ns < told.trade.closed_at.ns);
    assert_string_equal(told.source, "coordinator");
}

/* The figures as anybody can work them out from the rows. */
static tt_account_figures figures_of_rows(void)
{
    sqlite3_stmt *rows = NULL;
    tt_account_figures figures = {0};
    assert_int_equal(
        tt_store_db_prepare(
            &query->db,
            "SELECT time, initial, equity, open_positions FROM equity ORDER BY seq",
            &rows,
            NULL),
        TUTTI_OK);
    while (sqlite3_step(rows) == SQLITE_ROW) {
        const tt_account_record record = {
            .time = {sqlite3_column_int64(rows, 0)},
            .initial = {dec_of((const char *)sqlite3_column_text(rows, 1))},
            .equity = {dec_of((const char *)sqlite3_column_text(rows, 2))},
            .open_positions = (uint32_t)sqlite3_column_int(rows, 3)};
        tt_account_figures_add(&figures, &record);
    }
    (void)sqlite3_finalize(rows);
    return figures;
}

static void assert_drawdown(const tt_drawdown *found, const tt_drawdown *wanted)
{
    assert_true(tt_dec_eq(found->amount.d, wanted->amount.d));
    assert_true(tt_dec_eq(found->pct.d, wanted->pct.d));
    assert_int_equal(found->since.ns, wanted->since.ns);
    assert_int_equal(found->trough.ns, wanted->trough.ns);
    assert_int_equal(found->until.ns, wanted->until.ns);
}

static void assert_figures(const tt_account_figures *found, const tt_account_figures *wanted)
{
    assert_true(found->returns.sum == wanted->returns.sum);
    assert_true(found->returns.squares == wanted->returns.squares);
    assert_true(found->returns.downside == wanted->returns.downside);
    assert_int_equal(found->returns.count, wanted->returns.count);
    assert_true(tt_dec_eq(found->day_start.d, wanted->day_start.d));
    assert_true(tt_dec_eq(found->last.equity.d, wanted->last.equity.d));
    assert_true(tt_dec_eq(found->last.initial.d, wanted->last.initial.d));
    assert_int_equal(found->last.time.ns, wanted->last.time.ns);
    assert_int_equal(found->first.ns, wanted->first.ns);
    assert_true(tt_dec_eq(found->peak.d, wanted->peak.d));
    assert_drawdown(&found->worst, &wanted->worst);
    assert_drawdown(&found->current, &wanted->current);
    assert_int_equal(found->exposed_ns, wanted->exposed_ns);
}

/* Applies account records of a walk, some minutes apart. */
static void walk(tt_random *random, tt_seq first, size_t count)
{
    static fx_step step;
    static int64_t cents = 1000000;
    static int64_t minutes;
    for (size_t i = 0; i < count; i++) {
        step.size = 0;
        tt_account_update *account =
            fx_step_add(&step, TT_TOPIC_ACCOUNT_UPDATES, first + i, sizeof *account);
        cents += (int64_t)tt_random_below(random, 4001) - 2000;
        minutes += (int64_t)tt_random_below(random, 90);
        account->initial.d = dec_of("10000");
        account->equity.d = tt_dec_from_i64(cents, 2);
        account->fees.d = tt_dec_from_i64((int64_t)i, 2);
        account->open_positions = (uint32_t)tt_random_below(random, 2);
        ((tt_msg *)account - 1)->time.ns =
            INT64_C(1704067200) * TT_NS_PER_S + minutes * 60 * TT_NS_PER_S;
        assert_int_equal(tt_store_apply_step(store, step.bytes, step.size, NULL), TUTTI_OK);
    }
}

static void kept_figures_are_those_of_the_rows(void **state)
{
    (void)state;
    tt_random random;
    tt_random_init(&random, 17, 0);
    tt_seq next = RUN_LAST + 1;
    for (int round = 0; round < 20; round++) {
        size_t count = 1 + tt_random_below(&random, 60);
        walk(&random, next, count);
        next += count;
        assert_int_equal(tt_store_commit(store, NULL), TUTTI_OK);
        if (round % 3 == 1) { // What is not committed leaves nothing, neither rows nor figures.
            walk(&random, next, 5);
            assert_int_equal(
                sqlite3_exec(store->db.handle, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
            assert_int_equal(sqlite3_exec(store->db.handle, "BEGIN", NULL, NULL, NULL), SQLITE_OK);
            store->applied = store->committed;
        }
        if (round % 3 == 2) { // Another session goes on with it.
            tt_store_close(store);
            store = store_of(path);
        }
        const tt_account_figures wanted = figures_of_rows();
        told_figures told = read_figures();
        assert_figures(&told.account, &wanted);
        assert_true(tt_dec_eq(told.fees.d, tt_dec_from_i64((int64_t)count - 1, 2)));
    }
}

static void damaged_figures_are_told(void **state)
{
    (void)state;
    tt_error error = {0};
    tt_seq last = 7;
    told_figures told = {0};
    const tt_store_figures figures = {
        .account = take_account, .trade = take_trade, .funding = take_funding, .ctx = &told};
    assert_int_equal(
        tt_store_db_run(
            &store->db, "UPDATE projection SET account_figures = x'0102'", "write", NULL),
        TUTTI_OK);
    assert_int_equal(tt_store_figures_read(query, &figures, &last, &error), TUTTI_CORRUPT);
    expect_part(error.message, "the figures of the account are damaged");
    assert_int_equal(last, 7);
    tt_store *again = NULL;
    tt_store_close(store);
    store = NULL;
    assert_int_equal(tt_store_open(path, run_instruments(), &again, &error), TUTTI_CORRUPT);
}

#define FIGURES_TEST(name) cmocka_unit_test_setup_teardown(name, query_open, query_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIGURES_TEST(figures_of_the_run),
        FIGURES_TEST(kept_figures_are_those_of_the_rows),
        FIGURES_TEST(damaged_figures_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
