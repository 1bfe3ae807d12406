// Policies: arguments of queues and exchanges that an operator sets by pattern, at any time, for what is there and what
// will be. A user policy and an operator policy may apply to one thing at once; of each kind the one with the highest
// priority does, and of several the first by name.
#pragma once

#include <expected>
#include <map>
#include <optional>
#include <string>

#include "codec/amqp091/field_table.hpp"
#include "simbroker/model/pattern.hpp"
#include "simbroker/profile/profile.hpp"

namespace simbroker::extension {

enum class PolicyKind : std::uint8_t { user, operators };

enum class PolicyTarget : std::uint8_t { all, queues, exchanges, classic_queues, quorum_queues, streams };

struct Policy {
    model::Pattern pattern;
    std::int64_t priority = 0;
    PolicyTarget target = PolicyTarget::all;
    std::string definition;     // as it was given
    codec::wire::Bytes values;  // the same as the octets of a field table

    codec::amqp091::FieldTable table() const { return codec::amqp091::FieldTable::trusted(values); }
};

using Policies = std::map<std::string, Policy, std::less<>>;  // by name

std::string_view to_string(PolicyTarget target);

// What the operator typed, as a policy; or why not, in RabbitMQ's words.
struct PolicyText {
    PolicyKind kind{};
    std::string_view pattern, definition, target;
    std::int64_t priority = 0;
};
std::expected<Policy, std::string> read_policy(const PolicyText& text, const profile::Profile& profile);

// A queue of a type, or an exchange.
struct PolicySubject {
    std::string_view name;
    std::optional<profile::QueueType> queue_type;
};

// The one that applies, or the end.
Policies::const_iterator find_policy(
    const Policies& all, const PolicySubject& subject, const profile::Profile& profile
);

// The arguments of a queue as policies leave them. A limit is the smallest that anybody set; of everything else the
// argument counts, then the user policy.
codec::amqp091::FieldTableBuilder with_policies(
    codec::amqp091::FieldTable arguments, const Policy* user, const Policy* operators
);

// Where an exchange sends what it cannot route, by argument or by policy.
std::optional<std::string> alternate_exchange(codec::amqp091::FieldTable arguments, const Policy* user);

}  // namespace simbroker::extension
