// RabbitMQ 4.3.6, as observed on the wire.
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
    KnownArgument{"x-stream-filter-size-bytes", {QueueType::stream}},
    KnownArgument{"x-consumer-timeout", {QueueType::quorum}},
    KnownArgument{"x-delayed-retry-type", {QueueType::quorum}},
    KnownArgument{"x-delayed-retry-min", {QueueType::quorum}},
    KnownArgument{"x-delayed-retry-max", {QueueType::quorum}},
};

constexpr std::array known_consumer_arguments{
    KnownArgument{"x-priority", {QueueType::classic, QueueType::quorum}},
    KnownArgument{"x-consumer-timeout", {QueueType::quorum}},
    KnownArgument{"x-stream-offset", {QueueType::stream}},
    KnownArgument{"x-stream-filter", {QueueType::stream}},
    KnownArgument{"x-stream-match-unfiltered", {QueueType::stream}},
};

constexpr DeniedFeatures denied{
    .transient_nonexcl_queues =
        "Feature `transient_nonexcl_queues` is deprecated.\nIts use is not permitted per the configuration "
        "(overriding the default, which is permitted):\n    "
        "\"deprecated_features.permit.transient_nonexcl_queues = false\"\nIts use will not be permitted by "
        "default in a future minor RabbitMQ version",
    .queue_master_locator =
        "Feature `queue_master_locator` is deprecated.\nBy default, this feature is not permitted "
        "anymore.\nThe feature will be removed from a future major RabbitMQ version, regardless of the "
        "configuration; actual version to be determined.\nTo continue using this feature"
};

constexpr ClassicQueues classic_queues{
    .queue_mode = QueueMode::not_looked_at,
    .oldest_version = 2,
    .unknown_master_locator = UnknownMasterLocator::not_looked_at,
};

constexpr Policies operator_policies{
    .targets = PolicyTargets::types_of_queues_too,
    .bad_json = BadJson::could_not_parse,
    .delivery_limit_below_0 = true,
    .without_effect = "target-group-size",
};

constexpr ExchangeTypes exchange_types{
    .core = "direct fanout headers topic x-local-random x-modulus-hash",
    .plugins = "",
    .consistent_hash_weight_max = 10000,
    .hashed_header = HashedHeader::bare,
    .modulus_order = ModulusOrder::by_destination,
    .unroutable_history = UnroutableHistory::internal_error_with_words,
    .delay_on_delivery = DelayOnDelivery::negated,
    .transient = TransientExchanges::kept,
};

}  // namespace

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
        .exchange_types = exchange_types,
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
        .empty_queue_type = EmptyQueueType::means_classic,
        .server_named_type = ServerNamedType::unknown_type,
        .access_text = AccessText::with_permission,
        .old_protocol = OldProtocol::refused,
        .direct_replies = DirectReplies::like_deliveries,
        .commit_to_deleted_queue = CommitToDeletedQueue::resource_error,
        .malformed_reply_address = MalformedReplyAddress::unroutable_and_internal_error,
        .denied_features = denied,
        .delivery_timeout = DeliveryTimeout::takes_back_from_quorum_queues,
        .consumer_timeout_argument = ConsumerTimeoutArgument::of_the_queue,
        .queue_arguments = known_queue_arguments,
        .consumer_arguments = known_consumer_arguments,
        .classic = classic_queues,
        .quorum{
            .default_delivery_limit = 20,
            .delivery_count_header = DeliveryCountHeader::with_acquired_count,
            .counted_returns = CountedReturns::rejected_or_lost,
            .unlimited_return = UnlimitedReturn::to_the_front,
            .negative_delivery_limit = NegativeDeliveryLimit::unlimited,
            .odd_delivery_limit = OddDeliveryLimit::as_if_not_given,
            .priorities = QuorumPriorities::strict,
            .length_bytes = QuorumLengthBytes::properties_and_bodies,
            .active_consumer = QuorumActiveConsumer::the_highest_priority,
            .name_in_get_refusal = "<<\"quorum\">>",
        },
        .stream{
            .settlements = StreamSettlements::all_give_credit,
            .naming = StreamNaming::stream_queue,
            .unreadable_interval = UnreadableInterval::refused,
            .headers = StreamHeaders::nested_if_annotations,
            .delivery_mode = StreamDeliveryMode::always_told,
            .filter_size_refusal = "Invalid value for x-stream-filter-size-bytes",
        },
        .passive_declare_access = PassiveDeclareAccess::any_permission,
        .topic_write_check = TopicWriteCheck::all_keys,
        .user_limit_text = UserLimitText::bare,
        .virtual_host_limit = VirtualHostLimit::exchanges_too,
        .policies = operator_policies,
        .deviations = rabbitmq_deviations,
    };
    return profile;
}

}  // namespace simbroker::profile
