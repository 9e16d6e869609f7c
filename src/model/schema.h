/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The payload of a topic that is declared at run time, from a text.
 *
 * A schema is a list of fields, separated by blanks or commas: `price:price side:enum(buy,sell)
 * note:text[32]`. Kinds: price qty money ratio (16 bytes), time dur u64 i64 (8), u32 (4), u16 (2),
 * u8 flag enum (1), uuid (16), text[N] (N bytes with the NUL). The layout is the one that the C
 * compiler gives to a struct of the same fields; what it leaves between and behind them is reserved
 * and zero, and the size in a message is rounded up to 16. A payload of bytes that nothing is known
 * about is `bytes[N]`: a u16 with their number, then at most N bytes.
 *
 * Pure; all functions: @thread{any} @alloc{never}
 */
#ifndef TT_MODEL_SCHEMA_H
#define TT_MODEL_SCHEMA_H

#include "base/text.h"
#include "model/message.h"

/** Longest schema with its NUL: the field `schema` of a topic declaration. */
#define TT_SCHEMA_TEXT_MAX 1024
/** Fields of a schema, what lies between them included. */
#define TT_SCHEMA_FIELDS_MAX 96
/** Enumerations of a schema, and the values of all of them. */
#define TT_SCHEMA_ENUMS_MAX  16
#define TT_SCHEMA_VALUES_MAX 128
/** Longest name of a field or value, and longest text field with its NUL. */
#define TT_SCHEMA_NAME_MAX       47
#define TT_SCHEMA_TEXT_FIELD_MAX 1024

/** A schema that has been read. Holds pointers into itself: do not move it. */
typedef struct tt_schema {
    tt_layout layout;
    uint16_t struct_size; /**< sizeof the C struct; at most the size in a message. */
    bool has_gaps;        /**< Bytes between or behind the fields are reserved. */
    tt_field fields[TT_SCHEMA_FIELDS_MAX];
    tt_enum_info enums[TT_SCHEMA_ENUMS_MAX];
    const char *values[TT_SCHEMA_VALUES_MAX];
    char names[TT_SCHEMA_TEXT_MAX]; /**< Of fields and values, each with its NUL. */
} tt_schema;

/**
 * Reads a schema. `name` is the name of the layout, lent as long as the schema lives. On failure
 * `ret_schema` holds nothing of use.
 *
 * @retval TUTTI_PARSE not a schema. @retval TUTTI_LIMIT too long, too many fields or values, or a
 * payload larger than TT_PAYLOAD_MAX. @retval TUTTI_EXISTS a name came twice. `error` names the
 * column and what would be right.
 */
TUTTI_NODISCARD tutti_status tt_schema_parse(
    const char *name, const char *text, size_t length, tt_schema *ret_schema, tt_error *error);
/**
 * Writes the one text that stands for a layout: one blank between fields, none elsewhere.
 * @retval TUTTI_INVALID the layout has a field that no schema can tell. @retval TUTTI_LIMIT the
 * text does not fit.
 */
TUTTI_NODISCARD tutti_status
tt_schema_print(const tt_layout *layout, tt_text_buf *text, tt_error *error);

#endif
