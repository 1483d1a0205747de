// What `retailflow ingest --until-end` is measured against: a plain C program, one thread of its own beside those of
// librdkafka, that writes the same rows of raw and ods. It knows only well-formed sales: no rejects, no breaker, no
// replay, no metrics. The databases are made by `retailflow`, so that the tables are the same.
//
//   IngestReference SERVERS TOPIC GROUP WAREHOUSE_DIR
#include <librdkafka/rdkafka.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "scanner.h"

enum { BATCH_MAX = 5000, PARTITIONS_MAX = 64, CACHE_KIB = 16384, LOG = 1 };

static void die(const char *what, const char *why) {
    fprintf(stderr, "IngestReference: %s: %s\n", what, why);
    exit(1);
}

// ---- the two files

typedef struct {
    sqlite3 *file;
    sqlite3_stmt *begin, *commit, *offset;
} store;

static sqlite3_stmt *prepare(sqlite3 *file, const char *sql) {
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v3(file, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) != SQLITE_OK)
        die(sql, sqlite3_errmsg(file));
    return statement;
}

static void step(sqlite3_stmt *statement) {
    if (sqlite3_step(statement) != SQLITE_DONE) die(sqlite3_sql(statement), sqlite3_errmsg(sqlite3_db_handle(statement)));
    sqlite3_reset(statement);
}

