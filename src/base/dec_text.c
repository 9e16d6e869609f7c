/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Decimals as text: strict parser, shortest and fixed formatter. Integer arithmetic throughout.
 */
#include "base/dec.h"
#include "base/dec_wide.h"
#include "base/error.h"

#include <string.h>

#define MAGNITUDE_MAX (((tt_u128)1 << 127) - 1)
#define EXPONENT_MAX                                                                               \
    (INT64_C(1) << 40) /* Exponents saturate here, beyond the length of any text. */

/* A number while it is read: significand x 10^exponent. */
typedef struct dec_scan {
    tt_u128 significand;
    int64_t exponent;
    int64_t zeros; /* Zeros read after the last other digit; they count only if another follows. */
    bool overflow; /* More digits than any value has. */
} dec_scan;

static inline bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Multiplies by ten and adds. Returns false on overflow of 128 bits. */
static bool push_digit(tt_u128 *value, unsigned digit)
{
    const tt_u128 limit = ~(tt_u128)0 / 10;
    if (*value > limit || (*value == limit && digit > (unsigned)(~(tt_u128)0 % 10))) {
        return false;
    }
    *value = *value * 10 + digit;
    return true;
}

/* Takes one digit of the significand; zeros wait until it is known that they are not trailing. */
static void scan_digit(dec_scan *scan, unsigned digit)
{
    if (digit == 0) {
        scan->zeros += scan->significand != 0;
        return;
    }
    for (; scan->zeros > 0 && !scan->overflow; scan->zeros--) {
        scan->overflow = !push_digit(&scan->significand, 0);
    }
    scan->overflow = scan->overflow || !push_digit(&scan->significand, digit);
}

/* Takes a run of digits; returns how many there were. */
static size_t scan_digits(dec_scan *scan, const char *text, size_t length)
{
    size_t count = 0;
    for (; count < length && is_digit(text[count]); count++) {
        scan_digit(scan, (unsigned)(text[count] - '0'));
    }
    return count;
}

/* Takes the exponent behind the 'e'. */
static tutti_status scan_exponent(const char *text, size_t length, int64_t *result)
{
    bool negative = length > 0 && text[0] == '-';
    size_t at = length > 0 && (text[0] == '-' || text[0] == '+') ? 1 : 0;
    if (at == length) {
        return TUTTI_PARSE;
    }
    int64_t value = 0;
    for (; at < length; at++) {
        if (!is_digit(text[at])) {
            return TUTTI_PARSE;
        }
        value = value < EXPONENT_MAX ? value * 10 + (text[at] - '0') : EXPONENT_MAX;
    }
    *result = negative ? -value : value;
    return TUTTI_OK;
}

static tutti_status scan_number(dec_scan *scan, const char *text, size_t length)
{
    size_t at = scan_digits(scan, text, length);
    if (at == 0) {
        return TUTTI_PARSE;
    }
    int64_t fraction = 0;
    if (at < length && text[at] == '.') {
        size_t count = scan_digits(scan, text + at + 1, length - at - 1);
        if (count == 0) {
            return TUTTI_PARSE;
        }
        fraction = (int64_t)count;
        at += 1 + count;
    }
    int64_t exponent = 0;
    if (at < length) {
        if (text[at] != 'e' && text[at] != 'E') {
            return TUTTI_PARSE;
        }
        TUTTI_TRY(scan_exponent(text + at + 1, length - at - 1, &exponent));
    }
    scan->exponent = exponent - fraction + scan->zeros;
    return TUTTI_OK;
}

/* Brings a scanned number to 18 decimals. The significand ends in no zero, so that a negative scale
 * always loses a digit. */
static tutti_status scale_number(const dec_scan *scan, bool negative, tt_dec *result)
{
    tt_u128 m = scan->significand;
    int64_t scale = scan->exponent + TT_DEC_DIGITS;
    if (m != 0) {
        if (scan->overflow || scale < 0 || scale > 38) {
            return TUTTI_RANGE;
        }
        for (; scale > 0; scale--) {
            if (!push_digit(&m, 0)) {
                return TUTTI_RANGE;
            }
        }
    }
    if (m > MAGNITUDE_MAX + (negative ? 1 : 0)) {
        return TUTTI_RANGE;
    }
    result->v = (tt_i128)(negative ? -m : m);
    return TUTTI_OK;
}

/* The form of nearly all market data: up to 18 digits, perhaps a point, nothing else. Returns false
 * to leave the text to the general path. */
