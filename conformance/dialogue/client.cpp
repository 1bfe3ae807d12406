#include "conformance/dialogue/client.hpp"

#include <algorithm>

namespace conformance::dialogue {

using peer::Item;
using step::Arrival;

Heard an_end(std::optional<Duration> silence) {
    return {{Item::Kind::end, codec::amqp091::connection_channel, nullptr, {}, {}, {}}, silence};
}

Heard no_answer(codec::amqp091::ChannelNumber channel, std::string trouble) {
    return {{Item::Kind::broken, channel, nullptr, {}, {}, std::move(trouble)}, {}};
}

void Outstanding::heard(const Item& item) {
    if (item.is("confirm.select-ok")) confirming_ = true;
    if (item.is("tx.commit-ok") && commits_ > 0) --commits_;
    if (item.is("channel.close") || item.is("channel.close-ok")) *this = {};
    if (!Confirms::is_confirm(item)) return;
    const auto* ack = std::get_if<codec::amqp091::basic::Ack>(&*item.method);
    const auto* nack = std::get_if<codec::amqp091::basic::Nack>(&*item.method);
    const auto tag = ack != nullptr ? ack->delivery_tag : nack->delivery_tag;
    if (ack != nullptr ? ack->multiple : nack->multiple) {
        all_up_to_ = std::max(all_up_to_, tag);
        others_.erase(others_.begin(), others_.upper_bound(tag));
    } else if (tag > all_up_to_) {
        others_.insert(tag);
    }
}

std::uint64_t Outstanding::missing() const {
    return commits_ + published_ - std::min(published_, all_up_to_ + others_.size());
}

std::expected<Line*, step::Trouble> Client::open(unsigned number) {
    const auto id = stage_.open();
    if (!id) return std::unexpected(id.error());
    auto& line = lines_[number];
    line = Line{.id = *id};
    line.last_sent = now();
    return &line;
}

Line* Client::find(unsigned number) {
    const auto found = lines_.find(number);
    return found == lines_.end() ? nullptr : &found->second;
}

void Client::send(Line& line, codec::wire::BytesView octets) {
    line.last_sent = now();
    if (!line.gone && !line.ours) stage_.send(line.id, octets);
}

void Client::drop(Line& line) {
    if (!line.gone && !line.ours) stage_.drop(line.id);
    line.ours = true;
}

void Client::collect() {
    for (auto& arrival : stage_.take_arrivals()) {
        for (auto& [number, line] : lines_) {
            if (line.id != arrival.line || line.ours) continue;
            if (arrival.kind == Arrival::Kind::received) {
                for (auto& item : line.reader.feed(arrival.octets)) line.inbox.push_back({std::move(item), {}});
            }
            if (arrival.kind == Arrival::Kind::ended) {
                line.gone = true;
                line.inbox.push_back(an_end(now() - line.last_sent));
            }
        }
    }
}

std::optional<Heard> Client::next(Line& line, Instant until) {
    while (line.inbox.empty()) {
        if (line.over) return an_end();
        if (line.ours) return {};
        const bool late = now() >= until;
        stage_.wait(until);
        collect();
        if (late && line.inbox.empty()) return {};
    }
    auto heard = std::move(line.inbox.front());
    line.inbox.pop_front();
    if (heard.item.kind == peer::Item::Kind::end) line.over = true;
    return heard;
}

std::vector<Heard> Client::hear(Line& line, std::size_t at_least, Duration quiet, Duration within) {
    std::vector<Heard> all;
    while (auto heard = next(line, now() + (all.size() < at_least ? within : quiet))) {
        const bool end = heard->item.kind == peer::Item::Kind::end;
        all.push_back(std::move(*heard));
        if (end) break;
        if (quiet == Duration::zero() && all.size() >= at_least) break;
    }
    return all;
}

void Client::wait(Duration duration) {
    const auto until = now() + duration;
    while (now() < until) {
        stage_.wait(until);
        collect();
    }
}

}  // namespace conformance::dialogue
