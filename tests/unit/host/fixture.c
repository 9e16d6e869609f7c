/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Configuration, folders and files of the host's tests.
 */
#include "fixture.h"

#include <dirent.h>

static const char config_text[] =
    "run: {name: \"a test\", id: test, seed: 42}\n"
    "clock: {speed: 3000}\n"
    "feed: {kind: synthetic}\n"
    "synthetic: {tick_interval: 1, regime_min: 300, regime_max: 900}\n"
    "market: {aggregate_bars: true}\n"
    "instruments:\n"
    "  - {symbol: BTC/USDT, price_increment: 0.5, qty_increment: 0.0001, bar_interval_s: 60}\n"
    "  - {symbol: ETH/USDT, price_increment: 0.05, qty_increment: 0.001, bar_interval_s: 60}\n"
    "ma_cross: {enabled: true, fast: 2, slow: 4}\n"
    "coordinator:\n"
    "  schedules:\n"
    "    ta_analysis: {timeout: 3600}\n"
    "    regime_detection: {timeout: 3600}\n"
    "    trading_decision: {interval: 600, timeout: 3600}\n"
    "    portfolio_check: {timeout: 3600}\n"
    "risk:\n"
    "  cooldowns: {post_trade: 0, post_loss: 0, consecutive_losses_3: 0, consecutive_losses_5: 0}\n"
    "orders: {ack_timeout: 3600, query_interval: 60}\n"
    "api: {listen: \"127.0.0.1:0\", limit_default: 0, limit_moderate: 0, limit_expensive: 0}\n";

void fx_ok(tutti_status status, const tt_error *error)
{
    if (status != TUTTI_OK) {
        fail_msg("status %d: %s", (int)status, error->message);
    }
}

tt_config *fx_config(const char *const *sets)
{
    tt_config *config = calloc(1, sizeof *config);
    tt_error error = {0};
    tt_config_overrides overrides = {.sets = sets};
    while (sets != NULL && sets[overrides.set_count] != NULL) {
        overrides.set_count++;
    }
    assert_non_null(config);
    fx_ok(
        tt_config_load_text(config_text, sizeof config_text - 1, &overrides, config, &error),
        &error);
    return config;
}

const char *fx_folder(void)
{
    static char path[64];
    snprintf(path, sizeof path, "/tmp/tutti-host-XXXXXX");
    assert_non_null(mkdtemp(path));
    return path;
}

void fx_remove(const char *path)
{
    tt_error error = {0};
    fx_ok(tt_path_remove(path, &error), &error);
}

const char *fx_path(const char *folder, const char *name)
{
    static char paths[4][TT_PATH_MAX];
    static unsigned next;
    char *path = paths[next++ % 4];
    tt_error error = {0};
    fx_ok(tt_path_join(path, folder, name, &error), &error);
    return path;
}

void fx_flip_byte(const char *path, long from_end)
{
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, -from_end, SEEK_END), 0);
    int byte = fgetc(file);
    assert_int_equal(fseek(file, -from_end, SEEK_END), 0);
    assert_int_equal(fputc(byte ^ 0x10, file), byte ^ 0x10);
    assert_int_equal(fclose(file), 0);
}

const char *fx_segment(const char *journal_dir)
{
    DIR *folder = opendir(journal_dir);
    const char *found = NULL;
    assert_non_null(folder);
    for (struct dirent *name = readdir(folder); name != NULL; name = readdir(folder)) {
        if (strstr(name->d_name, ".ttj") != NULL) {
            assert_null(found);
            found = fx_path(journal_dir, name->d_name);
        }
    }
    closedir(folder);
    assert_non_null(found);
    return found;
}

/** Reads a journal to its end; counts the messages of a topic, or all for topic 0. */
static uint64_t read_all(const char *journal_dir, uint16_t topic, tt_journal_end *ret_end)
{
    tt_error error = {0};
    tt_journal_reader *reader = NULL;
    uint64_t count = 0;
    fx_ok(tt_journal_reader_open(journal_dir, &reader, &error), &error);
    for (;;) {
        const void *step = NULL;
        size_t size = 0;
        tutti_status status = tt_journal_reader_next(reader, &step, &size, &error);
        if (status == TUTTI_END) {
            break;
        }
        fx_ok(status, &error);
        for (const tt_msg *msg = tt_step_next(step, size, NULL); msg != NULL;
             msg = tt_step_next(step, size, msg)) {
            count += topic == 0 || msg->topic == topic;
        }
    }
    tt_journal_reader_end(reader, ret_end);
    tt_journal_reader_close(reader);
    return count;
}

tt_journal_end fx_journal_end(const char *journal_dir)
{
    tt_journal_end end;
    (void)read_all(journal_dir, 0, &end);
    return end;
}

uint64_t fx_count(const char *journal_dir, tt_topic topic)
{
    tt_journal_end end;
    return read_all(journal_dir, (uint16_t)topic, &end);
}

int fx_names(const char *path)
{
    DIR *folder = opendir(path);
    int count = 0;
    assert_non_null(folder);
    for (struct dirent *name = readdir(folder); name != NULL; name = readdir(folder)) {
        count += strcmp(name->d_name, ".") != 0 && strcmp(name->d_name, "..") != 0;
    }
    closedir(folder);
    return count;
}
