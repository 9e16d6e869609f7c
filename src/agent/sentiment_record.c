/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Recorded sentiment.
 */
#include "agent/sentiment_record.h"

#include "base/text.h"
#include "model/text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** The columns, in the order in which a row is read. */
enum column {
    COLUMN_TIME,
    COLUMN_SYMBOL,
    COLUMN_SCORE,
    COLUMN_CONFIDENCE,
    COLUMN_SOCIAL,
    COLUMN_NEWS,
    COLUMN_EVENT,
    COLUMN_COUNT
};

static const char *const column_names[COLUMN_COUNT] = {
    "time", "symbol", "score", "confidence", "social", "news", "event"};

/** A file being read. */
typedef struct loader {
    const char *path;
    const tt_instruments *instruments;
    tt_sentiment_record *record;
    tt_error *error;
    FILE *file;
    uint32_t line;
    uint32_t field_count;              /**< Columns of this file. */
    int place_of[COLUMN_COUNT];        /**< Field of a column; -1 = the file has it not. */
    tt_slice fields[COLUMN_COUNT + 1]; /**< Of the present line; one more shows that there are too
                                          many. */
    char text[TT_SENTIMENT_LINE_MAX + 1];
} loader;

/** An error with file and line in front; the hint says what would be right. */
#define REFUSE(load, status, hint, ...)                                                            \
    (refuse_line((load), (status), __VA_ARGS__),                                                   \
     tt_error_hint((load)->error, "%s", (hint)),                                                   \
     (status))

