/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Statements that are bound from messages by the names of their parameters. Private to the store.
 */
#ifndef TT_STORE_STORE_BIND_H
#define TT_STORE_STORE_BIND_H

#include "model/instrument.h"
#include "model/message_json.h"
#include "store/store_schema.h"
#include "store/store_sql.h"

/** Most parameters of a statement. */
#define TT_STORE_PARAMETERS_MAX 40

/** What a parameter takes from the message. */
typedef enum tt_parameter_kind {
    TT_PARAMETER_SEQ,
    TT_PARAMETER_TIME,
    TT_PARAMETER_INSTRUMENT,
    TT_PARAMETER_SYMBOL,
    TT_PARAMETER_SOURCE,
    TT_PARAMETER_CAUSE,
    TT_PARAMETER_CORRELATION,
    TT_PARAMETER_TOPIC,
    TT_PARAMETER_PAYLOAD,
    TT_PARAMETER_INDEX,
    TT_PARAMETER_FIELD,
    TT_PARAMETER_ITEM_FIELD,
} tt_parameter_kind;

typedef struct tt_parameter {
    tt_parameter_kind kind;
    const tt_field *field; /**< Of the payload, or of an item of its list. */
} tt_parameter;

/** A compiled statement of the projection. */
typedef struct tt_projection {
    sqlite3_stmt *statement;
    const tt_topic_info *info;
    tt_parameter parameters[TT_STORE_PARAMETERS_MAX]; /**< [number of the parameter - 1] */
    int parameter_count;
    bool is_per_item;
} tt_projection;

/** What binding needs beside the message. */
typedef struct tt_bind_context {
    const tt_instruments *instruments;
    const tt_registry *registry; /**< Names of declared topics and sources. */
    char *json;                  /**< TT_MESSAGE_JSON_MAX bytes. */
} tt_bind_context;

/** Compiles a statement and resolves its parameters; a name that the topic does not have is a
 * broken invariant of the tables, and asserts. */
TUTTI_NODISCARD tutti_status tt_projection_prepare(
    const tt_store_db *db,
    const tt_projection_row *row,
    tt_projection *ret_projection,
    tt_error *error);
/** Runs a statement for a message of its topic: once, or once for each item. */
TUTTI_NODISCARD tutti_status tt_projection_run(
    const tt_store_db *db,
    const tt_projection *projection,
    const tt_bind_context *context,
    const tt_msg *msg,
    tt_error *error);

#endif
