/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Layouts of the payloads, generated from their field tables, with the proofs that a payload's
 * bytes are its encoding: no padding, the list last, sizes that keep every payload aligned in a
 * journal.
 */
#include "model/message.h"

#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "messages are stored little-endian");
_Static_assert(sizeof(tt_msg) == 64, "the head has no padding");

// ON_<kind> chooses by the kind of a field: plain, enumeration, list.
#define ON_price(plain, on_enum, on_list)    plain
#define ON_qty(plain, on_enum, on_list)      plain
#define ON_money(plain, on_enum, on_list)    plain
#define ON_ratio(plain, on_enum, on_list)    plain
#define ON_time(plain, on_enum, on_list)     plain
#define ON_dur(plain, on_enum, on_list)      plain
#define ON_u64(plain, on_enum, on_list)      plain
#define ON_i64(plain, on_enum, on_list)      plain
#define ON_seq(plain, on_enum, on_list)      plain
#define ON_u32(plain, on_enum, on_list)      plain
#define ON_key(plain, on_enum, on_list)      plain
#define ON_u16(plain, on_enum, on_list)      plain
#define ON_topic(plain, on_enum, on_list)    plain
#define ON_source(plain, on_enum, on_list)   plain
#define ON_u8(plain, on_enum, on_list)       plain
#define ON_flag(plain, on_enum, on_list)     plain
#define ON_enum(plain, on_enum, on_list)     on_enum
#define ON_uuid(plain, on_enum, on_list)     plain
#define ON_hash(plain, on_enum, on_list)     plain
#define ON_text(plain, on_enum, on_list)     plain
#define ON_reserved(plain, on_enum, on_list) plain
#define ON_list(plain, on_enum, on_list)     on_list

#define FIELD_SIZE(p, name) sizeof(((tt_##p *)0)->name)

