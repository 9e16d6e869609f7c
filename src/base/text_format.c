/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * printf for the formats that messages are made of: literal bytes, %s, %c, %% and whole numbers in
 * decimal without flags, width or precision. What is said of an order is formatted on its way to
 * the wire, and the C library, which must look for everything else, takes several times as long.
 */
#include "base/text.h"

#include <stdint.h>
#include <string.h>

enum {
    DIGITS_MAX = 20
};

/** Where the text grows; what does not fit is only counted, as snprintf does. */
struct output {
    char *data;
    size_t capacity;
    size_t length;
};

static void put(struct output *output, const char *text, size_t length)
{
    if (output->length < output->capacity) {
        size_t room = output->capacity - output->length;
        memcpy(output->data + output->length, text, length < room ? length : room);
    }
    output->length += length;
}

static void put_number(struct output *output, uint64_t magnitude, bool is_negative)
{
    char digits[DIGITS_MAX + 1];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + magnitude % 10);
        magnitude /= 10;
    } while (magnitude > 0);
    if (is_negative) {
        digits[--at] = '-';
    }
    put(output, digits + at, sizeof digits - at);
}

/** Length of a whole number as a format names it. */
typedef enum number_width {
    WIDTH_INT,
    WIDTH_LONG,
    WIDTH_LONG_LONG,
    WIDTH_SIZE
} number_width;

static number_width read_width(const char **format)
{
    if (**format == 'z') {
        (*format)++;
        return WIDTH_SIZE;
    }
    number_width width = WIDTH_INT;
    while (**format == 'l' && width < WIDTH_LONG_LONG) {
        (*format)++;
        width++;
    }
    return width;
}

/* Not a function: a va_list that a callee has read is of no use to its caller. */
#define SIGNED_ARGUMENT(args, width)                                                               \
    ((width) == WIDTH_INT         ? va_arg(args, int)                                              \
     : (width) == WIDTH_LONG      ? va_arg(args, long)                                             \
     : (width) == WIDTH_LONG_LONG ? va_arg(args, long long)                                        \
                                  : va_arg(args, ptrdiff_t))
#define UNSIGNED_ARGUMENT(args, width)                                                             \
    ((width) == WIDTH_INT         ? va_arg(args, unsigned)                                         \
     : (width) == WIDTH_LONG      ? va_arg(args, unsigned long)                                    \
     : (width) == WIDTH_LONG_LONG ? va_arg(args, unsigned long long)                               \
                                  : va_arg(args, size_t))

bool tt_text_format_plain(
    char *text, size_t capacity, const char *format, va_list args, size_t *ret_length)
{
    struct output output = {text, capacity > 0 ? capacity - 1 : 0, 0};
    for (;;) {
        const char *percent = strchr(format, '%');
        if (percent == NULL) {
            put(&output, format, strlen(format));
            break;
        }
        put(&output, format, (size_t)(percent - format));
        format = percent + 1;
        number_width width = read_width(&format);
        char kind = *format++;
        if (kind == 'd' || kind == 'i') {
            int64_t value = SIGNED_ARGUMENT(args, width);
            put_number(&output, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, value < 0);
        } else if (kind == 'u') {
            put_number(&output, UNSIGNED_ARGUMENT(args, width), false);
        } else if (kind == 's' && width == WIDTH_INT) {
            const char *value = va_arg(args, const char *);
            if (value == NULL) {
                return false;
            }
            put(&output, value, strlen(value));
        } else if (kind == 'c' && width == WIDTH_INT) {
            char value = (char)va_arg(args, int);
            put(&output, &value, 1);
        } else if (kind == '%' && width == WIDTH_INT) {
            put(&output, "%", 1);
        } else {
            return false;
        }
    }
    if (capacity > 0) {
        text[output.length < capacity ? output.length : capacity - 1] = '\0';
    }
    *ret_length = output.length;
    return true;
}