static void refuse_line(loader *load, tutti_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void refuse_line(loader *load, tutti_status status, const char *format, ...)
{
    char what[256];
    va_list args;
    va_start(args, format);
    tt_text_vformat(what, sizeof what, format, args);
    va_end(args);
    tt_error_set(load->error, status, "%s:%u: %s", load->path, (unsigned)load->line, what);
}

/** Takes a quoted field off the front; doubled quotes become one. False: the quotes do not fit. */
static bool take_quoted(char **at, tt_slice *field)
{
    char *read = *at + 1;
    char *write = read;
    field->data = read;
    for (;; read++) {
        if (*read == '\0') {
            return false;
        }
        if (*read == '"' && *++read != '"') {
            break;
        }
        *write++ = *read;
    }
    field->length = (size_t)(write - field->data);
    *at = read;
    return *read == ',' || *read == '\0';
}

static bool take_field(char **at, tt_slice *field)
{
    if (**at == '"') {
        return take_quoted(at, field);
    }
    size_t length = strcspn(*at, ",");
    *field = tt_slice_trim((tt_slice){*at, length});
    *at += length;
    return memchr(field->data, '"', field->length) == NULL;
}

/** Splits the line into `fields`; `ret_count` stops at one more than a row may have. */
static tutti_status split_line(loader *load, uint32_t *ret_count)
{
    char *at = load->text;
    for (*ret_count = 0; *ret_count <= COLUMN_COUNT;) {
        if (!take_field(&at, &load->fields[*ret_count])) {
            return REFUSE(
                load,
                TUTTI_PARSE,
                "a field with quotes stands in quotes as a whole, and a quote in it is doubled",
                "the quotes of field %u do not fit",
                (unsigned)*ret_count + 1);
        }
        ++*ret_count;
        if (*at == '\0') {
            break;
        }
        at++; // the comma
    }
    return TUTTI_OK;
}

/** Reads the next line without its end; TUTTI_END after the last. */
static tutti_status read_line(loader *load)
{
    size_t length = 0;
    int byte = getc(load->file);
    if (byte == EOF && !ferror(load->file)) {
        return TUTTI_END;
    }
    load->line++;
    for (; byte != EOF && byte != '\n'; byte = getc(load->file)) {
        if (byte == '\0') {
            return REFUSE(load, TUTTI_PARSE, "a text file", "the line has a byte that is 0");
        }
        if (length == TT_SENTIMENT_LINE_MAX) {
            return REFUSE(
                load, TUTTI_LIMIT, "", "the line has more than %d bytes", TT_SENTIMENT_LINE_MAX);
        }
        load->text[length++] = (char)byte;
    }
    if (ferror(load->file)) {
        return tt_error_set(
            load->error, TUTTI_IO, "%s: cannot be read: %s", load->path, strerror(errno));
    }
    length -= length > 0 && load->text[length - 1] == '\r';
    load->text[length] = '\0';
    return TUTTI_OK;
}

static tutti_status place_column(loader *load, uint32_t field)
{
    tt_slice name = load->fields[field];
    for (int i = 0; i < COLUMN_COUNT; i++) {
        if (!tt_slice_is(name, column_names[i])) {
            continue;
        }
        if (load->place_of[i] >= 0) {
            return REFUSE(load, TUTTI_EXISTS, "", "the column %s is named twice", column_names[i]);
        }
        load->place_of[i] = (int)field;
        return TUTTI_OK;
    }
    return REFUSE(
        load,
        TUTTI_PARSE,
        "columns are time, symbol, score, confidence, social, news, event",
        "there is no column \"%.*s\"",
        (int)(name.length < 48 ? name.length : 48),
        name.data);
}

static tutti_status read_header(loader *load)
{
    tutti_status status = read_line(load);
    if (status == TUTTI_END) {
        load->line = 1;
        return REFUSE(load, TUTTI_PARSE, "the first line names the columns", "the file is empty");
    }
    TUTTI_TRY(status);
    TUTTI_TRY(split_line(load, &load->field_count));
    memset(load->place_of, -1, sizeof load->place_of);
    for (uint32_t i = 0; i < load->field_count && i < COLUMN_COUNT; i++) {
        TUTTI_TRY(place_column(load, i));
    }
    const int *place_of = load->place_of;
    bool has_score =
        place_of[COLUMN_SCORE] >= 0 || place_of[COLUMN_SOCIAL] >= 0 || place_of[COLUMN_NEWS] >= 0;
    if (load->field_count > COLUMN_COUNT || place_of[COLUMN_TIME] < 0 ||
        place_of[COLUMN_SYMBOL] < 0 || place_of[COLUMN_CONFIDENCE] < 0 || !has_score) {
        return REFUSE(
            load,
            TUTTI_PARSE,
            "such as: time,symbol,score,confidence,social,news,event",
            "the header must name time, symbol, confidence and one of score, social, news");
    }
    return TUTTI_OK;
}

static tt_slice field_of(const loader *load, enum column column)
{
    int place = load->place_of[column];
    return place < 0 ? (tt_slice){0} : load->fields[place];
}

/** Reads a decimal in [low, 1]; an empty field only where `ret_given` says so. */
static tutti_status
read_number(loader *load, enum column column, int low, tt_ratio *result, bool *ret_given)
{
    tt_slice text = field_of(load, column);
    const char *name = column_names[column];
    *ret_given = text.length > 0;
    if (!*ret_given) {
        return TUTTI_OK;
    }
    if (tt_dec_parse(text.data, text.length, &result->d) != TUTTI_OK) {
        return REFUSE(
            load,
            TUTTI_PARSE,
            "a decimal number such as -0.25",
            "%s is no number: \"%.*s\"",
            name,
            (int)(text.length < 48 ? text.length : 48),
            text.data);
    }
    if (tt_dec_lt(result->d, tt_dec_from_i64(low, 0)) || tt_dec_lt(TT_DEC_C(1, 0), result->d)) {
        return REFUSE(
            load,
            TUTTI_RANGE,
            low < 0 ? "from -1 to 1" : "from 0 to 1",
            "%s is out of range: %.*s",
            name,
            (int)(text.length < 48 ? text.length : 48),
            text.data);
    }
    return TUTTI_OK;
}

/** The given score, or the mean of social and news, or the one of them. */
static tutti_status read_score(loader *load, tt_sentiment_entry *entry)
{
    bool has_score = false;
    TUTTI_TRY(read_number(load, COLUMN_SOCIAL, -1, &entry->social, &entry->has_social));
    TUTTI_TRY(read_number(load, COLUMN_NEWS, -1, &entry->news, &entry->has_news));
    TUTTI_TRY(read_number(load, COLUMN_SCORE, -1, &entry->score, &has_score));
    if (has_score) {
        return TUTTI_OK;
    }
    if (!entry->has_social && !entry->has_news) {
        return REFUSE(
            load,
            TUTTI_PARSE,
            "give score, or social and news, or one of them",
            "there is no score, no social and no news");
    }
    tt_dec sum = tt_dec_xadd(entry->social.d, entry->news.d);
    entry->score.d = entry->has_social && entry->has_news ? (tt_dec){sum.v / 2} : sum;
    return TUTTI_OK;
}

static tutti_status read_time(loader *load, tt_sentiment_entry *entry)
{
    tt_slice text = field_of(load, COLUMN_TIME);
    if (tt_time_parse(text.data, text.length, &entry->time) != TUTTI_OK) {
        return REFUSE(
            load,
            TUTTI_PARSE,
            "ISO 8601 in UTC, such as 2022-01-03T10:00:00Z",
            "time is no moment: \"%.*s\"",
            (int)(text.length < 48 ? text.length : 48),
            text.data);
    }
    return TUTTI_OK;
}

static tutti_status read_symbol(loader *load, tt_sentiment_entry *entry)
{
    tt_slice text = field_of(load, COLUMN_SYMBOL);
    const tt_instrument *instrument =
        tt_instrument_find_symbol(load->instruments, text.data, text.length);
    if (instrument == NULL) {
        return REFUSE(
            load,
            TUTTI_NOT_FOUND,
            "the symbols are those of the list instruments",
            "symbol \"%.*s\" is not configured",
            (int)(text.length < 48 ? text.length : 48),
            text.data);
    }
    entry->key = instrument->id.n;
    return TUTTI_OK;
}

static void read_event(loader *load, tt_sentiment_entry *entry)
{
    tt_slice text = field_of(load, COLUMN_EVENT);
    char copy[TT_SENTIMENT_LINE_MAX + 1];
    if (text.length > 0) {
        memcpy(copy, text.data, text.length);
    }
    copy[text.length] = '\0';
    TT_TEXT_SET(entry->event, copy);
}

static tutti_status append_entry(loader *load, const tt_sentiment_entry *entry)
{
    tt_sentiment_record *record = load->record;
    if (record->count == TT_SENTIMENT_ROWS_MAX) {
        return REFUSE(
            load, TUTTI_LIMIT, "", "the file has more than %d rows", TT_SENTIMENT_ROWS_MAX);
    }
    if (record->count == record->capacity) {
        uint32_t capacity = record->capacity == 0 ? 256 : record->capacity * 2;
        tt_sentiment_entry *entries = realloc(record->entries, capacity * sizeof *entries);
        if (entries == NULL) {
            return tt_error_set(
                load->error, TUTTI_NO_MEMORY, "%s: no memory for its rows", load->path);
        }
        record->entries = entries;
        record->capacity = capacity;
    }
    record->entries[record->count++] = *entry;
    return TUTTI_OK;
}

static tutti_status read_row(loader *load)
{
    uint32_t count = 0;
    TUTTI_TRY(split_line(load, &count));
    if (count != load->field_count) {
        return REFUSE(
            load,
            TUTTI_PARSE,
            "each row has one field a column of the header",
            "the row has %u fields, the header %u",
            (unsigned)count,
            (unsigned)load->field_count);
    }
    tt_sentiment_entry entry = {.line = load->line};
    bool has_confidence = false;
    TUTTI_TRY(read_time(load, &entry));
    TUTTI_TRY(read_symbol(load, &entry));
    TUTTI_TRY(read_score(load, &entry));
    TUTTI_TRY(read_number(load, COLUMN_CONFIDENCE, 0, &entry.confidence, &has_confidence));
    if (!has_confidence) {
        return REFUSE(load, TUTTI_PARSE, "from 0 to 1", "there is no confidence");
    }
    read_event(load, &entry);
    return append_entry(load, &entry);
}

static bool is_blank(const char *text)
{
    return text[strspn(text, " \t")] == '\0';
}

static tutti_status read_rows(loader *load)
{
    tutti_status status = read_line(load);
    while (status == TUTTI_OK) {
        TUTTI_TRY(is_blank(load->text) ? TUTTI_OK : read_row(load));
        status = read_line(load);
    }
    return status == TUTTI_END ? TUTTI_OK : status;
}

static int compare_entries(const void *left, const void *right)
{
    const tt_sentiment_entry *a = left;
    const tt_sentiment_entry *b = right;
    if (a->key != b->key) {
        return a->key < b->key ? -1 : 1;
    }
    if (a->time.ns != b->time.ns) {
        return a->time.ns < b->time.ns ? -1 : 1;
    }
    return (a->line > b->line) - (a->line < b->line);
}

static tutti_status sort_entries(loader *load)
{
    tt_sentiment_record *record = load->record;
    if (record->count == 0) {
        return TUTTI_OK;
    }
    qsort(record->entries, record->count, sizeof record->entries[0], compare_entries);
    for (uint32_t i = 1; i < record->count; i++) {
        const tt_sentiment_entry *before = &record->entries[i - 1];
        const tt_sentiment_entry *entry = &record->entries[i];
        if (before->key == entry->key && before->time.ns == entry->time.ns) {
            load->line = entry->line;
            return REFUSE(
                load,
                TUTTI_EXISTS,
                "one row a symbol and time",
                "symbol and time are those of line %u",
                (unsigned)before->line);
        }
    }
    return TUTTI_OK;
}

static tutti_status load_file(loader *load)
{
    TUTTI_TRY(read_header(load));
    TUTTI_TRY(read_rows(load));
    return sort_entries(load);
}

tutti_status tt_sentiment_record_load(
    tt_sentiment_record *record,
    const char *path,
    const tt_instruments *instruments,
    tt_error *error)
{
    TT_ASSERT(record->entries == NULL);
    loader load = {.path = path, .instruments = instruments, .record = record, .error = error};
    load.file = fopen(path, "r");
    if (load.file == NULL) {
        tutti_status status =
            tt_error_set(error, TUTTI_IO, "%s: cannot be opened: %s", path, strerror(errno));
        tt_error_hint(error, "agents.sentiment.path names a CSV file, or is empty");
        return status;
    }
    tutti_status status = load_file(&load);
    (void)fclose(load.file);
    if (status != TUTTI_OK) {
        tt_sentiment_record_fini(record);
    }
    return status;
}

void tt_sentiment_record_fini(tt_sentiment_record *record)
{
    free(record->entries);
    *record = (tt_sentiment_record){0};
}

const tt_sentiment_entry *
tt_sentiment_record_find(const tt_sentiment_record *record, uint32_t key, tt_time now)
{
    uint32_t low = 0;
    uint32_t high = record->count;
    while (low < high) { // first entry behind (key, now)
        uint32_t middle = low + (high - low) / 2;
        const tt_sentiment_entry *entry = &record->entries[middle];
        if (entry->key < key || (entry->key == key && entry->time.ns <= now.ns)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low > 0 && record->entries[low - 1].key == key ? &record->entries[low - 1] : NULL;
}
