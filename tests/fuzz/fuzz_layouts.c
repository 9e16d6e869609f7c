/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Any text into the reader of layouts, and any bytes through what it accepts: nothing outside of a
 * message may be read or written, and what comes out is a message of this build.
 *
 * The input is a text up to its first NUL, and behind it the payload of a message of each topic.
 * The text gets its checksum here, so that what lies behind it is reached.
 */
#include "base/crc32c.h"
#include "model/layout_map.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A message with as much of the bytes as its layout takes; false if their count is beyond it. */
static bool
fill_message(const tt_layout_topic *topic, const uint8_t *bytes, size_t size, tt_msg *msg)
{
    unsigned char *payload = (unsigned char *)(msg + 1);
    *msg = (tt_msg){.seq = 1, .topic = topic->number};
    memset(payload, 0, topic->layout->size);
    memcpy(payload, bytes, size < topic->layout->size ? size : topic->layout->size);
    msg->size = tt_layout_used_size(topic->layout, payload);
    return msg->size != 0;
}

static void carry_all(const tt_layout_set *set, tt_arena *arena, const uint8_t *bytes, size_t size)
{
    static _Alignas(64) unsigned char from[TT_MSG_BYTES_MAX];
    static _Alignas(64) unsigned char to[TT_MSG_BYTES_MAX];
    tt_layout_map *map = NULL;
    if (tt_layout_map_make(set, arena, &map) != TUTTI_OK) {
        return;
    }
    for (uint32_t i = 0; i < set->topic_count; i++) {
        tt_msg *msg = (void *)from;
        tt_msg *own = (void *)to;
        tt_error error = {0};
        if (!fill_message(&set->topics[i], bytes, size, msg)) {
            continue;
        }
        tutti_status status = tt_layout_map_message(map, msg, own, &error);
        TT_ASSERT(status != TUTTI_RANGE || error.message[0] != '\0');
        if (status == TUTTI_OK && own->topic < TT_TOPIC_COUNT) {
            const tt_layout *layout = tt_topic_info_get(own->topic)->layout;
            TT_ASSERT(own->size == tt_layout_used_size(layout, tt_msg_payload(own)));
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = size > 0 ? memchr(data, 0, size) : NULL;
    size_t length = end ? (size_t)(end - data) : size;
    tt_arena arena;
    tt_layout_set set;
    tt_error error = {0};
    if (tt_arena_init(&arena, TT_LAYOUT_SET_MEMORY) != TUTTI_OK) {
        return 0;
    }
    static char text[TT_LAYOUT_TEXT_MAX];
    length = length < sizeof text - 32 ? length : sizeof text - 32;
    memcpy(text, data, length);
    size_t end_length = 32;
    tt_text_buf last;
    tt_text_init(&last, text + length, end_length);
    tt_text_appendf(&last, "end %u\n", tt_crc32c(0, text, length));
    tutti_status status = tt_layout_set_read(text, length + last.length, &arena, &set, &error);
    TT_ASSERT(status == TUTTI_OK || error.message[0] != '\0');
    if (status == TUTTI_OK) {
        (void)tt_layout_set_fingerprint(&set);
        carry_all(&set, &arena, data + length, size - length);
    }
    tt_arena_fini(&arena);
    return 0;
}
