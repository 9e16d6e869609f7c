/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Steps made by hand, message by message.
 */
#ifndef TT_TEST_STEPS_H
#define TT_TEST_STEPS_H

#include "model/message.h"

#include <string.h>

/** Messages back to back, as the outbox holds them. */
typedef struct steps {
    _Alignas(16) unsigned char bytes[1 << 20];
    size_t size;
    tt_seq last;
    tt_time now;
} steps;

/** Appends a message and returns its number. */
static inline tt_seq
add_message(steps *target, tt_topic topic, tt_source source, uint32_t key, const void *payload)
{
    const tt_layout *layout = tt_topic_info_get((uint16_t)topic)->layout;
    tt_msg head = {
        .seq = ++target->last,
        .time = target->now,
        .key = key,
        .topic = (uint16_t)topic,
        .source = (uint16_t)source,
        .size = tt_layout_used_size(layout, payload),
    };
    memcpy(target->bytes + target->size, &head, sizeof head);
    memcpy(target->bytes + target->size + sizeof head, payload, head.size);
    target->size += sizeof head + head.size;
    return head.seq;
}

#endif
