#pragma once
#include <sqlite3.h>

// sqlite3_config is variadic, which Swift cannot call. Only before the first connection.
static inline int retailflow_sqlite3_config_memory_statistics(int is_on) {
    return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, is_on);
}
