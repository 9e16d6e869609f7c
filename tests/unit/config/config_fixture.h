/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What the tests of config share: a small valid file, and checks of outcome and error.
 */
#ifndef TT_TESTS_CONFIG_FIXTURE_H
#define TT_TESTS_CONFIG_FIXTURE_H

#include "../../lib/test.h"
#include "config/config.h"

/** The shortest valid configuration: four lines. */
#define ONE_INSTRUMENT                                                                             \
    "instruments:\n"                                                                               \
    "  - symbol: BTC/USDT\n"                                                                       \
    "    price_increment: 0.5\n"                                                                   \
    "    qty_increment: 0.001\n"

static tt_config config;
static tt_error error;

static inline tutti_status load(const char *text)
{
    memset(&error, 0, sizeof error);
    return tt_config_load_text(text, strlen(text), NULL, &config, &error);
}

static inline void assert_error(const char *message, const char *hint)
{
    assert_string_equal(error.message, message);
    assert_string_equal(error.hint, hint);
}

static inline void
assert_refused(const char *text, tutti_status status, const char *message, const char *hint)
{
    assert_int_equal(load(text), status);
    assert_error(message, hint);
}

static inline void assert_loads(const char *text)
{
    if (load(text) != TUTTI_OK) {
        fail_msg("%s (%s)", error.message, error.hint);
    }
}

#endif
