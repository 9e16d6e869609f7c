/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * From the field tables of payloads to the parameters of statements.
 */
#include "store/store_bind.h"

#include "model/field_number.h"
#include "model/verdict.h"

#include <string.h>

static const struct {
    const char *name;
    tt_parameter_kind kind;
} heads[] = {
    {"@seq", TT_PARAMETER_SEQ},
    {"@time", TT_PARAMETER_TIME},
    {"@instrument", TT_PARAMETER_INSTRUMENT},
    {"@symbol", TT_PARAMETER_SYMBOL},
    {"@source", TT_PARAMETER_SOURCE},
    {"@cause", TT_PARAMETER_CAUSE},
    {"@correlation", TT_PARAMETER_CORRELATION},
    {"@topic", TT_PARAMETER_TOPIC},
    {"@payload", TT_PARAMETER_PAYLOAD},
    {"@index", TT_PARAMETER_INDEX},
};

static const tt_field *find_field(const tt_layout *layout, const char *name)
{
    for (uint16_t i = 0; i < layout->field_count; i++) {
        if (strcmp(layout->fields[i].name, name) == 0) {
            return &layout->fields[i];
        }
    }
    return NULL;
}

/* The field that holds the list of a payload; NULL when it has none. */
static const tt_field *list_of(const tt_layout *layout)
{
    const tt_field *last = &layout->fields[layout->field_count - 1];
    return last->kind == TT_KIND_list ? last : NULL;
}

static tt_parameter resolve(const tt_layout *layout, const char *name)
{
    tt_parameter parameter = {.kind = TT_PARAMETER_FIELD};
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        if (strcmp(heads[i].name, name) == 0) {
            parameter.kind = heads[i].kind;
            return parameter;
        }
    }
    const tt_layout *owner = layout;
    if (name[0] == '$') {
        TT_ASSERT(list_of(layout) != NULL);
        parameter.kind = TT_PARAMETER_ITEM_FIELD;
        owner = list_of(layout)->item;
    }
    parameter.field = find_field(owner, name + 1);
    TT_ASSERT(parameter.field != NULL);
    return parameter;
}

tutti_status tt_projection_prepare(
    const tt_store_db *db,
    const tt_projection_row *row,
    tt_projection *ret_projection,
    tt_error *error)
{
    tt_projection projection = {.info = tt_topic_info_get((uint16_t)row->topic)};
    TUTTI_TRY(tt_store_db_prepare(db, row->sql, &projection.statement, error));
    projection.parameter_count = sqlite3_bind_parameter_count(projection.statement);
    TT_ASSERT(projection.parameter_count <= TT_STORE_PARAMETERS_MAX);
    for (int i = 0; i < projection.parameter_count; i++) {
        const char *name = sqlite3_bind_parameter_name(projection.statement, i + 1);
        projection.parameters[i] = resolve(tt_layout_shown(projection.info->layout), name);
        projection.is_per_item |= projection.parameters[i].kind == TT_PARAMETER_ITEM_FIELD;
    }
    *ret_projection = projection;
    return TUTTI_OK;
}

/* A text that SQLite copies at once. */
static int bind_text(sqlite3_stmt *statement, int index, const char *text, size_t length)
{
    return sqlite3_bind_text(statement, index, text, (int)length, SQLITE_TRANSIENT);
}

static int bind_name(sqlite3_stmt *statement, int index, const char *name)
{
    return sqlite3_bind_text(statement, index, name, -1, SQLITE_STATIC);
}

/* Numbers beyond the integers of SQL become text, which only columns of text take. */
static int bind_u64(sqlite3_stmt *statement, int index, uint64_t value)
{
    if (value <= INT64_MAX) {
        return sqlite3_bind_int64(statement, index, (int64_t)value);
    }
    char digits[24];
    tt_text_buf text;
    tt_text_init(&text, digits, sizeof digits);
    tt_text_appendf(&text, "%llu", (unsigned long long)value);
    return bind_text(statement, index, text.data, text.length);
}

