/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What each list selects. Private to the store.
 *
 * Columns are named as the JSON shows them; a prefix says how: "t:" a moment, "b:" a flag, "j:"
 * JSON that is put in as it is.
 */
#ifndef TT_STORE_STORE_LISTS_H
#define TT_STORE_STORE_LISTS_H

#include "model/topics.h"
#include "store/store_query.h"

/** One list. */
typedef struct tt_list_row {
    const char *name;
    const char *table;
    const char *columns;
    const char *order;          /**< Column that sorts, newest first. */
    const char *id;             /**< Column that `id` selects; NULL = none. */
    const char *state;          /**< Column that `state` selects; NULL = none. */
    const tt_enum_info *states; /**< Values of that column, where they are an enumeration. */
    bool has_instrument;        /**< There is a column `instrument`. */
} tt_list_row;

/** [tt_store_list] */
extern const tt_list_row tt_store_lists[TT_STORE_LIST_COUNT];

#endif
