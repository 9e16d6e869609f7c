/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Messages as JSON, for people and other programs; generated from the field tables, both ways.
 *
 * Decimals are strings, so that no reader changes a digit; so are integers beyond 2^53.
 * Enumerations, topics and sources are their names; moments are ISO 8601 in UTC, or null for 0 =
 * none; spans are seconds as decimals; flags are true and false; hashes are hexadecimal digits;
 * lists are arrays of objects. The body of an agent's answer is the object that it encodes, or
 * hexadecimal digits if it encodes none. A list of plain bytes is hexadecimal digits. Reserved
 * bytes are left out. The payload of a declared topic is read by the layout that its registry
 * tells.
 */
#ifndef TT_MODEL_MESSAGE_JSON_H
#define TT_MODEL_MESSAGE_JSON_H

#include "base/json.h"
#include "model/instrument.h"
#include "model/message.h"
#include "model/registry.h"

/** Room for any message as JSON, with the NUL. */
#define TT_MESSAGE_JSON_MAX 16384

/** Appends a message as one JSON object without line feed: its head, and `payload`. `instruments`
 * may be NULL; with it, keys get their `symbol`. When it does not fit, nothing is appended and
 * `text->truncated` is set. @thread{any} @alloc{never} */
void tt_msg_to_json(const tt_msg *msg, const tt_instruments *instruments, tt_text_buf *text);
/** As tt_msg_to_json, for a bus or journal with declared topics and sources: `registry` (may be
 * NULL) knows them. A declared topic that it does not know is printed as its number, and its
 * payload as hexadecimal digits; so is a payload that has not the size of its topic. */
void tt_msg_to_json_by(
    const tt_registry *registry,
    const tt_msg *msg,
    const tt_instruments *instruments,
    tt_text_buf *text);
/** Writes a payload as an object. `payload` must have passed tt_payload_check, or come from a
 * message.
 * @thread{any} @alloc{never} */
void tt_payload_write_json(
    tt_json_writer *writer,
    const tt_layout *layout,
    const void *payload,
    const tt_instruments *instruments);

/**
 * Reads a payload from one JSON object. Fields that are not there are zero. `count` follows from
 * the list; where it is stated it must agree. `payload` has the size of the layout, and is written
 * only on success.
 *
 * @retval TUTTI_PARSE no JSON. @retval TUTTI_EXISTS a key came twice. @retval TUTTI_LIMIT nested
 * too deep, or a text far too long. @retval TUTTI_INVALID an unknown field, or a value that does
 * not fit; `error` names field, line and column, and what would be right. @thread{any}
 * @alloc{never}
 */
TUTTI_NODISCARD tutti_status tt_payload_from_json(
    const tt_layout *layout,
    const char *json,
    size_t length,
    const tt_instruments *instruments,
    void *payload,
    tt_error *error);

/**
 * Reads a message from what tt_msg_to_json_by writes: head and payload, whole. A topic, a source
 * and a payload must be there, in any order; kind, priority and ttl_ms are the
 * topic's where they are not stated, everything else is zero. Each value is checked as in a
 * payload. `ret_msg` has TT_MSG_BYTES_MAX bytes at an alignment of 16, and is written only on
 * success.
 *
 * @retval TUTTI_PARSE, TUTTI_EXISTS, TUTTI_LIMIT, TUTTI_INVALID as tt_payload_from_json; also
 * TUTTI_INVALID: no topic, source or payload, or a symbol that is not that of the key. @thread{any}
 * @alloc{never}
 */
TUTTI_NODISCARD tutti_status tt_msg_from_json(
    const tt_registry *registry,
    const char *json,
    size_t length,
    const tt_instruments *instruments,
    void *ret_msg,
    tt_error *error);

#endif
