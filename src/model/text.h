/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Text fields of payloads: always valid UTF-8, NUL-terminated, zero behind the end.
 */
#ifndef TT_MODEL_TEXT_H
#define TT_MODEL_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/** Longest formatted text with its NUL; longer ones are cut. No field is larger. */
#define TT_TEXT_FORMAT_MAX 512

/** Copies a text into a payload field: cut at the last whole UTF-8 character, bytes that are no
 * UTF-8 become '?', zero to the end. @thread{any} @alloc{never} */
void tt_text_set(char *field, size_t field_size, const char *text);
#define TT_TEXT_SET(field, text) tt_text_set((field), sizeof(field), (text))
/** printf into a payload text field; same rules. @thread{any} @alloc{never} */
void tt_text_format(char *field, size_t field_size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void tt_text_vformat(char *field, size_t field_size, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));

/** Tells whether all bytes form valid UTF-8. @thread{any} */
bool tt_text_is_utf8(const char *text, size_t length);

#endif
