// How one broker product and version differs from another on the wire: data, never `if (version)`.
// Enums of behaviour have no default; a profile names a value for every one of them.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string_view>

#include "codec/amqp091/frame.hpp"
#include "simbroker/profile/deviations.hpp"
#include "simbroker/profile/queue_types.hpp"

namespace simbroker::profile {

// Reply to exchange.declare with a type nobody registered.
enum class UnknownExchangeType : std::uint8_t { connection_command_invalid, channel_precondition_failed };

// What becomes of the headers table of a message on its way to the consumer.
enum class HeadersOnDelivery : std::uint8_t { as_published, reencoded_and_sorted };

// delivery-mode other than 1 and 2.
enum class OddDeliveryMode : std::uint8_t { refused, accepted };

// The expiration property of a delivered message.
enum class ExpirationOnDelivery : std::uint8_t { as_published, as_integer };

// A body frame longer than what the content header leaves, or an absurd announcement.
enum class OverlongBody : std::uint8_t { swallowed, frame_error };

// headers exchange: whether the integer 1 equals the double 1.0.
enum class HeaderNumbers : std::uint8_t { integers_equal_floats, integers_and_floats_differ };

// basic.qos with global set.
enum class GlobalQos : std::uint8_t { per_channel, treated_as_per_consumer };

// x-death and its companions.
enum class DeathHeaders : std::uint8_t { merged_from_message, kept_apart_with_last_death };

// Whether a message dead-lettered by basic.reject arrives with redelivered set.
enum class RejectedRedelivered : std::uint8_t { cleared, set };

// basic.cancel-ok sent by a client.
enum class StrayCancelOk : std::uint8_t { unimplemented_method, internal_error };

// x-queue-type in the text of a mismatch: always stored (with its default), or only if given.
enum class QueueTypeArgument : std::uint8_t { as_given, always_stored };

// A delivery that stays unacknowledged for too long. The channel is closed when it next looks, once a minute; or a
// quorum queue takes the message back and tells the consumer it is cancelled, and other queues wait for ever.
enum class DeliveryTimeout : std::uint8_t { closes_the_channel, takes_back_from_quorum_queues };

// x-consumer-timeout of a queue: unknown, or a time of its own for its deliveries.
enum class ConsumerTimeoutArgument : std::uint8_t { ignored, of_the_queue };

// x-queue-type with an empty text: no type at all, or the default one.
enum class EmptyQueueType : std::uint8_t { refused, means_classic };

// A server-named queue of an x-queue-type that is none. RabbitMQ looks for the type before it makes up the name: its
// channel dies of it (at any, or of anything but void), or the reply says that the type is unknown.
enum class ServerNamedType : std::uint8_t { internal_error, internal_error_unless_void, unknown_type };

// The protocol headers of AMQP 0-8 and 0-9: both answered, as if they were 0-8 and 0-9-1; only that of 0-9; or that
// with all that 0-9 has otherwise than 0-9-1.
enum class OldProtocol : std::uint8_t { answered, refused, speaks_0_9 };

// Replies to amq.rabbitmq.reply-to: apart from the count of delivery tags, and unroutable to a mandatory publisher;
// or as any other delivery.
enum class DirectReplies : std::uint8_t { apart, like_deliveries };

// tx.commit of a message whose queue was deleted since it was published.
enum class CommitToDeletedQueue : std::uint8_t { unroutable, partial_completion, resource_error };

// A name that begins as a reply address and cannot be one: no dot behind its token.
enum class MalformedReplyAddress : std::uint8_t { like_a_dead_one, unroutable_and_internal_error };

// Texts of 403: "access to queue ..." or "configure access to queue ...".
enum class AccessText : std::uint8_t { plain, with_permission };

// Features that upstream has deprecated and denies unless configured otherwise: the reply text of the refusal (541),
// or empty where the version permits the feature.
struct DeniedFeatures {
    std::string_view transient_nonexcl_queues;
    std::string_view queue_master_locator;
};

// queue.declare and exchange.declare with passive: open to all, or to those with any permission on the name.
enum class PassiveDeclareAccess : std::uint8_t { unchecked, any_permission };

// Which keys of a message topic permissions look at, and when: the routing key, before the message's properties are
// looked at; or the CC and BCC keys too, between the expiration and the user-id.
enum class TopicWriteCheck : std::uint8_t { routing_key, all_keys };

// "user 'anna' ... limit of (1)"; the same with the name of the node where the user's belongs; or "... limit of 1".
enum class UserLimitText : std::uint8_t { parenthesised, parenthesised_of_node, bare };

// The limits a virtual host can have.
enum class VirtualHostLimit : std::uint8_t { connections_and_queues, exchanges_too };

// What the apply-to of a policy may say besides all, queues and exchanges.
enum class PolicyTargets : std::uint8_t { kinds, types_of_queues_too };

// What an operator is told of a definition that is no JSON.
enum class BadJson : std::uint8_t { badarg, could_not_parse };

struct Policies {
    PolicyTargets targets;
    BadJson bad_json;
    bool delivery_limit_below_0;      // whether a policy may set one
    std::string_view without_effect;  // keys for clusters, separated by blanks
};

// A transient exchange when the broker stops: it goes, or it stays as a durable one does.
enum class TransientExchanges : std::uint8_t { lost, kept };

// The header x-consistent-hash goes by: hashed as {type, value}, or the value alone, of which a whole number is its own
// hash.
enum class HashedHeader : std::uint8_t { with_type, bare };

// The order in which x-modulus-hash counts through its bindings.
enum class ModulusOrder : std::uint8_t { by_routing_key, by_destination };

// An exchange is bound to one of type x-recent-history and cannot route what that remembers.
enum class UnroutableHistory : std::uint8_t { internal_error_without_words, internal_error_with_words };

// The header x-delay of a message that was delayed.
enum class DelayOnDelivery : std::uint8_t { as_published, negated };

// Which types of exchange there are, and how they differ.
struct ExchangeTypes {
    std::string_view core;                     // separated by blanks
    std::string_view plugins;                  // enabled unless the configuration says otherwise
    std::uint64_t consistent_hash_weight_max;  // 0: none
    HashedHeader hashed_header;
    ModulusOrder modulus_order;
    UnroutableHistory unroutable_history;
    DelayOnDelivery delay_on_delivery;
    TransientExchanges transient;
};

struct Profile {
    std::string_view name;  // what --profile takes

