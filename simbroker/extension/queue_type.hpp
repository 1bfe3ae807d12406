// The types of queues (x-queue-type): classic, quorum and stream, a row each. A row says what its type refuses, and in
// which words; which arguments it knows is the profile's to say. What the types do with messages is in
// quorum_queue.hpp and stream_queue.hpp; a classic queue is what model/ does anyhow.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "codec/amqp091/field_table.hpp"
#include "codec/violation.hpp"
#include "simbroker/model/queue.hpp"
#include "simbroker/profile/profile.hpp"

namespace simbroker::extension {

struct Refusal {
    codec::ViolationName name{};
    std::string text;
};

// Which queue a question is about, and whose answer is wanted.
struct Subject {
    std::string_view queue;
    std::string_view vhost;
    const profile::Profile& profile;
};

struct Declaration {
    codec::amqp091::FieldTable arguments;
    bool durable = false;
    bool exclusive = false;
    bool auto_delete = false;
};

struct Consumption {
    codec::amqp091::FieldTable arguments;
    bool exclusive = false;
    bool no_ack = false;
    std::uint32_t prefetch_count = 0;          // of the consumer
    std::uint32_t channel_prefetch_count = 0;  // of all consumers of the channel, where that exists
};

// How a message leaves: pushed to a consumer, or in the answer to basic.get.
enum class Passage : std::uint8_t { delivered, got };

struct Deletion {
    bool if_unused = false;
    bool if_empty = false;
};

struct QueueTypeRow {
    model::QueueType type{};
    std::string_view name;    // the value of x-queue-type
    std::string_view module;  // what RabbitMQ calls it in its texts

    // Makes a new queue work as one of its type does.
    void (*set_up)(model::Queue&, const profile::Profile&);

    // Nothing, or why not. Arguments are checked apart, for they are checked alike for all types.
    std::optional<Refusal> (*declaration)(const Subject&, const Declaration&);
    std::optional<Refusal> (*consumption)(const Subject&, const model::Queue&, const Consumption&);
    std::optional<Refusal> (*get)(const Subject&, const model::Queue&);
    std::optional<Refusal> (*purge)(const Subject&);
    std::optional<Refusal> (*deletion)(const Subject&, const model::Queue&, const Deletion&);

    // The property octets of a delivery, where they are not those of the message.
    std::optional<
        codec::wire::Bytes> (*delivered_properties)(const model::QueuedMessage&, Passage, const profile::Profile&);
};

extern const QueueTypeRow classic_queue;
extern const QueueTypeRow quorum_queue;
extern const QueueTypeRow stream_queue;

const QueueTypeRow& row_of(model::QueueType type);
inline const QueueTypeRow& row_of(const model::Queue& queue) { return row_of(queue.attributes().type); }

// Classic is what a queue is without x-queue-type, and with a value that no type has.
model::QueueType type_from(codec::amqp091::FieldTable arguments);

// An empty x-queue-type, where that asks for the default type.
// Whether x-queue-type has a value that means a type.
bool names_a_type(const codec::amqp091::FieldValue& x_queue_type, const profile::Profile& profile);
bool asks_for_default_type(const codec::amqp091::FieldValue& x_queue_type, const profile::Profile& profile);

// Whether a queue type knows an argument, going by one of the profile's tables.
enum class Familiarity : std::uint8_t { known, foreign, nobodys };
Familiarity familiarity(std::span<const profile::KnownArgument> table, std::string_view name, model::QueueType type);

// For the rows of types that only make durable queues shared by everybody.
std::optional<Refusal> refuse_unless_durable_and_shared(const Subject& subject, const Declaration& declaration);

// "queue 'q' in vhost '/'".
std::string described(const Subject& subject);

}  // namespace simbroker::extension
