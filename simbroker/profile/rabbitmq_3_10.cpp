// RabbitMQ 3.10.8, as observed on the wire.
#include "simbroker/profile/profile.hpp"

namespace simbroker::profile {

const Profile& rabbitmq_3_10() {
    static const Profile profile{
        .name = "rabbitmq-3.10",
        .product = "RabbitMQ",
        .version = "3.10.8",
        .platform = "Erlang/OTP 25.2.3",
        .copyright = "Copyright (c) 2007-2022 VMware, Inc. or its affiliates.",
        .information = "Licensed under the MPL 2.0. Website: https://rabbitmq.com",
        .mechanisms = "AMQPLAIN PLAIN",
        .foreign_header_reply = {'A', 'M', 'Q', 'P', 0, 0, 9, 1},
        .channel_max = 2047,
        .frame_max = 131072,
        .frame_max_minimum = 4096,
        .payload_max_before_tune = 4096,
        .heartbeat = std::chrono::seconds(60),
        .message_size_max = 134217728,
        .announced_body_max = UINT64_MAX,
        .unknown_exchange_type = UnknownExchangeType::connection_command_invalid,
        .headers_on_delivery = HeadersOnDelivery::as_published,
        .odd_delivery_mode = OddDeliveryMode::refused,
        .expiration_on_delivery = ExpirationOnDelivery::as_published,
        .overlong_body = OverlongBody::swallowed,
        .header_numbers = HeaderNumbers::integers_equal_floats,
        .global_qos = GlobalQos::per_channel,
        .death_headers = DeathHeaders::merged_from_message,
        .rejected_redelivered = RejectedRedelivered::cleared,
        .stray_cancel_ok = StrayCancelOk::unimplemented_method,
        .queue_type_argument = QueueTypeArgument::as_given,
        .access_text = AccessText::plain,
        .old_protocol = OldProtocol::answered,
        .direct_replies = DirectReplies::apart,
        .commit_to_deleted_queue = CommitToDeletedQueue::unroutable,
        .malformed_reply_address = MalformedReplyAddress::like_a_dead_one,
        .cancel_on_failover = CancelOnFailover::checked,
        .denied_features = {},
    };
    return profile;
}

}  // namespace simbroker::profile