static store open_store(const char *directory, const char *name, const char *offset_sql) {
    store store;
    char path[4096], pragmas[128];
    snprintf(path, sizeof path, "%s/%s.db", directory, name);
    snprintf(pragmas, sizeof pragmas, "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-%d", CACHE_KIB);
    if (sqlite3_open_v2(path, &store.file, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
        die(path, sqlite3_errmsg(store.file));
    if (sqlite3_exec(store.file, pragmas, NULL, NULL, NULL) != SQLITE_OK) die(path, sqlite3_errmsg(store.file));
    store.begin = prepare(store.file, "BEGIN IMMEDIATE");
    store.commit = prepare(store.file, "COMMIT");
    store.offset = prepare(store.file, offset_sql);
    return store;
}

static store raw, ods;
static sqlite3_stmt *insert_raw, *upsert_sale, *delete_lines, *insert_line;

static void open_stores(const char *directory) {
    raw = open_store(directory, "raw",
                     "INSERT INTO offsets(log, partition, next_offset) VALUES (?1, ?2, ?3)"
                     " ON CONFLICT DO UPDATE SET next_offset = max(next_offset, excluded.next_offset)");
    ods = open_store(directory, "ods",
                     "INSERT INTO offsets(log, partition, next_offset, topic, highest_sale_id) VALUES (?1, ?2, ?3, ?4, ?5)"
                     " ON CONFLICT DO UPDATE SET next_offset = max(next_offset, excluded.next_offset),"
                     " highest_sale_id = max(coalesce(highest_sale_id, 0), excluded.highest_sale_id)");
    insert_raw = prepare(raw.file,
                         "INSERT INTO sales(log, topic, partition, offset, version, timestamp, payload, is_json,"
                         " SYS_FILE_NAME, SYS_DATE_CREATE) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 1, ?8, ?9)"
                         " ON CONFLICT DO NOTHING");
    upsert_sale = prepare(ods.file,
                          "INSERT INTO sales(id, datetime, instant, total_amount, customer_id, version, revision,"
                          " content_hash, log, partition, offset, SYS_FILE_NAME, SYS_DATE_CREATE, SYS_DATE_UPDATE)"
                          " VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1, ?7, ?8, ?9, ?10, ?11, ?12, ?12)"
                          " ON CONFLICT DO UPDATE SET datetime = excluded.datetime, instant = excluded.instant,"
                          " total_amount = excluded.total_amount, customer_id = excluded.customer_id,"
                          " version = excluded.version, revision = revision + 1, content_hash = excluded.content_hash,"
                          " log = excluded.log, partition = excluded.partition, offset = excluded.offset,"
                          " SYS_FILE_NAME = excluded.SYS_FILE_NAME, SYS_DATE_UPDATE = excluded.SYS_DATE_UPDATE"
                          " WHERE excluded.version >= version AND excluded.content_hash <> content_hash"
                          " RETURNING revision");
    delete_lines = prepare(ods.file, "DELETE FROM sales_items WHERE sale_id = ?1");
    insert_line = prepare(ods.file,
                          "INSERT INTO sales_items(sale_id, line, product_sku, quantity, amount)"
                          " VALUES (?1, ?2, ?3, ?4, ?5)");
}

// ---- one batch

typedef struct {
    int64_t next_offset, highest_sale;  // next_offset is 0 while nothing of the partition was read
    bool changed, ended;
} partition_state;

static partition_state partitions[PARTITIONS_MAX];
static char now_text[20];

static slice header(const rd_kafka_message_t *message, const char *name) {
    rd_kafka_headers_t *headers;
    const void *value;
    size_t length;
    if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR ||
        rd_kafka_header_get_last(headers, name, &value, &length) != RD_KAFKA_RESP_ERR_NO_ERROR)
        die("a record has no header", name);
    return (slice){value, length};
}

static int64_t integer(slice digits) {
    int64_t value = 0;
    for (size_t i = 0; i < digits.length; i++) value = value * 10 + (digits.start[i] - '0');
    return value;
}

static void bind_text(sqlite3_stmt *statement, int place, slice text) {
    sqlite3_bind_text(statement, place, text.start, (int)text.length, SQLITE_STATIC);
}

static void write_raw(const rd_kafka_message_t *message, slice topic, int64_t version, slice file) {
    sqlite3_bind_int64(insert_raw, 1, LOG);
    bind_text(insert_raw, 2, topic);
    sqlite3_bind_int64(insert_raw, 3, message->partition);
    sqlite3_bind_int64(insert_raw, 4, message->offset);
    sqlite3_bind_int64(insert_raw, 5, version);
    sqlite3_bind_int64(insert_raw, 6, rd_kafka_message_timestamp(message, NULL));
    sqlite3_bind_blob(insert_raw, 7, message->payload, (int)message->len, SQLITE_STATIC);
    bind_text(insert_raw, 8, file);
    sqlite3_bind_text(insert_raw, 9, now_text, -1, SQLITE_STATIC);
    step(insert_raw);
}

static void write_ods(const rd_kafka_message_t *message, const sale *sale, int64_t version, slice file) {
    sqlite3_bind_int64(upsert_sale, 1, sale->id);
    sqlite3_bind_text(upsert_sale, 2, sale->datetime, 19, SQLITE_STATIC);
    sqlite3_bind_int64(upsert_sale, 3, sale->instant);
    if (sale->has_total) sqlite3_bind_int64(upsert_sale, 4, sale->total);
    else sqlite3_bind_null(upsert_sale, 4);
    if (sale->has_customer) bind_text(upsert_sale, 5, sale->customer);
    else sqlite3_bind_null(upsert_sale, 5);
    sqlite3_bind_int64(upsert_sale, 6, version);
    sqlite3_bind_int64(upsert_sale, 7, sale->content_hash);
    sqlite3_bind_int64(upsert_sale, 8, LOG);
    sqlite3_bind_int64(upsert_sale, 9, message->partition);
    sqlite3_bind_int64(upsert_sale, 10, message->offset);
    bind_text(upsert_sale, 11, file);
    sqlite3_bind_text(upsert_sale, 12, now_text, -1, SQLITE_STATIC);
    int result = sqlite3_step(upsert_sale);
    int64_t revision = result == SQLITE_ROW ? sqlite3_column_int64(upsert_sale, 0) : 0;
    if (result == SQLITE_ROW) result = sqlite3_step(upsert_sale);
    if (result != SQLITE_DONE) die("ods.sales", sqlite3_errmsg(ods.file));
    sqlite3_reset(upsert_sale);
    if (revision == 0) return;  // nothing new
    if (revision > 1) {
        sqlite3_bind_int64(delete_lines, 1, sale->id);
        step(delete_lines);
    }
    for (int i = 0; i < sale->line_count; i++) {
        sqlite3_bind_int64(insert_line, 1, sale->id);
        sqlite3_bind_int64(insert_line, 2, i);
        bind_text(insert_line, 3, sale->lines[i].sku);
        sqlite3_bind_int64(insert_line, 4, sale->lines[i].quantity);
        sqlite3_bind_int64(insert_line, 5, sale->lines[i].amount);
        step(insert_line);
    }
}

static void write_offsets(rd_kafka_topic_partition_list_t *commit, const char *topic) {
    for (int32_t p = 0; p < PARTITIONS_MAX; p++) {
        if (!partitions[p].changed) continue;
        partitions[p].changed = false;
        sqlite3_stmt *statements[] = {raw.offset, ods.offset};
        for (int i = 0; i < 2; i++) {
            sqlite3_bind_int64(statements[i], 1, LOG);
            sqlite3_bind_int64(statements[i], 2, p);
            sqlite3_bind_int64(statements[i], 3, partitions[p].next_offset);
        }
        sqlite3_bind_text(ods.offset, 4, topic, -1, SQLITE_STATIC);
        sqlite3_bind_int64(ods.offset, 5, partitions[p].highest_sale);
        step(raw.offset);
        step(ods.offset);
        rd_kafka_topic_partition_list_add(commit, topic, p)->offset = partitions[p].next_offset;
    }
}

static int64_t write_batch(rd_kafka_t *consumer, rd_kafka_message_t **messages, ssize_t count, const char *topic) {
    static sale sale;
    slice topic_text = {topic, strlen(topic)};
    int64_t records = 0;
    time_t now = time(NULL);
    strftime(now_text, sizeof now_text, "%Y-%m-%d %H:%M:%S", gmtime(&now));
    step(raw.begin);
    step(ods.begin);
    for (ssize_t i = 0; i < count; i++) {
        rd_kafka_message_t *message = messages[i];
        if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
            partition_state *state = &partitions[message->partition];
            state->ended = state->changed = true;
            state->next_offset = message->offset;
            continue;
        }
        if (message->err) die("consume", rd_kafka_message_errstr(message));
        if (message->partition >= PARTITIONS_MAX) die("consume", "too many partitions");
        partition_state *state = &partitions[message->partition];
        int64_t version = integer(header(message, "version"));
        slice file = header(message, "source_file");
        if (!scan_sale(message->payload, message->len, &sale)) die("a record is no sale that this program knows", topic);
        write_raw(message, topic_text, version, file);
        write_ods(message, &sale, version, file);
        state->next_offset = message->offset + 1;
        state->changed = true;
        if (sale.id > state->highest_sale) state->highest_sale = sale.id;
        records++;
    }
    rd_kafka_topic_partition_list_t *commit = rd_kafka_topic_partition_list_new(PARTITIONS_MAX);
    write_offsets(commit, topic);
    step(raw.commit);
    step(ods.commit);
    if (commit->cnt > 0) {
        rd_kafka_resp_err_t error = rd_kafka_commit(consumer, commit, 0);
        if (error) die("commit", rd_kafka_err2str(error));
    }
    rd_kafka_topic_partition_list_destroy(commit);
    return records;
}

