// AMQP 0-9-1 as it is written, and 0-9 for those who ask for it. Where the specification leaves something to the server
// (arguments, types of exchanges, mechanisms, limits) it is as in RabbitMQ 4.3; what the specification does not know
// (methods and properties of RabbitMQ's own) is not there. README.md of simbroker/ lists the decisions.
#include <array>

#include "simbroker/core/version.hpp"
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

constexpr ClassicQueues classic_queues{
    .queue_mode = QueueMode::not_looked_at,
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
    .core = "direct fanout headers topic",
    .plugins = "",
    .consistent_hash_weight_max = 10000,
    .hashed_header = HashedHeader::bare,
    .modulus_order = ModulusOrder::by_destination,
    .unroutable_history = UnroutableHistory::internal_error_with_words,
    .delay_on_delivery = DelayOnDelivery::negated,
    .transient = TransientExchanges::lost,
};

constexpr Deviations none{
    .capabilities = "",
    .extension_methods = ExtensionMethods::not_implemented,
    .server_host = ServerHost::told,
    .silent_drop_delay = std::chrono::seconds(0),
    .errors_while_opening = ErrorsWhileOpening::silent,
    .broken_frames = BrokenFrames::dropped_silently,
    .undecodable = Undecodable::by_reply_codes,
    .misplaced_frames = MisplacedFrames::by_their_clauses,
    .frame_max = FrameMax::of_the_frame,
    .channel_max = ChannelMax::of_the_numbers,
    .unknown_virtual_host = UnknownVirtualHost::invalid_path,
    .paused_flow = PausedFlow::honoured,
    .missing_entities = MissingEntities::not_found,
    .default_exchange = DefaultExchange::bindable,
    .entity_names = EntityNames::as_their_domain_has_it,
    .redeclared_exchange = RedeclaredExchange::type_durable_and_arguments,
    .redeclared_queue = RedeclaredQueue::all_arguments,
    .reserved_queue_names = ReservedQueueNames::refused_unless_there,
    .immediate = Immediate::honoured,
    .no_local = NoLocal::honoured,
    .prefetch_windows = PrefetchWindows::of_channel_and_connection,
    .recover_in_place = RecoverInPlace::honoured,
    .rejected_messages = RejectedMessages::not_for_the_same_channel,
    .priorities = Priorities::ten_everywhere,
    .foreign_consumer_tags = ForeignConsumerTags::not_allowed,
    .oversized_messages = OversizedMessages::content_too_large,
    .sender_selected = SenderSelected::plain_headers,
    .user_ids = UserIds::passed_on,
    .direct_reply_to = DirectReplyTo::not_offered,
    .closing_channels = ClosingChannels::silent,
};

}  // namespace

const Profile& strict() {
    static const Profile profile{
        .name = "strict",
        .product = "simbroker",
        .version = simbroker::version,
        .platform = "C++23",
        .copyright = "Copyright (c) the authors of simbroker",
        .information = "Profile strict: AMQP 0-9-1 and 0-9 as their specifications have it.",
        .mechanisms = "PLAIN AMQPLAIN",
        .foreign_header_reply = codec::amqp091::protocol_header_091,
        .channel_max = 2047,
        .frame_max = 131072,
        .frame_max_minimum = codec::amqp091::frame_min_size,
        .payload_max_before_tune = codec::amqp091::frame_min_size - codec::amqp091::frame_overhead,
        .heartbeat = std::chrono::seconds(60),
        .message_size_max = 16777216,
        .announced_body_max = 536870912,
        .exchange_types = exchange_types,
        .unknown_exchange_type = UnknownExchangeType::connection_command_invalid,
        .headers_on_delivery = HeadersOnDelivery::as_published,
        .odd_delivery_mode = OddDeliveryMode::accepted,
        .expiration_on_delivery = ExpirationOnDelivery::as_published,
        .overlong_body = OverlongBody::frame_error,
        .header_numbers = HeaderNumbers::integers_and_floats_differ,
        .global_qos = GlobalQos::per_channel,
        .death_headers = DeathHeaders::kept_apart_with_last_death,
        .rejected_redelivered = RejectedRedelivered::set,
        .stray_cancel_ok = StrayCancelOk::unimplemented_method,
        .queue_type_argument = QueueTypeArgument::as_given,
        .empty_queue_type = EmptyQueueType::means_classic,
        .server_named_type = ServerNamedType::unknown_type,
        .access_text = AccessText::with_permission,
        .old_protocol = OldProtocol::speaks_0_9,
        .direct_replies = DirectReplies::apart,
        .commit_to_deleted_queue = CommitToDeletedQueue::unroutable,
        .malformed_reply_address = MalformedReplyAddress::like_a_dead_one,
        .denied_features = {},
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
        .deviations = none,
    };
    return profile;
}

}  // namespace simbroker::profile
