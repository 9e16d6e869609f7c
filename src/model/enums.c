/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Texts of the enumerations, generated from their tables.
 */
#include "model/enums.h"

#include <string.h>

#define TEXT_ROW(e, name, text) text,
#define INFO(e)                                                                                    \
    _Static_assert(TT_##e##_COUNT <= UINT8_MAX, "a value fits one byte");                          \
    static const char *const texts_##e[] = {TT_ENUM_##e(TEXT_ROW)};                                \
    const tt_enum_info tt_enum_##e = {                                                             \
        .name = #e, .texts = texts_##e, .count = (uint8_t)TT_##e##_COUNT};
TT_ENUM_LIST(INFO)

#define INFO_ADDRESS(e) &tt_enum_##e,
static const tt_enum_info *const all_enums[] = {TT_ENUM_LIST(INFO_ADDRESS) NULL};

const tt_enum_info *const *tt_enum_all(void)
{
    return all_enums;
}

const char *tt_enum_text(const tt_enum_info *info, uint8_t value)
{
    return value < info->count ? info->texts[value] : "?";
}

bool tt_enum_find(const tt_enum_info *info, const char *text, size_t length, uint8_t *value)
{
    for (uint8_t i = 0; i < info->count; i++) {
        if (strlen(info->texts[i]) == length && memcmp(info->texts[i], text, length) == 0) {
            *value = i;
            return true;
        }
    }
    return false;
}

bool tt_order_state_is_final(uint8_t state)
{
    switch ((tt_order_state)state) {
    case TT_order_state_FILLED:
    case TT_order_state_CANCELLED:
    case TT_order_state_REJECTED:
    case TT_order_state_EXPIRED:
    case TT_order_state_FAILED:
        return true;
    case TT_order_state_NONE:
    case TT_order_state_NEW:
    case TT_order_state_PENDING:
    case TT_order_state_SUBMITTED:
    case TT_order_state_PARTIALLY_FILLED:
    case TT_order_state_UNKNOWN:
    case TT_order_state_COUNT:
        break;
    }
    return false;
}
