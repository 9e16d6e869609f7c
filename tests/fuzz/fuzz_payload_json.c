/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Any text into the JSON reader of payloads; the first byte chooses the layout. What is accepted
 * must pass the check of payloads and come back from its own JSON as the same bytes; what is
 * refused must say why and write nothing.
 */
#include "model/message_json.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const tt_instruments instruments = {
    .list = {{.symbol = "BTC/USDT", .id = {1}}},
    .count = 1,
};

static const tt_layout *layout_at(uint8_t number)
{
    const tt_layout *const *all = tt_layout_all();
    size_t count = 1;
    while (all[count]) {
        count++;
    }
    return all[number % count];
}

static void check_refusal(const unsigned char *payload, const tt_error *error)
{
    TT_ASSERT(error->status != TUTTI_OK && error->message[0] != '\0');
    for (size_t i = 0; i < TT_PAYLOAD_MAX; i++) {
        TT_ASSERT(payload[i] == 0xEE);
    }
}

static void check_round_trip(const tt_layout *layout, const unsigned char *payload)
{
    static char json[TT_MESSAGE_JSON_MAX];
    static _Alignas(16) unsigned char again[TT_PAYLOAD_MAX];
    tt_json_writer writer;
    size_t length = 0;
    tt_json_writer_init(&writer, json, sizeof json, false);
    tt_payload_write_json(&writer, layout, payload, &instruments);
    TT_ASSERT(tt_json_finish(&writer, &length) == TUTTI_OK);
    TT_ASSERT(tt_payload_from_json(layout, json, length, &instruments, again, NULL) == TUTTI_OK);
    TT_ASSERT(memcmp(again, payload, layout->size) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static _Alignas(16) unsigned char payload[TT_PAYLOAD_MAX];
    tt_error error = {0};
    if (size == 0) {
        return 0;
    }
    const tt_layout *layout = layout_at(data[0]);
    memset(payload, 0xEE, sizeof payload);
    tutti_status status = tt_payload_from_json(
        layout, (const char *)data + 1, size - 1, &instruments, payload, &error);
    if (status != TUTTI_OK) {
        TT_ASSERT(error.status == status);
        check_refusal(payload, &error);
        return 0;
    }
    TT_ASSERT(tt_payload_check(layout, payload, layout->size, NULL) == TUTTI_OK);
    check_round_trip(layout, payload);
    return 0;
}
