// The reply codes of AMQP 0-9-1 (1.2) and what each of them closes (4.8.1: 3xx and 4xx a channel, 5xx the connection).
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace codec::amqp091 {

enum class ReplyCode : std::uint16_t {
    success = 200,
    content_too_large = 311,
    no_route = 312,
    no_consumers = 313,
    connection_forced = 320,
    invalid_path = 402,
    access_refused = 403,
    not_found = 404,
    resource_locked = 405,
    precondition_failed = 406,
    frame_error = 501,
    syntax_error = 502,
    command_invalid = 503,
    channel_error = 504,
    unexpected_frame = 505,
    resource_error = 506,
    not_allowed = 530,
    not_implemented = 540,
    internal_error = 541,
};

struct ReplyCodeRow {
    ReplyCode code{};
    std::string_view name;
};

inline constexpr std::array reply_code_rows{
    ReplyCodeRow{ReplyCode::success, "REPLY_SUCCESS"},
    ReplyCodeRow{ReplyCode::content_too_large, "CONTENT_TOO_LARGE"},
    ReplyCodeRow{ReplyCode::no_route, "NO_ROUTE"},
    ReplyCodeRow{ReplyCode::no_consumers, "NO_CONSUMERS"},
    ReplyCodeRow{ReplyCode::connection_forced, "CONNECTION_FORCED"},
    ReplyCodeRow{ReplyCode::invalid_path, "INVALID_PATH"},
    ReplyCodeRow{ReplyCode::access_refused, "ACCESS_REFUSED"},
    ReplyCodeRow{ReplyCode::not_found, "NOT_FOUND"},
    ReplyCodeRow{ReplyCode::resource_locked, "RESOURCE_LOCKED"},
    ReplyCodeRow{ReplyCode::precondition_failed, "PRECONDITION_FAILED"},
    ReplyCodeRow{ReplyCode::frame_error, "FRAME_ERROR"},
    ReplyCodeRow{ReplyCode::syntax_error, "SYNTAX_ERROR"},
    ReplyCodeRow{ReplyCode::command_invalid, "COMMAND_INVALID"},
    ReplyCodeRow{ReplyCode::channel_error, "CHANNEL_ERROR"},
    ReplyCodeRow{ReplyCode::unexpected_frame, "UNEXPECTED_FRAME"},
    ReplyCodeRow{ReplyCode::resource_error, "RESOURCE_ERROR"},
    ReplyCodeRow{ReplyCode::not_allowed, "NOT_ALLOWED"},
    ReplyCodeRow{ReplyCode::not_implemented, "NOT_IMPLEMENTED"},
    ReplyCodeRow{ReplyCode::internal_error, "INTERNAL_ERROR"},
};

constexpr std::string_view name_of(ReplyCode code) {
    for (const auto& row : reply_code_rows) {
        if (row.code == code) return row.name;
    }
    return "";
}

}  // namespace codec::amqp091
