/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Renders the registry as Markdown, so that the documentation cannot differ from the code.
 */
#include "model/topics_reference.h"

#include "model/message.h"
#include "model/verdict.h"

static const char intro[] =
    "# Topics\n"
    "\n"
    "This page is generated from the registry by `tutti topics`. It lists every kind of message,\n"
    "the fields of its payload, and what each value means.\n"
    "\n"
    "A message is 64 bytes of head and a payload. All numbers are little-endian. Numbers of "
    "topics,\n"
    "sources and enumerations are stored in journals: new ones are appended, none is ever moved.\n"
    "\n"
    "## Head\n"
    "\n"
    "| offset | field | type | meaning |\n"
    "|---|---|---|---|\n"
    "| 0 | seq | u64 | place in the total order, from 1 |\n"
    "| 8 | time | time | engine time |\n"
    "| 16 | cause | u64 | message whose handling published this one; 0 for an input without |\n"
    "| 24 | correlation | uuid | groups all messages of one decision, call or trade |\n"
    "| 40 | key | u32 | instrument, from 1; 0 = none or all |\n"
    "| 44 | ttl_ms | u32 | strictly older is expired; 0 = never |\n"
    "| 48 | topic | u16 | number below |\n"
    "| 50 | source | u16 | number below |\n"
    "| 52 | size | u16 | bytes of the payload; a multiple of 16 |\n"
    "| 54 | kind | u8 | event, signal, request, response, command, alert, veto |\n"
    "| 55 | priority | u8 | 1 low, 2 normal, 3 high, 4 urgent |\n"
    "| 56 | flags | u8 | 1 = input from outside |\n"
    "| 57 | reserved | 1 byte | zero |\n"
    "| 58 | target | u16 | source that it is meant for; 0 = for all |\n"
    "| 60 | reserved | 4 bytes | zero |\n"
    "\n";

static const char kinds[] =
    "## Types of fields\n"
    "\n"
    "| type | bytes | encoding | JSON |\n"
    "|---|---|---|---|\n"
    "| price, qty, money, ratio | 16 | signed integer x 10^-18 | decimal as a string |\n"
    "| time | 8 | nanoseconds since 1970 UTC | ISO 8601, null for 0 |\n"
    "| dur | 8 | nanoseconds | seconds, decimal as a string |\n"
    "| u64, i64, seq, u32, u16, u8 | 8 to 1 | integer | number, beyond 2^53 a string |\n"
    "| key | 4 | instrument | symbol, or number |\n"
    "| topic, source, enum | 2, 2, 1 | number below | name |\n"
    "| flag | 1 | 0 or 1 | false, true |\n"
    "| uuid, hash | 16, 32 | bytes | hexadecimal digits |\n"
    "| text | as stated | UTF-8, zero to the end | string |\n"
    "| list | as used | `count` items, rounded up to 16 bytes | array of objects |\n"
    "\n";

static const char *const edge_names[] = {
    [TT_EDGE_NONE] = "",
    [TT_EDGE_AGENT] = "agent",
    [TT_EDGE_VENUE] = "venue",
    [TT_EDGE_NOTIFY] = "notify",
};

static const char *origin_name(uint8_t origin)
{
    if (origin == (TT_ORIGIN_IN | TT_ORIGIN_CORE)) {
        return "input, core";
    }
    return origin == TT_ORIGIN_IN ? "input" : "core";
}

static void append_topics(tt_text_buf *text)
{
    tt_text_append_text(
        text,
        "## Topics\n"
        "\n"
        "Origin says who publishes; an edge says who carries the message out as an effect. Time "
        "to\n"
        "live is in seconds. History is the number of messages that the bus keeps.\n"
        "\n"
        "| # | topic | payload | kind | priority | ttl | history | origin | edge | meaning |\n"
        "|---|---|---|---|---|---|---|---|---|---|\n");
    for (uint16_t i = 1; i < TT_TOPIC_COUNT; i++) {
        const tt_topic_info *info = tt_topic_info_get(i);
        tt_text_appendf(
            text,
            "| %u | `%s` | [%s](#%s) | %s | %s |",
            i,
            info->name,
            info->layout->name,
            info->layout->name,
            tt_enum_text(&tt_enum_msg_kind, info->kind),
            tt_enum_text(&tt_enum_priority, info->priority));
        tt_text_appendf(
            text,
            " %u | %u | %s | %s | %s |\n",
            info->ttl_ms / 1000,
            info->history,
            origin_name(info->origin),
            edge_names[info->edge],
            info->doc);
    }
}

