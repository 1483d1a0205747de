// What `retailflow extract --endpoint sales` is measured against: a plain C program that fetches page by page, splits
// each on bytes and produces its rows with the same headers, the cursor beside them in the same transaction. One thread
// of its own beside those of librdkafka. It believes the API: no retries, no repeated pages, no late ids.
//
//   ExtractReference SERVERS TOPIC STATE_TOPIC BASE_URL API_KEY PAGES_PER_TRANSACTION
#include <curl/curl.h>
#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { LIMIT = 250, TIMEOUT_MILLISECONDS = 60000 };

static void die(const char *what, const char *why) {
    fprintf(stderr, "ExtractReference: %s: %s\n", what, why);
    exit(1);
}

// ---- fetching

typedef struct {
    char *bytes;
    size_t length, capacity;
} page;

static size_t receive(char *bytes, size_t size, size_t count, void *context) {
    page *page = context;
    size_t length = size * count;
    if (page->length + length > page->capacity) {
        page->capacity = (page->length + length) * 2;
        page->bytes = realloc(page->bytes, page->capacity);
        if (!page->bytes) die("page", "no memory");
    }
    memcpy(page->bytes + page->length, bytes, length);
    page->length += length;
    return length;
}

static CURL *connect_to_api(const char *key, page *page) {
    char header[512];
    CURL *handle = curl_easy_init();
    if (!handle) die("curl", "no handle");
    snprintf(header, sizeof header, "X-API-Key: %s", key);
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, curl_slist_append(NULL, header));
    curl_easy_setopt(handle, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, receive);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, page);
    return handle;
}

static void fetch(CURL *handle, page *page, const char *base, int64_t start) {
    char url[1024];
    long status = 0;
    snprintf(url, sizeof url, "%s/sales?start_sales_id=%lld&limit=%d", base, (long long)start, LIMIT);
    page->length = 0;
    curl_easy_setopt(handle, CURLOPT_URL, url);
    CURLcode result = curl_easy_perform(handle);
    if (result != CURLE_OK) die(url, curl_easy_strerror(result));
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200) die(url, "not 200");
}

// ---- splitting

typedef struct {
    const char *start;
    size_t length;
} row;

/// The elements of the page's array, by depth and strings only. Returns how many there are.
static int split(const page *page, row *rows, int rows_max) {
    const char *at = memchr(page->bytes, '[', page->length), *end = page->bytes + page->length;
    const char *start = NULL;
    int depth = 0, count = 0;
    if (!at) die("page", "no array");
    for (at++; at < end; at++) {
        switch (*at) {
        case '"':
            for (at++; at < end && *at != '"'; at++)
                if (*at == '\\') at++;
            break;
        case '{': case '[':
            if (depth++ == 0) start = at;
            break;
        case '}': case ']':
            if (depth == 0) return count;
            if (--depth == 0) {
                if (count == rows_max) die("page", "too many rows");
                rows[count++] = (row){start, (size_t)(at + 1 - start)};
            }
            break;
        }
    }
    die("page", "cut off");
    return 0;
}

/// The digits of the row's id.
static row id_of(row sale) {
    const char *name = memmem(sale.start, sale.length, "\"id\":", 5);
    if (!name) die("row", "no id");
    const char *start = name + 5;
    while (*start == ' ') start++;
    const char *end = start;
    while (*end >= '0' && *end <= '9') end++;
    return (row){start, (size_t)(end - start)};
}

// ---- producing

static void delivered(rd_kafka_t *producer, const rd_kafka_message_t *message, void *opaque) {
    (void)producer, (void)opaque;
    if (message->err) die("delivery", rd_kafka_err2str(message->err));
}

static void check(const char *what, rd_kafka_error_t *error) {
    if (error) die(what, rd_kafka_error_string(error));
}

static rd_kafka_t *produce_to(const char *servers) {
    char error[512], identity[64];
    snprintf(identity, sizeof identity, "extract-reference-%d", (int)getpid());
    const char *properties[][2] = {
        {"bootstrap.servers", servers}, {"transactional.id", identity}, {"transaction.timeout.ms", "15000"},
        {"partitioner", "murmur2_random"}, {"linger.ms", "5"}, {"compression.codec", "lz4"},
    };
    rd_kafka_conf_t *configuration = rd_kafka_conf_new();
    for (size_t i = 0; i < sizeof properties / sizeof *properties; i++)
        if (rd_kafka_conf_set(configuration, properties[i][0], properties[i][1], error, sizeof error) != RD_KAFKA_CONF_OK)
            die(properties[i][0], error);
    rd_kafka_conf_set_dr_msg_cb(configuration, delivered);
    rd_kafka_t *producer = rd_kafka_new(RD_KAFKA_PRODUCER, configuration, error, sizeof error);
    if (!producer) die("producer", error);
    check("init_transactions", rd_kafka_init_transactions(producer, TIMEOUT_MILLISECONDS));
    return producer;
}

