#include "simbroker/extension/policy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "simbroker/extension/alternate_exchange.hpp"
#include "simbroker/extension/queue_argument.hpp"
#include "simbroker/model/json_term.hpp"

namespace simbroker::extension {
namespace {

using codec::amqp091::FieldTable;
using codec::amqp091::FieldTableBuilder;
using codec::amqp091::FieldValue;
using codec::amqp091::LongString;
using nlohmann::json;
using profile::PolicyTargets;
using profile::QueueType;

struct TargetRow {
    PolicyTarget target;
    std::string_view name;
    std::optional<QueueType> only;
};

constexpr std::array targets{
    TargetRow{PolicyTarget::all, "all", {}},
    TargetRow{PolicyTarget::queues, "queues", {}},
    TargetRow{PolicyTarget::exchanges, "exchanges", {}},
    TargetRow{PolicyTarget::classic_queues, "classic_queues", QueueType::classic},
    TargetRow{PolicyTarget::quorum_queues, "quorum_queues", QueueType::quorum},
    TargetRow{PolicyTarget::streams, "streams", QueueType::stream},
};

const TargetRow& row_of(PolicyTarget target) { return *std::ranges::find(targets, target, &TargetRow::target); }

std::string argument_of(std::string_view key) { return "x-" + std::string(key); }

// The row of the argument a key sets, if a policy can set it in this version.
const QueueArgument* find_row(std::string_view key, const profile::Profile& profile) {
    const auto argument = argument_of(key);
    for (const auto* row : queue_arguments()) {
        if (row->name != argument || row->policy.with == PolicyKey::With::nothing) continue;
        for (const auto type : {QueueType::classic, QueueType::quorum, QueueType::stream}) {
            if (familiarity(profile.queue_arguments, argument, type) == Familiarity::known) return row;
        }
    }
    return nullptr;
}

// The largest number that an argument takes stands for all that are larger. A key that is too long for a table is that
// of no argument.
FieldTableBuilder table_of(const json& definition, std::string_view prefix) {
    FieldTableBuilder table;
    for (const auto& [key, value] : definition.items()) {
        const auto name = std::string(prefix) + key;
        if (name.size() > codec::amqp091::ShortString::max_size) continue;
        if (value.is_string()) {
            const auto text = value.get<std::string>();
            table.add(name, LongString{text});
        } else if (value.is_boolean()) {
            table.add(name, value.get<bool>());
        } else if (value.is_number_integer()) {
            table.add(name, value > milliseconds_max ? milliseconds_max : value.get<std::int64_t>());
        } else if (value.is_number()) {
            table.add(name, value.get<double>());
        } else {
            table.add(name, codec::amqp091::Void{});
        }
    }
    return table;
}

std::string not_valid(const json& value, std::string_view what) {
    return fmt::format("{} is not a valid {}", model::json_term(value), what);
}

std::optional<std::string> refused_value(
    const QueueArgument& row, const json& value, FieldTable as_arguments, const profile::Profile& profile
) {
    const bool number = row.policy.with == PolicyKey::With::smallest_wins;
    const bool may_be_negative = row.name == "x-delivery-limit" && profile.policies.delivery_limit_below_0;
    const bool fits = value.is_number_integer() && (value >= 0 || may_be_negative);
    if ((number && !fits) || row.refusal(*as_arguments.find(row.name), as_arguments)) {
        return not_valid(value, row.policy.described);
    }
    return std::nullopt;
}

std::optional<std::string> refused_definition(
    const json& definition, PolicyKind kind, const profile::Profile& profile
) {
    if (definition.empty()) return "no policy provided";
    // A routing key for dead letters is as good without an exchange for them: another policy may name it.
    auto arguments = table_of(definition, "x-");
    if (!definition.contains("dead-letter-exchange")) arguments.add("x-dead-letter-exchange", LongString{""});
    auto unknown = json::object();
    std::optional<std::string> refused;
    for (const auto& [key, value] : definition.items()) {
        const auto* row = find_row(key, profile);
        const bool alternate = key == alternate_exchange_argument && kind == PolicyKind::user;
        const bool allowed = row && (kind == PolicyKind::user || row->policy.operators == PolicyKey::Operators::may);
        if (kind == PolicyKind::user && profile::lists(profile.policies.without_effect, key)) continue;
        if (!allowed && !alternate) {
            unknown[key] = value;
        } else if (!refused && alternate && !value.is_string()) {
            refused = not_valid(value, "alternate exchange name");
        } else if (!refused && !alternate) {
            refused = refused_value(*row, value, arguments.view(), profile);
        }
    }
    if (unknown.empty()) return refused;
    return fmt::format("{} are not recognised policy settings", model::json_properties(unknown));
}

std::unexpected<std::string> invalid(std::string_view why) {
    return std::unexpected(fmt::format("Validation failed\n\n{}\n", why));
}

std::expected<PolicyTarget, std::string> read_target(std::string_view name, PolicyTargets known) {
    const auto found = std::ranges::find(targets, name, &TargetRow::name);
    if (found != targets.end() && (!found->only || known == PolicyTargets::types_of_queues_too)) return found->target;
    const auto* expected =
        known == PolicyTargets::kinds
            ? "should be 'queues', 'exchanges' or 'all'"
            : "should be one of: 'queues', 'classic_queues',  'quorum_queues', 'streams', 'exchanges', or 'all'";
    return std::unexpected(fmt::format("apply-to '{}' unrecognised; {}", name, expected));
}

bool is_meant(const Policy& policy, const PolicySubject& subject, const profile::Profile& profile) {
    if (policy.target == PolicyTarget::exchanges && subject.queue_type) return false;
    if (!subject.queue_type) return policy.target == PolicyTarget::all || policy.target == PolicyTarget::exchanges;
    if (const auto& only = row_of(policy.target).only; only && *only != *subject.queue_type) return false;
    // A policy with a key that this type of queue does not know is passed over as a whole.
    return std::ranges::all_of(policy.table(), [&](const auto& entry) {
        const auto argument = argument_of(entry.first);
        return familiarity(profile.queue_arguments, argument, *subject.queue_type) != Familiarity::foreign;
    });
}

std::optional<FieldValue> value_in(const Policy* policy, std::string_view key) {
    return policy ? policy->table().find(key) : std::nullopt;
}

std::optional<FieldValue> smaller(const std::optional<FieldValue>& a, const std::optional<FieldValue>& b) {
    if (!a || !b) return a ? a : b;
    if (!a->as_integer() || !b->as_integer()) return a;
    return *a->as_integer() <= *b->as_integer() ? a : b;
}

}  // namespace

std::string_view to_string(PolicyTarget target) { return row_of(target).name; }

std::expected<Policy, std::string> read_policy(const PolicyText& text, const profile::Profile& profile) {
    const auto definition = json::parse(text.definition, nullptr, /*allow_exceptions=*/false);
    if (definition.is_discarded()) {
        if (profile.policies.bad_json == profile::BadJson::badarg) {
            return std::unexpected("JSON decoding error. Reason: badarg");
        }
        return std::unexpected(fmt::format(
            "Could not parse JSON document: {{error,{{failed_to_decode_json,<<\"{}\">>}}}}", text.definition
        ));
    }
    if (!definition.is_object()) {
        return std::unexpected(fmt::format("definition: expected an object, got {}", text.definition));
    }
    auto pattern = model::Pattern::compile(text.pattern);
    if (!pattern) {
        return invalid(fmt::format("pattern should be regular expression but is invalid: {}", pattern.error()));
    }
    const auto target = read_target(text.target, profile.policies.targets);
    if (!target) return invalid(target.error());
    if (const auto refused = refused_definition(definition, text.kind, profile)) return invalid(*refused);
    const auto values = table_of(definition, "");
    const auto octets = values.view().octets();
    return Policy{
        .pattern = std::move(*pattern),
        .priority = text.priority,
        .target = *target,
        .definition = definition.dump(-1, ' ', false, json::error_handler_t::replace),
        .values = {octets.begin(), octets.end()},
    };
}

Policies::const_iterator find_policy(
    const Policies& all, const PolicySubject& subject, const profile::Profile& profile
) {
    auto best = all.end();
    for (auto it = all.begin(); it != all.end(); ++it) {
        const auto& policy = it->second;
        if (best != all.end() && best->second.priority >= policy.priority) continue;
        if (is_meant(policy, subject, profile) && policy.pattern.found_in(subject.name)) best = it;
    }
    return best;
}

FieldTableBuilder with_policies(FieldTable arguments, const Policy* user, const Policy* operators) {
    FieldTableBuilder merged;
    for (const auto* row : queue_arguments()) {
        auto value = arguments.find(row->name);
        const auto key = row->name.substr(2);  // behind x-
        switch (row->policy.with) {
            case PolicyKey::With::nothing: break;
            case PolicyKey::With::smallest_wins:
                value = smaller(value, smaller(value_in(user, key), value_in(operators, key)));
                break;
            case PolicyKey::With::argument_wins:
                if (!value) value = value_in(user, key);
                break;
        }
        if (value) merged.add(row->name, *value);
    }
    return merged;
}

std::optional<std::string> alternate_exchange(FieldTable arguments, const Policy* user) {
    const auto by_argument = arguments.find(alternate_exchange_argument);
    const auto table = user ? user->table() : FieldTable();
    const auto name = alternate_exchange(by_argument || !user ? arguments : table);
    if (!name) return std::nullopt;
    return std::string(*name);
}

}  // namespace simbroker::extension
