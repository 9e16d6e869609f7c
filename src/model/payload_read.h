/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Numbers of a payload, which lie anywhere: read by value, so that alignment does not matter. For
 * what judges payloads.
 */
#ifndef TT_MODEL_PAYLOAD_READ_H
#define TT_MODEL_PAYLOAD_READ_H

#include <stdint.h>
#include <string.h>

static inline uint64_t tt_payload_word(const unsigned char *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}

static inline uint32_t tt_payload_u32(const unsigned char *bytes)
{
    uint32_t value;
    memcpy(&value, bytes, sizeof value);
    return value;
}

static inline uint16_t tt_payload_u16(const unsigned char *bytes)
{
    uint16_t value;
    memcpy(&value, bytes, sizeof value);
    return value;
}

#endif
