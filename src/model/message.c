/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Names of the sources of messages.
 */
#include "model/message.h"

#include <string.h>

#define TEXT_ROW(id, text) text,
static const char *const source_texts[] = {TT_SOURCE_LIST(TEXT_ROW)};
_Static_assert(sizeof source_texts / sizeof source_texts[0] == TT_SOURCE_COUNT, "one text each");

const char *tt_source_text(uint16_t source)
{
    return source < TT_SOURCE_COUNT ? source_texts[source] : "?";
}

bool tt_source_find(const char *name, size_t length, uint16_t *source)
{
    for (uint16_t i = 0; i < TT_SOURCE_COUNT; i++) {
        if (strlen(source_texts[i]) == length && memcmp(source_texts[i], name, length) == 0) {
            *source = i;
            return true;
        }
    }
    return false;
}
