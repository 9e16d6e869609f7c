/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The short answer to whether a payload is right: a function a layout, made of its field table, in
 * which place, size and bound of each field are constants.
 *
 * Yes means that tt_payload_check would find nothing. No means that it has to look: at what is
 * wrong, or at what is right but not plain, such as a text that is not ASCII or a number within a
 * hair of its bound.
 */
#include "model/limits.h"
#include "model/message.h"
#include "model/payload_read.h"
#include "model/registry.h"

#include <string.h>

#define INLINE static inline __attribute__((always_inline))

/** Sixteen bytes that are looked at together. */
typedef uint8_t byte_row __attribute__((vector_size(16)));
typedef union row_words {
    byte_row row;
    tt_u128 number;
    uint64_t words[2];
} row_words;

INLINE byte_row load_row(const unsigned char *bytes)
{
    row_words row;
    memcpy(&row, bytes, sizeof row);
    return row.row;
}

INLINE bool is_empty(byte_row row)
{
    row_words bits = {.row = row};
    return (bits.words[0] | bits.words[1]) == 0;
}

/** A bit in each byte that is no ASCII, or 0 and its `next` one not: that is no text, or does not
 * end there. */
INLINE byte_row find_odd(byte_row row, byte_row next)
{
    const byte_row zero = {0};
    return ((row | next) & (zero + 0x80)) | ((byte_row)(row == zero) & (byte_row)(next != zero));
}

/** A text, its end and zeros; `size` is a multiple of 16. */
static bool is_ascii(const unsigned char *bytes, size_t size)
{
    byte_row odd = {0};
    if (bytes[0] == 0) {
        for (size_t at = 0; at < size; at += sizeof odd) {
            odd |= load_row(bytes + at);
        }
        return is_empty(odd);
    }
    for (size_t at = 0; at + sizeof odd < size; at += sizeof odd) {
        odd |= find_odd(load_row(bytes + at), load_row(bytes + at + 1));
    }
    const unsigned char *last = bytes + size - sizeof odd;
    const row_words rest = {.number = ((row_words){.row = load_row(last)}).number >> 8};
    odd |= find_odd(load_row(last), rest.row);
    return is_empty(odd) && bytes[size - 1] == 0;
}

/** From -limit to limit, told by the upper half alone. */
INLINE bool is_far_within(const unsigned char *bytes, tt_dec limit)
{
    const uint64_t bound = (uint64_t)((tt_u128)limit.v >> 64);
    const uint64_t upper = tt_payload_word(bytes + sizeof upper);
    return upper + bound < 2 * bound;
}

/** From 0 to limit: what is negative is a large number here. */
INLINE bool is_span(const unsigned char *bytes, int64_t limit)
{
    return tt_payload_word(bytes) <= (uint64_t)limit;
}

/** `size`, of 15 bytes at most and not 0, is constant: one or two loads. */
INLINE bool is_zero(const unsigned char *bytes, size_t size)
{
    uint64_t words[2] = {0};
    memcpy(words, bytes, size);
    return (words[0] | words[1]) == 0;
}

/* Sizes that the functions above take, or an error of the compiler. */
#define WHOLE_ROWS(size) ((size) + 0 * sizeof(char[(size) % sizeof(byte_row) == 0 ? 1 : -1]))
#define BELOW_ROW(size)  ((size) + 0 * sizeof(char[(size) < sizeof(byte_row) ? 1 : -1]))

/* What a field of a kind adds to the question. */
#define AT(p, name)                  (bytes + offsetof(tt_##p, name))
#define PLAIN_price(p, name, arg)    &&is_far_within(AT(p, name), TT_PRICE_MAX)
#define PLAIN_qty(p, name, arg)      &&is_far_within(AT(p, name), TT_QTY_MAX)
#define PLAIN_money(p, name, arg)    &&is_far_within(AT(p, name), TT_MONEY_MAX)
#define PLAIN_ratio(p, name, arg)    &&is_far_within(AT(p, name), TT_RATIO_MAX)
#define PLAIN_time(p, name, arg)     &&is_span(AT(p, name), TT_TIME_MAX.ns)
#define PLAIN_dur(p, name, arg)      &&is_span(AT(p, name), TT_DUR_MAX.ns)
#define PLAIN_key(p, name, arg)      &&tt_payload_u32(AT(p, name)) <= TT_INSTRUMENTS_MAX
#define PLAIN_topic(p, name, arg)    &&tt_payload_u16(AT(p, name)) < TT_TOPIC_COUNT
#define PLAIN_source(p, name, arg)   &&tt_payload_u16(AT(p, name)) < TT_SOURCE_COUNT
#define PLAIN_flag(p, name, arg)     &&*AT(p, name) < 2
#define PLAIN_enum(p, name, arg)     &&*AT(p, name) < TT_##arg##_COUNT
#define PLAIN_text(p, name, arg)     &&is_ascii(AT(p, name), WHOLE_ROWS(arg))
#define PLAIN_reserved(p, name, arg) &&is_zero(AT(p, name), BELOW_ROW(arg))
#define PLAIN_u64(p, name, arg)
#define PLAIN_i64(p, name, arg)
#define PLAIN_seq(p, name, arg)
#define PLAIN_u32(p, name, arg)
#define PLAIN_u16(p, name, arg)
#define PLAIN_u8(p, name, arg)
#define PLAIN_uuid(p, name, arg)
#define PLAIN_hash(p, name, arg)
#define PLAIN_list(p, name, arg)
#define PLAIN_FIELD(p, kind, name, arg, doc) PLAIN_##kind(p, name, arg)

#define PLAIN(p)                                                                                   \
    bool tt_payload_is_plain_##p(const unsigned char *bytes)                                       \
    {                                                                                              \
        (void)bytes;                                                                               \
        return true TT_FIELDS_##p(PLAIN_FIELD, p);                                                 \
    }
TT_ITEM_LIST(PLAIN)
TT_PAYLOAD_LIST(PLAIN)
TT_VIEW_LIST(PLAIN)
