/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What performance figures are worked out from: the figures of the account as the writer left them,
 * and all positions that are closed.
 *
 * The figures are stored as they lie in memory. They are read by the machine that wrote them, or a
 * reader of another build says that the database is of no use to it: another layout raises
 * TT_STORE_VERSION.
 */
#include "store/store.h"
#include "store/store_query_priv.h"

#include <string.h>

_Static_assert(
    sizeof(tt_account_figures) == 336 && TT_STORE_VERSION == 5, "raise TT_STORE_VERSION");

/** A position belongs to the source of the first signal of its correlation, or of the proposal
 * where there was no signal. */
static const char trades_sql[] =
    "SELECT realized_pnl, fees, opened_at, closed_at,"
    " (SELECT source FROM (SELECT source, seq FROM signals"
    "   WHERE signals.correlation = positions.correlation"
    "  UNION ALL SELECT source, seq FROM activity"
    "   WHERE topic = 'trade_proposals' AND activity.correlation = positions.correlation)"
    "  ORDER BY seq LIMIT 1)"
    " FROM positions WHERE is_open = 0 ORDER BY position_id";

bool tt_store_take_figures(sqlite3_stmt *row, int column, tt_account_figures *ret_figures)
{
    size_t size = (size_t)sqlite3_column_bytes(row, column);
    *ret_figures = (tt_account_figures){0};
    if (size == sizeof *ret_figures) {
        memcpy(ret_figures, sqlite3_column_blob(row, column), size);
    }
    return size == 0 || size == sizeof *ret_figures;
}

static tt_dec decimal_of(sqlite3_stmt *statement, int column)
{
    tt_dec value = TT_DEC_ZERO;
    const char *text = (const char *)sqlite3_column_text(statement, column);
    if (text != NULL && tt_dec_parse(text, strlen(text), &value) != TUTTI_OK) {
        value = TT_DEC_ZERO; // Only somebody else's hand can have written that.
    }
    return value;
}

static tutti_status read_rows(
    tt_store_query *query,
    const char *sql,
    bool (*take)(const tt_store_figures *figures, sqlite3_stmt *statement),
    const tt_store_figures *figures,
    tt_error *error)
{
    sqlite3_stmt *statement;
    TUTTI_TRY(tt_store_db_prepare(&query->db, sql, &statement, error));
    bool is_right = true;
    int code = sqlite3_step(statement);
    for (; code == SQLITE_ROW && is_right; code = sqlite3_step(statement)) {
        is_right = take(figures, statement);
    }
    tutti_status status = code == SQLITE_DONE ? TUTTI_OK : tt_store_fail(&query->db, "read", error);
    if (!is_right) {
        status = tt_error_set(
            error, TUTTI_CORRUPT, "%s: the figures of the account are damaged", query->db.path);
    }
    (void)sqlite3_finalize(statement);
    return status;
}

static bool take_account(const tt_store_figures *figures, sqlite3_stmt *statement)
{
    tt_account_figures account;
    bool is_right = tt_store_take_figures(statement, 0, &account);
    if (is_right) {
        figures->account(figures->ctx, &account, (tt_money){decimal_of(statement, 1)});
    }
    return is_right;
}

static bool take_trade(const tt_store_figures *figures, sqlite3_stmt *statement)
{
    const char *source = (const char *)sqlite3_column_text(statement, 4);
    const tt_store_trade trade = {
        .realized_pnl = {decimal_of(statement, 0)},
        .fees = {decimal_of(statement, 1)},
        .opened_at = {sqlite3_column_int64(statement, 2)},
        .closed_at = {sqlite3_column_int64(statement, 3)},
        .source = source == NULL ? "none" : source,
    };
    figures->trade(figures->ctx, &trade);
    return true;
}

static bool take_funding(const tt_store_figures *figures, sqlite3_stmt *statement)
{
    figures->funding(figures->ctx, (tt_money){decimal_of(statement, 0)});
    return true;
}

static tutti_status
read_all(tt_store_query *query, const tt_store_figures *figures, tt_error *error)
{
    static const char account_sql[] =
        "SELECT account_figures, (SELECT fees FROM equity ORDER BY seq DESC LIMIT 1)"
        " FROM projection";
    static const char funding_sql[] =
        "SELECT json_extract(payload, '$.account_funding') FROM activity"
        " WHERE topic = 'funding' ORDER BY seq DESC LIMIT 1";
    TUTTI_TRY(read_rows(query, account_sql, take_account, figures, error));
    TUTTI_TRY(read_rows(query, trades_sql, take_trade, figures, error));
    return read_rows(query, funding_sql, take_funding, figures, error);
}

tutti_status tt_store_figures_read(
    tt_store_query *query, const tt_store_figures *figures, tt_seq *ret_last, tt_error *error)
{
    int64_t last = 0;
    TUTTI_TRY(tt_store_db_run(&query->db, "BEGIN", "read", error));
    tutti_status status =
        tt_store_db_number(&query->db, "SELECT last_seq FROM projection", &last, error);
    if (status == TUTTI_OK) {
        status = read_all(query, figures, error);
    }
    (void)sqlite3_exec(query->db.handle, "ROLLBACK", NULL, NULL, NULL);
    if (status == TUTTI_OK) {
        *ret_last = (tt_seq)last;
    }
    return status;
}
