// RabbitMQ 3.10.8, as observed on the wire.
#include <array>

#include "simbroker/profile/profile.hpp"

namespace simbroker::profile {
namespace {

constexpr std::array known_queue_arguments{
    KnownArgument{"x-expires", {QueueType::classic, QueueType::quorum}},
    KnownArgument{"x-message-ttl", {QueueType::classic, QueueType::quorum}},
    KnownArgument{"x-dead-letter-exchange", {QueueType::classic, QueueType::quorum}},
    KnownArgument{"x-dead-letter-routing-key", {QueueType::classic, QueueType::quorum}},
    KnownArgument{"x-dead-letter-strategy", {QueueType::quorum}},
    KnownArgument{"x-max-length", {QueueType::classic, QueueType::quorum}},
    KnownArgument{"x-max-length-bytes", {QueueType::classic, QueueType::quorum, QueueType::stream}},
    KnownArgument{"x-max-in-memory-length", {QueueType::quorum}},
    KnownArgument{"x-max-in-memory-bytes", {QueueType::quorum}},
    KnownArgument{"x-max-priority", {QueueType::classic}},
    KnownArgument{"x-overflow", {QueueType::classic, QueueType::quorum}},
    KnownArgument{"x-queue-mode", {QueueType::classic}},
    KnownArgument{"x-queue-version", {QueueType::classic}},
    KnownArgument{"x-single-active-consumer", {QueueType::classic, QueueType::quorum}},
    KnownArgument{"x-queue-type", {QueueType::classic, QueueType::quorum, QueueType::stream}},
    KnownArgument{"x-quorum-initial-group-size", {QueueType::quorum}},
    KnownArgument{"x-delivery-limit", {QueueType::quorum}},
    KnownArgument{"x-max-age", {QueueType::stream}},
    KnownArgument{"x-stream-max-segment-size-bytes", {QueueType::stream}},
    KnownArgument{"x-initial-cluster-size", {QueueType::stream}},
    KnownArgument{"x-queue-leader-locator", {QueueType::quorum, QueueType::stream}},
    KnownArgument{"x-queue-master-locator", {QueueType::classic}},
};

constexpr std::array known_consumer_arguments{
    KnownArgument{"x-priority", {QueueType::classic, QueueType::quorum}},
    KnownArgument{"x-credit", {QueueType::classic, QueueType::quorum}},
    KnownArgument{"x-cancel-on-ha-failover", {QueueType::classic}},
    KnownArgument{"x-stream-offset", {QueueType::stream}},
};

constexpr ClassicQueues classic_queues{
    .queue_mode = QueueMode::checked,
    .oldest_version = 1,
    .unknown_master_locator = UnknownMasterLocator::fails_inside,
};

constexpr Policies operator_policies{
    .targets = PolicyTargets::kinds,
    .bad_json = BadJson::badarg,
    .delivery_limit_below_0 = false,
    .without_effect = "ha-mode ha-params ha-sync-mode ha-sync-batch-size ha-promote-on-shutdown ha-promote-on-failure",
};

constexpr ExchangeTypes exchange_types{
    .core = "direct fanout headers topic",
    .plugins = "rabbitmq_consistent_hash_exchange",
    .consistent_hash_weight_max = 0,
    .hashed_header = HashedHeader::with_type,
    .modulus_order = ModulusOrder::by_routing_key,
    .unroutable_history = UnroutableHistory::internal_error_without_words,
    .delay_on_delivery = DelayOnDelivery::as_published,
    .transient = TransientExchanges::lost,
};

}  // namespace

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
        .exchange_types = exchange_types,
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
        .empty_queue_type = EmptyQueueType::refused,
        .server_named_type = ServerNamedType::internal_error,
        .access_text = AccessText::plain,
        .old_protocol = OldProtocol::answered,
        .direct_replies = DirectReplies::apart,
        .commit_to_deleted_queue = CommitToDeletedQueue::unroutable,
        .malformed_reply_address = MalformedReplyAddress::like_a_dead_one,
        .denied_features = {},
        .delivery_timeout = DeliveryTimeout::closes_the_channel,
        .consumer_timeout_argument = ConsumerTimeoutArgument::ignored,
        .queue_arguments = known_queue_arguments,
        .consumer_arguments = known_consumer_arguments,
        .classic = classic_queues,
        .quorum{
            .default_delivery_limit = std::nullopt,
            .delivery_count_header = DeliveryCountHeader::on_redelivery_and_get,
            .counted_returns = CountedReturns::all,
            .unlimited_return = UnlimitedReturn::to_the_tail,
            .negative_delivery_limit = NegativeDeliveryLimit::counts_as_it_is,
            .odd_delivery_limit = OddDeliveryLimit::compared_as_it_is,
            .priorities = QuorumPriorities::none,
            .length_bytes = QuorumLengthBytes::bodies,
            .active_consumer = QuorumActiveConsumer::the_eldest,
            .name_in_get_refusal = "quorum",
        },
        .stream{
            .settlements = StreamSettlements::acknowledgements_only,
            .naming = StreamNaming::quoted_queue,
            .unreadable_interval = UnreadableInterval::fails_inside,
            .headers = StreamHeaders::never_nested,
            .delivery_mode = StreamDeliveryMode::as_published,
            .filter_size_refusal = "",
        },
        .passive_declare_access = PassiveDeclareAccess::unchecked,
        .topic_write_check = TopicWriteCheck::routing_key,
        .user_limit_text = UserLimitText::parenthesised,
        .virtual_host_limit = VirtualHostLimit::connections_and_queues,
        .policies = operator_policies,
        .deviations = rabbitmq_deviations,
    };
    return profile;
}

}  // namespace simbroker::profile
