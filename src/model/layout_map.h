/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Messages of another build as messages of this one: topics, fields and values of enumerations are
 * matched by their names.
 *
 * A field that this build has not, or has with another kind, is left out; one that the other build
 * had not is zero. What this build cannot express is an error: a value of an enumeration that it
 * does not know, more items than its list holds, a text that is too long.
 */
#ifndef TT_MODEL_LAYOUT_MAP_H
#define TT_MODEL_LAYOUT_MAP_H

#include "model/layout_set.h"
#include "model/message.h"

typedef struct tt_layout_map tt_layout_map;

/** Prepares the way from the build of `set`, which is borrowed, to this one.
 * @retval TUTTI_NO_MEMORY the arena is full. @thread{any} */
TUTTI_NODISCARD tutti_status
tt_layout_map_make(const tt_layout_set *set, tt_arena *arena, tt_layout_map **result);
/** Writes `from`, whose size fits its layout in the set, as a message of this build; `to` has room
 * for TT_MSG_BYTES_MAX. Topics that are declared at run time stay as they are.
 * @retval TUTTI_NOT_FOUND this build has no such topic. @retval TUTTI_RANGE this build cannot
 * express it; `error` names topic and field. @thread{any} */
TUTTI_NODISCARD tutti_status
tt_layout_map_message(const tt_layout_map *map, const tt_msg *from, tt_msg *to, tt_error *error);

#endif
