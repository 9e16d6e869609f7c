/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Values and messages as text: decimals, and messages as JSON, for people and for languages without
 * the structs of C.
 */
#ifndef TUTTI_TEXT_H
#define TUTTI_TEXT_H

#include <tutti/bus.h>
#include <tutti/journal.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A field of kind price, qty, money or ratio: a whole number of 10^-18, 128 bits in two's
 * complement, as this machine orders its bytes. */
typedef struct tutti_decimal {
    uint64_t low;
    int64_t high;
} __attribute__((aligned(16))) tutti_decimal;
/** Longest text of a decimal, with the NUL. */
#define TUTTI_DECIMAL_TEXT_MAX 48
/** Reads `[+-]digits[.digits][e[+-]digits]`, the whole text. @retval TUTTI_PARSE no such number.
 * @retval TUTTI_RANGE beyond 1.7e20, or more than 18 decimals that are not zero. @thread{any} */
TUTTI_NODISCARD tutti_status
tutti_decimal_parse(const char *text, size_t length, tutti_decimal *ret_decimal);
/** Writes the shortest exact text, such as "-0.25"; tells its length without the NUL. @thread{any}
 */
size_t tutti_decimal_format(tutti_decimal decimal, char text[TUTTI_DECIMAL_TEXT_MAX]);

/** Room for any message as JSON, with the NUL. */
#define TUTTI_JSON_MAX 16384
/** Writes a message of a bus as one JSON object, with a NUL: its head, and `payload`. Decimals and
 * integers beyond 2^53 are texts, topics and sources their names, moments ISO 8601, bytes[N]
 * hexadecimal digits. @retval TUTTI_LIMIT it does not fit `size`; TUTTI_JSON_MAX always does.
 * @thread{owner} */
TUTTI_NODISCARD tutti_status
tutti_bus_to_json(const tutti_bus *bus, const tutti_message *message, char *text, size_t size);
/** As tutti_bus_to_json, for a message that the reader gave. @thread{as the reader} */
TUTTI_NODISCARD tutti_status tutti_journal_reader_to_json(
    const tutti_journal_reader *reader, const tutti_message *message, char *text, size_t size);
/** Fills a payload from one JSON object, whose forms are those above; fields that are not there are
 * zero. `payload` has room for `size` bytes; `ret_size` tells how many a post of the topic has.
 * @retval TUTTI_NOT_FOUND no such topic was declared. @retval TUTTI_STATE it is one of bytes[N].
 * @retval TUTTI_LIMIT `size` is too small; or the JSON is too deep, or a text far too long. @retval
 * TUTTI_PARSE, TUTTI_EXISTS, TUTTI_INVALID it is not right: `error` tells field, line and column,
 * and what would be. @thread{owner} */
TUTTI_NODISCARD tutti_status tutti_bus_from_json(
    const tutti_bus *bus,
    tutti_topic topic,
    const char *json,
    size_t length,
    void *payload,
    uint32_t size,
    uint32_t *ret_size,
    tutti_error *error);

#ifdef __cplusplus
}
#endif

#endif
