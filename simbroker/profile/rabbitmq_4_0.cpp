// RabbitMQ 4.0.5, as observed on the wire.
#include "simbroker/profile/profile.hpp"

namespace simbroker::profile {

const Profile& rabbitmq_4_0() {
    static const Profile profile{
        .name = "rabbitmq-4.0",
        .product = "RabbitMQ",
        .version = "4.0.5",
        .platform = "Erlang/OTP 27.3.4.1",
        .copyright = "Copyright (c) 2007-2024 Broadcom Inc and/or its subsidiaries",
        .information = "Licensed under the MPL 2.0. Website: https://rabbitmq.com",
        .mechanisms = "AMQPLAIN ANONYMOUS PLAIN",
        .foreign_header_reply = {'A', 'M', 'Q', 'P', 3, 1, 0, 0},
        .channel_max = 2047,
        .frame_max = 131072,
        .frame_max_minimum = 4096,
        .payload_max_before_tune = 4096,
        .heartbeat = std::chrono::seconds(60),
        .message_size_max = 16777216,
        .announced_body_max = UINT64_MAX,
        .unknown_exchange_type = UnknownExchangeType::channel_precondition_failed,
        .headers_on_delivery = HeadersOnDelivery::reencoded_and_sorted,
        .odd_delivery_mode = OddDeliveryMode::accepted,
        .expiration_on_delivery = ExpirationOnDelivery::as_integer,
        .overlong_body = OverlongBody::swallowed,
        .header_numbers = HeaderNumbers::integers_and_floats_differ,
        .global_qos = GlobalQos::per_channel,
        .death_headers = DeathHeaders::kept_apart_with_last_death,
        .rejected_redelivered = RejectedRedelivered::cleared,
        .stray_cancel_ok = StrayCancelOk::unimplemented_method,
        .queue_type_argument = QueueTypeArgument::always_stored,
        .access_text = AccessText::with_permission,
        .old_protocol = OldProtocol::refused,
        .direct_replies = DirectReplies::apart,
        .commit_to_deleted_queue = CommitToDeletedQueue::partial_completion,
        .malformed_reply_address = MalformedReplyAddress::like_a_dead_one,
        .cancel_on_failover = CancelOnFailover::unknown,
        .denied_features = {},
    };
    return profile;
}

}  // namespace simbroker::profile
