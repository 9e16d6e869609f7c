/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The registry of topics as a table of rows, generated from the list in topics.h.
 */
#include "model/topics.h"

#include <string.h>

#define ROW(id_, name_, payload_, kind_, prio_, ttl_s_, history_, origin_, edge_, doc_)            \
    [TT_TOPIC_##id_] = {                                                                           \
        .name = name_,                                                                             \
        .doc = doc_,                                                                               \
        .layout = &tt_layout_##payload_,                                                           \
        .ttl_ms = ttl_s_ * 1000u,                                                                  \
        .history = history_,                                                                       \
        .topic = TT_TOPIC_##id_,                                                                   \
        .edge = TT_EDGE_##edge_,                                                                   \
        .kind = TT_msg_kind_##kind_,                                                               \
        .priority = TT_priority_##prio_,                                                           \
        .origin = TT_ORIGIN_##origin_,                                                             \
    },
static const tt_topic_info rows[TT_TOPIC_COUNT] = {TT_TOPIC_LIST(ROW)};

#define CHECK_ROW(id, name, payload, kind, prio, ttl_s, history, origin, edge, doc)                \
    _Static_assert((history) > 0 && TT_priority_##prio != TT_priority_NONE, name);
TT_TOPIC_LIST(CHECK_ROW)

const tt_topic_info *tt_topic_info_get(uint16_t topic)
{
    return topic > TT_TOPIC_NONE && topic < TT_TOPIC_COUNT ? &rows[topic] : NULL;
}

tt_topic tt_topic_find(const char *name, size_t length)
{
    for (size_t i = 1; i < TT_TOPIC_COUNT; i++) {
        if (strlen(rows[i].name) == length && memcmp(rows[i].name, name, length) == 0) {
            return rows[i].topic;
        }
    }
    return TT_TOPIC_NONE;
}
