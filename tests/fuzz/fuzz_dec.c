/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Any bytes as a decimal, an integer, a time, an id: what is accepted must come back from its text.
 */
#include "base/dec.h"
#include "base/error.h"
#include "base/text.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_dec(const char *text, size_t length)
{
    tt_dec value = {0};
    tt_dec back = {0};
    char out[TT_DEC_TEXT_MAX];
    if (tt_dec_parse(text, length, &value) != TUTTI_OK) {
        return;
    }
    size_t written = tt_dec_format(value, out);
    TT_ASSERT(written < sizeof out && strlen(out) == written);
    TT_ASSERT(tt_dec_parse(out, written, &back) == TUTTI_OK && tt_dec_eq(value, back));
    for (int digits = 0; digits <= TT_DEC_DIGITS; digits++) {
        TT_ASSERT(tt_dec_format_fixed(value, digits, out) < sizeof out);
    }
    double number = tt_dec_to_double(value);
    TT_ASSERT((number < 0) == (value.v < 0) && (number > 0) == (value.v > 0));
}

static void check_integers(const char *text, size_t length)
{
    char out[32];
    uint64_t u = 0;
    int64_t i = 0;
    tt_text_buf buf;
    tt_slice in = {.data = text, .length = length};
    tt_text_init(&buf, out, sizeof out);
    if (tt_text_parse_u64(text, length, &u) == TUTTI_OK) {
        tt_text_appendf(&buf, "%llu", (unsigned long long)u);
        TT_ASSERT(tt_slice_is(in, out));
    } else if (tt_text_parse_i64(text, length, &i) == TUTTI_OK) {
        tt_text_appendf(&buf, "%lld", (long long)i);
        TT_ASSERT(tt_slice_is(in, out));
    }
}

static void check_time(const char *text, size_t length)
{
    tt_time time = {0};
    tt_time back = {0};
    char out[TT_TIME_TEXT_MAX];
    if (tt_time_parse(text, length, &time) == TUTTI_OK && time.ns != TT_TIME_NEVER.ns) {
        size_t written = tt_time_format(time, out);
        TT_ASSERT(tt_time_parse(out, written, &back) == TUTTI_OK && back.ns == time.ns);
    }
}

static void check_uuid(const char *text, size_t length)
{
    tt_uuid uuid = {0};
    tt_uuid back = {0};
    char out[TT_UUID_TEXT_MAX];
    if (tt_uuid_parse(text, length, &uuid) == TUTTI_OK) {
        size_t written = tt_uuid_format(uuid, out);
        TT_ASSERT(tt_uuid_parse(out, written, &back) == TUTTI_OK && tt_uuid_eq(uuid, back));
    }
}

/* Bytes as operands: the unrounded result lies between its neighbours. */
static void check_arithmetic(const uint8_t *data, size_t size)
{
    tt_dec in[3];
    tt_dec low = {0};
    tt_dec high = {0};
    if (size < sizeof in) {
        return;
    }
    memcpy(in, data, sizeof in);
    if (tt_dec_muldiv(in[0], in[1], in[2], TT_ROUND_FLOOR, &low) == TUTTI_OK &&
        tt_dec_muldiv(in[0], in[1], in[2], TT_ROUND_CEILING, &high) == TUTTI_OK) {
        TT_ASSERT(high.v - low.v == 0 || high.v - low.v == 1);
    }
    if (tt_dec_mul(in[0], in[1], TT_ROUND_FLOOR, &low) == TUTTI_OK &&
        tt_dec_mul(in[0], in[1], TT_ROUND_CEILING, &high) == TUTTI_OK) {
        TT_ASSERT(high.v - low.v == 0 || high.v - low.v == 1);
    }
    if (tt_dec_div(in[0], in[1], TT_ROUND_EXACT, &low) == TUTTI_OK) {
        TT_ASSERT(tt_dec_mul(low, in[1], TT_ROUND_EXACT, &high) == TUTTI_OK);
        TT_ASSERT(tt_dec_eq(high, in[0]));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    check_dec(text, size);
    check_integers(text, size);
    check_time(text, size);
    check_uuid(text, size);
    check_arithmetic(data, size);
    return 0;
}
