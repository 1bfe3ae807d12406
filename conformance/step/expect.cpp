// expect: the next item is this one.
#include "conformance/step/arrival.hpp"
#include "conformance/step/expectation.hpp"

namespace conformance::step {

namespace {

using nlohmann::json;

std::optional<std::string> check(const Step& step, Role) {
    if (auto wrong = expectation_error(step.argument)) return wrong;
    if (!step.modifiers.contains("reply")) return {};
    if (!method_of(step.argument).ends_with(".close"))
        return "reply: only channel.close and connection.close are replied to";
    return step.modifiers.at("reply") == "none" ? std::nullopt : std::optional<std::string>("reply: expected none");
}

Outcome run(Conversation& conversation, const Step& step) {
    const auto line = line_of(conversation, step);
    if (!line) return std::unexpected(line.error());
    const auto relevant = relevant_for(conversation, **line, step, {&step.argument, 1});
    const auto item = take_next(conversation, **line, relevant, conversation.after(within(conversation, step)));
    const auto expected = describe(step.argument);
    if (!item) return unmet(expected, nothing_came(**line, within(conversation, step)));
    if (const auto differs = difference(*item, step.argument)) return unmet(expected, *differs);
    if (!step.modifiers.contains("reply")) reply_to_close(conversation, **line, *item);
    return save_parts(conversation, step, *item);
}

}  // namespace

std::vector<Verb> expect_verbs() { return {{"expect", {}, {"on", "channel", "within", "save", "reply"}, check, run}}; }

}  // namespace conformance::step
