// Rules that act without a frame: on connections, channels or consumers that are there.
#include <algorithm>

#include "simbroker/fault/interceptor.hpp"

namespace simbroker::fault {

using codec::amqp091::ChannelNumber;
using codec::amqp091::connection_channel;

namespace {

bool asks_for_consumers(const Script& script) {
    return has_blank(script.frames, field_blank, "consumer_tag") || has_blank(script.frames, field_blank, "queue");
}

bool asks_for_consumers(const Say& say) {
    return asks_for_consumers(say.to_client) || asks_for_consumers(say.to_server);
}

bool asks_for_channels(const Say& say) { return say.to_client.needs_channel() || say.to_server.needs_channel(); }

bool needs_nobody(const Fault& fault) { return std::holds_alternative<Outage>(fault) || is_mishap(fault); }

}  // namespace

void Interceptor::perform(const Prompted& prompted) {
    auto firing = prompted.firing;
    auto targets = targets_of(prompted);
    const bool alone = targets.size() == 1;
    tell(
        {.kind = Event::Kind::fault_fired,
         .connection = alone ? targets.front().connection : ConnectionId{},
         .channel = alone ? targets.front().channel.value : std::uint16_t{},
         .subject = firing.id,
         .detail = firing.verb + (targets.empty() && !needs_nobody(firing.act) ? ": nobody" : ""),
         .number = firing.fired}
    );
    if (const auto* outage = std::get_if<Outage>(&firing.act)) return suffer(*outage);
    if (is_mishap(firing.act)) return befall(prompted.occasion.connection.value_or(ConnectionId{}), firing);
    for (auto& target : targets) {
        if (const auto* said = std::get_if<Say>(&firing.act)) {
            firing.names = std::move(target.names);
            say_both({target.connection, Toward::client, target.channel}, *said, firing);
        } else if (std::holds_alternative<DropTransport>(firing.act)) {
            end_by_server(target.connection);
        }
    }
}

// One for each connection; for each channel if what is said needs one; for each consumer if it tells of one.
std::vector<Interceptor::Target> Interceptor::targets_of(const Prompted& prompted) const {
    const auto& occasion = prompted.occasion;
    const auto* said = std::get_if<Say>(&prompted.firing.act);
    const bool consumers = occasion.queue || (said && asks_for_consumers(*said));
    const bool channels = consumers || occasion.channel || (said && asks_for_channels(*said));
    std::vector<Target> targets;
    for (const auto& [id, line] : lines_) {
        if (occasion.connection ? *occasion.connection != id : !line.open) continue;
        if (!channels) targets.push_back({id, connection_channel, {{"channel", 0}}});
        if (occasion.channel == connection_channel) targets.push_back({id, connection_channel, {{"channel", 0}}});
        for (const auto& [number, channel] : line.channels) {
            if (!channels || (occasion.channel && *occasion.channel != number)) continue;
            if (!consumers) targets.push_back({id, number, {{"channel", number.value}}});
            for (const auto& [tag, queue] : channel.consumers) {
                if (!consumers || (occasion.queue && *occasion.queue != queue)) continue;
                targets.push_back({id, number, {{"channel", number.value}, {"consumer_tag", tag}, {"queue", queue}}});
            }
        }
    }
    return targets;
}

void Interceptor::suffer(const Outage& outage) {
    flush_to_server();
    if (outage.first) forward(Operate{*outage.first});
    forward(outage.kind == Outage::Kind::crash ? Input(Crash{}) : Input(Shutdown{}));
    kept_.push_back({.kind = Kept::Kind::start, .due = now_ + outage.lasting});
}

}  // namespace simbroker::fault
