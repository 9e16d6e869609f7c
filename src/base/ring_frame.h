/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What both rings check, and the framing of tt_ring. Inside of base only.
 */
#ifndef TT_BASE_RING_FRAME_H
#define TT_BASE_RING_FRAME_H

#include "base/ring.h"

/** Stands in front of each record. */
typedef struct tt_ring_header {
    uint32_t size; /**< Bytes of the record, without header and filling. */
    uint32_t kind; /**< One of the values below. */
} tt_ring_header;

#define TT_RING_HEADER sizeof(tt_ring_header)

enum tt_ring_kind {
    TT_RING_NONE = 0, /**< No record. */
    TT_RING_RECORD = 1,
    TT_RING_PADDING = 2, /**< Nothing; skipped by the consumer. */
};

/** Bytes that a record takes in the ring. */
static inline uint64_t tt_ring_span(uint32_t size)
{
    return (TT_RING_HEADER + (uint64_t)size + 7) & ~(uint64_t)7;
}

/** Checks what the inits are given. */
static inline tutti_status tt_ring_check_memory(const void *memory, size_t size)
{
    if (!memory || ((uintptr_t)memory & 7) != 0 || size < TT_RING_SIZE_MIN ||
        size > TT_RING_SIZE_MAX || (size & (size - 1)) != 0) {
        return TUTTI_INVALID;
    }
    return TUTTI_OK;
}

#endif
