/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Loads the recorded one-minute bars of BTC for tests; see the README of the data folder.
 */
#ifndef TT_TEST_BTC_BARS_H
#define TT_TEST_BTC_BARS_H

#include "base/calendar.h"
#include "base/error.h"
#include "model/payloads.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define BTC_BARS_FILE TT_TEST_DATA_DIR "/bars/btc_perp_1m_202201.csv.gz"
#define BTC_BARS_MAX  45031

static inline tt_dec btc_field(char **rest)
{
    char *text = strsep(rest, ",\r\n");
    tt_dec value;
    tutti_status status = tt_dec_parse(text, strlen(text), &value);
    TT_ASSERT(status == TUTTI_OK);
    return value;
}

static inline void btc_parse(char *line, tt_bar *bar)
{
    char *rest = line;
    char *text = strsep(&rest, ",");
    tt_time close_time;
    tutti_status status = tt_time_parse(text, strlen(text), &close_time);
    TT_ASSERT(status == TUTTI_OK);
    *bar = (tt_bar){.open_time = {close_time.ns - 60 * TT_NS_PER_S}, .interval_s = 60};
    bar->open.d = btc_field(&rest);
    bar->high.d = btc_field(&rest);
    bar->low.d = btc_field(&rest);
    bar->close.d = btc_field(&rest);
    bar->volume.d = btc_field(&rest);
}

/** Loads up to `count` bars into memory that the caller frees; NULL if the file is not there. */
static inline tt_bar *btc_load(uint32_t *count)
{
    gzFile file = gzopen(BTC_BARS_FILE, "rb");
    if (file == NULL) {
        printf("skipped: " BTC_BARS_FILE " is not there\n");
        return NULL;
    }
    tt_bar *bars = calloc(BTC_BARS_MAX, sizeof *bars);
    char line[256];
    uint32_t read = 0;
    TT_ASSERT(bars != NULL && gzgets(file, line, sizeof line) != NULL);
    while (read < BTC_BARS_MAX && gzgets(file, line, sizeof line) != NULL) {
        btc_parse(line, &bars[read++]);
    }
    gzclose(file);
    TT_ASSERT(read > 0);
    *count = read;
    return bars;
}

#endif
