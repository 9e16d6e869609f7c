/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Finding columns by name or number.
 */
#include "feed/csv_layout.h"

#include <string.h>

/** What a search works with. */
typedef struct column_search {
    const tt_csv_row *header; /**< NULL: no header. */
    const char *place;
    tt_error *error;
} column_search;

/** Writes the names of the header, as many as fit. */
static void list_names(const tt_csv_row *header, char *text, size_t capacity)
{
    tt_text_buf buf;
    tt_text_init(&buf, text, capacity);
    for (uint32_t i = 0; i < header->count; i++) {
        char quoted[TT_FEED_QUOTED_MAX];
        tt_text_appendf(
            &buf, "%s%s", i == 0 ? "" : ", ", tt_feed_quote_text(header->fields[i], quoted));
    }
}

static tutti_status refuse_column(const column_search *search, const char *key, const char *name)
{
    if (search->header == NULL) {
        tutti_status status = tt_error_set(
            search->error,
            TUTTI_INVALID,
            "%s: csv.%s is '%s', but the file has no header line",
            search->place,
            key,
            name);
        tt_error_hint(search->error, "give the number of the column, from 0; or csv.header: true");
        return status;
    }
    char names[200];
    list_names(search->header, names, sizeof names);
    tutti_status status = tt_error_set(
        search->error,
        TUTTI_INVALID,
        "%s: the file has no column '%s', which csv.%s names",
        search->place,
        name,
        key);
    tt_error_hint(search->error, "its columns are: %s", names);
    return status;
}

static bool find_name(const tt_csv_row *header, const char *name, uint32_t *ret_index)
{
    for (uint32_t i = 0; header != NULL && i < header->count; i++) {
        if (tt_slice_is(header->fields[i], name)) {
            *ret_index = i;
            return true;
        }
    }
    return false;
}

static tutti_status
find_column(const column_search *search, const char *key, const char *name, uint32_t *ret_index)
{
    if (find_name(search->header, name, ret_index)) {
        return TUTTI_OK;
    }
    uint64_t number = 0;
    uint64_t limit = search->header == NULL ? TT_CSV_FIELDS_MAX : search->header->count;
    if (tt_text_parse_u64(name, strlen(name), &number) == TUTTI_OK && number < limit) {
        *ret_index = (uint32_t)number;
        return TUTTI_OK;
    }
    return refuse_column(search, key, name);
}

/** As find_column, but an empty name is no column. */
static tutti_status
find_optional(const column_search *search, const char *key, const char *name, uint32_t *ret_index)
{
    *ret_index = TT_CSV_NO_COLUMN;
    return name[0] == '\0' ? TUTTI_OK : find_column(search, key, name, ret_index);
}

static tutti_status
find_wide(const column_search *search, const tt_instruments *instruments, tt_csv_places *places)
{
    if (search->header == NULL) {
        return tt_error_set(
            search->error,
            TUTTI_INVALID,
            "%s: csv.wide needs a header line (csv.header: true)",
            search->place);
    }
    for (uint32_t i = 0; i < instruments->count; i++) {
        places->wide[i] = TT_CSV_NO_COLUMN;
    }
    for (uint32_t i = 0; i < search->header->count; i++) {
        const tt_instrument *instrument =
            tt_feed_find_symbol(instruments, search->header->fields[i]);
        if (instrument != NULL) {
            places->wide[instrument->id.n - 1] = i;
        }
    }
    for (uint32_t i = 0; i < instruments->count; i++) {
        if (places->wide[i] == TT_CSV_NO_COLUMN) {
            return refuse_column(search, "wide", instruments->list[i].symbol);
        }
    }
    return TUTTI_OK;
}

static tutti_status
find_bars(const column_search *search, const tt_csv_config *csv, tt_csv_layout *layout)
{
    uint32_t *index = layout->index;
    TUTTI_TRY(find_column(search, "open", csv->open, &index[TT_CSV_OPEN]));
    TUTTI_TRY(find_column(search, "high", csv->high, &index[TT_CSV_HIGH]));
    TUTTI_TRY(find_column(search, "low", csv->low, &index[TT_CSV_LOW]));
    TUTTI_TRY(find_column(search, "close", csv->close, &index[TT_CSV_CLOSE]));
    TUTTI_TRY(find_optional(search, "volume", csv->volume, &index[TT_CSV_VOLUME]));
    return find_optional(search, "symbol", csv->symbol, &index[TT_CSV_SYMBOL]);
}

tutti_status tt_csv_places_find(
    const tt_feed_setup *setup,
    const tt_csv_row *header,
    const char *place,
    tt_csv_places *ret_places,
    tt_error *error)
{
    const tt_csv_config *csv = &setup->config->csv;
    const column_search search = {header, place, error};
    *ret_places = (tt_csv_places){
        .layout.field_count = header == NULL ? 0 : header->count,
        .layout.price_scale = csv->price_scale,
    };
    for (int i = 0; i < TT_CSV_COLUMN_COUNT; i++) {
        ret_places->layout.index[i] = TT_CSV_NO_COLUMN;
    }
    uint32_t *time_index = &ret_places->layout.index[TT_CSV_TIME];
    TUTTI_TRY(find_column(&search, "timestamp", csv->timestamp, time_index));
    return csv->wide ? find_wide(&search, setup->instruments, ret_places)
                     : find_bars(&search, csv, &ret_places->layout);
}

uint32_t tt_csv_places_needed(const tt_csv_places *places)
{
    uint32_t needed = 0;
    for (int i = 0; i < TT_CSV_COLUMN_COUNT; i++) {
        uint32_t index = places->layout.index[i];
        if (index != TT_CSV_NO_COLUMN && index + 1 > needed) {
            needed = index + 1;
        }
    }
    return needed;
}
