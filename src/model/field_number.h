/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A field of a payload as a number, for those who go over the fields of any layout.
 */
#ifndef TT_MODEL_FIELD_NUMBER_H
#define TT_MODEL_FIELD_NUMBER_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/** Reads a whole number of `size` bytes, at most 8, without its sign. @thread{any} */
static inline uint64_t tt_field_number(const unsigned char *bytes, size_t size)
{
    uint64_t value = 0;
    memcpy(&value, bytes, size); // little-endian, as the build asserts
    return value;
}

#endif
