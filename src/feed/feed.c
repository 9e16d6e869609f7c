/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Opens the feed that the configuration names: its files, their merge, and the reader in front.
 */
#include "feed/feed.h"

#include "feed/feed_reader.h"

#include <stdlib.h>
#include <string.h>

/** Paths of a feed, cut at the commas of feed.path. */
typedef struct path_list {
    char paths[TT_FEED_FILES_MAX][sizeof((tt_feed_config *)0)->path];
    uint32_t count;
} path_list;

static tutti_status split_paths(const char *text, path_list *ret_list, tt_error *error)
{
    tt_slice rest = tt_slice_of(text);
    while (rest.data != NULL) {
        tt_slice path = tt_slice_trim(tt_slice_split(&rest, ','));
        if (path.length == 0) {
            tt_error_set(
                error, TUTTI_INVALID, "feed.path '%s' names no file, or an empty name", text);
            tt_error_hint(
                error, "name market data: --data FILE, or feed.path in the configuration");
            return TUTTI_INVALID;
        }
        if (ret_list->count == TT_FEED_FILES_MAX) {
            return tt_error_set(
                error, TUTTI_LIMIT, "feed.path names more than %d files", TT_FEED_FILES_MAX);
        }
        char *to = ret_list->paths[ret_list->count++];
        memcpy(to, path.data, path.length);
        to[path.length] = '\0';
    }
    return TUTTI_OK;
}

/** Says which instrument the bars of file `index` are of; NULL when the rows tell. */
static tutti_status find_only(
    const tt_feed_reader *reader,
    uint32_t index,
    uint32_t file_count,
    const tt_instrument **ret_only,
    tt_error *error)
{
    const tt_csv_config *csv = &reader->config.csv;
    *ret_only = NULL;
    if (csv->wide && file_count > 1) {
        return tt_error_set(error, TUTTI_INVALID, "csv.wide takes one file, not %u", file_count);
    }
    if (csv->wide || csv->symbol[0] != '\0') {
        return TUTTI_OK;
    }
    if (file_count != reader->instruments.count) {
        tutti_status status = tt_error_set(
            error,
            TUTTI_INVALID,
            "feed.path names %u files for %u instruments",
            file_count,
            reader->instruments.count);
        tt_error_hint(
            error,
            "give one file for each instrument, in their order; or name the column of the "
            "symbol in csv.symbol; or set csv.wide: true for one column of prices a symbol");
        return status;
    }
    *ret_only = &reader->instruments.list[index];
    return TUTTI_OK;
}

static tutti_status open_file(
    const tt_feed_reader *reader,
    const path_list *list,
    uint32_t index,
    tt_feed_source *result,
    tt_error *error)
{
    const char *path = list->paths[index];
    if (reader->config.feed.kind == TT_feed_kind_BINANCE) {
        return tt_feed_binance_open(&reader->setup, path, result, error);
    }
    if (reader->config.feed.kind == TT_feed_kind_EQUITY_TICKS) {
        if (list->count != 1) {
            return tt_error_set(
                error, TUTTI_INVALID, "equity_ticks takes one file of quotes, not %u", list->count);
        }
        return tt_feed_equity_quotes_open(&reader->setup, path, result, error);
    }
    const tt_instrument *only = NULL;
    TUTTI_TRY(find_only(reader, index, list->count, &only, error));
    return tt_feed_csv_open(&reader->setup, path, only, result, error);
}

static void close_sources(const tt_feed_source *sources, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        TT_ASSERT(sources[i].close != NULL);
        sources[i].close(sources[i].ctx);
    }
}

/** Opens all files; on failure none stays open. */
static tutti_status open_sources(
    const tt_feed_reader *reader,
    const path_list *list,
    tt_feed_source *sources,
    uint32_t *ret_count,
    tt_error *error)
{
    const char *trades_path = reader->config.feed.trades_path;
    uint32_t count = 0;
    tutti_status status = TUTTI_OK;
    for (; status == TUTTI_OK && count < list->count; count += status == TUTTI_OK) {
        status = open_file(reader, list, count, &sources[count], error);
    }
    bool has_trades =
        reader->config.feed.kind == TT_feed_kind_EQUITY_TICKS && trades_path[0] != '\0';
    if (status == TUTTI_OK && has_trades) {
        status = tt_feed_equity_trades_open(&reader->setup, trades_path, &sources[count], error);
        count += status == TUTTI_OK;
    }
    if (status != TUTTI_OK) {
        close_sources(sources, count);
    }
    *ret_count = count;
    return status;
}

static tutti_status open_files(tt_feed_reader *reader, tt_error *error)
{
    path_list list = {.count = 0};
    TUTTI_TRY(split_paths(reader->config.feed.path, &list, error));
    tt_feed_source sources[TT_FEED_FILES_MAX + 1] = {{0}};
    uint32_t count = 0;
    TUTTI_TRY(open_sources(reader, &list, sources, &count, error));
    if (count == 1) {
        reader->source = sources[0];
        return TUTTI_OK;
    }
    tutti_status status = tt_feed_merge_open(sources, count, &reader->source, error);
    if (status != TUTTI_OK) {
        close_sources(sources, count);
    }
    return status;
}

tutti_status tt_feed_open(
    const tt_feed_module_config *config,
    const tt_instruments *instruments,
    uint64_t seed,
    tt_feed *result,
    tt_error *error)
{
    tt_feed_reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory to open the feed");
    }
    reader->config = *config;
    reader->instruments = *instruments;
    reader->setup = (tt_feed_setup){&reader->config, &reader->instruments, seed};
    tutti_status status = config->feed.kind == TT_feed_kind_SYNTHETIC
                              ? tt_feed_synthetic_open(&reader->setup, &reader->source, error)
                              : open_files(reader, error);
    if (status != TUTTI_OK) {
        tt_feed_reader_close(reader);
        return status;
    }
    *result =
        (tt_feed){1, reader, tt_feed_reader_next, tt_feed_reader_progress, tt_feed_reader_close};
    return TUTTI_OK;
}

void tt_feed_item_input(const tt_feed_item *item, tt_input *ret_input)
{
    *ret_input = (tt_input){
        .time = item->time,
        .topic = item->topic,
        .source = TT_SOURCE_FEED,
        .key = item->key,
        .payload = &item->payload,
        .payload_size = item->size,
    };
}
