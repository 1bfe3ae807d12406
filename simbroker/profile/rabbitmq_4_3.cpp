// RabbitMQ 4.3.6, as observed on the wire.
#include "simbroker/profile/profile.hpp"

namespace simbroker::profile {

const Profile& rabbitmq_4_3() {
    static const Profile profile{
        .name = "rabbitmq-4.3",
        .product = "RabbitMQ",
        .version = "4.3.6",
        .platform = "Erlang/OTP 29.1.1",
        .copyright = "Copyright (c) 2007-2026 Broadcom Inc and/or its subsidiaries",
        .information = "Licensed under the MPL 2.0. Website: https://rabbitmq.com",
        .mechanisms = "AMQPLAIN ANONYMOUS PLAIN",
        .foreign_header_reply = {'A', 'M', 'Q', 'P', 3, 1, 0, 0},
        .channel_max = 2047,
        .frame_max = 131072,
        .frame_max_minimum = 8192,
        .payload_max_before_tune = 8192,
        .heartbeat = std::chrono::seconds(60),
        .message_size_max = 16777216,
        .announced_body_max = 536870912,
        .unknown_exchange_type = UnknownExchangeType::channel_precondition_failed,
        .headers_on_delivery = HeadersOnDelivery::reencoded_and_sorted,
        .odd_delivery_mode = OddDeliveryMode::accepted,
        .expiration_on_delivery = ExpirationOnDelivery::as_integer,
        .overlong_body = OverlongBody::frame_error,
        .header_numbers = HeaderNumbers::integers_and_floats_differ,
        .global_qos = GlobalQos::treated_as_per_consumer,
        .death_headers = DeathHeaders::kept_apart_with_last_death,
        .rejected_redelivered = RejectedRedelivered::set,
        .stray_cancel_ok = StrayCancelOk::internal_error,
        .queue_type_argument = QueueTypeArgument::always_stored,
        .access_text = AccessText::with_permission,
        .old_protocol = OldProtocol::refused,
        .direct_replies = DirectReplies::like_deliveries,
        .commit_to_deleted_queue = CommitToDeletedQueue::resource_error,
        .malformed_reply_address = MalformedReplyAddress::unroutable_and_internal_error,
        .cancel_on_failover = CancelOnFailover::unknown,
        .denied_features =
            {.transient_nonexcl_queues =
                 "Feature `transient_nonexcl_queues` is deprecated.\nIts use is not permitted per the configuration "
                 "(overriding the default, which is permitted):\n    "
                 "\"deprecated_features.permit.transient_nonexcl_queues = false\"\nIts use will not be permitted by "
                 "default in a future minor RabbitMQ version",
             .queue_master_locator =
                 "Feature `queue_master_locator` is deprecated.\nBy default, this feature is not permitted "
                 "anymore.\nThe feature will be removed from a future major RabbitMQ version, regardless of the "
                 "configuration; actual version to be determined.\nTo continue using this feature"},
    };
    return profile;
}

}  // namespace simbroker::profile
