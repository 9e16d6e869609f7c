/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What performance figures are worked out from, read from the tables: the account's records that
 * are new since the last time, and all positions that are closed.
 */
#include "store/store_query_priv.h"

#include <string.h>

/** A position belongs to the source of the first signal of its correlation, or of the proposal
 * where there was no signal. Both tables are read once each, for an index of this statement. */
static const char trades_sql[] =
    "WITH decided(correlation, source, seq) AS ("
    " SELECT correlation, source, min(seq) FROM (SELECT correlation, source, seq FROM signals"
    "  UNION ALL SELECT correlation, source, seq FROM activity WHERE topic = 'trade_proposals')"
    " GROUP BY correlation)"
    " SELECT realized_pnl, fees, opened_at, closed_at, decided.source FROM positions"
    " LEFT JOIN decided USING(correlation) WHERE is_open = 0 ORDER BY position_id";

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
    int64_t after,
    void (*take)(const tt_store_figures *figures, sqlite3_stmt *statement),
    const tt_store_figures *figures,
    tt_error *error)
{
    sqlite3_stmt *statement;
    TUTTI_TRY(tt_store_db_prepare(&query->db, sql, &statement, error));
    if (sqlite3_bind_parameter_count(statement) > 0) {
        (void)sqlite3_bind_int64(statement, 1, after);
    }
    int code = sqlite3_step(statement);
    for (; code == SQLITE_ROW; code = sqlite3_step(statement)) {
        take(figures, statement);
    }
    tutti_status status = code == SQLITE_DONE ? TUTTI_OK : tt_store_fail(&query->db, "read", error);
    (void)sqlite3_finalize(statement);
    return status;
}

static void take_equity(const tt_store_figures *figures, sqlite3_stmt *statement)
{
    const tt_store_equity equity = {
        .time = {sqlite3_column_int64(statement, 0)},
        .initial = {decimal_of(statement, 1)},
        .equity = {decimal_of(statement, 2)},
        .fees = {decimal_of(statement, 3)},
        .open_positions = (uint32_t)sqlite3_column_int(statement, 4),
    };
    figures->equity(figures->ctx, &equity);
}

static void take_trade(const tt_store_figures *figures, sqlite3_stmt *statement)
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
}

static void take_funding(const tt_store_figures *figures, sqlite3_stmt *statement)
{
    figures->funding(figures->ctx, (tt_money){decimal_of(statement, 0)});
}

static tutti_status
read_all(tt_store_query *query, const tt_store_figures *figures, tt_error *error)
{
    static const char equity_sql[] = "SELECT time, initial, equity, fees, open_positions"
                                     " FROM equity WHERE seq > ? ORDER BY seq";
    static const char funding_sql[] =
        "SELECT json_extract(payload, '$.account_funding') FROM activity"
        " WHERE topic = 'funding' ORDER BY seq DESC LIMIT 1";
    int64_t after = (int64_t)figures->after;
    TUTTI_TRY(read_rows(query, equity_sql, after, take_equity, figures, error));
    TUTTI_TRY(read_rows(query, trades_sql, 0, take_trade, figures, error));
    return read_rows(query, funding_sql, 0, take_funding, figures, error);
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
