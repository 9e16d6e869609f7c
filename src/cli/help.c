/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The overview of the commands, and the page of one command.
 *
 * An option is explained where the usage of a command names it, so that a page can neither forget
 * one nor show one that the command does not take.
 */
#include "cli/help.h"

#include "cli/cli.h"

#include <string.h>

#define NAME_MAX_LENGTH 32
#define NEAR            2

/** What an option means; where it means several things, by the first word of the usage. */
typedef struct option_text {
    const char *command; /**< NULL: for all that have no row of their own. */
    const char *name;    /**< As the usage writes it, with its value. */
    const char *text;
} option_text;

static const option_text option_texts[] = {
    {"run", "--out DIR", "folder of the session: journal, read model (default out/paper)"},
    {"backtest", "--out DIR", "folder for report and journal"},
    {NULL, "--out DIR", "folder of the session (default out/paper)"},
    {NULL, "--data FILE", "market data, in place of feed.path of the configuration"},
    {NULL, "--set section.key=value", "overrides a setting; may be repeated"},
    {NULL, "--llm-record DIR", "answers of language models from an earlier run: nobody is called"},
    {NULL, "--journal DIR", "the journal to read, or the folder of its run"},
    {NULL, "--url URL", "address of a session, where it is not that of the folder"},
    {NULL, "--token-file FILE", "file with the token for --url"},
    {NULL, "--tokens FILE", "file of tokens, where it is not that of a session's folder"},
    {NULL, "--reason TEXT", "stands in the journal beside who asked"},
    {NULL, "--yes", "does not ask back"},
    {"task", "--symbol SYMBOL", "the task of this symbol"},
    {"straddle", "--symbol SYMBOL", "the symbol of both entries"},
    {NULL, "--symbol SYMBOL", "only this symbol"},
    {NULL, "--state STATE", "only those in this state"},
    {NULL, "--stop PRICE", "the new stop"},
    {NULL, "--target PRICE", "the new target"},
    {"acknowledge", "--amount MONEY", "the whole difference; below 0 the venue has less"},
    {NULL, "--amount MONEY", "how much; without it, release gives back all"},
    {NULL, "--price PRICE", "the new limit price"},
    {NULL, "--trigger PRICE", "the new trigger of a stop order"},
    {NULL, "--quantity QUANTITY", "the new total quantity, with what is filled"},
    {NULL, "--size PERCENT", "of equity, of each entry"},
    {NULL, "--upper PRICE", "of the entry above the price"},
    {NULL, "--lower PRICE", "of the entry below the price"},
    {NULL, "--style breakout|reversion", "stops that wait for a move (default), or limits"},
    {NULL, "--leverage N", "of both entries (default 1)"},
    {NULL, "--upper-stop PRICE", "protective stop of the upper entry"},
    {NULL, "--upper-target PRICE", "target of the upper entry"},
    {NULL, "--lower-stop PRICE", "protective stop of the lower entry"},
    {NULL, "--lower-target PRICE", "target of the lower entry"},
    {"replay", "--until SEQ", "stops behind the step of this message"},
    {NULL, "--speed X", "waits between steps, at X times real time"},
    {NULL, "--step", "prints each step, and asks after each on a terminal"},
    {NULL, "--differences N", "lists the first N differences (default 20)"},
    {NULL, "--all", "all dead letters"},
    {NULL, "--topic TOPIC", "the dead letters of this topic"},
    {NULL, "--topic PATTERN", "topics by name; * stands for any text, ? for one character"},
    {NULL, "--key SYMBOL", "of this symbol; 0: of none"},
    {NULL, "--correlation ID", "of one decision, call or trade"},
    {NULL, "--source NAME", "who published, such as risk"},
    {NULL, "--since TIME", "from this time on: 2022-01-03T10:00:00Z, or 2h (before the end)"},
    {NULL, "--until TIME", "up to this time"},
    {NULL, "--from-seq N", "from this message on"},
    {NULL, "--to-seq N", "up to this message"},
    {"dead", "--limit N", "at most N letters, newest first (default and most 64)"},
    {NULL, "--before ID", "letters older than this one"},
    {NULL, "--limit N", "the first N"},
    {NULL, "--last N", "the last N"},
    {NULL, "--until-closed", "ends when the writer has closed the journal"},
    {NULL, "--dry-run", "says what would be cut, and cuts nothing"},
    {NULL, "--subscribers", "who listens, with this configuration"},
    {NULL, "--text", "text, wherever it goes"},
    {"scenario", "--quiet", "no transcript"},
    {NULL, "--quiet", "no live output"},
    {NULL, "--json", "prints for machines"},
};

