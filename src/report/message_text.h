/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * A message as one line for a person: number, time, topic, symbol, source, and the fields that say
 * something. For programs there is message_json.h.
 */
#ifndef TT_REPORT_MESSAGE_TEXT_H
#define TT_REPORT_MESSAGE_TEXT_H

#include "base/text.h"
#include "model/instrument.h"
#include "model/registry.h"

/** Room for any line, with the NUL; a longer one would be cut, which no payload reaches. */
#define TT_MESSAGE_TEXT_MAX 16384

/** Appends a message without line feed. Fields that are zero, empty or "none" are left out,
 * lists are told by their length, the time to the millisecond. Decimals of the kind ratio are
 * rounded to 6 digits; all others are exact.
 * @thread{any} @alloc{never} */
void tt_msg_to_text(const tt_msg *msg, const tt_instruments *instruments, tt_text_buf *text);
/** As tt_msg_to_text, for a journal with declared topics and sources: `registry` (may be NULL)
 * knows them. One that it does not know is its number; its payload, hexadecimal digits. */
void tt_msg_to_text_by(
    const tt_registry *registry,
    const tt_msg *msg,
    const tt_instruments *instruments,
    tt_text_buf *text);
/** Appends the fields of a message that say something, each with a blank before it. */
void tt_payload_to_text(
    const tt_registry *registry,
    const tt_msg *msg,
    const tt_instruments *instruments,
    tt_text_buf *text);
/** Appends the value of one field. */
void tt_field_to_text(
    const tt_field *field, const void *bytes, const tt_instruments *instruments, tt_text_buf *text);

#endif
