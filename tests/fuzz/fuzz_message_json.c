/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Any text into the JSON reader of messages. What is accepted must come back from its own JSON as
 * the same bytes; what is refused must say why and write nothing.
 */
#include "model/message_json.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const tt_instruments instruments = {
    .list = {{.symbol = "BTC/USDT", .id = {1}}},
    .count = 1,
};

static void check_refusal(const unsigned char *msg, const tt_error *error)
{
    TT_ASSERT(error->status != TUTTI_OK && error->message[0] != '\0');
    for (size_t i = 0; i < TT_MSG_BYTES_MAX; i++) {
        TT_ASSERT(msg[i] == 0xEE);
    }
}

static void check_round_trip(const tt_msg *msg)
{
    static char json[TT_MESSAGE_JSON_MAX];
    static _Alignas(16) unsigned char again[TT_MSG_BYTES_MAX];
    tt_text_buf text;
    tt_text_init(&text, json, sizeof json);
    tt_msg_to_json(msg, &instruments, &text);
    TT_ASSERT(!text.truncated);
    TT_ASSERT(tt_msg_from_json(NULL, json, text.length, &instruments, again, NULL) == TUTTI_OK);
    TT_ASSERT(memcmp(again, msg, tt_msg_bytes(msg)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static _Alignas(16) unsigned char msg[TT_MSG_BYTES_MAX];
    tt_error error = {0};
    memset(msg, 0xEE, sizeof msg);
    tutti_status status =
        tt_msg_from_json(NULL, (const char *)data, size, &instruments, msg, &error);
    if (status != TUTTI_OK) {
        TT_ASSERT(error.status == status);
        check_refusal(msg, &error);
        return 0;
    }
    check_round_trip((const tt_msg *)(void *)msg);
    return 0;
}
