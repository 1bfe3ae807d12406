// Everything a peer can do wrong, one row each: its name, the reply code it earns, how much it costs, and the clause it
// breaks. A handler names the violation; one function (server091/connection.cpp) turns the row into close frames.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "codec/amqp091/reply_code.hpp"

namespace codec {

enum class Scope : std::uint8_t {
    channel,     // channel.close
    connection,  // connection.close
    fatal,       // connection.close, and nothing is read any more: the stream has lost its frames
    silent,      // the transport is dropped after a while, without a word
    abrupt,      // the transport is dropped at once
};

enum class ViolationName : std::uint8_t {
    // framing
    frame_too_large,
    bad_frame_end,
    malformed_frame,
    frame_in_wrong_state,
    undecodable_method,
    undecodable_method_on_channel_0,
    unknown_method,
    undecodable_table,
    malformed_short_string,
    method_expected,
    content_header_expected,
    content_body_expected,
    body_longer_than_announced,
    announced_body_too_large,
    undecodable_properties,
    unknown_frame_type,
    frame_end_missing,
    unreadable_fields,
    method_not_implemented,
    heartbeat_on_channel,
    content_on_channel_0,
    content_header_wrong,
    // connection
    error_before_open,
    login_refused,
    unexpected_connection_method,
    vhost_not_found,
    vhost_path_unknown,
    vhost_access_refused,
    vhost_connection_limit_reached,
    user_connection_limit_reached,
    closed_by_operator,
    // channel
    channel_not_open,
    channel_already_open,
    too_many_channels,
    channel_number_too_high,
    user_channel_limit_reached,
    permission_refused,
    method_not_for_clients,
    stray_cancel_ok,
    flow_not_implemented,
    // exchange
    unknown_exchange_type,
    unknown_exchange_type_on_connection,
    exchange_not_found,
    exchange_name_reserved,
    exchange_name_invalid,
    default_exchange_protected,
    exchange_not_equivalent,
    exchange_type_changed,
    exchange_in_use,
    exchange_argument_invalid,
    exchange_limit_reached,
    internal_exchange_protected,
    binding_argument_invalid,
    binding_not_found,
    default_binding_fixed,
    // queue
    queue_not_found,
    no_queue_declared_yet,
    queue_name_reserved,
    queue_name_invalid,
    queue_locked,
    queue_not_equivalent,
    queue_argument_invalid,
    queue_limit_reached,
    queue_in_use,
    queue_not_empty,
    deprecated_feature_refused,
    queue_property_invalid,
    not_supported_by_queue_type,
    failed_inside,
    // basic
    prefetch_size_not_implemented,
    immediate_not_implemented,
    recover_without_requeue_not_implemented,
    message_too_large,
    content_beyond_limit,
    memory_exhausted,
    message_invalid,
    user_id_mismatch,
    expiration_invalid,
    consumer_tag_in_use,
    consumer_of_another_channel,
    queue_in_exclusive_use,
    get_from_single_active_consumer_queue,
    consumer_prefetch_missing,
    consumer_argument_invalid,
    reply_consumer_invalid,
    unknown_delivery_tag,
    delivery_timed_out,
    // tx, confirm
    channel_not_transactional,
    confirm_and_tx_exclude_each_other,
    partial_tx_completion,
    commit_undeliverable,
    // any class
    internal_failure,
};

struct ViolationRow {
    ViolationName id{};
    std::string_view name;
    amqp091::ReplyCode code{};  // without meaning where the scope is silent or abrupt
    Scope scope{};
    std::string_view clause;  // of the specification, or the extension's name
};

namespace detail {

using enum ViolationName;
using enum amqp091::ReplyCode;

inline constexpr std::array rows{
    ViolationRow{frame_too_large, "frame-too-large", frame_error, Scope::fatal, "4.2.3"},
    ViolationRow{bad_frame_end, "bad-frame-end", frame_error, Scope::fatal, "4.2.3"},
    ViolationRow{malformed_frame, "malformed-frame", frame_error, Scope::connection, "4.2.3"},
    ViolationRow{frame_in_wrong_state, "frame-in-wrong-state", unexpected_frame, Scope::connection, "4.2.3"},
    ViolationRow{undecodable_method, "undecodable-method", frame_error, Scope::connection, "4.2.4"},
    ViolationRow{
        undecodable_method_on_channel_0, "undecodable-method-on-channel-0", internal_error, Scope::connection, "4.2.4"
    },
    ViolationRow{unknown_method, "unknown-method", frame_error, Scope::abrupt, "4.2.4"},
    ViolationRow{undecodable_table, "undecodable-table", frame_error, Scope::abrupt, "4.2.5.5"},
    ViolationRow{malformed_short_string, "malformed-short-string", frame_error, Scope::connection, "4.2.5.3"},
    ViolationRow{method_expected, "method-expected", unexpected_frame, Scope::connection, "4.2.6"},
    ViolationRow{content_header_expected, "content-header-expected", unexpected_frame, Scope::connection, "4.2.6"},
    ViolationRow{content_body_expected, "content-body-expected", unexpected_frame, Scope::connection, "4.2.6"},
    ViolationRow{body_longer_than_announced, "body-longer-than-announced", frame_error, Scope::connection, "4.2.6.2"},
    ViolationRow{announced_body_too_large, "announced-body-too-large", frame_error, Scope::connection, "4.2.6.1"},
    ViolationRow{undecodable_properties, "undecodable-properties", internal_error, Scope::connection, "4.2.6.1"},
    ViolationRow{unknown_frame_type, "unknown-frame-type", frame_error, Scope::abrupt, "4.2.3"},
    ViolationRow{frame_end_missing, "frame-end-missing", frame_error, Scope::abrupt, "4.2.3"},
    ViolationRow{unreadable_fields, "unreadable-fields", syntax_error, Scope::connection, "4.2.5"},
    ViolationRow{method_not_implemented, "method-not-implemented", not_implemented, Scope::connection, "4.2.4"},
    ViolationRow{heartbeat_on_channel, "heartbeat-on-channel", frame_error, Scope::connection, "4.2.7"},
    ViolationRow{content_on_channel_0, "content-on-channel-0", channel_error, Scope::connection, "4.2.6.1"},
    ViolationRow{content_header_wrong, "content-header-wrong", frame_error, Scope::connection, "4.2.6.1"},

    ViolationRow{error_before_open, "error-before-open", frame_error, Scope::silent, "2.2.4"},
    ViolationRow{login_refused, "login-refused", access_refused, Scope::connection, "1.4.2.2"},
    ViolationRow{unexpected_connection_method, "unexpected-connection-method", channel_error, Scope::connection, "1.4"},
    ViolationRow{vhost_not_found, "vhost-not-found", not_allowed, Scope::connection, "1.4.2.7"},
    ViolationRow{vhost_path_unknown, "vhost-path-unknown", invalid_path, Scope::connection, "1.4.2.7"},
    ViolationRow{vhost_access_refused, "vhost-access-refused", not_allowed, Scope::connection, "1.4.2.7"},
    ViolationRow{
        vhost_connection_limit_reached, "vhost-connection-limit-reached", not_allowed, Scope::connection, "limits"
    },
    ViolationRow{
        user_connection_limit_reached, "user-connection-limit-reached", not_allowed, Scope::connection, "limits"
    },
    ViolationRow{closed_by_operator, "closed-by-operator", connection_forced, Scope::connection, "1.2"},

    ViolationRow{channel_not_open, "channel-not-open", channel_error, Scope::connection, "1.5"},
    ViolationRow{channel_already_open, "channel-already-open", channel_error, Scope::connection, "1.5.2.1"},
    ViolationRow{too_many_channels, "too-many-channels", not_allowed, Scope::connection, "1.4.2.6"},
    ViolationRow{channel_number_too_high, "channel-number-too-high", channel_error, Scope::connection, "1.4.2.6"},
    ViolationRow{user_channel_limit_reached, "user-channel-limit-reached", not_allowed, Scope::connection, "limits"},
    ViolationRow{permission_refused, "permission-refused", access_refused, Scope::channel, "permissions"},
    ViolationRow{method_not_for_clients, "method-not-for-clients", command_invalid, Scope::connection, "4.2.4"},
    ViolationRow{stray_cancel_ok, "stray-cancel-ok", internal_error, Scope::connection, "1.8.3.6"},
    ViolationRow{flow_not_implemented, "flow-not-implemented", not_implemented, Scope::connection, "1.5.2.3"},

    ViolationRow{unknown_exchange_type, "unknown-exchange-type", precondition_failed, Scope::channel, "1.6.2.1"},
    ViolationRow{
        unknown_exchange_type_on_connection,
        "unknown-exchange-type-on-connection",
        command_invalid,
        Scope::connection,
        "1.6.2.1"
    },
    ViolationRow{exchange_not_found, "exchange-not-found", not_found, Scope::channel, "1.6"},
    ViolationRow{exchange_name_reserved, "exchange-name-reserved", access_refused, Scope::channel, "1.6.2.1"},
    ViolationRow{exchange_name_invalid, "exchange-name-invalid", precondition_failed, Scope::channel, "1.6.2.1"},
    ViolationRow{default_exchange_protected, "default-exchange-protected", access_refused, Scope::channel, "3.1.3.1"},
    ViolationRow{exchange_not_equivalent, "exchange-not-equivalent", precondition_failed, Scope::channel, "1.6.2.1"},
    ViolationRow{exchange_type_changed, "exchange-type-changed", not_allowed, Scope::connection, "1.6.2.1"},
    ViolationRow{exchange_in_use, "exchange-in-use", precondition_failed, Scope::channel, "1.6.2.3"},
    ViolationRow{
        exchange_argument_invalid,
        "exchange-argument-invalid",
        precondition_failed,
        Scope::channel,
        "alternate-exchange"
    },
    ViolationRow{exchange_limit_reached, "exchange-limit-reached", precondition_failed, Scope::channel, "limits"},
    ViolationRow{internal_exchange_protected, "internal-exchange-protected", access_refused, Scope::channel, "1.8.3.7"},
    ViolationRow{binding_argument_invalid, "binding-argument-invalid", precondition_failed, Scope::channel, "3.1.3.4"},
    ViolationRow{binding_not_found, "binding-not-found", not_found, Scope::connection, "1.7.2.5"},
    ViolationRow{default_binding_fixed, "default-binding-fixed", access_refused, Scope::channel, "3.1.3.1"},

    ViolationRow{queue_not_found, "queue-not-found", not_found, Scope::channel, "1.7"},
    ViolationRow{no_queue_declared_yet, "no-queue-declared-yet", not_found, Scope::channel, "1.7"},
    ViolationRow{queue_name_reserved, "queue-name-reserved", access_refused, Scope::channel, "1.7.2.1"},
    ViolationRow{queue_name_invalid, "queue-name-invalid", precondition_failed, Scope::channel, "1.7.2.1"},
    ViolationRow{queue_locked, "queue-locked", resource_locked, Scope::channel, "1.7.2.1"},
    ViolationRow{queue_not_equivalent, "queue-not-equivalent", precondition_failed, Scope::channel, "1.7.2.1"},
    ViolationRow{queue_argument_invalid, "queue-argument-invalid", precondition_failed, Scope::channel, "1.7.2.1"},
    ViolationRow{queue_limit_reached, "queue-limit-reached", precondition_failed, Scope::channel, "limits"},
    ViolationRow{queue_in_use, "queue-in-use", precondition_failed, Scope::channel, "1.7.2.9"},
    ViolationRow{queue_not_empty, "queue-not-empty", precondition_failed, Scope::channel, "1.7.2.9"},
    ViolationRow{
        deprecated_feature_refused,
        "deprecated-feature-refused",
        internal_error,
        Scope::connection,
        "deprecated features"
    },
    ViolationRow{queue_property_invalid, "queue-property-invalid", precondition_failed, Scope::channel, "queue types"},
    ViolationRow{
        not_supported_by_queue_type, "not-supported-by-queue-type", not_implemented, Scope::connection, "queue types"
    },
    ViolationRow{failed_inside, "failed-inside", internal_error, Scope::connection, "queue types"},

    ViolationRow{
        prefetch_size_not_implemented, "prefetch-size-not-implemented", not_implemented, Scope::connection, "1.8.3.1"
    },
    ViolationRow{immediate_not_implemented, "immediate-not-implemented", not_implemented, Scope::connection, "1.8.3.7"},
    ViolationRow{
        recover_without_requeue_not_implemented,
        "recover-without-requeue-not-implemented",
        not_implemented,
        Scope::connection,
        "1.8.3.15"
    },
    ViolationRow{message_too_large, "message-too-large", precondition_failed, Scope::channel, "maximum message size"},
    ViolationRow{content_beyond_limit, "content-beyond-limit", content_too_large, Scope::channel, "1.2"},
    ViolationRow{memory_exhausted, "memory-exhausted", resource_error, Scope::connection, "bounds"},
    ViolationRow{
        message_invalid, "message-invalid", precondition_failed, Scope::channel, "sender-selected distribution"
    },
    ViolationRow{user_id_mismatch, "user-id-mismatch", precondition_failed, Scope::channel, "validated user-id"},
    ViolationRow{
        expiration_invalid, "expiration-invalid", precondition_failed, Scope::channel, "per-message time to live"
    },
    ViolationRow{consumer_tag_in_use, "consumer-tag-in-use", not_allowed, Scope::connection, "1.8.3.3"},
    ViolationRow{consumer_of_another_channel, "consumer-of-another-channel", not_allowed, Scope::connection, "1.8.3.3"},
    ViolationRow{queue_in_exclusive_use, "queue-in-exclusive-use", access_refused, Scope::channel, "1.8.3.3"},
    ViolationRow{
        get_from_single_active_consumer_queue,
        "get-from-single-active-consumer-queue",
        resource_locked,
        Scope::channel,
        "single active consumer"
    },
    ViolationRow{
        consumer_prefetch_missing, "consumer-prefetch-missing", precondition_failed, Scope::channel, "streams"
    },
    ViolationRow{
        consumer_argument_invalid,
        "consumer-argument-invalid",
        precondition_failed,
        Scope::channel,
        "consumer priorities"
    },
    ViolationRow{
        reply_consumer_invalid, "reply-consumer-invalid", precondition_failed, Scope::channel, "direct reply-to"
    },
    ViolationRow{unknown_delivery_tag, "unknown-delivery-tag", precondition_failed, Scope::channel, "1.8.3.13"},
    ViolationRow{
        delivery_timed_out,
        "delivery-timed-out",
        precondition_failed,
        Scope::channel,
        "delivery acknowledgement timeout"
    },

    ViolationRow{
        channel_not_transactional, "channel-not-transactional", precondition_failed, Scope::channel, "1.9.2.3"
    },
    ViolationRow{
        confirm_and_tx_exclude_each_other,
        "confirm-and-tx-exclude-each-other",
        precondition_failed,
        Scope::channel,
        "publisher confirms"
    },
    ViolationRow{partial_tx_completion, "partial-tx-completion", precondition_failed, Scope::channel, "1.9.2.3"},
    ViolationRow{commit_undeliverable, "commit-undeliverable", resource_error, Scope::connection, "1.9.2.3"},

    // A request that RabbitMQ itself fails at.
    ViolationRow{internal_failure, "internal-failure", internal_error, Scope::connection, "1.2"},
};

}  // namespace detail

inline constexpr const auto& violation_rows = detail::rows;

constexpr const ViolationRow& row_of(ViolationName id) {
    const auto& row = violation_rows[static_cast<std::size_t>(id)];
    return row;
}

// The rows stand in the order of the enum.
static_assert([] {
    for (std::size_t i = 0; i < violation_rows.size(); ++i) {
        if (violation_rows[i].id != static_cast<ViolationName>(i)) return false;
    }
    return violation_rows.size() == static_cast<std::size_t>(ViolationName::internal_failure) + 1;
}());

}  // namespace codec
