/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * How a topic is laid out in memory: numbers of the index, then slots.
 */
#include "bus/bus_index.h"

/** Notes where bytes of the struct lie between its fields: one run of them that ends with a word is
 * zeroed in words. */
static void find_gap(struct topic *topic, const tt_layout *layout)
{
    uint32_t runs = 0;
    for (uint16_t i = 0; i < layout->field_count; i++) {
        const tt_field *field = &layout->fields[i];
        if (field->kind == TT_KIND_reserved) {
            runs++;
            topic->gap_start = field->offset;
            topic->gap_end = field->offset + field->size;
        }
    }
    if (runs > 1 || topic->gap_end % sizeof(uint64_t) != 0) {
        topic->gap_start = 1;
        topic->gap_end = 0;
    }
}

void tt_bus_init_topic(
    struct topic *topic, const tt_topic_info *info, uint32_t key_count, uint64_t history)
{
    const tt_layout *layout = info->layout;
    topic->layout = layout;
    topic->name = info->name;
    topic->key_count = key_count;
    topic->history_max = (uint32_t)history;
    topic->pin_max = history != 0 ? PINS_PER_KEY * key_count : 0;
    topic->stride = (uint16_t)(sizeof(tt_msg) + layout->size);
    topic->far_gap = FAR_GAP_MAX;
    topic->ttl_ms = info->ttl_ms == TT_TTL_NEVER ? 0 : info->ttl_ms;
    topic->fixed_size = layout->fixed_size;
    topic->struct_size = layout->fixed_size;
    find_gap(topic, layout);
    topic->head_word = (uint64_t)info->topic | FIRST_SOURCE | (uint64_t)layout->fixed_size << 32 |
                       (uint64_t)info->kind << 48 | (uint64_t)info->priority << 56;
    topic->number = (uint16_t)info->topic;
    topic->place = topic_place((uint32_t)info->topic);
    topic->special = layout->item_size != 0 ? TOPIC_NEW | TOPIC_LISTED | TOPIC_SHAPED : TOPIC_NEW;
    topic->kind = info->kind;
    topic->priority = info->priority;
}

/** A link for each slot, with ring and pins, and the table of the latest. */
uint64_t tt_bus_index_count(const struct topic *topic, uint32_t source_max)
{
    if (topic->history_max == 0) {
        return 0;
    }
    return LINK_NUMBERS * slot_count(topic) + (uint64_t)source_max * topic->key_count;
}

void tt_bus_place_topic(
    struct topic *topic, uint32_t source_max, struct topic_memory *memory, bool is_new)
{
    if (topic->history_max == 0) {
        return;
    }
    topic->links = (void *)memory->numbers;
    topic->source_max = source_max;
    memory->numbers += tt_bus_index_count(topic, source_max);
    topic->slots = memory->slots;
    memory->slots += slot_count(topic) * topic->stride;
    if (is_new && topic->history_max > SOLE_HISTORY_MAX) {
        topic->state->sole_pair = PAIR_MANY;
    }
    for (uint32_t i = 0; is_new && i < slot_count(topic); i++) {
        topic->links[i].at = i;
    }
}
