/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * SHA-256 of two pieces of one size at once, by the instructions of the processor: each step of one
 * waits for the one before it, so that two side by side take little longer than one. Private to the
 * journal.
 *
 * All functions: @thread{any} @alloc{never}
 */
#ifndef TT_JOURNAL_SHA256_PAIR_H
#define TT_JOURNAL_SHA256_PAIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Tells whether this processor can. */
bool tt_sha256_pair_is_offered(void);
/** Digests of two pieces of `size` bytes each, a multiple of 64. Only where it is offered. */
void tt_sha256_pair(
    const void *first,
    const void *second,
    size_t size,
    uint8_t first_digest[32],
    uint8_t second_digest[32]);

#endif
