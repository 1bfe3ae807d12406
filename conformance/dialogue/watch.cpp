#include "conformance/dialogue/watch.hpp"

#include <algorithm>

namespace conformance::dialogue {

using namespace codec::amqp091;

namespace {

constexpr ChannelNumber watch_channel{2000};  // dialogues use the low numbers
constexpr std::uint16_t resource_locked = 405;

}  // namespace

void Watch::ask(Client& client, const std::vector<unsigned>& lines) {
    if (lines.empty()) return;
    std::map<unsigned, std::deque<std::string>> queues;
    for (const auto& [queue, line] : asked_on_) {
        const bool known = std::ranges::find(lines, line) != lines.end();
        if (line == 0 || known) queues[line == 0 ? lines.front() : line].push_back(queue);
    }
    for (auto& [line, names] : queues) {
        // Twice, for what one queue sends to another.
        for (auto count = names.size(), i = std::size_t{0}; i < count; ++i) names.push_back(names[i]);
        ask(client, line, names);
    }
}

void Watch::ask(Client& client, unsigned line, const std::deque<std::string>& queues) {
    auto& place = places_[line];
    Bytes octets;
    if (!place.open) append_method(octets, watch_channel, channel::Open{});
    place.open = true;
    for (const auto& queue : queues) {
        append_method(octets, watch_channel, queue::Declare{.queue = queue, .passive = true});
        place.waiting.push_back(queue);
    }
    client.send(*client.find(line), octets);
}

bool Watch::take(Client& client, unsigned line, const peer::Item& item) {
    if (item.channel != watch_channel) return false;
    if (item.is("queue.declare-ok") && !places_[line].waiting.empty()) places_[line].waiting.pop_front();
    const auto* close = item.method ? std::get_if<channel::Close>(&*item.method) : nullptr;
    if (close != nullptr) refused(client, line, close->reply_code);
    return true;
}

// The queues after the one that is not there, or not ours, have to be asked again.
void Watch::refused(Client& client, unsigned line, std::uint16_t reply_code) {
    auto& place = places_[line];
    auto rest = std::exchange(place.waiting, {});
    if (!rest.empty()) {
        const auto queue = rest.front();
        std::erase(rest, queue);
        const auto other = client.lines().upper_bound(std::max(line, asked_on_[queue]));
        const bool elsewhere = reply_code == resource_locked && other != client.lines().end();
        if (elsewhere) {
            asked_on_[queue] = other->first;
        } else {
            asked_on_.erase(queue);
        }
    }
    Bytes close_ok;
    append_method(close_ok, watch_channel, channel::CloseOk{});
    client.send(*client.find(line), close_ok);
    place.open = false;
    if (!rest.empty()) ask(client, line, rest);
}

bool Watch::waiting(unsigned line) const {
    const auto found = places_.find(line);
    return found != places_.end() && !found->second.waiting.empty();
}

void Watch::forget(unsigned line) {
    places_.erase(line);
    for (auto& [queue, asked_on] : asked_on_) {
        if (asked_on == line) asked_on = 0;
    }
}

}  // namespace conformance::dialogue
