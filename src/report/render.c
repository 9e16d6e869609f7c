/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * JSON values and curves on a stream.
 */
#include "report/render.h"

#include "base/calendar.h"

#include <inttypes.h>
#include <stdlib.h>

void tt_render_json_text(FILE *out, const char *text)
{
    fputc('"', out);
    for (const unsigned char *at = (const unsigned char *)text; *at != 0; at++) {
        if (*at == '"' || *at == '\\') {
            fprintf(out, "\\%c", *at);
        } else if (*at < 0x20 || *at == '<' || *at == '>' || *at == '&') {
            fprintf(out, "\\u%04x", *at);
        } else {
            fputc(*at, out);
        }
    }
    fputc('"', out);
}

void tt_render_dec(FILE *out, const char *label, tt_dec value)
{
    char text[TT_DEC_TEXT_MAX];
    tt_dec_format(value, text);
    fprintf(out, "%s%s", label, text);
}

void tt_render_fixed(FILE *out, const char *label, tt_dec value, int digits)
{
    char text[TT_DEC_TEXT_MAX];
    tt_dec_format_fixed(value, digits, text);
    fprintf(out, "%s%s", label, text);
}

void tt_render_decimal_field(FILE *out, const char *key, tt_dec value)
{
    char text[TT_DEC_TEXT_MAX];
    tt_dec_format(value, text);
    fprintf(out, "  \"%s\": %s,\n", key, text);
}

void tt_render_time_field(FILE *out, const char *key, tt_time time)
{
    char text[TT_TIME_TEXT_MAX];
    tt_time_format(time, text);
    fprintf(out, "  \"%s\": \"%s\",\n", key, text);
}

static void put_fixed(FILE *out, tt_dec value, int digits)
{
    char text[TT_DEC_TEXT_MAX];
    tt_dec_format_fixed(value, digits, text);
    fputs(text, out);
}

void tt_render_digest(FILE *out, const uint8_t *digest)
{
    if (digest == NULL) {
        fputs("null", out);
        return;
    }
    fputc('"', out);
    for (int i = 0; i < 32; i++) {
        fprintf(out, "%02x", digest[i]);
    }
    fputc('"', out);
}

static void put_seconds(FILE *out, tt_time time)
{
    fprintf(out, "%" PRId64, time.ns / TT_NS_PER_S);
}

void tt_render_equity(FILE *out, const tt_report *report)
{
    uint32_t count = 0;
    const tt_equity_point *points = tt_report_equity(report, &count);
    fputc('[', out);
    for (uint32_t i = 0; i < count; i++) {
        fputs(i == 0 ? "[" : ",[", out);
        put_seconds(out, points[i].time);
        fputc(',', out);
        put_fixed(out, points[i].equity.d, 2);
        fputc(',', out);
        put_fixed(out, points[i].lowest.d, 2);
        fputc(']', out);
    }
    fputc(']', out);
}

void tt_render_prices(FILE *out, const tt_report *report, uint32_t instrument)
{
    uint32_t count = 0;
    const tt_price_point *points = tt_report_prices(report, instrument, &count);
    fputc('[', out);
    for (uint32_t i = 0; i < count; i++) {
        char text[TT_DEC_TEXT_MAX];
        tt_dec_format(points[i].close.d, text);
        fputs(i == 0 ? "[" : ",[", out);
        put_seconds(out, points[i].time);
        fprintf(out, ",%s]", text);
    }
    fputc(']', out);
}

static void put_trade(FILE *out, const tt_closed_trade *trade, const tt_instruments *instruments)
{
    fputs("{\"symbol\": ", out);
    tt_render_json_text(out, instruments->list[trade->instrument - 1].symbol);
    fprintf(out, ", \"side\": \"%s\", \"opened\": ", trade->side == TT_side_BUY ? "long" : "short");
    put_seconds(out, trade->opened_at);
    fputs(", \"closed\": ", out);
    put_seconds(out, trade->closed_at);
    const struct {
        const char *key;
        tt_dec value;
    } rows[] = {
        {"qty", trade->qty.d},
        {"entry", trade->entry_price.d},
        {"exit", trade->exit_price.d},
        {"realized_pnl", trade->realized_pnl.d},
        {"fees", trade->fees.d},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[TT_DEC_TEXT_MAX];
        tt_dec_format(rows[i].value, text);
        fprintf(out, ", \"%s\": %s", rows[i].key, text);
    }
    fprintf(
        out,
        ", \"reason\": \"%s\", \"position_id\": %" PRIu64 ", \"exit_fill_id\": %" PRIu64 "}",
        tt_enum_text(&tt_enum_exit_reason, trade->exit_reason),
        trade->position_id,
        trade->exit_fill_id);
}

void tt_render_trades(FILE *out, const tt_report *report, const tt_instruments *instruments)
{
    uint32_t count = 0;
    const tt_closed_trade *trades = tt_report_trades(report, &count);
    fputc('[', out);
    for (uint32_t i = 0; i < count; i++) {
        fputs(i == 0 ? "\n    " : ",\n    ", out);
        put_trade(out, &trades[i], instruments);
    }
    fputs(count == 0 ? "]" : "\n  ]", out);
}

tutti_status tt_render_finish(FILE *out, char **text)
{
    int failed = ferror(out);
    failed |= fclose(out);
    if (failed != 0) {
        free(*text);
        *text = NULL;
        return TUTTI_NO_MEMORY;
    }
    return TUTTI_OK;
}
