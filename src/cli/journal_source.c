/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * What the commands on journals share.
 */
#include "cli/journal_source.h"

#include "host/replay.h"

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

tutti_status tt_journal_source_open(const char *path, tt_journal_source *source, tt_error *error)
{
    *source = (tt_journal_source){0};
    TUTTI_TRY(tt_journal_locate(path, source->dir, error));
    TUTTI_TRY(tt_journal_reader_open_any(source->dir, &source->reader, error));
    TUTTI_TRY(tt_journal_names_new(&source->names, error));
    source->config = calloc(1, sizeof *source->config);
    if (source->config == NULL) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory for the configuration");
    }
    // A library's journal has no configuration: its topics explain themselves, keys are numbers.
    return tt_journal_is_library(source->reader)
               ? TUTTI_OK
               : tt_journal_config_any(
                     source->reader, source->config, &source->settings_left_out, error);
}

void tt_journal_source_close(tt_journal_source *source)
{
    tt_journal_reader_close(source->reader);
    tt_journal_reader_close(source->earlier);
    tt_journal_names_free(source->names);
    free(source->config);
    *source = (tt_journal_source){0};
}

tutti_status
tt_journal_source_skip(tt_journal_source *source, tt_seq from_seq, tt_time since, tt_error *error)
{
    tt_journal_end begin;
    tt_journal_end start;
    TUTTI_TRY(tt_journal_reader_skip(source->reader, from_seq, since, error));
    tt_journal_reader_begin(source->reader, &begin);
    tt_journal_reader_end(source->reader, &start);
    source->skipped_to = start.last_seq > begin.last_seq ? start.last_seq + 1 : 0;
    return TUTTI_OK;
}

tutti_status tt_journal_source_next(
    tt_journal_source *source, const void **ret_step, size_t *ret_size, tt_error *error)
{
    TUTTI_TRY(tt_journal_reader_next(source->reader, ret_step, ret_size, error));
    tt_journal_names_take(source->names, *ret_step, *ret_size);
    return TUTTI_OK;
}

tutti_status
tt_journal_source_explain(tt_journal_source *source, const tt_msg *msg, tt_error *error)
{
    if (source->skipped_to == 0 ||
        tt_registry_explains(tt_journal_names_registry(source->names), msg)) {
        return TUTTI_OK;
    }
    if (source->earlier == NULL) {
        TUTTI_TRY(tt_journal_reader_open_any(source->dir, &source->earlier, error));
    }
    TUTTI_TRY(
        tt_journal_names_find(source->names, source->earlier, source->skipped_to, msg, error));
    if (!tt_registry_explains(tt_journal_names_registry(source->names), msg)) {
        source->skipped_to = 0; // All was read: nobody declares it.
    }
    return TUTTI_OK;
}

void tt_message_print(tt_message_printer *printer, const tt_msg *msg)
{
    tt_text_buf text;
    tt_text_init(&text, printer->line, sizeof printer->line);
    if (printer->json) {
        tt_msg_to_json_by(printer->registry, msg, printer->instruments, &text);
    } else {
        tt_msg_to_text_by(printer->registry, msg, printer->instruments, &text);
    }
    tt_text_append(&text, "\n", 1);
    fwrite(text.data, 1, text.length, printer->out);
}

bool tt_cli_wants_json(bool json, bool text)
{
    return json || (!text && isatty(STDOUT_FILENO) == 0);
}

void tt_cli_put_bytes(FILE *out, uint64_t bytes)
{
    static const char *const units[] = {"KiB", "MiB", "GiB", "TiB"};
    if (bytes < 1024) {
        fprintf(out, "%" PRIu64 " bytes", bytes);
        return;
    }
    double value = (double)bytes / 1024;
    size_t unit = 0;
    while (value >= 1024 && unit + 1 < sizeof units / sizeof units[0]) {
        value /= 1024;
        unit++;
    }
    fprintf(out, "%.1f %s", value, units[unit]);
}

void tt_cli_put_digest(FILE *out, const uint8_t *digest)
{
    for (int i = 0; i < TT_DIGEST_SIZE; i++) {
        fprintf(out, "%02x", digest[i]);
    }
}
