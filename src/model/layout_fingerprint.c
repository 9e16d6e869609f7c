/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Fingerprint of the layouts of messages: FNV-1a over a text that says all of them.
 */
#include "model/enums.h"
#include "model/topics.h"

#include <string.h>

#define FNV_PRIME UINT64_C(0x100000001b3)

static uint64_t mix_bytes(uint64_t fingerprint, const void *bytes, size_t size)
{
    const unsigned char *at = bytes;
    for (size_t i = 0; i < size; i++) {
        fingerprint = (fingerprint ^ at[i]) * FNV_PRIME;
    }
    return fingerprint;
}

/* With its end, so that two texts are never one. */
static uint64_t mix_text(uint64_t fingerprint, const char *text)
{
    return mix_bytes(fingerprint, text, strlen(text) + 1);
}

static uint64_t mix_number(uint64_t fingerprint, uint32_t number)
{
    return mix_bytes(fingerprint, &number, sizeof number);
}

static uint64_t mix_enumeration(uint64_t fingerprint, const tt_enum_info *info)
{
    fingerprint = mix_text(fingerprint, info->name);
    for (uint8_t value = 0; value < info->count; value++) {
        fingerprint = mix_text(fingerprint, info->texts[value]);
    }
    return fingerprint;
}

static uint64_t mix_field(uint64_t fingerprint, const tt_field *field)
{
    fingerprint = mix_text(fingerprint, field->name);
    fingerprint = mix_number(fingerprint, (uint32_t)field->kind);
    fingerprint = mix_number(fingerprint, (uint32_t)field->offset << 16 | field->size);
    if (field->enumeration) {
        fingerprint = mix_enumeration(fingerprint, field->enumeration);
    }
    // Items hold no lists: this ends.
    return field->item ? tt_layout_mix(fingerprint, field->item) : fingerprint;
}

uint64_t tt_layout_mix(uint64_t fingerprint, const tt_layout *layout)
{
    fingerprint = mix_text(fingerprint, layout->name);
    fingerprint = mix_number(fingerprint, (uint32_t)layout->size << 16 | layout->fixed_size);
    fingerprint = mix_number(fingerprint, (uint32_t)layout->item_size << 16 | layout->item_max);
    for (uint16_t i = 0; i < layout->field_count; i++) {
        fingerprint = mix_field(fingerprint, &layout->fields[i]);
    }
    return fingerprint;
}

uint64_t
tt_topic_mix(uint64_t fingerprint, uint32_t number, const char *name, const tt_layout *layout)
{
    fingerprint = mix_number(fingerprint, number);
    fingerprint = mix_text(fingerprint, name);
    return tt_layout_mix(fingerprint, layout);
}

uint64_t tt_layout_fingerprint(void)
{
    uint64_t fingerprint = TT_LAYOUT_FINGERPRINT_BASIS;
    for (uint32_t topic = 0; topic < TT_TOPIC_COUNT; topic++) {
        const tt_topic_info *info = tt_topic_info_get((uint16_t)topic);
        if (info) {
            fingerprint = tt_topic_mix(fingerprint, topic, info->name, info->layout);
        }
    }
    return fingerprint != 0 ? fingerprint : 1;
}