#define OPTION_COUNT (sizeof option_texts / sizeof option_texts[0])

void tt_help_overview(FILE *out)
{
    fputs("Tutti runs many trading agents as one.\n\nusage: tutti COMMAND [OPTIONS]\n", out);
    for (const tt_command_group *group = tt_command_groups; group->title != NULL; group++) {
        fprintf(out, "\n%s\n", group->title);
        for (const tt_command_row *row = group->rows; row->name != NULL; row++) {
            fprintf(out, "  %-16s %s\n", row->name, row->summary);
        }
    }
    fputs(
        "\n`tutti COMMAND --help` explains one. First steps:\n"
        "  tutti run examples/paper.yaml        a session on a made-up market, with a status page\n"
        "  tutti status                         in another terminal: what it is doing\n",
        out);
}

static size_t min_of(size_t a, size_t b)
{
    return a < b ? a : b;
}

/** Length of the first word. */
static size_t word_length(const char *text)
{
    return strcspn(text, " ");
}

static bool begins_with_word(const char *text, const char *word)
{
    return word_length(text) == strlen(word) && strncmp(text, word, strlen(word)) == 0;
}

/** Tells whether the usage names an option with its value, and not one that only begins like it. */
static bool names_option(const char *usage, const option_text *row)
{
    size_t length = strlen(row->name);
    for (const char *at = strstr(usage, row->name); at != NULL; at = strstr(at + 1, row->name)) {
        if (strchr(" ].|\n", at[length]) != NULL) { // Or the end of the usage.
            return true;
        }
    }
    return false;
}

/** Tells whether an earlier row says what the option means for this command. */
static bool has_own_text(const char *usage, const option_text *row)
{
    for (const option_text *own = option_texts; own < row; own++) {
        if (own->command != NULL && begins_with_word(usage, own->command) &&
            strcmp(own->name, row->name) == 0) {
            return true;
        }
    }
    return false;
}

/** Tells whether the page of a usage has this row. */
static bool is_shown(const char *usage, const option_text *row)
{
    bool is_for_this =
        row->command == NULL ? !has_own_text(usage, row) : begins_with_word(usage, row->command);
    return is_for_this && names_option(usage, row);
}

static void print_options(FILE *out, const char *usage)
{
    int width = 0;
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        int length = (int)strlen(option_texts[i].name);
        width = is_shown(usage, &option_texts[i]) && length > width ? length : width;
    }
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        if (is_shown(usage, &option_texts[i])) {
            fprintf(out, "  %-*s  %s\n", width, option_texts[i].name, option_texts[i].text);
        }
    }
}

void tt_help_command(FILE *out, const char *usage)
{
    char name[NAME_MAX_LENGTH + 1] = "";
    strncat(name, usage, min_of(word_length(usage), NAME_MAX_LENGTH));
    const tt_command_row *row = tt_command_find(name);
    if (row != NULL) {
        fprintf(out, "tutti %s: %s\n\n", row->name, row->summary);
    }
    fprintf(out, "usage: tutti %s\n\n", usage);
    print_options(out, usage);
}

/** Letters to insert, take out or replace between two words (Wagner and Fischer 1974), rows of the
 * table one after the other. */
static size_t distance(const char *a, const char *b)
{
    size_t row[NAME_MAX_LENGTH + 1];
    size_t length = strlen(b);
    for (size_t j = 0; j <= length; j++) {
        row[j] = j;
    }
    for (size_t i = 1; a[i - 1] != 0; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= length; j++) {
            size_t replaced = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            row[j] = min_of(replaced, 1 + min_of(row[j], row[j - 1]));
        }
    }
    return row[length];
}

void tt_help_compare(tt_help_near *near, const char *name)
{
    size_t most = near->name == NULL ? NEAR : near->apart - 1;
    if (strlen(near->typed) > NAME_MAX_LENGTH || strlen(name) > NAME_MAX_LENGTH) {
        return;
    }
    size_t apart = distance(near->typed, name);
    if (apart <= most && apart < strlen(name)) {
        near->apart = apart;
        near->name = name;
    }
}

const char *tt_help_nearest(const char *typed)
{
    tt_help_near near = {.typed = typed};
    for (const tt_command_group *group = tt_command_groups; group->title != NULL; group++) {
        for (const tt_command_row *row = group->rows; row->name != NULL; row++) {
            tt_help_compare(&near, row->name);
        }
    }
    return near.name;
}
