/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * One-time confirmations of what is dangerous: a person asks for one, reads what it is about, and
 * sends it along within 300 s. It holds for one token, one action, one resource, once.
 */
#ifndef TT_API_API_CONFIRM_H
#define TT_API_API_CONFIRM_H

#include "api/api_tokens.h"

#define TT_CONFIRM_SECONDS 300
/** Confirmations that one token may hold; one more takes the place of its oldest. */
#define TT_CONFIRM_EACH_MAX 8u
#define TT_CONFIRM_MAX      ((TT_TOKENS_MAX + 1) * TT_CONFIRM_EACH_MAX)
/** Room for the text of a confirmation with its NUL. */
#define TT_CONFIRM_TEXT_MAX 33
/** Room for what it is about: "/api/v1/positions/18446744073709551615/close?symbol=...". */
#define TT_CONFIRM_RESOURCE_MAX 128

/** One confirmation. */
typedef struct tt_confirmation {
    int64_t until_ns; /**< 0 = none. */
    uint8_t secret[16];
    char actor[TT_TOKEN_NAME_MAX];
    char resource[TT_CONFIRM_RESOURCE_MAX];
} tt_confirmation;

typedef struct tt_confirmations {
    tt_confirmation list[TT_CONFIRM_MAX];
} tt_confirmations;

/** Makes one. False if the system gives no randomness. @thread{net} */
bool tt_confirm_make(
    tt_confirmations *table,
    const char *actor,
    const char *resource,
    int64_t now_ns,
    char text[TT_CONFIRM_TEXT_MAX]);
/** Uses one up. False if it is not there, for another actor or resource, used, or too old; what
 * does not fit stays. @thread{net} */
bool tt_confirm_use(
    tt_confirmations *table,
    const char *actor,
    const char *resource,
    const char *text,
    int64_t now_ns);

#endif
