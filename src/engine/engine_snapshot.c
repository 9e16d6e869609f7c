/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Snapshots: a head, then the bytes of all regions in their order. A snapshot fits an engine only
 * if both have the same regions and the same message layouts; a hash over their descriptions says
 * so.
 */
#include "base/crc32c.h"
#include "engine/engine_priv.h"

#include <string.h>

#define SNAPSHOT_MAGIC   UINT64_C(0x31504e5354545554) /* "TUTTSNP1" */
#define SNAPSHOT_VERSION 3u

struct snapshot_head {
    uint64_t magic;
    uint64_t layout_hash;
    uint64_t size; /**< Head and regions. */
    uint32_t version;
    uint32_t crc; /**< CRC-32C of the head with 0 here, then of the regions. */
};

/** FNV-1a, 64 bits: descriptions are short, and nobody attacks them. */
static uint64_t hash_bytes(uint64_t hash, const void *data, size_t size)
{
    const unsigned char *bytes = data;
    for (size_t i = 0; i < size; i++) {
        hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
    }
    return hash;
}

static uint64_t hash_text(uint64_t hash, const char *text)
{
    return hash_bytes(hash, text, strlen(text) + 1);
}

static uint64_t hash_number(uint64_t hash, uint64_t number)
{
    return hash_bytes(hash, &number, sizeof number);
}

static uint64_t hash_layout(uint64_t hash, const tt_layout *layout)
{
    hash = hash_text(hash, layout->name);
    for (uint16_t i = 0; i < layout->field_count; i++) {
        const tt_field *field = &layout->fields[i];
        hash = hash_text(hash, field->name);
        hash = hash_number(hash, field->offset);
        hash = hash_number(hash, field->size);
        hash = hash_number(hash, field->kind);
        if (field->enumeration) {
            hash = hash_text(hash, field->enumeration->name);
        }
        if (field->item) {
            hash = hash_layout(hash, field->item);
        }
    }
    return hash;
}

static uint64_t hash_enums(uint64_t hash)
{
    for (const tt_enum_info *const *info = tt_enum_all(); *info; info++) {
        hash = hash_text(hash, (*info)->name);
        for (uint8_t i = 0; i < (*info)->count; i++) {
            hash = hash_text(hash, (*info)->texts[i]);
        }
    }
    return hash;
}

uint64_t tt_engine_layout_hash(const tt_core *core)
{
    uint64_t hash = hash_number(UINT64_C(0xcbf29ce484222325), SNAPSHOT_VERSION);
    for (uint32_t i = 0; i < core->region_count; i++) {
        hash = hash_text(hash, core->regions[i].name);
        hash = hash_number(hash, core->regions[i].size);
    }
    for (uint16_t i = 1; i < TT_TOPIC_COUNT; i++) {
        const tt_topic_info *info = tt_topic_info_get(i);
        hash = hash_text(hash, info->name);
        hash = hash_layout(hash, info->layout);
    }
    for (uint16_t i = 0; i < TT_SOURCE_COUNT; i++) {
        hash = hash_text(hash, tt_source_text(i));
    }
    return hash_enums(hash);
}

size_t tt_engine_snapshot_size(const tt_engine *engine)
{
    size_t size = sizeof(struct snapshot_head);
    for (uint32_t i = 0; i < engine->core.region_count; i++) {
        size += engine->core.regions[i].size;
    }
    return size;
}

/** Checksum of a snapshot whose head is `head`. */
static uint32_t checksum(struct snapshot_head head, const void *buffer)
{
    head.crc = 0;
    uint32_t crc = tt_crc32c(0, &head, sizeof head);
    return tt_crc32c(
        crc, (const unsigned char *)buffer + sizeof head, (size_t)head.size - sizeof head);
}

void tt_engine_save(const tt_engine *engine, void *buffer)
{
    unsigned char *at = (unsigned char *)buffer + sizeof(struct snapshot_head);
    for (uint32_t i = 0; i < engine->core.region_count; i++) {
        const tt_region *region = &engine->core.regions[i];
        memcpy(at, region->data, region->size);
        at += region->size;
    }
    struct snapshot_head head = {
        .magic = SNAPSHOT_MAGIC,
        .layout_hash = engine->layout_hash,
        .size = tt_engine_snapshot_size(engine),
        .version = SNAPSHOT_VERSION,
    };
    head.crc = checksum(head, buffer);
    memcpy(buffer, &head, sizeof head);
}

static tutti_status
check_snapshot(const tt_engine *engine, const void *buffer, size_t size, tt_error *error)
{
    struct snapshot_head head;
    if (size < sizeof head) {
        return tt_error_set(error, TUTTI_CORRUPT, "snapshot: %zu bytes are too few", size);
    }
    memcpy(&head, buffer, sizeof head);
    if (head.magic != SNAPSHOT_MAGIC || head.size != size) {
        return tt_error_set(error, TUTTI_CORRUPT, "snapshot: the head is damaged");
    }
    if (head.crc != checksum(head, buffer)) {
        return tt_error_set(error, TUTTI_CORRUPT, "snapshot: the checksum is wrong");
    }
    if (head.version != SNAPSHOT_VERSION || head.layout_hash != engine->layout_hash ||
        size != tt_engine_snapshot_size(engine)) {
        tt_error_set(error, TUTTI_VERSION, "snapshot: written with another layout of the state");
        tt_error_hint(error, "replay the journal from its start");
        return TUTTI_VERSION;
    }
    return TUTTI_OK;
}

tutti_status tt_engine_load(tt_engine *engine, const void *buffer, size_t size, tt_error *error)
{
    TUTTI_TRY(check_snapshot(engine, buffer, size, error));
    const unsigned char *at = (const unsigned char *)buffer + sizeof(struct snapshot_head);
    for (uint32_t i = 0; i < engine->core.region_count; i++) {
        const tt_region *region = &engine->core.regions[i];
        memcpy(region->data, at, region->size);
        at += region->size;
    }
    tt_risk_changed(engine->risk);
    return tt_bus_restore(engine->core.bus, error);
}