    // connection.start
    std::string_view product, version, platform, copyright, information;
    std::string_view mechanisms;                          // space-separated, in the order offered
    codec::amqp091::ProtocolHeader foreign_header_reply;  // to anything that is not AMQP of a known kind

    // connection.tune
    std::uint16_t channel_max;
    std::uint32_t frame_max;
    std::uint32_t frame_max_minimum;
    std::uint32_t payload_max_before_tune;
    std::chrono::seconds heartbeat;

    // limits
    std::uint64_t message_size_max;
    std::uint64_t announced_body_max;  // of a content header; only with OverlongBody::frame_error

    ExchangeTypes exchange_types;

    UnknownExchangeType unknown_exchange_type;
    HeadersOnDelivery headers_on_delivery;
    OddDeliveryMode odd_delivery_mode;
    ExpirationOnDelivery expiration_on_delivery;
    OverlongBody overlong_body;
    HeaderNumbers header_numbers;
    GlobalQos global_qos;
    DeathHeaders death_headers;
    RejectedRedelivered rejected_redelivered;
    StrayCancelOk stray_cancel_ok;
    QueueTypeArgument queue_type_argument;
    EmptyQueueType empty_queue_type;
    ServerNamedType server_named_type;
    AccessText access_text;
    OldProtocol old_protocol;
    DirectReplies direct_replies;
    CommitToDeletedQueue commit_to_deleted_queue;
    MalformedReplyAddress malformed_reply_address;
    DeniedFeatures denied_features;

    DeliveryTimeout delivery_timeout;
    ConsumerTimeoutArgument consumer_timeout_argument;
    std::span<const KnownArgument> queue_arguments;     // of queue.declare
    std::span<const KnownArgument> consumer_arguments;  // of basic.consume
    ClassicQueues classic;
    QuorumQueues quorum;
    StreamQueues stream;

    PassiveDeclareAccess passive_declare_access;
    TopicWriteCheck topic_write_check;
    UserLimitText user_limit_text;
    VirtualHostLimit virtual_host_limit;
    Policies policies;

    Deviations deviations;

    // Two of one name differ only in what a configuration can set.
    friend bool operator==(const Profile& a, const Profile& b) {
        return a.name == b.name && a.channel_max == b.channel_max && a.frame_max == b.frame_max &&
               a.heartbeat == b.heartbeat && a.message_size_max == b.message_size_max;
    }
};

const Profile& rabbitmq_3_10();
const Profile& rabbitmq_4_0();
const Profile& rabbitmq_4_3();
const Profile& strict();

// Whether `word` is one of those in `words`, which blanks separate.
bool lists(std::string_view words, std::string_view word);

std::span<const Profile* const> all();
const Profile* find(std::string_view name);

}  // namespace simbroker::profile
