/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * Reads the text of layouts (layout_set.h). It may come from anywhere: nothing of it is used before
 * it was checked, so that whoever reads bytes by it stays within them.
 */
#include "base/crc32c.h"
#include "model/enums.h"
#include "model/layout_set.h"
#include "model/message.h"

#include <string.h>

#define WORDS_MAX 8
#define NAME_MAX_ 63

/** A line as words. */
struct line {
    const char *words[WORDS_MAX];
    size_t count;
};

/** One reading. */
struct reading {
    char *at; /**< Next line, in a copy of the text that is cut into words. */
    tt_arena *arena;
    tt_error *error;
    uint32_t line_number;
    tt_enum_info *enums;
    tt_layout *layouts;
    tt_field *fields;
    tt_layout_topic *topics;
    const char **texts;
    uint32_t enum_count;
    uint32_t layout_count;
    uint32_t field_count;
    uint32_t topic_count;
    uint32_t text_count;
    struct line line;
};

static tutti_status fail(const struct reading *reading, const char *what)
{
    return tt_error_set(
        reading->error, TUTTI_PARSE, "layouts, line %u: %s", reading->line_number, what);
}

/* ---- lines ---- */

/* Tells whether a line begins with a word, which a blank follows. */
static bool begins(const struct reading *reading, const char *word)
{
    size_t length = strlen(word);
    return strncmp(reading->at, word, length) == 0 && reading->at[length] == ' ';
}

/* Cuts the line off; the text ends with one. */
static char *take_line(struct reading *reading)
{
    char *line = reading->at;
    char *end = strchr(line, '\n');
    TT_ASSERT(end != NULL);
    *end = '\0';
    reading->at = end + 1;
    reading->line_number++;
    return line;
}

/* Cuts the next line into words that single blanks part. */
static tutti_status take_words(struct reading *reading, size_t least, size_t most)
{
    char *line = take_line(reading);
    reading->line.count = 0;
    for (char *blank = line; blank != NULL; line = blank + 1) {
        blank = strchr(line, ' ');
        if (blank) {
            *blank = '\0';
        }
        if (line[0] == '\0' || strlen(line) > NAME_MAX_ || reading->line.count == most) {
            return fail(reading, "words are not as they must be");
        }
        reading->line.words[reading->line.count++] = line;
    }
    return reading->line.count >= least ? TUTTI_OK : fail(reading, "a word is missing");
}

/* A number among the words, at most `max`. */
static tutti_status
take_number(const struct reading *reading, size_t index, uint32_t max, uint32_t *ret_number)
{
    const char *word = reading->line.words[index];
    uint64_t number = 0;
    if (tt_text_parse_u64(word, strlen(word), &number) != TUTTI_OK || number > max) {
        return fail(reading, "a number is none, or too large");
    }
    *ret_number = (uint32_t)number;
    return TUTTI_OK;
}

/* ---- what the lines say ---- */

static tutti_status read_enum(struct reading *reading)
{
    uint32_t count = 0;
    TUTTI_TRY(take_words(reading, 3, 3));
    tt_enum_info *info = &reading->enums[reading->enum_count++];
    info->name = reading->line.words[1];
    info->texts = &reading->texts[reading->text_count];
    TUTTI_TRY(take_number(reading, 2, UINT8_MAX, &count));
    for (uint32_t i = 0; i < count; i++) {
        if (!begins(reading, "=")) {
            return fail(reading, "a value of the enumeration is missing");
        }
        reading->texts[reading->text_count++] = take_line(reading) + strlen("= ");
    }
    info->count = (uint8_t)count;
    return TUTTI_OK;
}

static const tt_enum_info *find_enum(const struct reading *reading, const char *name)
{
    for (uint32_t i = 0; i < reading->enum_count; i++) {
        if (strcmp(reading->enums[i].name, name) == 0) {
            return &reading->enums[i];
        }
    }
    return NULL;
}

static const tt_layout *find_layout(const struct reading *reading, const char *name)
{
    for (uint32_t i = 0; i < reading->layout_count; i++) {
        if (strcmp(reading->layouts[i].name, name) == 0) {
            return &reading->layouts[i];
        }
    }
    return NULL;
}

