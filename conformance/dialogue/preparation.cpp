#include "conformance/dialogue/preparation.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "conformance/dialogue/handshake.hpp"
#include "conformance/step/variables.hpp"

namespace conformance::dialogue {

namespace {

using nlohmann::json;
using simbroker::Input;
using simbroker::Operate;
namespace operation = simbroker::operation;

std::expected<json, std::string> config_of(const Dialogue& dialogue, const step::Login& login) {
    auto config = step::Variables(login_variables(login)).substitute(dialogue.config);
    if (!config) return std::unexpected(fmt::format("{}: config: {}", dialogue.id, config.error()));
    return config;
}

std::vector<Input> one(simbroker::Operation operation) { return {Operate{std::move(operation)}}; }

struct Undo {
    std::vector<Input> operator()(const operation::AddUser& add) { return one(operation::DeleteUser{add.user}); }
    std::vector<Input> operator()(const operation::AddVhost& add) { return one(operation::DeleteVhost{add.vhost}); }
    std::vector<Input> operator()(const operation::SetPolicy& set) {
        return one(operation::ClearPolicy{set.vhost, set.policy});
    }
    std::vector<Input> operator()(const operation::SetOperatorPolicy& set) {
        return one(operation::ClearOperatorPolicy{set.vhost, set.policy});
    }
    // Of a user or a virtual host that goes as a whole.
    std::vector<Input> operator()(const auto&) { return {}; }
};

}  // namespace

std::expected<simbroker::BrokerConfig, std::string> configured(
    const simbroker::BrokerConfig& base, const Dialogue& dialogue, const step::Login& login
) {
    if (dialogue.config.empty()) return base;
    const auto changes = config_of(dialogue, login);
    if (!changes) return std::unexpected(changes.error());
    auto whole = json::parse(to_json(base));
    whole.merge_patch(*changes);
    auto config = simbroker::config_from_json(whole.dump());
    if (!config) return std::unexpected(fmt::format("{}: config: {}", dialogue.id, config.error()));
    return config;
}

Demands demands_of(const Dialogue& dialogue) {
    Demands demands;
    for (const auto& [key, value] : dialogue.config.items()) {
        (key == "operations" ? demands.an_operator : demands.other_configuration) = true;
    }
    demands.an_operator |= std::ranges::any_of(dialogue.acts, [](const Act& act) { return act.verb == Verb::operate; });
    return demands;
}

std::expected<std::vector<simbroker::Operation>, std::string> operations_before(
    const Dialogue& dialogue, const step::Login& login
) {
    std::vector<simbroker::Operation> operations;
    const auto config = config_of(dialogue, login);
    if (!config) return std::unexpected(config.error());
    for (const auto& written : config->value("operations", json::array())) {
        auto operation = simbroker::operation_from_json(written.dump());
        if (!operation) return std::unexpected(fmt::format("{}: config: {}", dialogue.id, operation.error()));
        operations.push_back(std::move(*operation));
    }
    return operations;
}

std::vector<Input> undone(const Input& input) {
    if (const auto* operate = std::get_if<Operate>(&input)) return std::visit(Undo{}, operate->operation);
    const auto* alarm = std::get_if<simbroker::SetAlarm>(&input);
    if (alarm == nullptr || alarm->state == simbroker::SetAlarm::State::cleared) return {};
    return {simbroker::SetAlarm{alarm->resource, simbroker::SetAlarm::State::cleared}};
}

}  // namespace conformance::dialogue
