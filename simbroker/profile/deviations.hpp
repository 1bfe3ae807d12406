// Where RabbitMQ does something else than AMQP 0-9-1 says, in all its versions: one enum a deviation, its own way
// first, the specification's second. The profiles of RabbitMQ share `rabbitmq_deviations`; profile strict has none of
// them.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

namespace simbroker::profile {

// Methods that no published version has: bindings between exchanges, basic.nack, class confirm, connection.blocked ...
enum class ExtensionMethods : std::uint8_t { offered, not_implemented };

// The key host of server-properties.
enum class ServerHost : std::uint8_t { untold, told };

// What goes wrong after connection.tune-ok and is no fault of connection.open (2.2.4).
enum class ErrorsWhileOpening : std::uint8_t { told, silent };

// A frame without its end, or of no known type (4.2.3).
enum class BrokenFrames : std::uint8_t { answered_with_close, dropped_silently };

// Methods with unknown numbers, and fields that cannot be read (4.2.4, 4.2.5): each in its own way, often by a reset;
// or 540 for the ones and 502 for the others.
enum class Undecodable : std::uint8_t { as_rabbitmq, by_reply_codes };

// A heartbeat outside channel 0, content on it, a content header of another class: 505 for all, or what each clause
// says.
enum class MisplacedFrames : std::uint8_t { unexpected_frame, by_their_clauses };

// What frame-max limits (4.2.3).
enum class FrameMax : std::uint8_t { of_the_payload, of_the_frame };

// What channel-max limits (1.4.2.6).
enum class ChannelMax : std::uint8_t { of_the_count, of_the_numbers };

// connection.open to a virtual host that is not there: 530, or 402.
enum class UnknownVirtualHost : std::uint8_t { not_allowed, invalid_path };

// channel.flow with active=false.
enum class PausedFlow : std::uint8_t { not_implemented, honoured };

// Deletion of an exchange or queue that is not there, and of a binding.
enum class MissingEntities : std::uint8_t { as_good_as_deleted, not_found };

// A blank exchange name in queue.bind and unbind.
enum class DefaultExchange : std::uint8_t { out_of_reach, bindable };

// The characters in the names of exchanges and queues, and how many.
enum class EntityNames : std::uint8_t { any_text, as_their_domain_has_it };

// What has to be the same in a second exchange.declare: all bits and some arguments; or the type (530), durable and all
// arguments (406), the rest being ignored.
enum class RedeclaredExchange : std::uint8_t { bits_and_known_arguments, type_durable_and_arguments };

// Which arguments have to be the same in a second queue.declare.
enum class RedeclaredQueue : std::uint8_t { known_arguments, all_arguments };

// queue.declare, not passive, of a name that begins with amq.
enum class ReservedQueueNames : std::uint8_t { refused, refused_unless_there };

// The bit immediate of basic.publish.
enum class Immediate : std::uint8_t { not_implemented, honoured };

// The bit no-local of basic.consume.
enum class NoLocal : std::uint8_t { ignored, honoured };

// basic.qos: a count of messages for each consumer to come (or, with global, as GlobalQos has it); or a window in
// messages and octets for the channel, with global for the connection.
enum class PrefetchWindows : std::uint8_t { of_consumers, of_channel_and_connection };

// basic.recover with requeue=false.
enum class RecoverInPlace : std::uint8_t { not_implemented, honoured };

// basic.reject with requeue=true.
enum class RejectedMessages : std::uint8_t { for_anybody, not_for_the_same_channel };

// The property priority in a queue that was not declared with x-max-priority.
enum class Priorities : std::uint8_t { where_declared, ten_everywhere };

// basic.cancel of a consumer that another channel of the connection has.
enum class ForeignConsumerTags : std::uint8_t { as_if_cancelled, not_allowed };

// A message above the maximum size: 406, or 311.
enum class OversizedMessages : std::uint8_t { precondition_failed, content_too_large };

// The headers CC and BCC.
enum class SenderSelected : std::uint8_t { honoured, plain_headers };

// The property user-id.
enum class UserIds : std::uint8_t { validated, passed_on };

// The queue amq.rabbitmq.reply-to.
enum class DirectReplyTo : std::uint8_t { offered, not_offered };

// A method on a channel that is closing which means the queue declared last, where there is none: channel.close once
// more, or nothing (1.5.2.5).
enum class ClosingChannels : std::uint8_t { look_for_queues, silent };

struct Deviations {
    std::string_view capabilities;  // announced in server-properties, separated by blanks; empty: no such key
    ExtensionMethods extension_methods;
    ServerHost server_host;
    std::chrono::seconds silent_drop_delay;  // before a transport is dropped without a word
    ErrorsWhileOpening errors_while_opening;
    BrokenFrames broken_frames;
    Undecodable undecodable;
    MisplacedFrames misplaced_frames;
    FrameMax frame_max;
    ChannelMax channel_max;
    UnknownVirtualHost unknown_virtual_host;
    PausedFlow paused_flow;
    MissingEntities missing_entities;
    DefaultExchange default_exchange;
    EntityNames entity_names;
    RedeclaredExchange redeclared_exchange;
    RedeclaredQueue redeclared_queue;
    ReservedQueueNames reserved_queue_names;
    Immediate immediate;
    NoLocal no_local;
    PrefetchWindows prefetch_windows;
    RecoverInPlace recover_in_place;
    RejectedMessages rejected_messages;
    Priorities priorities;
    ForeignConsumerTags foreign_consumer_tags;
    OversizedMessages oversized_messages;
    SenderSelected sender_selected;
    UserIds user_ids;
    DirectReplyTo direct_reply_to;
    ClosingChannels closing_channels;
};

// Whether a consumer may pass over a message that the next consumer, or a later message that it, would take.
constexpr bool consumers_choose(const Deviations& deviations) {
    return deviations.no_local == NoLocal::honoured ||
           deviations.rejected_messages == RejectedMessages::not_for_the_same_channel ||
           deviations.prefetch_windows == PrefetchWindows::of_channel_and_connection;
}

inline constexpr Deviations rabbitmq_deviations{
    .capabilities =
        "publisher_confirms exchange_exchange_bindings basic.nack consumer_cancel_notify connection.blocked "
        "consumer_priorities authentication_failure_close per_consumer_qos direct_reply_to",
    .extension_methods = ExtensionMethods::offered,
    .server_host = ServerHost::untold,
    .silent_drop_delay = std::chrono::seconds(3),
    .errors_while_opening = ErrorsWhileOpening::told,
    .broken_frames = BrokenFrames::answered_with_close,
    .undecodable = Undecodable::as_rabbitmq,
    .misplaced_frames = MisplacedFrames::unexpected_frame,
    .frame_max = FrameMax::of_the_payload,
    .channel_max = ChannelMax::of_the_count,
    .unknown_virtual_host = UnknownVirtualHost::not_allowed,
    .paused_flow = PausedFlow::not_implemented,
    .missing_entities = MissingEntities::as_good_as_deleted,
    .default_exchange = DefaultExchange::out_of_reach,
    .entity_names = EntityNames::any_text,
    .redeclared_exchange = RedeclaredExchange::bits_and_known_arguments,
    .redeclared_queue = RedeclaredQueue::known_arguments,
    .reserved_queue_names = ReservedQueueNames::refused,
    .immediate = Immediate::not_implemented,
    .no_local = NoLocal::ignored,
    .prefetch_windows = PrefetchWindows::of_consumers,
    .recover_in_place = RecoverInPlace::not_implemented,
    .rejected_messages = RejectedMessages::for_anybody,
    .priorities = Priorities::where_declared,
    .foreign_consumer_tags = ForeignConsumerTags::as_if_cancelled,
    .oversized_messages = OversizedMessages::precondition_failed,
    .sender_selected = SenderSelected::honoured,
    .user_ids = UserIds::validated,
    .direct_reply_to = DirectReplyTo::offered,
    .closing_channels = ClosingChannels::look_for_queues,
};

}  // namespace simbroker::profile