// ---- the consumer

static int assigned = 0;

static void rebalance(rd_kafka_t *consumer, rd_kafka_resp_err_t event, rd_kafka_topic_partition_list_t *list, void *opaque) {
    (void)opaque;
    if (event == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
        for (int i = 0; i < list->cnt; i++) list->elems[i].offset = RD_KAFKA_OFFSET_BEGINNING;
        assigned = list->cnt;
        rd_kafka_assign(consumer, list);
    } else {
        rd_kafka_assign(consumer, NULL);
    }
}

static rd_kafka_t *consume_from(const char *servers, const char *group, const char *topic) {
    char error[512];
    const char *properties[][2] = {
        {"bootstrap.servers", servers}, {"group.id", group}, {"enable.auto.commit", "false"},
        {"isolation.level", "read_committed"}, {"enable.partition.eof", "true"}, {"auto.offset.reset", "error"},
        {"session.timeout.ms", "10000"},
    };
    rd_kafka_conf_t *configuration = rd_kafka_conf_new();
    for (size_t i = 0; i < sizeof properties / sizeof *properties; i++)
        if (rd_kafka_conf_set(configuration, properties[i][0], properties[i][1], error, sizeof error) != RD_KAFKA_CONF_OK)
            die(properties[i][0], error);
    rd_kafka_conf_set_rebalance_cb(configuration, rebalance);
    rd_kafka_t *consumer = rd_kafka_new(RD_KAFKA_CONSUMER, configuration, error, sizeof error);
    if (!consumer) die("consumer", error);
    rd_kafka_poll_set_consumer(consumer);
    rd_kafka_topic_partition_list_t *topics = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(topics, topic, RD_KAFKA_PARTITION_UA);
    rd_kafka_resp_err_t failure = rd_kafka_subscribe(consumer, topics);
    if (failure) die("subscribe", rd_kafka_err2str(failure));
    rd_kafka_topic_partition_list_destroy(topics);
    return consumer;
}

static bool at_end(void) {
    int ended = 0;
    for (int p = 0; p < PARTITIONS_MAX; p++) ended += partitions[p].ended;
    return assigned > 0 && ended == assigned;
}

int main(int argc, char **argv) {
    static rd_kafka_message_t *messages[BATCH_MAX];
    if (argc != 5) die("usage", "IngestReference SERVERS TOPIC GROUP WAREHOUSE_DIR");
    open_stores(argv[4]);
    rd_kafka_t *consumer = consume_from(argv[1], argv[3], argv[2]);
    rd_kafka_queue_t *queue = rd_kafka_queue_get_consumer(consumer);
    int64_t records = 0;
    while (!at_end()) {
        ssize_t count = rd_kafka_consume_batch_queue(queue, 100, messages, BATCH_MAX);
        if (count <= 0) continue;
        records += write_batch(consumer, messages, count, argv[2]);
        for (ssize_t i = 0; i < count; i++) rd_kafka_message_destroy(messages[i]);
    }
    rd_kafka_queue_destroy(queue);
    rd_kafka_consumer_close(consumer);
    rd_kafka_destroy(consumer);
    sqlite3_close_v2(raw.file);
    sqlite3_close_v2(ods.file);
    printf("%lld\n", (long long)records);
    return 0;
}
