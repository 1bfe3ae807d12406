// expect_confirms: the broker settles these publishings, one by one or several at once, in any order, each once.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "conformance/step/arrival.hpp"

namespace conformance::step {

namespace {

using codec::amqp091::basic::Ack;
using codec::amqp091::basic::Nack;
using nlohmann::json;
using Tags = std::set<std::uint64_t>;

std::optional<std::string> check(const Step& step, Role) {
    constexpr auto shape = "expected {{ack: [1, 2], nack: [3]}}, got {}";
    if (!step.argument.is_object() || step.argument.empty()) return fmt::format(shape, step.argument.dump());
    for (const auto& [key, tags] : step.argument.items()) {
        if (key != "ack" && key != "nack") return fmt::format(shape, step.argument.dump());
        if (!tags.is_array() || tags.empty())
            return fmt::format("{}: expected a list of tags, got {}", key, tags.dump());
        for (const auto& tag : tags) {
            if (!tag.is_number_unsigned() || tag == 0) return fmt::format("{}: {} is no tag", key, tag.dump());
        }
    }
    return {};
}

Tags tags_of(const json& argument, const char* key) {
    Tags tags;
    if (argument.contains(key)) {
        for (const auto& tag : argument.at(key)) tags.insert(tag.get<std::uint64_t>());
    }
    return tags;
}

struct Settlement {
    std::uint64_t tag;
    bool multiple;
    bool positive;
};

std::optional<Settlement> settlement_of(const peer::Item& item) {
    if (!item.method) return {};
    if (const auto* ack = std::get_if<Ack>(&*item.method)) return Settlement{ack->delivery_tag, ack->multiple, true};
    if (const auto* nack = std::get_if<Nack>(&*item.method))
        return Settlement{nack->delivery_tag, nack->multiple, false};
    return {};
}

// What one ack or nack settles, taken out of what is still open; an error if it settles nothing or the wrong thing.
std::optional<std::string> settle(const Settlement& settlement, Tags& acks, Tags& nacks) {
    auto& right = settlement.positive ? acks : nacks;
    const auto& wrong = settlement.positive ? nacks : acks;
    const auto covers = [&](std::uint64_t tag) {
        return settlement.multiple ? settlement.tag == 0 || tag <= settlement.tag : tag == settlement.tag;
    };
    if (std::ranges::any_of(wrong, covers)) return "it settles the other way what it covers";
    if (settlement.tag != 0 && !right.contains(settlement.tag)) return "its tag is not open";
    if (settlement.tag == 0 && !settlement.multiple) return "tag 0 without multiple names no publishing";
    if (std::erase_if(right, covers) == 0) return "it settles nothing";
    return {};
}

Outcome run(Conversation& conversation, const Step& step) {
    const auto found = line_of(conversation, step);
    if (!found) return std::unexpected(found.error());
    auto& line = **found;
    auto acks = tags_of(step.argument, "ack");
    auto nacks = tags_of(step.argument, "nack");
    const auto channel = channel_of(conversation, line, step);
    const auto concerns_all = what_concerns_all(conversation.role());
    const Relevant relevant = [&](const peer::Item& item) {
        if (concerns_all(item)) return true;
        return item.channel == channel && (settlement_of(item) || item.is("channel.close"));
    };
    const auto until = conversation.after(within(conversation, step));
    while (!acks.empty() || !nacks.empty()) {
        const auto expected = fmt::format("confirms: ack [{}] nack [{}]", fmt::join(acks, " "), fmt::join(nacks, " "));
        const auto item = take_next(conversation, line, relevant, until);
        if (!item) return unmet(expected, nothing_came(line, within(conversation, step)));
        const auto settlement = settlement_of(*item);
        const auto wrong = settlement ? settle(*settlement, acks, nacks) : std::optional<std::string>("");
        if (wrong) return unmet(expected, fmt::format("{} {}", peer::describe(*item), *wrong));
    }
    return {};
}

}  // namespace

std::vector<Verb> confirm_verbs() {
    return {{"expect_confirms", Role::broker, {"on", "channel", "within"}, check, run}};
}

}  // namespace conformance::step