static bool parse_short(const char *text, size_t length, bool negative, tt_dec *result)
{
    if (length == 0 || length > TT_DEC_DIGITS || !is_digit(text[0])) {
        return false;
    }
    uint64_t value = 0;
    size_t decimals = 0; // Digits behind the point, plus one once the point was seen.
    for (size_t i = 0; i < length; i++) {
        if (is_digit(text[i])) {
            value = value * 10 + (uint64_t)(text[i] - '0');
            decimals += decimals != 0;
        } else if (text[i] == '.' && decimals == 0 && i + 1 < length) {
            decimals = 1;
        } else {
            return false;
        }
    }
    size_t digits = decimals ? decimals - 1 : 0;
    tt_i128 v = (tt_i128)((tt_u128)value * tt_powers_of_ten[TT_DEC_DIGITS - digits]);
    result->v = negative ? -v : v;
    return true;
}

tutti_status tt_dec_parse(const char *text, size_t length, tt_dec *result)
{
    bool negative = length > 0 && text[0] == '-';
    if (negative || (length > 0 && text[0] == '+')) {
        text++;
        length--;
    }
    if (parse_short(text, length, negative, result)) {
        return TUTTI_OK;
    }
    dec_scan scan = {0};
    TUTTI_TRY(scan_number(&scan, text, length));
    return scale_number(&scan, negative, result);
}

/* Writes `value`, below 10^19, with at least `width` digits, at most 18; returns the count. */
static size_t write_u64(uint64_t value, size_t width, char *text)
{
    size_t count = width;
    while (count <= TT_DEC_DIGITS && value >= tt_powers_of_ten[count]) {
        count++;
    }
    for (size_t at = count; at > 0; value /= 10) {
        text[--at] = (char)('0' + value % 10);
    }
    return count;
}

/* Writes a whole number below 10^36; at least one digit. */
static size_t write_whole(tt_u128 value, char *text)
{
    if (value < TT_DEC_ONE_U64) {
        return write_u64((uint64_t)value, 1, text);
    }
    size_t count = write_u64((uint64_t)(value / TT_DEC_ONE_U64), 1, text);
    return count + write_u64((uint64_t)(value % TT_DEC_ONE_U64), TT_DEC_DIGITS, text + count);
}

/* A number in front of its text: `decimals` digits follow the point, with zeros in front. */
struct written {
    bool negative;
    tt_u128 whole;
    uint64_t fraction;
    int decimals;
};

static size_t write_number(const struct written *number, char *text)
{
    size_t length = 0;
    if (number->negative) {
        text[length++] = '-';
    }
    length += write_whole(number->whole, text + length);
    if (number->decimals > 0) {
        text[length++] = '.';
        length += write_u64(number->fraction, (size_t)number->decimals, text + length);
    }
    text[length] = '\0';
    return length;
}

/* With all decimals. */
static struct written split(tt_dec a)
{
    struct written number = {.negative = a.v < 0, .decimals = TT_DEC_DIGITS};
    const tt_u128 m = number.negative ? -(tt_u128)a.v : (tt_u128)a.v;
    number.whole = tt_u256_divide_one((tt_u256){.low = m}, &number.fraction);
    return number;
}

/* Takes zeros off the end of the decimals: most numbers have few others. */
static void drop_zeros(struct written *number)
{
    const uint32_t half = 100000000;
    if (number->fraction == 0) {
        number->decimals = 0;
        return;
    }
    for (; number->fraction % half == 0; number->decimals -= 8) {
        number->fraction /= half;
    }
    for (; number->fraction % 10 == 0; number->decimals--) {
        number->fraction /= 10;
    }
}

size_t tt_dec_format(tt_dec a, char text[TT_DEC_TEXT_MAX])
{
    struct written number = split(a);
    drop_zeros(&number);
    return write_number(&number, text);
}

/* Rounds to `digits` decimals, half to even. */
static void round_to(struct written *number, int digits)
{
    const uint64_t unit = tt_powers_of_ten[TT_DEC_DIGITS - digits];
    const uint64_t rest = number->fraction % unit;
    uint64_t kept = number->fraction / unit;
    // The whole part counts tens of the last digit, unless it has it.
    const bool odd = ((digits == 0 ? (uint64_t)number->whole : kept) & 1) != 0;
    kept += rest > unit - rest || (rest != 0 && rest == unit - rest && odd);
    if (kept == tt_powers_of_ten[digits]) {
        kept = 0;
        number->whole++;
    }
    number->fraction = kept;
    number->decimals = digits;
}

size_t tt_dec_format_fixed(tt_dec a, int digits, char text[TT_DEC_TEXT_MAX])
{
    TT_ASSERT(digits >= 0 && digits <= TT_DEC_DIGITS);
    struct written number = split(a);
    round_to(&number, digits);
    // A value that rounds to zero is written without a sign.
    number.negative = number.negative && (number.whole != 0 || number.fraction != 0);
    return write_number(&number, text);
}
