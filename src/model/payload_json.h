/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Inside of the JSON reader of payloads.
 */
#ifndef TT_MODEL_PAYLOAD_JSON_H
#define TT_MODEL_PAYLOAD_JSON_H

#include "base/json.h"
#include "model/instrument.h"
#include "model/message.h"
#include "model/registry.h"

/** One reading. */
struct decode {
    tt_json_reader reader;
    const tt_instruments *instruments; /**< May be NULL. */
    const tt_registry *registry;       /**< Knows declared names; may be NULL. */
    tt_error *error;
    char path[192]; /**< Where the reader is, such as trading_signal.votes[2].price. */
};

/** Takes the next token; fills the error when there is none. */
tutti_status tt_decode_next(struct decode *decode, tt_json_token *ret_token);
/** Fills the error with the path and place of `token`; returns TUTTI_INVALID. */
tutti_status tt_decode_fail(
    struct decode *decode,
    const tt_json_token *token,
    const char *what,
    const char *hint_format,
    ...) __attribute__((format(printf, 4, 5)));
/** Appends a field to the path that errors name; returns the length to go back to. */
size_t tt_decode_enter(struct decode *decode, const char *name);
void tt_decode_leave(struct decode *decode, size_t length);
/** The field of that name, NULL if there is none. */
const tt_field *tt_decode_find(const tt_layout *layout, tt_slice name);
/** Refuses a key that is no field, and tells the nearest one. */
tutti_status
tt_decode_unknown(struct decode *decode, const tt_layout *layout, const tt_json_token *key);
/** Reads the members of an object whose brace has been taken. */
tutti_status tt_decode_fields(struct decode *decode, const tt_layout *layout, unsigned char *bytes);
/** Reads the end of the text. */
tutti_status tt_decode_end(struct decode *decode);
/** Room for the keys of all open objects, and the longest text with escapes. */
#define TT_DECODE_SCRATCH 8192
/** Reads the value of a field that is no list into its bytes. */
tutti_status tt_decode_value(struct decode *decode, const tt_field *field, unsigned char *bytes);
/** Reads pairs of hexadecimal digits into at most `size` bytes. */
tutti_status tt_decode_hex(
    struct decode *decode,
    const tt_json_token *token,
    unsigned char *bytes,
    size_t size,
    unsigned *ret_count);

#endif
