// RabbitMQ 4.0.5, as observed on the wire.
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
    KnownArgument{"x-queue-master-locator", {QueueType::classic}},
    KnownArgument{"x-max-age", {QueueType::stream}},
    KnownArgument{"x-stream-max-segment-size-bytes", {QueueType::stream}},
    KnownArgument{"x-initial-cluster-size", {QueueType::stream}},
    KnownArgument{"x-queue-leader-locator", {QueueType::classic, QueueType::quorum, QueueType::stream}},
};

constexpr std::array known_consumer_arguments{
    KnownArgument{"x-priority", {QueueType::classic, QueueType::quorum}},
    KnownArgument{"x-stream-offset", {QueueType::stream}},
    KnownArgument{"x-stream-filter", {QueueType::stream}},
    KnownArgument{"x-stream-match-unfiltered", {QueueType::stream}},
};

constexpr ClassicQueues classic_queues{
    .queue_mode = QueueMode::checked,
    .oldest_version = 1,
    .unknown_master_locator = UnknownMasterLocator::not_looked_at,
};

constexpr Policies operator_policies{
    .targets = PolicyTargets::types_of_queues_too,
    .bad_json = BadJson::could_not_parse,
    .delivery_limit_below_0 = true,
    .without_effect = "target-group-size",
};

constexpr ExchangeTypes exchange_types{
    .core = "direct fanout headers topic x-local-random",
    .plugins = "",
    .consistent_hash_weight_max = 0,
    .hashed_header = HashedHeader::bare,
    .modulus_order = ModulusOrder::by_routing_key,
    .unroutable_history = UnroutableHistory::internal_error_with_words,
    .delay_on_delivery = DelayOnDelivery::negated,
    .transient = TransientExchanges::lost,
};

}  // namespace

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
        .exchange_types = exchange_types,
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
        .empty_queue_type = EmptyQueueType::refused,
        .server_named_type = ServerNamedType::internal_error_unless_void,
        .access_text = AccessText::with_permission,
        .old_protocol = OldProtocol::refused,
        .direct_replies = DirectReplies::apart,
        .commit_to_deleted_queue = CommitToDeletedQueue::partial_completion,
        .malformed_reply_address = MalformedReplyAddress::like_a_dead_one,
        .denied_features = {},
        .delivery_timeout = DeliveryTimeout::closes_the_channel,
        .consumer_timeout_argument = ConsumerTimeoutArgument::of_the_queue,
        .queue_arguments = known_queue_arguments,
        .consumer_arguments = known_consumer_arguments,
        .classic = classic_queues,
        .quorum{
            .default_delivery_limit = 20,
            .delivery_count_header = DeliveryCountHeader::on_redelivery,
            .counted_returns = CountedReturns::all,
            .unlimited_return = UnlimitedReturn::to_the_tail,
            .negative_delivery_limit = NegativeDeliveryLimit::unlimited,
            .odd_delivery_limit = OddDeliveryLimit::compared_as_it_is,
            .priorities = QuorumPriorities::two_levels,
            .length_bytes = QuorumLengthBytes::bodies,
            .active_consumer = QuorumActiveConsumer::the_highest_priority,
            .name_in_get_refusal = "quorum",
        },
        .stream{
            .settlements = StreamSettlements::all_give_credit,
            .naming = StreamNaming::stream_queue,
            .unreadable_interval = UnreadableInterval::fails_inside,
            .headers = StreamHeaders::nested_if_annotations,
            .delivery_mode = StreamDeliveryMode::always_told,
            .filter_size_refusal = "Invalid value for  x-stream-filter-size-bytes",
        },
        .passive_declare_access = PassiveDeclareAccess::unchecked,
        .topic_write_check = TopicWriteCheck::all_keys,
        .user_limit_text = UserLimitText::parenthesised_of_node,
        .virtual_host_limit = VirtualHostLimit::connections_and_queues,
        .policies = operator_policies,
        .deviations = rabbitmq_deviations,
    };
    return profile;
}

}  // namespace simbroker::profile
