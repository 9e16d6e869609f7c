/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Any text into the reader of schemas. What is accepted covers every byte of its payload once, and
 * its one text gives the same layout again; what is refused must say why.
 */
#include "model/schema.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_layout(const tt_schema *schema)
{
    const tt_layout *layout = &schema->layout;
    uint32_t at = 0;
    TT_ASSERT(layout->size > 0 && layout->size % 16 == 0 && layout->size <= TT_PAYLOAD_MAX);
    TT_ASSERT(schema->struct_size <= layout->size);
    for (uint16_t i = 0; i < layout->field_count; i++) {
        TT_ASSERT(layout->fields[i].offset == at);
        at += layout->fields[i].size;
    }
    TT_ASSERT(at == layout->size || layout->item_size == 1);
}

static void check_again(const tt_schema *schema)
{
    static tt_schema again;
    char text[TT_SCHEMA_TEXT_MAX];
    char second[TT_SCHEMA_TEXT_MAX];
    tt_text_buf buf;
    tt_text_init(&buf, text, sizeof text);
    TT_ASSERT(tt_schema_print(&schema->layout, &buf, NULL) == TUTTI_OK);
    TT_ASSERT(tt_schema_parse("again", text, buf.length, &again, NULL) == TUTTI_OK);
    TT_ASSERT(again.layout.size == schema->layout.size);
    TT_ASSERT(again.layout.field_count == schema->layout.field_count);
    tt_text_init(&buf, second, sizeof second);
    TT_ASSERT(tt_schema_print(&again.layout, &buf, NULL) == TUTTI_OK);
    TT_ASSERT(strcmp(text, second) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static tt_schema schema;
    tt_error error = {0};
    tutti_status status = tt_schema_parse("t", (const char *)data, size, &schema, &error);
    if (status != TUTTI_OK) {
        TT_ASSERT(error.status == status && error.message[0] != '\0' && error.hint[0] != '\0');
        return 0;
    }
    check_layout(&schema);
    check_again(&schema);
    return 0;
}
