/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Fills a section of the configuration with the defaults of its table, so that a test of a module
 * needs no parser. TT_TEST_DEFAULTS(breakers, &config.breakers) for TT_CONFIG_breakers.
 */
#ifndef TESTS_LIB_CONFIG_DEFAULTS_H
#define TESTS_LIB_CONFIG_DEFAULTS_H

#include "base/error.h"
#include "model/config_kinds.h"

#include <stdlib.h>
#include <string.h>

static inline tt_dec test_default_dec(const char *text)
{
    tt_dec value = {0};
    TT_ASSERT(tt_dec_parse(text, strlen(text), &value) == TUTTI_OK);
    return value;
}

/* Written in seconds, kept in nanoseconds. */
static inline int64_t test_default_ns(const char *text)
{
    int64_t ns = 0;
    TT_ASSERT(tt_dec_to_i64(test_default_dec(text), 9, TT_ROUND_EXACT, &ns) == TUTTI_OK);
    return ns;
}

static inline uint8_t test_default_enum(const tt_enum_info *info, const char *text)
{
    uint8_t value = 0;
    TT_ASSERT(tt_enum_find(info, text, strlen(text), &value));
    return value;
}

#define TEST_DEFAULT_ratio(to, field, arg, text) (to)->field.d = test_default_dec(text);
#define TEST_DEFAULT_price(to, field, arg, text) (to)->field.d = test_default_dec(text);
#define TEST_DEFAULT_qty(to, field, arg, text)   (to)->field.d = test_default_dec(text);
#define TEST_DEFAULT_money(to, field, arg, text) (to)->field.d = test_default_dec(text);
#define TEST_DEFAULT_u32(to, field, arg, text)   (to)->field = (uint32_t)strtoul(text, NULL, 10);
#define TEST_DEFAULT_u64(to, field, arg, text)   (to)->field = strtoull(text, NULL, 10);
#define TEST_DEFAULT_dur(to, field, arg, text)   (to)->field.ns = test_default_ns(text);
#define TEST_DEFAULT_flag(to, field, arg, text)  (to)->field = strcmp(text, "true") == 0;
#define TEST_DEFAULT_enum(to, field, arg, text)                                                    \
    (to)->field = (tt_##arg)test_default_enum(&tt_enum_##arg, text);
#define TEST_DEFAULT_text(to, field, arg, text) strncpy((to)->field, text, (arg)-1);

#define TEST_DEFAULT_(kind, field, arg, def, min, max, doc)                                        \
    TEST_DEFAULT_##kind(test_section_, field, arg, def)
#define TT_TEST_DEFAULTS(section, to)                                                              \
    do {                                                                                           \
        tt_##section##_config *test_section_ = (to);                                               \
        TT_CONFIG_##section(TEST_DEFAULT_)                                                         \
    } while (0)

#endif
