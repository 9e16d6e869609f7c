/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The tables, and the statements that bring messages into them. Private to the store.
 *
 * A statement names what it wants of a message, and is bound by these names:
 *
 *     @seq @time @instrument @symbol @source @cause @correlation @topic    the head
 *     @payload                                                             the payload as JSON
 *     :name                                                                a field of the payload
 *     $name, @index                                                        a field of a list item,
 * its place
 *
 * A statement with $ runs once for each item of the list.
 */
#ifndef TT_STORE_STORE_SCHEMA_H
#define TT_STORE_STORE_SCHEMA_H

#include "model/topics.h"

/** PRAGMA application_id: "TTST". */
#define TT_STORE_APPLICATION_ID 0x54545354

/** One statement of the projection. */
typedef struct tt_projection_row {
    tt_topic topic;
    const char *sql;
} tt_projection_row;

/** Statements that make all tables and indexes of an empty database, a table each. */
extern const char *const tt_store_schema[];
extern const size_t tt_store_schema_count;
/** The statements; messages of other topics leave no trace. */
extern const tt_projection_row tt_store_projection[];
extern const size_t tt_store_projection_count;

#endif