static void produce(rd_kafka_t *producer, const char *topic, row key, row value, const rd_kafka_headers_t *headers) {
    for (;;) {
        rd_kafka_headers_t *copy = rd_kafka_headers_copy(headers);
        rd_kafka_resp_err_t error = rd_kafka_producev(
            producer, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_KEY(key.start, key.length),
            RD_KAFKA_V_VALUE((void *)value.start, value.length), RD_KAFKA_V_HEADERS(copy),
            RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
        if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return;
        rd_kafka_headers_destroy(copy);
        if (error != RD_KAFKA_RESP_ERR__QUEUE_FULL) die("produce", rd_kafka_err2str(error));
        rd_kafka_poll(producer, 10);
    }
}

static int64_t microseconds(void) {
    struct timeval now;
    gettimeofday(&now, NULL);
    return (int64_t)now.tv_sec * 1000000 + now.tv_usec;
}

static void add(rd_kafka_headers_t *headers, const char *name, const char *value) {
    rd_kafka_header_add(headers, name, -1, value, -1);
}

static rd_kafka_headers_t *headers_of_page(int64_t version) {
    char text[128], stamp[16];
    uint8_t random[16];
    time_t now = (time_t)(version / 1000000);
    rd_kafka_headers_t *headers = rd_kafka_headers_new(4);
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random) die("random", "too few bytes");
    strftime(stamp, sizeof stamp, "%Y%m%d_%H%M", gmtime(&now));
    snprintf(text, sizeof text, "%lld", (long long)version);
    add(headers, "version", text);
    add(headers, "extracted_at", text);
    add(headers, "schema_version", "1");
    snprintf(text, sizeof text,
             "sales_%s_%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x.json", stamp, random[0], random[1],
             random[2], random[3], random[4], random[5], random[6], random[7], random[8], random[9], random[10], random[11],
             random[12], random[13], random[14], random[15]);
    add(headers, "source_file", text);
    return headers;
}

int main(int argc, char **argv) {
    if (argc != 7) die("usage", "ExtractReference SERVERS TOPIC STATE_TOPIC BASE_URL API_KEY PAGES_PER_TRANSACTION");
    const char *topic = argv[2], *state_topic = argv[3], *base = argv[4];
    int pages_per_transaction = atoi(argv[6]), pages = 0;
    int64_t last = 0, version = 0, records = 0;
    page page = {NULL, 0, 0};
    static row rows[LIMIT];

    curl_global_init(CURL_GLOBAL_DEFAULT);
    CURL *api = connect_to_api(argv[5], &page);
    rd_kafka_t *producer = produce_to(argv[1]);
    for (int quiet = 0; quiet < 2;) {
        fetch(api, &page, base, last);
        int64_t answered = microseconds(), before = records;
        version = answered > version ? answered : version + 1;
        int count = split(&page, rows, LIMIT);
        rd_kafka_headers_t *headers = headers_of_page(version);
        for (int i = 0; i < count; i++) {
            row key = id_of(rows[i]);
            int64_t id = strtoll(key.start, NULL, 10);
            if (id <= last) continue;  // had already: the page starts with the last id asked for
            if (pages == 0) check("begin_transaction", rd_kafka_begin_transaction(producer)), pages = 1;
            produce(producer, topic, key, rows[i], headers);
            last = id;
            records++;
        }
        rd_kafka_headers_destroy(headers);
        rd_kafka_poll(producer, 0);
        quiet = records == before ? quiet + 1 : 0;
        if (pages > 0 && (pages++ == pages_per_transaction || quiet > 0)) {
            char cursor[256];
            int length = snprintf(cursor, sizeof cursor, "{\"last_id\":%lld,\"version\":%lld,\"records\":%lld}",
                                  (long long)last, (long long)version, (long long)records);
            rd_kafka_headers_t *none = rd_kafka_headers_new(0);
            produce(producer, state_topic, (row){"sales", 5}, (row){cursor, (size_t)length}, none);
            rd_kafka_headers_destroy(none);
            check("commit_transaction", rd_kafka_commit_transaction(producer, TIMEOUT_MILLISECONDS));
            pages = 0;
        }
    }
    rd_kafka_destroy(producer);
    curl_easy_cleanup(api);
    printf("%lld\n", (long long)records);
    return 0;
}