static int bind_dec(sqlite3_stmt *statement, int index, const unsigned char *bytes)
{
    char text[TT_DEC_TEXT_MAX];
    tt_dec value;
    memcpy(&value, bytes, sizeof value);
    size_t length = tt_dec_format(value, text);
    return bind_text(statement, index, text, length);
}

static int bind_hex(sqlite3_stmt *statement, int index, const unsigned char *bytes, size_t size)
{
    char digits[80];
    tt_text_buf text;
    tt_text_init(&text, digits, sizeof digits);
    for (size_t i = 0; i < size; i++) {
        tt_text_appendf(&text, "%02x", bytes[i]);
    }
    return bind_text(statement, index, text.data, text.length);
}

static int bind_uuid(sqlite3_stmt *statement, int index, const unsigned char *bytes)
{
    char text[TT_UUID_TEXT_MAX];
    tt_uuid uuid;
    memcpy(&uuid, bytes, sizeof uuid);
    size_t length = tt_uuid_format(uuid, text);
    return bind_text(statement, index, text, length);
}

/* A name, or the number of what nobody declared. The text of a number lives no longer than the
 * call. */
static int
bind_topic(sqlite3_stmt *statement, int index, const tt_bind_context *context, uint16_t topic)
{
    char number[TT_NUMBER_TEXT_MAX];
    const char *name = tt_registry_topic_name(context->registry, topic, number);
    return topic == TT_TOPIC_NONE ? sqlite3_bind_null(statement, index)
                                  : bind_text(statement, index, name, strlen(name));
}

static int
bind_source(sqlite3_stmt *statement, int index, const tt_bind_context *context, uint16_t source)
{
    char number[TT_NUMBER_TEXT_MAX];
    const char *name = tt_registry_source_name(context->registry, source, number);
    return bind_text(statement, index, name, strlen(name));
}

/* Binds the field of a payload or an item. */
static int bind_field(
    sqlite3_stmt *statement,
    int index,
    const tt_bind_context *context,
    const tt_field *field,
    const unsigned char *bytes)
{
    const unsigned char *at = bytes + field->offset;
    switch (field->kind) {
    case TT_KIND_price:
    case TT_KIND_qty:
    case TT_KIND_money:
    case TT_KIND_ratio:
        return bind_dec(statement, index, at);
    case TT_KIND_time:
    case TT_KIND_dur:
    case TT_KIND_i64:
        return sqlite3_bind_int64(statement, index, (int64_t)tt_field_number(at, 8));
    case TT_KIND_u64:
    case TT_KIND_seq:
    case TT_KIND_u32:
    case TT_KIND_key:
    case TT_KIND_u16:
    case TT_KIND_u8:
    case TT_KIND_flag:
        return bind_u64(statement, index, tt_field_number(at, field->size));
    case TT_KIND_topic:
        return bind_topic(statement, index, context, (uint16_t)tt_field_number(at, 2));
    case TT_KIND_source:
        return bind_source(statement, index, context, (uint16_t)tt_field_number(at, 2));
    case TT_KIND_enum:
        return bind_name(statement, index, tt_enum_text(field->enumeration, at[0]));
    case TT_KIND_text:
        return bind_text(
            statement, index, (const char *)at, strnlen((const char *)at, field->size));
    case TT_KIND_uuid:
        return bind_uuid(statement, index, at);
    case TT_KIND_hash:
        return bind_hex(statement, index, at, field->size);
    case TT_KIND_reserved:
    case TT_KIND_list:
        break;
    }
    return SQLITE_MISUSE;
}

static int
bind_payload(sqlite3_stmt *statement, int index, const tt_bind_context *context, const tt_msg *msg)
{
    tt_json_writer writer;
    size_t length;
    tt_json_writer_init(&writer, context->json, TT_MESSAGE_JSON_MAX, false);
    tt_payload_write_json(
        &writer, tt_topic_info_get(msg->topic)->layout, tt_msg_payload(msg), context->instruments);
    if (tt_json_finish(&writer, &length) != TUTTI_OK) {
        return SQLITE_TOOBIG;
    }
    return bind_text(statement, index, context->json, length);
}

