/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Steps and differences of a replay, for people and programs.
 */
#include "cli/replay_view.h"

#include "base/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/** How deep below the input a message stands, by its causes. */
static int depth_of(const void *step, size_t size, const tt_msg *msg)
{
    enum {
        DEPTH_MAX = 12
    };
    int depth = 0;
    tt_seq wanted = msg->cause;
    const tt_msg *first = tt_step_next(step, size, NULL);
    // A cause always stands before what it caused; one before the step is the step's own.
    while (msg != first && wanted >= first->seq && depth < DEPTH_MAX) {
        const tt_msg *cause = first;
        while (cause->seq != wanted) {
            cause = tt_step_next(step, size, cause);
        }
        depth++;
        wanted = cause == first ? 0 : cause->cause;
    }
    return depth == 0 && msg != first ? 1 : depth;
}

static void
print_step_json(tt_message_printer *printer, uint64_t number, const void *step, size_t size)
{
    const char *separator = "";
    fprintf(printer->out, "{\"step\":%" PRIu64 ",\"messages\":[", number);
    for (const tt_msg *msg = tt_step_next(step, size, NULL); msg != NULL;
         msg = tt_step_next(step, size, msg)) {
        tt_text_buf text;
        tt_text_init(&text, printer->line, sizeof printer->line);
        tt_msg_to_json(msg, printer->instruments, &text);
        fprintf(printer->out, "%s%s", separator, printer->line);
        separator = ",";
    }
    fputs("]}\n", printer->out);
}

void tt_replay_print_step(
    tt_message_printer *printer, uint64_t number, const void *step, size_t size)
{
    if (printer->json) {
        print_step_json(printer, number, step, size);
        return;
    }
    fprintf(printer->out, "step %" PRIu64 "\n", number);
    for (const tt_msg *msg = tt_step_next(step, size, NULL); msg != NULL;
         msg = tt_step_next(step, size, msg)) {
        fprintf(printer->out, "%*s", 2 * depth_of(step, size, msg), "");
        tt_message_print(printer, msg);
    }
}

static void print_side_json(tt_message_printer *printer, const char *name, const tt_msg *msg)
{
    fprintf(printer->out, ",\"%s\":", name);
    if (msg == NULL) {
        fputs("null", printer->out);
        return;
    }
    tt_text_buf text;
    tt_text_init(&text, printer->line, sizeof printer->line);
    tt_msg_to_json(msg, printer->instruments, &text);
    fputs(printer->line, printer->out);
}

static void print_side(tt_message_printer *printer, const char *name, const tt_msg *msg)
{
    tt_text_buf text;
    tt_text_init(&text, printer->line, sizeof printer->line);
    if (msg == NULL) {
        tt_text_append_text(&text, "(no message)");
    } else {
        tt_msg_to_json(msg, printer->instruments, &text);
    }
    fprintf(printer->out, "  %-9s %s\n", name, printer->line);
}

/** One row of the table: a field, and what each side says. */
static void print_row(
    const tt_message_printer *printer,
    const tt_field *field,
    const tt_msg *recorded,
    const tt_msg *replayed)
{
    char sides[2][600];
    const tt_msg *messages[2] = {recorded, replayed};
    for (int i = 0; i < 2; i++) {
        tt_text_buf text;
        tt_text_init(&text, sides[i], sizeof sides[i]);
        const unsigned char *payload = tt_msg_payload(messages[i]);
        tt_field_to_text(field, payload + field->offset, printer->instruments, &text);
    }
    fprintf(printer->out, "  %-22s %-34s %s\n", field->name, sides[0], sides[1]);
}

/** Fields of the fixed part that differ, side by side; both messages are of one topic. */
static void
print_fields(const tt_message_printer *printer, const tt_msg *recorded, const tt_msg *replayed)
{
    const tt_topic_info *info = tt_topic_info_get(recorded->topic);
    if (info == NULL || recorded->topic != replayed->topic ||
        recorded->size < info->layout->fixed_size || replayed->size < info->layout->fixed_size) {
        return;
    }
    const unsigned char *old = tt_msg_payload(recorded);
    const unsigned char *new = tt_msg_payload(replayed);
    fprintf(printer->out, "\n  %-22s %-34s %s\n", "differs in", "recorded", "replayed");
    if (memcmp(recorded, replayed, sizeof *recorded) != 0) {
        fprintf(printer->out, "  %-22s %-34s %s\n", "(head)", "see above", "see above");
    }
    for (uint16_t i = 0; i < info->layout->field_count; i++) {
        const tt_field *field = &info->layout->fields[i];
        bool is_list = field->kind == TT_KIND_list;
        size_t offset = field->offset;
        if (!is_list && memcmp(old + offset, new + offset, field->size) != 0) {
            print_row(printer, field, recorded, replayed);
        }
        size_t least = recorded->size < replayed->size ? recorded->size : replayed->size;
        if (is_list && (recorded->size != replayed->size ||
                        memcmp(old + offset, new + offset, least - offset) != 0)) {
            fprintf(printer->out, "  %-22s %-34s %s\n", field->name, "see above", "see above");
        }
    }
}

void tt_replay_print_difference(tt_message_printer *printer, const tt_replay_difference *difference)
{
    const tt_msg *recorded = difference->recorded;
    const tt_msg *replayed = difference->replayed;
    tt_seq seq = recorded != NULL ? recorded->seq : replayed->seq;
    if (printer->json) {
        fprintf(printer->out, "{\"replayed\":false,\"seq\":%" PRIu64, seq);
        print_side_json(printer, "input", difference->input);
        print_side_json(printer, "recorded", recorded);
        print_side_json(printer, "replay", replayed);
        fputs("}\n", printer->out);
        return;
    }
    print_side(printer, "input", difference->input);
    print_side(printer, "recorded", recorded);
    print_side(printer, "replayed", replayed);
    if (recorded != NULL && replayed != NULL) {
        print_fields(printer, recorded, replayed);
    }
}

static const char help[] = "  Enter    the next step\n"
                           "  N        the next N steps\n"
                           "  g SEQ    go to the step with message SEQ\n"
                           "  c        check the rest without printing\n"
                           "  q        quit\n";

/** Reads one answer. False: it is not one. */
static bool read_answer(const char *line, tt_replay_prompt *prompt)
{
    uint64_t number = 0;
    tt_slice word = tt_slice_trim(tt_slice_of(line));
    if (word.length == 0) {
        prompt->steps = 1;
        return true;
    }
    if (tt_slice_is(word, "q") || tt_slice_is(word, "c")) {
        prompt->has_quit = tt_slice_is(word, "q");
        prompt->is_quiet = !prompt->has_quit;
        return true;
    }
    bool is_jump = word.length > 1 && word.data[0] == 'g' && word.data[1] == ' ';
    tt_slice digits = is_jump ? (tt_slice){word.data + 2, word.length - 2} : word;
    if (tt_text_parse_u64(digits.data, digits.length, &number) != TUTTI_OK || number == 0) {
        return false;
    }
    prompt->steps = is_jump ? 1 : number;
    prompt->until = is_jump ? number : 0;
    return true;
}

void tt_replay_ask(tt_replay_prompt *prompt)
{
    char *line = NULL;
    size_t capacity = 0;
    for (;;) {
        fputs("replay> ", stderr);
        fflush(stdout);
        if (getline(&line, &capacity, stdin) < 0) {
            prompt->has_quit = true;
            fputc('\n', stderr);
            break;
        }
        if (read_answer(line, prompt)) {
            break;
        }
        fputs(help, stderr);
    }
    free(line);
}
