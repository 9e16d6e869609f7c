/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Ids in UUID version 7 form (RFC 9562, 5.7), built from given bits: nothing here draws randomness.
 * All functions: @thread{any} @alloc{never}
 */
#ifndef TT_BASE_UUID_H
#define TT_BASE_UUID_H

#include "base/types.h"

#include <tutti/status.h>

#include <stdbool.h>
#include <string.h>

/** Length of the text form with the NUL. */
#define TT_UUID_TEXT_MAX 37

/**
 * Builds a version 7 id from a time in milliseconds since 1970 (48 bits) and 74 bits of payload:
 * the low 12 of `payload_high` and the low 62 of `payload_low`. Higher bits of the arguments are
 * ignored. Ids sort as (unix_ms, payload_high, payload_low).
 */
tt_uuid tt_uuid_make(uint64_t unix_ms, uint32_t payload_high, uint64_t payload_low);
/** Tells whether all bits are zero: "no id". */
static inline bool tt_uuid_is_zero(tt_uuid uuid)
{
    uint64_t halves[2];
    memcpy(halves, uuid.bytes, sizeof halves);
    return (halves[0] | halves[1]) == 0;
}
bool tt_uuid_eq(tt_uuid a, tt_uuid b);
/** Writes 8-4-4-4-12 lower-case hexadecimal digits and a NUL; returns 36. */
size_t tt_uuid_format(tt_uuid uuid, char text[TT_UUID_TEXT_MAX]);
/** Parses that form, upper or lower case, any version. @retval TUTTI_PARSE another form. */
TUTTI_NODISCARD tutti_status tt_uuid_parse(const char *text, size_t length, tt_uuid *result);

#endif
