/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Decimals and messages as text, and the version.
 */
#include "lib/lib_priv.h"
#include "model/message_json.h"

#include <tutti/text.h>

#include <string.h>

_Static_assert(
    sizeof(tutti_decimal) == sizeof(tt_dec) && _Alignof(tutti_decimal) == _Alignof(tt_dec),
    "the public decimal is that of the core");
_Static_assert(TUTTI_DECIMAL_TEXT_MAX == TT_DEC_TEXT_MAX, "one bound");
_Static_assert(TUTTI_JSON_MAX == TT_MESSAGE_JSON_MAX, "one bound");

const char *tutti_version(void)
{
    return TUTTI_VERSION_TEXT;
}

tutti_status tutti_decimal_parse(const char *text, size_t length, tutti_decimal *ret_decimal)
{
    tt_dec dec;
    TUTTI_TRY(tt_dec_parse(text, length, &dec));
    memcpy(ret_decimal, &dec, sizeof *ret_decimal);
    return TUTTI_OK;
}

size_t tutti_decimal_format(tutti_decimal decimal, char text[TUTTI_DECIMAL_TEXT_MAX])
{
    tt_dec dec;
    memcpy(&dec, &decimal, sizeof dec);
    return tt_dec_format(dec, text);
}

tutti_status
tt_lib_to_json(const tt_registry *registry, const tutti_message *message, char *text, size_t size)
{
    tt_text_buf buf;
    tt_text_init(&buf, text, size);
    tt_msg_to_json_by(registry, (const tt_msg *)(const void *)message, NULL, &buf);
    return buf.truncated ? TUTTI_LIMIT : TUTTI_OK;
}

tutti_status
tutti_bus_to_json(const tutti_bus *bus, const tutti_message *message, char *text, size_t size)
{
    return tt_lib_to_json(tt_bus_registry(bus->bus), message, text, size);
}

tutti_status tutti_bus_from_json(
    const tutti_bus *bus,
    tutti_topic topic,
    const char *json,
    size_t length,
    void *payload,
    uint32_t size,
    uint32_t *ret_size,
    tutti_error *error)
{
    _Alignas(16) unsigned char filled[TT_PAYLOAD_MAX];
    const tt_schema *schema = tt_registry_schema(tt_bus_registry(bus->bus), topic);
    if (!schema) {
        tt_error_set(error, TUTTI_NOT_FOUND, "no topic %u was declared", (unsigned)topic);
        tt_error_hint(error, "declare it with tutti_bus_declare_topic first");
        return TUTTI_NOT_FOUND;
    }
    if (schema->layout.item_size != 0) {
        tt_error_set(error, TUTTI_STATE, "a payload of bytes[N] has no fields");
        tt_error_hint(error, "post the bytes themselves");
        return TUTTI_STATE;
    }
    if (size < schema->layout.fixed_size) {
        return tt_error_set(
            error,
            TUTTI_LIMIT,
            "the payload takes %u bytes, there is room for %u",
            (unsigned)schema->layout.fixed_size,
            (unsigned)size);
    }
    TUTTI_TRY(tt_payload_from_json(&schema->layout, json, length, NULL, filled, error));
    memcpy(payload, filled, schema->layout.fixed_size);
    *ret_size = schema->layout.fixed_size;
    return TUTTI_OK;
}