static void append_type(tt_text_buf *text, const tt_field *field)
{
    if (field->enumeration) {
        tt_text_appendf(text, "[%s](#enum-%s)", field->enumeration->name, field->enumeration->name);
        return;
    }
    if (field->item) {
        unsigned item_max = (unsigned)field->size / field->item->size;
        tt_text_appendf(
            text, "list of %u [%s](#%s)", item_max, field->item->name, field->item->name);
        return;
    }
    bool has_size = field->kind == TT_KIND_text || field->kind == TT_KIND_reserved;
    tt_text_append_text(text, tt_field_kind_name(field->kind));
    if (has_size) {
        tt_text_appendf(text, " %u", field->size);
    }
}

static void append_layout(tt_text_buf *text, const tt_layout *layout)
{
    tt_text_appendf(text, "### %s\n\n", layout->name);
    if (layout->item_size > 0) {
        tt_text_appendf(
            text, "%u bytes, and %u for each item.\n\n", layout->fixed_size, layout->item_size);
    } else {
        tt_text_appendf(text, "%u bytes.\n\n", layout->size);
    }
    tt_text_append_text(text, "| offset | field | type | meaning |\n|---|---|---|---|\n");
    for (uint16_t i = 0; i < layout->field_count; i++) {
        const tt_field *field = &layout->fields[i];
        const char *doc = field->kind == TT_KIND_reserved ? "zero" : field->doc;
        tt_text_appendf(text, "| %u | %s | ", field->offset, field->name);
        append_type(text, field);
        tt_text_appendf(text, " | %s |\n", doc);
    }
    tt_text_append_text(text, "\n");
}

static void append_payloads(tt_text_buf *text)
{
    tt_text_append_text(text, "\n## Payloads\n\n");
    for (const tt_layout *const *layout = tt_layout_all(); *layout; layout++) {
        append_layout(text, *layout);
        if ((*layout)->item_size > 0) {
            append_layout(text, (*layout)->fields[(*layout)->field_count - 1].item);
        }
    }
    tt_text_append_text(
        text,
        "## Views\n"
        "\n"
        "What JSON, the read model, traces and scenarios show instead of a payload. A view is in\n"
        "no message.\n"
        "\n");
#define APPEND_VIEW(p) append_layout(text, &tt_layout_##p);
    TT_VIEW_LIST(APPEND_VIEW)
#undef APPEND_VIEW
}

static void append_enums(tt_text_buf *text)
{
    tt_text_append_text(text, "## Enumerations\n\nNumbers count from 0.\n\n");
    for (const tt_enum_info *const *info = tt_enum_all(); *info; info++) {
        tt_text_appendf(text, "<a id=\"enum-%s\"></a>**%s**: ", (*info)->name, (*info)->name);
        for (uint8_t i = 0; i < (*info)->count; i++) {
            tt_text_appendf(text, "%s%u `%s`", i == 0 ? "" : ", ", i, (*info)->texts[i]);
        }
        tt_text_append_text(text, "\n\n");
    }
}

static void append_sources(tt_text_buf *text)
{
    tt_text_append_text(text, "## Sources\n\n");
    for (uint16_t i = 0; i < TT_SOURCE_COUNT; i++) {
        tt_text_appendf(text, "%s%u `%s`", i == 0 ? "" : ", ", i, tt_source_text(i));
    }
    tt_text_append_text(text, "\n");
}

void tt_topics_reference(tt_text_buf *text)
{
    tt_text_append_text(text, intro);
    tt_text_append_text(text, kinds);
    append_topics(text);
    append_payloads(text);
    append_enums(text);
    append_sources(text);
}
