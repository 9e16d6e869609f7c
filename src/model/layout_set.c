/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Layouts as a text: writing those of this build, and finding one's way in a set.
 */
#include "model/layout_set.h"

#include "base/crc32c.h"
#include "model/enums.h"

#include <string.h>

static void write_enum(tt_text_buf *text, const tt_enum_info *info)
{
    tt_text_appendf(text, "enum %s %u\n", info->name, info->count);
    for (uint8_t i = 0; i < info->count; i++) {
        tt_text_appendf(text, "= %s\n", info->texts[i]);
    }
}

static void write_layout(tt_text_buf *text, const tt_layout *layout)
{
    tt_text_appendf(
        text,
        "payload %s %u %u %u %u %u %u\n",
        layout->name,
        layout->size,
        layout->fixed_size,
        layout->item_size,
        layout->item_max,
        layout->count_offset,
        layout->count_size);
    for (uint16_t i = 0; i < layout->field_count; i++) {
        const tt_field *field = &layout->fields[i];
        tt_text_appendf(
            text,
            "field %s %s %u %u",
            tt_field_kind_name(field->kind),
            field->name,
            field->offset,
            field->size);
        const char *named = field->enumeration ? field->enumeration->name : "";
        named = field->item ? field->item->name : named;
        tt_text_appendf(text, "%s%s\n", named[0] == '\0' ? "" : " ", named);
    }
}

/* The payload of the items of a list; NULL without one. The list is the last field. */
static const tt_layout *item_of(const tt_layout *layout)
{
    return layout->field_count > 0 ? layout->fields[layout->field_count - 1].item : NULL;
}

/* Tells whether the items of `all[index]` were written with an earlier payload. */
static bool is_written(const tt_layout *const *all, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (item_of(all[i]) == item_of(all[index])) {
            return true;
        }
    }
    return false;
}

void tt_layout_set_write(tt_text_buf *text)
{
    const tt_layout *const *all = tt_layout_all();
    const size_t start = text->length;
    tt_text_append_text(text, "tutti layouts 1\n");
    for (const tt_enum_info *const *at = tt_enum_all(); *at; at++) {
        write_enum(text, *at);
    }
    for (size_t i = 0; all[i]; i++) {
        if (item_of(all[i]) && !is_written(all, i)) {
            write_layout(text, item_of(all[i]));
        }
        write_layout(text, all[i]);
    }
    for (uint32_t number = 0; number < TT_TOPIC_COUNT; number++) {
        const tt_topic_info *info = tt_topic_info_get((uint16_t)number);
        if (info) {
            tt_text_appendf(text, "topic %u %s %s\n", number, info->name, info->layout->name);
        }
    }
    tt_text_appendf(text, "end %u\n", tt_crc32c(0, text->data + start, text->length - start));
}

uint64_t tt_layout_set_fingerprint(const tt_layout_set *set)
{
    uint64_t fingerprint = TT_LAYOUT_FINGERPRINT_BASIS;
    for (uint32_t i = 0; i < set->topic_count; i++) {
        const tt_layout_topic *topic = &set->topics[i];
        fingerprint = tt_topic_mix(fingerprint, topic->number, topic->name, topic->layout);
    }
    return fingerprint != 0 ? fingerprint : 1;
}

const tt_layout_topic *tt_layout_set_topic(const tt_layout_set *set, uint16_t number)
{
    uint32_t from = 0;
    uint32_t to = set->topic_count;
    while (from < to) {
        uint32_t middle = from + (to - from) / 2;
        if (set->topics[middle].number < number) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    bool is_it = from < set->topic_count && set->topics[from].number == number;
    return is_it ? &set->topics[from] : NULL;
}
