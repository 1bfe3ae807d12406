#include "conformance/step/ending.hpp"

#include <fmt/format.h>

#include "conformance/step/expectation.hpp"

namespace conformance::step {

using nlohmann::json;
using peer::Item;

namespace {

constexpr std::string_view endings = "{connection.close: {...}}, {protocol_header: [0, 0, 9, 1]}, abrupt or any";

bool is_end(const Item& item) { return item.kind == Item::Kind::end; }

Relevant relevant_for(const Conversation& conversation, const json& ending) {
    const bool protocol_header = ending.is_object() && ending.contains("protocol_header");
    return what_concerns_all(protocol_header ? Role::broker : conversation.role());
}

std::optional<std::string> check(const Step& step, Role) { return ending_error(step.argument); }

Outcome run(Conversation& conversation, const Step& step) {
    const auto found = line_of(conversation, step);
    if (!found) return std::unexpected(found.error());
    auto& line = **found;
    const auto until = conversation.after(within(conversation, step));
    const auto item = take_next(conversation, line, relevant_for(conversation, step.argument), until);
    const auto expected = describe_ending(step.argument);
    if (!item) return unmet(expected, nothing_came(line, within(conversation, step)));
    if (const auto differs = ending_difference(*item, step.argument)) return unmet(expected, *differs);
    if (auto saved = save_parts(conversation, step, *item); !saved) return saved;
    return finish_ending(conversation, line, *item, until);
}

}  // namespace

std::optional<std::string> ending_error(const json& ending) {
    if (ending == "abrupt" || ending == "any") return {};
    const bool protocol_header = ending.is_object() && ending.contains("protocol_header");
    if (!protocol_header && method_of(ending) != "connection.close") {
        return fmt::format("expected {}, got {}", endings, ending.dump());
    }
    return expectation_error(ending);
}

std::optional<std::string> ending_difference(const Item& item, const json& ending) {
    if (ending == "abrupt") return is_end(item) ? std::nullopt : std::optional(peer::describe(item));
    if (ending == "any") {
        if (is_end(item) || item.is("connection.close")) return {};
        return peer::describe(item);
    }
    return difference(item, ending);
}

Outcome finish_ending(Conversation& conversation, Line& line, const Item& beginning, Instant until) {
    if (is_end(beginning)) return {};
    reply_to_close(conversation, line, beginning);
    const auto item = take_next(conversation, line, what_concerns_all(conversation.role()), until);
    if (!item) return fail("the connection was closed, but the transport does not end");
    if (is_end(*item)) return {};
    return unmet("the end of the transport", peer::describe(*item));
}

std::string describe_ending(const json& ending) {
    if (ending == "abrupt") return "the end of the transport without a word";
    if (ending == "any") return "the end of the connection";
    return describe(ending) + " and the end of the transport";
}

std::vector<Verb> close_verbs() { return {{"expect_close", {}, {"on", "within", "save"}, check, run}}; }

}  // namespace conformance::step
