// fault, release, wire: what the scenario does to the traffic between the client and the broker.
#include "conformance/step/modifiers.hpp"
#include "simbroker/fault/rule.hpp"

namespace conformance::step {

namespace {

using nlohmann::json;
using simbroker::Segmentation;

// A rule that holds variables (a consumer tag, say) can only be looked into when it runs.
std::optional<std::string> check_fault(const Step& step, Role) {
    if (!variables_in(step.argument).empty()) return {};
    const auto rule = simbroker::fault::rule_from_json(step.argument);
    return rule ? std::nullopt : std::optional(to_string(rule.error()));
}

Outcome run_fault(Conversation& conversation, const Step& step) {
    auto rule = simbroker::fault::rule_from_json(step.argument);
    if (!rule) return inconclusive(to_string(rule.error()));
    conversation.note("fault " + step.argument.dump());
    return conversation.stage().add_fault(std::move(*rule));
}

std::optional<std::string> check_release(const Step& step, Role) {
    if (step.argument.is_string()) return {};
    return "expected the label given to hold, got " + step.argument.dump();
}

Outcome run_release(Conversation& conversation, const Step& step) {
    conversation.note("release " + step.argument.get<std::string>());
    return conversation.stage().release(step.argument.get<std::string>());
}

std::optional<Segmentation> segmentation_from(const json& argument) {
    if (argument == "whole") return Segmentation{};
    if (!argument.is_object() || argument.size() != 1 || !argument.contains("split")) return {};
    const auto& split = argument.at("split");
    if (split == "every") return Segmentation{Segmentation::Kind::every_octet, 1};
    if (!split.is_number_unsigned() || split == 0) return {};
    return Segmentation{Segmentation::Kind::fixed, split.get<std::size_t>()};
}

std::optional<std::string> check_wire(const Step& step, Role) {
    if (!variables_in(step.argument).empty() || segmentation_from(step.argument)) return {};
    return "expected whole, {split: every} or {split: 3}, got " + step.argument.dump();
}

Outcome run_wire(Conversation& conversation, const Step& step) {
    const auto segmentation = segmentation_from(step.argument);
    if (!segmentation) return inconclusive("expected whole, {split: every} or {split: 3}, got " + step.argument.dump());
    return conversation.stage().shape_wire(*segmentation);
}

}  // namespace

std::vector<Verb> fault_verbs() {
    return {
        {"fault", Role::client, {}, check_fault, run_fault},
        {"release", Role::client, {}, check_release, run_release},
        {"wire", Role::client, {}, check_wire, run_wire},
    };
}

}  // namespace conformance::step
