/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The equity curve, thinned to a number of points.
 *
 * A long curve is not read through: the newest record at the end of each of equal spans of time is
 * found by the index on time, so that the cost depends on the points asked for alone.
 */
#include "store/store_query_priv.h"

#include <stdlib.h>

#define COLUMNS "SELECT time AS \"t:time\", equity, balance, exposure, seq FROM equity"

/* The records that a span covers. */
typedef struct time_extent {
    int64_t from;
    int64_t to;
    int64_t total;
} time_extent;

/* Statements of one curve and how far it is written. */
typedef struct curve_state {
    sqlite3_stmt *statement;
    int64_t count;
    int64_t last_seq; /* Of the last record written. */
} curve_state;

static int64_t end_of(const tt_store_span *span)
{
    return span->to.ns == 0 ? INT64_MAX : span->to.ns;
}

static tutti_status
measure(tt_store_query *query, const tt_store_span *span, time_extent *ret_extent, tt_error *error)
{
    sqlite3_stmt *statement;
    TUTTI_TRY(tt_store_db_prepare(
        &query->db,
        "SELECT min(time), max(time), count(*) FROM equity WHERE time BETWEEN ? AND ?",
        &statement,
        error));
    (void)sqlite3_bind_int64(statement, 1, span->from.ns);
    (void)sqlite3_bind_int64(statement, 2, end_of(span));
    tutti_status status = TUTTI_OK;
    if (sqlite3_step(statement) == SQLITE_ROW) {
        *ret_extent = (time_extent){
            .from = sqlite3_column_int64(statement, 0),
            .to = sqlite3_column_int64(statement, 1),
            .total = sqlite3_column_int64(statement, 2)};
    } else {
        status = tt_store_fail(&query->db, "read", error);
    }
    (void)sqlite3_finalize(statement);
    return status;
}

/* Writes all records of the extent. */
static tutti_status add_all(
    tt_store_query *query,
    const time_extent *extent,
    curve_state *curve,
    tt_store_text *text,
    tt_error *error)
{
    (void)sqlite3_bind_int64(curve->statement, 1, extent->from);
    (void)sqlite3_bind_int64(curve->statement, 2, extent->to);
    int code = sqlite3_step(curve->statement);
    for (; code == SQLITE_ROW; code = sqlite3_step(curve->statement)) {
        TUTTI_TRY(tt_store_add_row(query, curve->statement, curve->count == 0, text, error));
        curve->count++;
    }
    return code == SQLITE_DONE ? TUTTI_OK : tt_store_fail(&query->db, "read", error);
}

/* Writes the newest record up to a moment, unless it was written already. */
static tutti_status add_newest(
    tt_store_query *query, int64_t moment, curve_state *curve, tt_store_text *text, tt_error *error)
{
    tutti_status status = TUTTI_OK;
    (void)sqlite3_bind_int64(curve->statement, 1, moment);
    int code = sqlite3_step(curve->statement);
    if (code != SQLITE_ROW && code != SQLITE_DONE) {
        status = tt_store_fail(&query->db, "read", error);
    } else if (code == SQLITE_ROW && sqlite3_column_int64(curve->statement, 4) != curve->last_seq) {
        curve->last_seq = sqlite3_column_int64(curve->statement, 4);
        status = tt_store_add_row(query, curve->statement, curve->count == 0, text, error);
        curve->count++;
    }
    (void)sqlite3_reset(curve->statement);
    return status;
}

/* Writes the first record and the newest at the end of each of `spans` equal spans. */
static tutti_status add_some(
    tt_store_query *query,
    const time_extent *extent,
    uint32_t spans,
    curve_state *curve,
    tt_store_text *text,
    tt_error *error)
{
    uint64_t length = (uint64_t)extent->to - (uint64_t)extent->from;
    for (uint32_t i = 0; i <= spans; i++) {
        // Split, so that the product of a long time and a place cannot overflow.
        uint64_t offset = length / spans * i + length % spans * i / spans;
        int64_t moment = (int64_t)((uint64_t)extent->from + offset);
        TUTTI_TRY(add_newest(query, moment, curve, text, error));
    }
    return TUTTI_OK;
}

static tutti_status add_points(
    tt_store_query *query,
    const time_extent *extent,
    uint32_t points,
    curve_state *curve,
    tt_store_text *text,
    tt_error *error)
{
    bool is_short = extent->total <= points;
    TUTTI_TRY(tt_store_db_prepare(
        &query->db,
        is_short ? COLUMNS " WHERE time BETWEEN ? AND ? ORDER BY time, seq"
                 : COLUMNS " WHERE time <= ? ORDER BY time DESC, seq DESC LIMIT 1",
        &curve->statement,
        error));
    tutti_status status = is_short ? add_all(query, extent, curve, text, error)
                                   : add_some(query, extent, points - 1, curve, text, error);
    (void)sqlite3_finalize(curve->statement);
    return status;
}

static tutti_status
write_curve(tt_store_query *query, const void *what, tt_store_text *text, tt_error *error)
{
    static const char opening[] = "{\"items\": [";
    const tt_store_span *span = what;
    time_extent extent = {0};
    curve_state curve = {0};
    int64_t last_seq;
    TUTTI_TRY(measure(query, span, &extent, error));
    bool has_room = tt_store_text_add(text, opening, sizeof opening - 1);
    TUTTI_TRY(add_points(query, &extent, span->points, &curve, text, error));
    TUTTI_TRY(tt_store_db_number(&query->db, "SELECT last_seq FROM projection", &last_seq, error));
    has_room = has_room && tt_store_text_add(text, "]", 1);
    TUTTI_TRY(tt_store_add_number(query, "count", curve.count, text, error));
    TUTTI_TRY(tt_store_add_number(query, "total", extent.total, text, error));
    TUTTI_TRY(tt_store_add_number(query, "last_seq", last_seq, text, error));
    return has_room && tt_store_text_add(text, "}", 1)
               ? TUTTI_OK
               : tt_error_set(error, TUTTI_NO_MEMORY, "no memory for a list");
}

tutti_status tt_store_equity_json(
    tt_store_query *query, const tt_store_span *span, tt_store_text *text, tt_error *error)
{
    tt_store_span wanted = *span;
    wanted.points = span->points ? span->points : TT_STORE_POINTS_DEFAULT;
    if (wanted.points < 2 || wanted.points > TT_STORE_POINTS_MAX) {
        tt_store_text_fini(text);
        return tt_error_set(
            error, TUTTI_INVALID, "%u points; 2 to %u", wanted.points, TT_STORE_POINTS_MAX);
    }
    return tt_store_read(query, write_curve, &wanted, text, error);
}
