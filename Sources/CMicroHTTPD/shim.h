#pragma once
#include <microhttpd.h>

// Swift cannot call variadic C functions: one typed door for the one way we start a server.
static inline struct MHD_Daemon *retailflow_microhttpd_start(
    unsigned int flags, int listen_socket, MHD_AccessHandlerCallback handler, MHD_RequestCompletedCallback completed,
    void *context, unsigned int connections_max, unsigned int idle_seconds_max) {
    return MHD_start_daemon(
        flags, 0, NULL, NULL, handler, context, MHD_OPTION_LISTEN_SOCKET, (MHD_socket)listen_socket,
        MHD_OPTION_NOTIFY_COMPLETED, completed, context, MHD_OPTION_CONNECTION_LIMIT, connections_max,
        MHD_OPTION_CONNECTION_TIMEOUT, idle_seconds_max, MHD_OPTION_END);
}

// The socket of a connection, -1 if the library does not tell.
static inline int retailflow_microhttpd_socket(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info ? (int)info->connect_fd : -1;
}
