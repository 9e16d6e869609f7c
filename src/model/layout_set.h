/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The layouts of all messages of some build, as a text and read from one: so that a later build
 * can understand what an earlier one wrote.
 *
 * The text has one fact a line, in this order:
 *   tutti layouts 1
 *   enum NAME COUNT            followed by COUNT lines "= TEXT"
 *   payload NAME SIZE FIXED ITEM_SIZE ITEM_MAX COUNT_OFFSET COUNT_SIZE, followed by its fields
 *   field KIND NAME OFFSET SIZE [NAME of the enumeration, or of the payload of the items]
 *   topic NUMBER NAME PAYLOAD
 *   end CHECKSUM               CRC-32C of all lines before it; the last line
 * A payload stands behind all that it names. Numbers are decimal.
 */
#ifndef TT_MODEL_LAYOUT_SET_H
#define TT_MODEL_LAYOUT_SET_H

#include "base/arena.h"
#include "base/text.h"
#include "model/topics.h"

/** Longest text that is read or written. */
#define TT_LAYOUT_TEXT_MAX ((size_t)512 * 1024)
/** Bytes of an arena in which a text of that length finds room. */
#define TT_LAYOUT_SET_MEMORY (16 * TT_LAYOUT_TEXT_MAX)

/** A topic of that build. */
typedef struct tt_layout_topic {
    const char *name;
    const tt_layout *layout;
    uint16_t number;
} tt_layout_topic;

/** What was read; it lives in the arena. */
typedef struct tt_layout_set {
    const tt_layout_topic *topics; /**< By ascending number. */
    uint32_t topic_count;
} tt_layout_set;

/** Writes the layouts of this build. `text` has room for TT_LAYOUT_TEXT_MAX bytes. @thread{any} */
void tt_layout_set_write(tt_text_buf *text);
/** Reads a text. What it describes may be used to read bytes: every field lies within its payload
 * and has the size of its kind. @retval TUTTI_PARSE with the line in `error`.
 * @retval TUTTI_NO_MEMORY the arena is full. @thread{any} */
TUTTI_NODISCARD tutti_status tt_layout_set_read(
    const char *text, size_t size, tt_arena *arena, tt_layout_set *ret_set, tt_error *error);
/** As tt_layout_fingerprint of the build that wrote the text. @thread{any} */
uint64_t tt_layout_set_fingerprint(const tt_layout_set *set);
/** The topic with a number; NULL if that build has none. @thread{any} */
const tt_layout_topic *tt_layout_set_topic(const tt_layout_set *set, uint16_t number);

#endif
