/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Lists from the read model, as JSON, over a query-only connection: it neither writes nor makes
 * checkpoints, and never waits for the writer.
 *
 * A list is {"items": [...], "count": items here, "total": items in all, "limit": ..., "offset":
 * ..., "last_seq": how far the read model is}. Newest first. Decimals are strings, exact; moments
 * are ISO 8601 in UTC, or null for none; enumerations are their names.
 *
 * A connection belongs to one thread at a time. All functions: @thread{owner} @blocks{disk}
 */
#ifndef TT_STORE_STORE_QUERY_H
#define TT_STORE_STORE_QUERY_H

#include "base/error.h"
#include "base/types.h"
#include "model/account_figures.h"

#include <stdbool.h>

/** Items of a list when the filter does not say, and at most. */
#define TT_STORE_LIMIT_DEFAULT 100u
#define TT_STORE_LIMIT_MAX     1000u
/** Points of an equity curve, likewise. */
#define TT_STORE_POINTS_DEFAULT 500u
#define TT_STORE_POINTS_MAX     5000u

/** The lists; their names (tt_store_list_find) are those in quotes. */
typedef enum tt_store_list {
    TT_STORE_SESSIONS,  /**< "sessions": starts, recoveries, stops. */
    TT_STORE_ORDERS,    /**< "orders"; state: an order state, "working" or "final". id: order. */
    TT_STORE_FILLS,     /**< "fills"; state: "open", "increase", "reduce", "close". id: order. */
    TT_STORE_POSITIONS, /**< "positions"; state: "open" or "closed". id: position. */
    TT_STORE_AGENT_OUTPUTS, /**< "agent_outputs"; state: topic, such as "ta_signals". id: call. */
    TT_STORE_SIGNALS,       /**< "signals"; state: action, such as "BUY". id: message. */
    TT_STORE_CONSENSUS,     /**< "consensus". id: signal. */
    TT_STORE_CONFLICTS,     /**< "conflicts"; state: resolution, such as "wait". id: signal. */
    TT_STORE_VERDICTS,      /**< "verdicts", with their checks; state: verdict. id: message. */
    TT_STORE_ALERTS,        /**< "alerts"; state: severity. id: subject. */
    TT_STORE_SYSTEM_EVENTS, /**< "system_events"; state: severity. */
    TT_STORE_DEAD_LETTERS,  /**< "dead_letters"; state: reason. id: the dead message. */
    TT_STORE_COMMANDS,      /**< "command_log"; state: a reply status, or "" while there is none. */
    TT_STORE_POSITION_MARGINS, /**< "position_margins"; state: level. id: position. */
    TT_STORE_BATCHES,          /**< "rebalance_batches"; state: batch state. id: plan. */
    TT_STORE_SUB_ACCOUNTS,     /**< "sub_accounts". id: number of the account. */
    TT_STORE_ACTIVITY, /**< "activity": what has no list of its own; state: topic. id: cause. */
    TT_STORE_LIST_COUNT
} tt_store_list;

/** Which items; zero = all, the first hundred. */
typedef struct tt_store_filter {
    uint32_t limit;
    uint32_t offset;
    uint32_t instrument; /**< 0 = all. */
    uint64_t id;         /**< See tt_store_list; 0 = all. */
    const char *state;   /**< See tt_store_list; NULL or "" = all. @borrows{for the call} */
} tt_store_filter;

/** Text that grows; start with zero, give back `data` with free(). */
typedef struct tt_store_text {
    char *data; /**< NUL-terminated once something was written. */
    size_t length;
    size_t capacity;
} tt_store_text;

typedef struct tt_store_query tt_store_query;

/** Opens a database to read. @retval TUTTI_NOT_FOUND it is not there (yet).  @retval TUTTI_VERSION,
 * TUTTI_CORRUPT, TUTTI_PERMISSION, TUTTI_IO. @alloc{yes} */
TUTTI_NODISCARD tutti_status
tt_store_query_open(const char *path, tt_store_query **result, tt_error *error);
/** Tells whether the database still stands at its path: false once it was replaced; then close it
 * and open it anew. */
bool tt_store_query_is_in_place(const tt_store_query *query);
/** NULL is fine. */
void tt_store_query_close(tt_store_query *query);
/** Finds a list by name. */
bool tt_store_list_find(const char *name, tt_store_list *ret_list);
/** Writes a list. `text` is overwritten; on failure it is empty. @retval TUTTI_INVALID the list has
 * no such filter, or the limit is too large.  @retval TUTTI_BUSY, TUTTI_CORRUPT, TUTTI_IO.
 * @alloc{yes} */
TUTTI_NODISCARD tutti_status tt_store_list_json(
    tt_store_query *query,
    tt_store_list list,
    const tt_store_filter *filter,
    tt_store_text *text,
    tt_error *error);
/** A stretch of time; zero = open. */
typedef struct tt_store_span {
    tt_time from;
    tt_time to;
    uint32_t points; /**< 0 = TT_STORE_POINTS_DEFAULT. */
} tt_store_span;
/** Writes the equity curve: {"items": [{"time", "equity", "balance", "exposure"}, ...], "count":
 * ..., "total": ..., "last_seq": ...}, oldest first. All records if they are few enough, otherwise
 * the first, the last, and the newest at the end of each of `points` equal spans of time. Failures
 * as tt_store_list_json. @alloc{yes} */
TUTTI_NODISCARD tutti_status tt_store_equity_json(
    tt_store_query *query, const tt_store_span *span, tt_store_text *text, tt_error *error);

/** A position that is closed. */
typedef struct tt_store_trade {
    tt_money realized_pnl;
    tt_money fees;
    tt_time opened_at;
    tt_time closed_at;
    const char *source; /**< Who decided it; "none" = nobody is known. @borrows{for the call} */
} tt_store_trade;
/** Who takes what tt_store_figures_read finds. */
typedef struct tt_store_figures {
    /** Of all account records, and what was paid in fees by the newest. */
    void (*account)(void *ctx, const tt_account_figures *figures, tt_money fees);
    void (*trade)(void *ctx, const tt_store_trade *trade);
    void (*funding)(void *ctx, tt_money funding); /**< Of the account so far; not told = none. */
    void *ctx;
} tt_store_figures;
/** Reads what performance figures are worked out from, within one read transaction: the figures of
 * the account, which the writer keeps, and all closed positions in the order of their ids. It takes
 * as long as there are closed positions, however many account records there are. `ret_last`: how
 * far the read model is; unchanged on failure, when some may have been told. @retval TUTTI_BUSY,
 * TUTTI_CORRUPT, TUTTI_IO. */
TUTTI_NODISCARD tutti_status tt_store_figures_read(
    tt_store_query *query, const tt_store_figures *figures, tt_seq *ret_last, tt_error *error);

#endif
