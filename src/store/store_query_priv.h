/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What the queries share: the connection, text that grows, rows as JSON. Private to the store.
 */
#ifndef TT_STORE_STORE_QUERY_PRIV_H
#define TT_STORE_STORE_QUERY_PRIV_H

#include "base/json.h"
#include "store/store_query.h"
#include "store/store_sql.h"

/** Room for one row as JSON: the largest payload, and the columns beside it. */
#define TT_STORE_ROW_MAX 65536

struct tt_store_query {
    tt_store_db db;
    char row[TT_STORE_ROW_MAX];
};

/** Appends text; false when there is no memory. */
bool tt_store_text_add(tt_store_text *text, const char *bytes, size_t length);
/** Gives the memory back. */
void tt_store_text_fini(tt_store_text *text);
/** Appends the current row as an object, with a comma in front unless it is the `first`.
 * @retval TUTTI_NO_MEMORY, TUTTI_LIMIT. */
TUTTI_NODISCARD tutti_status tt_store_add_row(
    tt_store_query *query,
    sqlite3_stmt *statement,
    bool first,
    tt_store_text *text,
    tt_error *error);
/** Appends `"key": number` with a comma in front. */
TUTTI_NODISCARD tutti_status tt_store_add_number(
    tt_store_query *query, const char *key, int64_t number, tt_store_text *text, tt_error *error);
/** Runs `write` within one read transaction, so that its parts fit together. `text` is emptied
 * before, and when it fails. */
TUTTI_NODISCARD tutti_status tt_store_read(
    tt_store_query *query,
    tutti_status (*write)(
        tt_store_query *query, const void *what, tt_store_text *text, tt_error *error),
    const void *what,
    tt_store_text *text,
    tt_error *error);

#endif
