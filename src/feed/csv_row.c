/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Splitting rows and reading bars.
 */
#include "feed/csv_row.h"

#include <string.h>

/** Takes the quotes off a field; a quote anywhere else is refused. */
static tutti_status unquote(tt_slice *field, tt_feed_refusal *refusal)
{
    if (field->length >= 2 && field->data[0] == '"' && field->data[field->length - 1] == '"') {
        field->data++;
        field->length -= 2;
    }
    if (field->length > 0 && memchr(field->data, '"', field->length) != NULL) {
        char quoted[TT_FEED_QUOTED_MAX];
        return tt_feed_refuse(
            refusal, "a quote is out of place in '%s'", tt_feed_quote_text(*field, quoted));
    }
    return TUTTI_OK;
}

/** Returns the length of the field at the start of `rest`: to the next comma outside of quotes. */
static size_t field_length(tt_slice rest)
{
    size_t from = 0;
    if (rest.length > 1 && rest.data[0] == '"') {
        const char *closing = memchr(rest.data + 1, '"', rest.length - 1);
        from = closing == NULL ? 0 : (size_t)(closing - rest.data);
    }
    const char *comma = memchr(rest.data + from, ',', rest.length - from);
    return comma == NULL ? rest.length : (size_t)(comma - rest.data);
}

tutti_status tt_csv_split(tt_slice line, tt_csv_row *ret_row, tt_feed_refusal *refusal)
{
    ret_row->count = 0;
    tt_slice rest = line;
    for (;;) {
        if (ret_row->count == TT_CSV_FIELDS_MAX) {
            return tt_feed_refuse(refusal, "the row has more than %d fields", TT_CSV_FIELDS_MAX);
        }
        size_t length = rest.length == 0 ? 0 : field_length(rest);
        tt_slice field = tt_slice_trim((tt_slice){rest.data, length});
        TUTTI_TRY(unquote(&field, refusal));
        ret_row->fields[ret_row->count++] = field;
        if (length == rest.length) {
            return TUTTI_OK;
        }
        rest.data += length + 1;
        rest.length -= length + 1;
    }
}

static tutti_status parse_price_at(
    const tt_csv_row *row,
    const tt_csv_layout *layout,
    tt_csv_column column,
    tt_price *result,
    tt_feed_refusal *refusal)
{
    static const char *const names[] = {"", "open", "high", "low", "close"};
    tt_slice field = row->fields[layout->index[column]];
    return tt_feed_parse_price(field, layout->price_scale, names[column], result, refusal);
}

static tutti_status check_range(const tt_bar *bar, tt_feed_refusal *refusal)
{
    if (tt_dec_lt(bar->high.d, bar->low.d)) {
        return tt_feed_refuse(refusal, "high is below low");
    }
    if (tt_dec_lt(bar->high.d, tt_dec_max(bar->open.d, bar->close.d))) {
        return tt_feed_refuse(refusal, "high is below open or close");
    }
    if (tt_dec_lt(tt_dec_min(bar->open.d, bar->close.d), bar->low.d)) {
        return tt_feed_refuse(refusal, "low is above open or close");
    }
    return TUTTI_OK;
}

tutti_status tt_csv_parse_bar(
    const tt_csv_row *row, const tt_csv_layout *layout, tt_bar *ret_bar, tt_feed_refusal *refusal)
{
    TUTTI_TRY(parse_price_at(row, layout, TT_CSV_OPEN, &ret_bar->open, refusal));
    TUTTI_TRY(parse_price_at(row, layout, TT_CSV_HIGH, &ret_bar->high, refusal));
    TUTTI_TRY(parse_price_at(row, layout, TT_CSV_LOW, &ret_bar->low, refusal));
    TUTTI_TRY(parse_price_at(row, layout, TT_CSV_CLOSE, &ret_bar->close, refusal));
    if (layout->index[TT_CSV_VOLUME] != TT_CSV_NO_COLUMN) {
        tt_slice field = row->fields[layout->index[TT_CSV_VOLUME]];
        TUTTI_TRY(tt_feed_parse_qty(field, "volume", &ret_bar->volume, refusal));
    }
    return check_range(ret_bar, refusal);
}