/* A field of the payload that is being read; what it names stands before that. */
static tutti_status read_field(struct reading *reading, const tt_layout *layout)
{
    uint32_t offset = 0;
    uint32_t size = 0;
    TUTTI_TRY(take_words(reading, 5, 6));
    const char *const *words = reading->line.words;
    const char *named = reading->line.count == 6 ? words[5] : NULL;
    tt_field *field = &reading->fields[reading->field_count++];
    if (!tt_field_kind_find(words[1], &field->kind)) {
        return fail(reading, "there is no such kind of a field");
    }
    TUTTI_TRY(take_number(reading, 3, UINT16_MAX, &offset));
    TUTTI_TRY(take_number(reading, 4, UINT16_MAX, &size));
    bool is_enum = field->kind == TT_KIND_enum;
    bool is_list = field->kind == TT_KIND_list;
    field->name = words[2];
    field->doc = "";
    field->offset = (uint16_t)offset;
    field->size = (uint16_t)size;
    field->enumeration = is_enum && named ? find_enum(reading, named) : NULL;
    field->item = is_list && named ? find_layout(reading, named) : NULL;
    if ((is_enum || is_list) != (named != NULL) || (is_enum && !field->enumeration) ||
        (is_list && (!field->item || field->item == layout || field->item->item_size != 0))) {
        return fail(reading, "the field names no enumeration, or no payload of items");
    }
    uint16_t must = tt_field_kind_size(field->kind);
    if (size == 0 || (must != 0 && size != must)) {
        return fail(reading, "the field has not the size of its kind");
    }
    // A list lies behind the fixed part, everything else in it.
    uint32_t end = is_list ? layout->size : layout->fixed_size;
    if (offset + size > end || (is_list && offset != layout->fixed_size)) {
        return fail(reading, "the field is not within its payload");
    }
    return TUTTI_OK;
}

/* The parts of a payload must fit each other. A list is its last field. */
static tutti_status check_layout(const struct reading *reading, const tt_layout *layout)
{
    bool has_list = false;
    for (uint16_t i = 0; i < layout->field_count; i++) {
        const tt_field *field = &layout->fields[i];
        if (has_list) {
            return fail(reading, "a field stands behind the list");
        }
        has_list = field->kind == TT_KIND_list;
        if (has_list && (field->item->size != layout->item_size || layout->item_max == 0 ||
                         field->size != (uint32_t)layout->item_size * layout->item_max)) {
            return fail(reading, "the list has another size than its items");
        }
    }
    bool is_counted = layout->count_size == 1 || layout->count_size == 2;
    if (has_list != (layout->item_size != 0) || has_list != is_counted ||
        (has_list && layout->count_offset + layout->count_size > layout->fixed_size) ||
        (!has_list && layout->fixed_size != layout->size)) {
        return fail(reading, "the payload says of its list what is not so");
    }
    return TUTTI_OK;
}

static tutti_status read_layout(struct reading *reading)
{
    uint32_t numbers[6];
    TUTTI_TRY(take_words(reading, 8, 8));
    for (size_t i = 0; i < 6; i++) {
        TUTTI_TRY(take_number(reading, 2 + i, i == 5 ? 2 : TT_PAYLOAD_MAX, &numbers[i]));
    }
    tt_layout *layout = &reading->layouts[reading->layout_count];
    *layout = (tt_layout){
        .name = reading->line.words[1],
        .fields = &reading->fields[reading->field_count],
        .size = (uint16_t)numbers[0],
        .fixed_size = (uint16_t)numbers[1],
        .item_size = (uint16_t)numbers[2],
        .item_max = (uint16_t)numbers[3],
        .count_offset = (uint16_t)numbers[4],
        .count_size = (uint8_t)numbers[5],
    };
    if (layout->size == 0 || layout->fixed_size > layout->size) {
        return fail(reading, "the payload has no size, or a fixed part beyond it");
    }
    while (begins(reading, "field")) {
        TUTTI_TRY(read_field(reading, layout));
        layout->field_count++;
    }
    reading->layout_count++;
    return check_layout(reading, layout);
}

