/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Any bytes into the check of payloads; the first byte chooses the layout. It must not read beyond
 * the bytes. What it accepts can be published: it has a size, and becomes JSON that reads back to
 * the same used bytes. What it refuses it must explain.
 */
#include "model/message_json.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const tt_layout *layout_at(uint8_t number)
{
    const tt_layout *const *all = tt_layout_all();
    size_t count = 1;
    while (all[count]) {
        count++;
    }
    return all[number % count];
}

static void check_accepted(const tt_layout *layout, const unsigned char *payload, size_t size)
{
    static char json[TT_MESSAGE_JSON_MAX];
    static _Alignas(16) unsigned char again[TT_PAYLOAD_MAX];
    tt_json_writer writer;
    size_t length = 0;
    size_t items = tt_layout_item_count(layout, payload);
    size_t used = layout->fixed_size + items * layout->item_size;
    TT_ASSERT(used <= size && tt_layout_used_size(layout, payload) == (used + 15) / 16 * 16);
    tt_json_writer_init(&writer, json, sizeof json, true);
    tt_payload_write_json(&writer, layout, payload, NULL);
    TT_ASSERT(tt_json_finish(&writer, &length) == TUTTI_OK);
    TT_ASSERT(tt_payload_from_json(layout, json, length, NULL, again, NULL) == TUTTI_OK);
    TT_ASSERT(memcmp(again, payload, used) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    // A copy of its own, so that reading one byte too many is seen.
    const tt_layout *layout = layout_at(data[0]);
    size_t payload_size = size - 1;
    unsigned char *payload = malloc(payload_size == 0 ? 1 : payload_size);
    TT_ASSERT(payload);
    memcpy(payload, data + 1, payload_size);
    tt_error error = {0};
    if (tt_payload_check(layout, payload, payload_size, &error) == TUTTI_OK) {
        check_accepted(layout, payload, payload_size);
    } else {
        TT_ASSERT(error.status == TUTTI_INVALID && error.message[0] != '\0');
    }
    free(payload);
    return 0;
}
