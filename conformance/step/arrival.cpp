#include "conformance/step/arrival.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "conformance/step/expectation.hpp"
#include "simbroker/fault/duration.hpp"

namespace conformance::step {

using codec::amqp091::ChannelNumber;
using nlohmann::json;
using peer::Item;

namespace {

constexpr std::size_t most_waiting_shown = 3;

bool relevant_to_broker_step(const Item& item, const json& expectation, ChannelNumber channel) {
    if (expectation == "heartbeat") return item.kind == Item::Kind::heartbeat;
    return item.kind == Item::Kind::method && item.channel == channel;
}

}  // namespace

Relevant what_concerns_all(Role role) {
    return [role](const Item& item) {
        switch (item.kind) {
            case Item::Kind::broken:
            case Item::Kind::end: return true;
            case Item::Kind::protocol_header: return role == Role::broker;
            case Item::Kind::heartbeat: return false;
            case Item::Kind::method: return item.is("connection.close");
        }
        return false;
    };
}

Relevant relevant_for(
    Conversation& conversation, const Line& line, const Step& step, std::span<const json> expectations
) {
    const auto channel = channel_of(conversation, line, step);
    const auto concerns_all = what_concerns_all(conversation.role());
    if (conversation.role() == Role::broker) {
        std::vector<std::pair<json, ChannelNumber>> wanted;
        for (const auto& expectation : expectations) {
            const bool connection = !names_channel(step) && is_about_the_connection(expectation);
            wanted.emplace_back(expectation, connection ? codec::amqp091::connection_channel : channel);
        }
        return [wanted, concerns_all](const Item& item) {
            return concerns_all(item) || std::ranges::any_of(wanted, [&](const auto& entry) {
                       return relevant_to_broker_step(item, entry.first, entry.second);
                   });
        };
    }
    const bool any_channel = !names_channel(step);
    const std::vector<json> wanted(expectations.begin(), expectations.end());
    return [wanted, concerns_all, any_channel, channel](const Item& item) {
        if (concerns_all(item) || item.is("channel.close")) return true;
        return std::ranges::any_of(wanted, [&](const json& expectation) {
            if (expectation == "heartbeat") return item.kind == Item::Kind::heartbeat;
            const auto method = method_of(expectation);
            if (method.empty()) return item.kind == Item::Kind::protocol_header;
            return item.is(method) && (any_channel || item.channel == channel);
        });
    };
}

std::optional<Item> take_next(Conversation& conversation, Line& line, const Relevant& relevant, Instant until) {
    auto& inbox = line.inbox;
    const auto arrived = [&] { return std::ranges::any_of(inbox, relevant); };
    if (!conversation.wait(until, arrived)) return {};
    const auto found = std::ranges::find_if(inbox, relevant);
    auto item = *found;
    conversation.take(line, item);
    // The end of a transport stays: every later step has to see it, too.
    const bool stays = item.kind == Item::Kind::end;
    const auto first = conversation.role() == Role::client ? inbox.begin() : found;
    inbox.erase(first, stays ? found : found + 1);
    return item;
}

std::string nothing_came(const Line& line, Duration within) {
    auto text = fmt::format("nothing within {}", simbroker::fault::duration_to_text(within));
    if (line.inbox.empty()) return text;
    text += "; unread are:";
    for (std::size_t i = 0; i < std::min(line.inbox.size(), most_waiting_shown); ++i) {
        text += " " + peer::describe(line.inbox[i]) + ";";
    }
    return text;
}

void reply_to_close(Conversation& conversation, Line& line, const Item& item) {
    if (conversation.role() == Role::client) return;
    codec::wire::Bytes octets;
    if (item.is("connection.close")) {
        append_method(octets, item.channel, codec::amqp091::connection::CloseOk{});
    } else if (item.is("channel.close")) {
        append_method(octets, item.channel, codec::amqp091::channel::CloseOk{});
    }
    if (!octets.empty()) conversation.send(line, octets);
}

}  // namespace conformance::step
