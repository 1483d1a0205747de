/// A sale read out of its JSON by hand: only what well-formed sales of the source API need.
#ifndef SCANNER_H
#define SCANNER_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LINES_MAX = 1000 };

/// Bytes inside the record, without quotes.
typedef struct {
    const char *start;
    size_t length;
} slice;

typedef struct {
    slice sku;
    int64_t quantity;
    int64_t amount;  // 1/10,000 of a currency unit
} sale_line;

typedef struct {
    int64_t id;
    char datetime[20];  // YYYY-MM-DD HH:MM:SS
    int64_t instant;    // seconds of UTC
    bool has_total, has_customer;
    int64_t total;  // 1/10,000 of a currency unit
    slice customer;
    int64_t content_hash;
    int line_count;
    sale_line lines[LINES_MAX];
} sale;

/// Whether the bytes are a sale.
bool scan_sale(const char *bytes, size_t length, sale *sale);

#endif