#define FIELD_ROW(p, kind_, name_, arg, doc_)                                                      \
    {.name = #name_,                                                                               \
     .doc = doc_,                                                                                  \
     .enumeration = ON_##kind_(NULL, &tt_enum_##arg, NULL),                                        \
     .item = ON_##kind_(NULL, NULL, &tt_layout_##arg),                                             \
     .offset = offsetof(tt_##p, name_),                                                            \
     .size = FIELD_SIZE(p, name_),                                                                 \
     .kind = TT_KIND_##kind_},

// Sums over the fields in which only a list contributes.
#define LIST_BYTES(p, kind, name, arg, doc)   +ON_##kind(0, 0, FIELD_SIZE(p, name))
#define ITEM_BYTES(p, kind, name, arg, doc)   +ON_##kind(0, 0, sizeof(tt_##arg))
#define ITEM_MAX(p, kind, name, arg, doc)     +ON_##kind(0, 0, TT_MAX_##arg)
#define COUNT_OFFSET(p, kind, name, arg, doc) +ON_##kind(0, 0, offsetof(tt_##p, count))
#define COUNT_BYTES(p, kind, name, arg, doc)  +ON_##kind(0, 0, FIELD_SIZE(p, count))
#define LIST_END(p, kind, name, arg, doc)                                                          \
    +ON_##kind(0, 0, offsetof(tt_##p, name) + FIELD_SIZE(p, name))

#define LAYOUT(p)                                                                                  \
    static const tt_field fields_##p[] = {TT_FIELDS_##p(FIELD_ROW, p)};                            \
    const tt_layout tt_layout_##p = {                                                              \
        .name = #p,                                                                                \
        .fields = fields_##p,                                                                      \
        .field_count = sizeof fields_##p / sizeof fields_##p[0],                                   \
        .size = sizeof(tt_##p),                                                                    \
        .fixed_size = sizeof(tt_##p) - (0 TT_FIELDS_##p(LIST_BYTES, p)),                           \
        .item_size = 0 TT_FIELDS_##p(ITEM_BYTES, p),                                               \
        .item_max = 0 TT_FIELDS_##p(ITEM_MAX, p),                                                  \
        .count_offset = 0 TT_FIELDS_##p(COUNT_OFFSET, p),                                          \
        .count_size = 0 TT_FIELDS_##p(COUNT_BYTES, p),                                             \
        .is_plain = tt_payload_is_plain_##p,                                                       \
    };
TT_ITEM_LIST(LAYOUT)
TT_PAYLOAD_LIST(LAYOUT)
TT_VIEW_LIST(LAYOUT)

// The same fields packed: equal sizes prove that the compiler inserted no padding.
#define PACKED_ROW(p, kind, name, arg, doc) TT_C_##kind(name, arg)
#define PACKED(p)                                                                                  \
    struct __attribute__((packed)) packed_##p {                                                    \
        TT_FIELDS_##p(PACKED_ROW, p)                                                               \
    };                                                                                             \
    _Static_assert(sizeof(struct packed_##p) == sizeof(tt_##p), "padding in " #p);
TT_ITEM_LIST(PACKED)
TT_PAYLOAD_LIST(PACKED)

#define CHECK_PAYLOAD(p)                                                                           \
    _Static_assert(sizeof(tt_##p) % 16 == 0, "size of " #p);                                       \
    _Static_assert((0 TT_FIELDS_##p(LIST_BYTES, p)) % 16 == 0, "list of " #p);                     \
    _Static_assert(sizeof(tt_##p) <= TT_PAYLOAD_MAX, "too large: " #p);                            \
    _Static_assert(                                                                                \
        (0 TT_FIELDS_##p(LIST_END, p)) % sizeof(tt_##p) == 0, "the list stands last in " #p);
TT_PAYLOAD_LIST(CHECK_PAYLOAD)

// Items are aligned like payloads; the body of an answer is bytes, and is rounded up as a whole.
#define CHECK_ITEM(p)                                                                              \
    _Static_assert(sizeof(tt_##p) % 16 == 0 || sizeof(tt_##p) == sizeof(tt_answer_byte), #p);
TT_ITEM_LIST(CHECK_ITEM)

/* What a kind is called, and its size where all its fields have one. */
#define KIND(kind, bytes) [TT_KIND_##kind] = {#kind, bytes}
static const struct {
    const char *name;
    uint16_t size;
} kinds[] = {
    KIND(price, 16),   KIND(qty, 16), KIND(money, 16), KIND(ratio, 16), KIND(time, 8),
    KIND(dur, 8),      KIND(u64, 8),  KIND(i64, 8),    KIND(seq, 8),    KIND(u32, 4),
    KIND(key, 4),      KIND(u16, 2),  KIND(topic, 2),  KIND(source, 2), KIND(u8, 1),
    KIND(flag, 1),     KIND(enum, 1), KIND(uuid, 16),  KIND(hash, 32),  KIND(text, 0),
    KIND(reserved, 0), KIND(list, 0),
};
#undef KIND

const char *tt_field_kind_name(tt_field_kind kind)
{
    return kinds[kind].name;
}

bool tt_field_kind_find(const char *name, tt_field_kind *ret_kind)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(kinds[i].name, name) == 0) {
            *ret_kind = (tt_field_kind)i;
            return true;
        }
    }
    return false;
}

uint16_t tt_field_kind_size(tt_field_kind kind)
{
    return kinds[kind].size;
}

#define LAYOUT_ADDRESS(p) &tt_layout_##p,
static const tt_layout *const all_layouts[] = {TT_PAYLOAD_LIST(LAYOUT_ADDRESS) NULL};

const tt_layout *const *tt_layout_all(void)
{
    return all_layouts;
}

uint16_t tt_layout_item_count(const tt_layout *layout, const void *payload)
{
    const unsigned char *count = (const unsigned char *)payload + layout->count_offset;
    if (layout->item_size == 0) {
        return 0;
    }
    return layout->count_size == 1 ? count[0] : (uint16_t)(count[0] | (unsigned)count[1] << 8);
}

uint16_t tt_layout_used_size(const tt_layout *layout, const void *payload)
{
    uint16_t count = tt_layout_item_count(layout, payload);
    if (count > layout->item_max) {
        return 0;
    }
    uint32_t bytes = layout->fixed_size + (uint32_t)count * layout->item_size;
    return (uint16_t)((bytes + 15) & ~15u);
}