static int
bind_symbol(sqlite3_stmt *statement, int index, const tt_bind_context *context, uint32_t key)
{
    const tt_instrument *instrument =
        tt_instrument_find(context->instruments, (tt_instrument_id){key});
    return instrument ? bind_name(statement, index, instrument->symbol)
                      : sqlite3_bind_null(statement, index);
}

/* What a statement is run for. */
struct subject {
    const tt_msg *msg;
    const unsigned char *payload; /* As it is shown. */
    uint32_t item;                /* Of its list. */
};

static int bind_parameter(
    const tt_projection *projection,
    int number,
    const tt_bind_context *context,
    const struct subject *subject)
{
    const tt_msg *msg = subject->msg;
    sqlite3_stmt *statement = projection->statement;
    const tt_parameter *parameter = &projection->parameters[number];
    const tt_layout *layout = tt_layout_shown(projection->info->layout);
    const unsigned char *payload = subject->payload;
    int index = number + 1;
    switch (parameter->kind) {
    case TT_PARAMETER_SEQ:
        return bind_u64(statement, index, msg->seq);
    case TT_PARAMETER_TIME:
        return sqlite3_bind_int64(statement, index, msg->time.ns);
    case TT_PARAMETER_INSTRUMENT:
        return msg->key == 0 ? sqlite3_bind_null(statement, index)
                             : sqlite3_bind_int64(statement, index, msg->key);
    case TT_PARAMETER_SYMBOL:
        return bind_symbol(statement, index, context, msg->key);
    case TT_PARAMETER_SOURCE:
        return bind_source(statement, index, context, msg->source);
    case TT_PARAMETER_CAUSE:
        return bind_u64(statement, index, msg->cause);
    case TT_PARAMETER_CORRELATION:
        return bind_uuid(statement, index, msg->correlation.bytes);
    case TT_PARAMETER_TOPIC:
        return bind_name(statement, index, projection->info->name);
    case TT_PARAMETER_PAYLOAD:
        return bind_payload(statement, index, context, msg);
    case TT_PARAMETER_INDEX:
        return sqlite3_bind_int64(statement, index, subject->item);
    case TT_PARAMETER_FIELD:
        return bind_field(statement, index, context, parameter->field, payload);
    case TT_PARAMETER_ITEM_FIELD:
        payload += layout->fixed_size + (size_t)subject->item * layout->item_size;
        return bind_field(statement, index, context, parameter->field, payload);
    }
    return SQLITE_MISUSE;
}

/* Runs the statement once. */
static tutti_status run_once(
    const tt_store_db *db,
    const tt_projection *projection,
    const tt_bind_context *context,
    const struct subject *subject,
    tt_error *error)
{
    const tt_msg *msg = subject->msg;
    int code = SQLITE_OK;
    for (int i = 0; i < projection->parameter_count && code == SQLITE_OK; i++) {
        code = bind_parameter(projection, i, context, subject);
    }
    if (code == SQLITE_OK) {
        code = sqlite3_step(projection->statement);
    }
    tutti_status status = TUTTI_OK;
    if (code != SQLITE_DONE) {
        char verb[96];
        tt_text_buf text;
        tt_text_init(&text, verb, sizeof verb);
        tt_text_appendf(
            &text,
            "project message %llu (%s) into",
            (unsigned long long)msg->seq,
            projection->info->name);
        status = tt_store_fail(db, verb, error);
    }
    (void)sqlite3_reset(projection->statement);
    return status;
}

tutti_status tt_projection_run(
    const tt_store_db *db,
    const tt_projection *projection,
    const tt_bind_context *context,
    const tt_msg *msg,
    tt_error *error)
{
    tt_shown room;
    const tt_layout *layout = projection->info->layout;
    struct subject subject = {
        .msg = msg, .payload = tt_payload_shown(layout, tt_msg_payload(msg), &room)};
    if (!projection->is_per_item) {
        return run_once(db, projection, context, &subject, error);
    }
    uint32_t count = tt_layout_item_count(tt_layout_shown(layout), subject.payload);
    for (; subject.item < count; subject.item++) {
        TUTTI_TRY(run_once(db, projection, context, &subject, error));
    }
    return TUTTI_OK;
}