static tutti_status read_topic(struct reading *reading)
{
    uint32_t number = 0;
    TUTTI_TRY(take_words(reading, 4, 4));
    TUTTI_TRY(take_number(reading, 1, UINT16_MAX, &number));
    tt_layout_topic *topic = &reading->topics[reading->topic_count];
    topic->number = (uint16_t)number;
    topic->name = reading->line.words[2];
    topic->layout = find_layout(reading, reading->line.words[3]);
    if (!topic->layout) {
        return fail(reading, "the topic names no payload");
    }
    if (topic->layout->size % 16 != 0) {
        return fail(reading, "the payload of a topic is no multiple of 16");
    }
    if (reading->topic_count > 0 && number <= topic[-1].number) {
        return fail(reading, "the numbers of topics do not ascend");
    }
    reading->topic_count++;
    return TUTTI_OK;
}

/* ---- the whole ---- */

/* Lines of each kind, so that there is room for all: counted before anything is read. */
static bool take_memory(struct reading *reading)
{
    size_t lines = 0;
    for (const char *at = reading->at; (at = strchr(at, '\n')) != NULL; at++) {
        lines++;
    }
    reading->enums = tt_arena_alloc(reading->arena, lines, sizeof *reading->enums);
    reading->layouts = tt_arena_alloc(reading->arena, lines, sizeof *reading->layouts);
    reading->fields = tt_arena_alloc(reading->arena, lines, sizeof *reading->fields);
    reading->topics = tt_arena_alloc(reading->arena, lines, sizeof *reading->topics);
    reading->texts = tt_arena_alloc(reading->arena, lines, sizeof *reading->texts);
    return reading->enums && reading->layouts && reading->fields && reading->topics &&
           reading->texts;
}

static tutti_status read_all(struct reading *reading)
{
    static const char first[] = "tutti layouts 1\n";
    if (strncmp(reading->at, first, strlen(first)) != 0) {
        reading->line_number = 1;
        return fail(reading, "it does not begin with \"tutti layouts 1\"");
    }
    (void)take_line(reading);
    while (*reading->at != '\0') {
        tutti_status status = TUTTI_OK;
        if (begins(reading, "enum")) {
            status = read_enum(reading);
        } else if (begins(reading, "payload")) {
            status = read_layout(reading);
        } else if (begins(reading, "topic")) {
            status = read_topic(reading);
        } else {
            reading->line_number++;
            return fail(reading, "it begins with no word that is known here");
        }
        TUTTI_TRY(status);
    }
    return TUTTI_OK;
}

/* Bytes before the last line, which must be the checksum of them; 0 if it is not. */
static size_t check_end(const char *text, size_t size)
{
    size_t start = size - 1;
    uint64_t checksum = 0;
    while (start > 0 && text[start - 1] != '\n') {
        start--;
    }
    const char *word = "end ";
    size_t length = strlen(word);
    bool is_right = size - 1 - start > length && memcmp(text + start, word, length) == 0 &&
                    tt_text_parse_u64(
                        text + start + length, size - 1 - start - length, &checksum) == TUTTI_OK &&
                    checksum == tt_crc32c(0, text, start);
    return is_right ? start : 0;
}

tutti_status tt_layout_set_read(
    const char *text, size_t size, tt_arena *arena, tt_layout_set *ret_set, tt_error *error)
{
    struct reading reading = {.arena = arena, .error = error};
    if (size == 0 || size > TT_LAYOUT_TEXT_MAX || text[size - 1] != '\n' ||
        memchr(text, '\0', size) != NULL) {
        return tt_error_set(error, TUTTI_PARSE, "layouts: this is no text of whole lines");
    }
    size = check_end(text, size);
    if (size == 0) {
        return tt_error_set(
            error, TUTTI_PARSE, "layouts: the last line is not the checksum of the others");
    }
    reading.at = tt_arena_alloc(arena, size + 1, 1);
    if (!reading.at) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory for layouts");
    }
    memcpy(reading.at, text, size);
    if (!take_memory(&reading)) {
        return tt_error_set(error, TUTTI_NO_MEMORY, "no memory for layouts");
    }
    TUTTI_TRY(read_all(&reading));
    *ret_set = (tt_layout_set){.topics = reading.topics, .topic_count = reading.topic_count};
    return TUTTI_OK;
}
