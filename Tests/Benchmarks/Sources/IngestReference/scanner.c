#include "scanner.h"
#include <string.h>

typedef struct {
    const char *at, *end;
} cursor;

static void skip_blanks(cursor *c) {
    while (c->at < c->end && (*c->at == ' ' || *c->at == '\n' || *c->at == '\r' || *c->at == '\t')) c->at++;
}

static bool expect(cursor *c, char wanted) {
    skip_blanks(c);
    if (c->at >= c->end || *c->at != wanted) return false;
    c->at++;
    return true;
}

static bool comes(cursor *c, char wanted) {
    skip_blanks(c);
    return c->at < c->end && *c->at == wanted;
}

static bool scan_string(cursor *c, slice *out) {
    if (!expect(c, '"')) return false;
    out->start = c->at;
    while (c->at < c->end && *c->at != '"') {
        if (*c->at == '\\' || (unsigned char)*c->at < 0x20) return false;  // a well-formed sale of ours has no escapes
        c->at++;
    }
    if (c->at >= c->end) return false;
    out->length = (size_t)(c->at++ - out->start);
    return true;
}

/// A decimal with at most 4 places, in 1/10,000.
static bool scan_decimal(cursor *c, int64_t *out) {
    skip_blanks(c);
    bool negative = c->at < c->end && *c->at == '-';
    if (negative) c->at++;
    int64_t value = 0;
    int digits = 0, places = 0;
    for (; c->at < c->end && *c->at >= '0' && *c->at <= '9'; c->at++, digits++) value = value * 10 + (*c->at - '0');
    if (digits == 0 || digits > 12) return false;
    if (c->at < c->end && *c->at == '.')
        for (c->at++; c->at < c->end && *c->at >= '0' && *c->at <= '9'; c->at++, places++)
            value = value * 10 + (*c->at - '0');
    if (places > 4) return false;
    for (; places < 4; places++) value *= 10;
    *out = negative ? -value : value;
    return true;
}

static bool scan_integer(cursor *c, int64_t *out) {
    int64_t scaled;
    if (!scan_decimal(c, &scaled) || scaled % 10000 != 0) return false;
    *out = scaled / 10000;
    return true;
}

static bool skip_value(cursor *c) {
    slice ignored;
    skip_blanks(c);
    if (c->at < c->end && *c->at == '"') return scan_string(c, &ignored);
    int depth = 0;
    for (; c->at < c->end; c->at++) {
        if (*c->at == '"') {
            if (!scan_string(c, &ignored)) return false;
            c->at--;
        } else if (*c->at == '{' || *c->at == '[') {
            depth++;
        } else if (*c->at == '}' || *c->at == ']') {
            if (depth == 0) return true;
            depth--;
        } else if (*c->at == ',' && depth == 0) {
            return true;
        }
    }
    return false;
}

static bool scan_null(cursor *c) {
    skip_blanks(c);
    if (c->end - c->at < 4 || memcmp(c->at, "null", 4) != 0) return false;
    c->at += 4;
    return true;
}

static bool is(slice key, const char *name) {
    return key.length == strlen(name) && memcmp(key.start, name, key.length) == 0;
}

static int two(const char *digits) { return (digits[0] - '0') * 10 + (digits[1] - '0'); }

static bool scan_datetime(cursor *c, sale *sale) {
    slice text;
    if (!scan_string(c, &text) || text.length != 19) return false;
    memcpy(sale->datetime, text.start, 19);
    sale->datetime[10] = ' ';
    sale->datetime[19] = 0;
    int year = two(text.start) * 100 + two(text.start + 2), month = two(text.start + 5), day = two(text.start + 8);
    if (month < 1 || month > 12 || day < 1 || day > 31) return false;
    // Days from the civil date (Hinnant).
    int64_t y = year - (month <= 2), era = (y >= 0 ? y : y - 399) / 400, of_era = y - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t days = era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
    sale->instant = days * 86400 + two(text.start + 11) * 3600 + two(text.start + 14) * 60 + two(text.start + 17);
    return true;
}

static bool scan_line(cursor *c, sale_line *line) {
    if (!expect(c, '{')) return false;
    int found = 0;
    do {
        slice key;
        if (!scan_string(c, &key) || !expect(c, ':')) return false;
        if (is(key, "product_sku")) {
            if (!scan_string(c, &line->sku) || line->sku.length == 0) return false;
            found |= 1;
        } else if (is(key, "quantity")) {
            if (!scan_integer(c, &line->quantity)) return false;
            found |= 2;
        } else if (is(key, "amount")) {
            if (!scan_decimal(c, &line->amount)) return false;
            found |= 4;
        } else if (!skip_value(c)) {
            return false;
        }
    } while (expect(c, ','));
    return found == 7 && expect(c, '}');
}

static bool scan_lines(cursor *c, sale *sale) {
    sale->line_count = 0;
    if (!expect(c, '[')) return false;
    if (expect(c, ']')) return true;
    do {
        if (sale->line_count == LINES_MAX || !scan_line(c, &sale->lines[sale->line_count])) return false;
        sale->line_count++;
    } while (expect(c, ','));
    return expect(c, ']');
}

/// FNV-1a over eight bytes at a time: as quick as a content hash can plainly be.
static int64_t hash(const char *bytes, size_t length) {
    uint64_t value = 0xcbf29ce484222325u, word;
    for (; length >= 8; bytes += 8, length -= 8) {
        memcpy(&word, bytes, 8);
        value = (value ^ word) * 0x100000001b3u;
        value ^= value >> 32;
    }
    for (; length > 0; bytes++, length--) value = (value ^ (unsigned char)*bytes) * 0x100000001b3u;
    return (int64_t)value;
}

bool scan_sale(const char *bytes, size_t length, sale *sale) {
    cursor c = {bytes, bytes + length};
    int found = 0;
    sale->has_total = sale->has_customer = false;
    if (!expect(&c, '{')) return false;
    do {
        slice key;
        if (!scan_string(&c, &key) || !expect(&c, ':')) return false;
        if (is(key, "id")) {
            if (!scan_integer(&c, &sale->id) || sale->id < 1) return false;
            found |= 1;
        } else if (is(key, "datetime")) {
            if (!scan_datetime(&c, sale)) return false;
            found |= 2;
        } else if (is(key, "total_amount")) {
            if (!scan_decimal(&c, &sale->total)) return false;
            sale->has_total = true;
        } else if (is(key, "customer_id")) {
            if (comes(&c, 'n')) {
                if (!scan_null(&c)) return false;
            } else {
                if (!scan_string(&c, &sale->customer)) return false;
                sale->has_customer = sale->customer.length > 0;
            }
        } else if (is(key, "items")) {
            if (!scan_lines(&c, sale)) return false;
            found |= 4;
        } else if (!skip_value(&c)) {
            return false;
        }
    } while (expect(&c, ','));
    if (!expect(&c, '}') || found != 7) return false;
    skip_blanks(&c);
    sale->content_hash = hash(bytes, length);
    return c.at == c.end;
}
