#include "conformance/dialogue/settle.hpp"

#include <algorithm>

namespace conformance::dialogue {

using namespace std::chrono_literals;
using namespace codec::amqp091;

namespace {

constexpr Duration fence_patience = 20s;
constexpr Duration last_words = 60ms;  // what a broker says after a close

bool closes(const peer::Item& item, ChannelNumber channel) {
    return item.is("connection.close") || (item.is("channel.close") && item.channel == channel);
}

}  // namespace

std::vector<Heard> hear_until_fence(Client& client, Line& line, ChannelNumber channel, Duration within) {
    Bytes fence;
    append_method(fence, channel, exchange::Declare{.exchange = "amq.direct", .type = "direct", .passive = true});
    client.send(line, fence);
    std::vector<Heard> all;
    const auto until = client.now() + within;
    while (true) {
        auto heard = client.next(line, until);
        if (!heard) {
            all.push_back(no_answer(channel, "no answer to the fence"));
            return all;
        }
        const auto& item = heard->item;
        if (item.is("exchange.declare-ok") && item.channel == channel) return all;
        const bool over = item.kind == peer::Item::Kind::end;
        const bool closed = closes(item, channel);
        all.push_back(std::move(*heard));
        if (over) return all;
        if (!closed) continue;
        for (auto& more : client.hear(line, 0, last_words, last_words)) all.push_back(std::move(more));
        return all;
    }
}

namespace {

// Nobody consumes by this name, so that cancelling changes nothing; and the answer is known by it.
constexpr const char* fence_tag = "-- fence --";

bool is_fence(const peer::Item& item) {
    const auto* cancelled = item.method ? std::get_if<basic::CancelOk>(&*item.method) : nullptr;
    return cancelled != nullptr && cancelled->consumer_tag.text() == fence_tag;
}

// The fences that are not answered yet.
class Round {
public:
    Round(Client& client, Watch& watch, std::map<unsigned, Settled>& settled)
        : client_(client), watch_(watch), settled_(settled) {}

    void send_fence(unsigned number, ChannelNumber channel) {
        auto* line = client_.find(number);
        auto& settled = settled_[number];
        if (line == nullptr || settled.over || settled.closed.contains(channel)) return;
        open_[number].insert(channel);
        // What follows a close is an error, so its close-ok is the fence.
        if (line->closing.contains(channel) || line->closing.contains(connection_channel)) return;
        // RabbitMQ ends a connection that says anything on a channel whose commit is not done: commit-ok is the fence.
        if (line->outstanding[channel].committing()) return;
        Bytes fence;
        append_method(fence, channel, basic::Cancel{.consumer_tag = fence_tag});
        client_.send(*line, fence);
    }

    void ask_queues() {
        std::vector<unsigned> lines;
        for (const auto& [number, settled] : settled_) {
            if (!settled.over) lines.push_back(number);
        }
        watch_.ask(client_, lines);
    }

    void hear(unsigned number) {
        auto* line = client_.find(number);
        auto& settled = settled_[number];
        const auto until = client_.now() + fence_patience;
        while (!settled.over && (!open_[number].empty() || watch_.waiting(number) || confirms_missing(*line, settled))
        ) {
            auto heard = client_.next(*line, until);
            if (!heard) {
                const auto channel = open_[number].empty() ? connection_channel : *open_[number].begin();
                settled.heard.push_back(no_answer(channel, "no answer to the fence"));
                settled.over = true;
                return;
            }
            take(number, std::move(*heard));
        }
    }

    void hear_arrived(unsigned number) {
        auto& line = *client_.find(number);
        while (!settled_[number].over && !line.inbox.empty()) take(number, *client_.next(line, client_.now()));
    }

    void take(unsigned number, Heard heard) {
        auto& settled = settled_[number];
        auto& line = *client_.find(number);
        const auto channel = heard.item.channel;
        if (watch_.take(client_, number, heard.item)) return;
        if (is_fence(heard.item)) {
            open_[number].erase(channel);
            return;
        }
        const bool committed = heard.item.is("tx.commit-ok") && line.outstanding[channel].committing();
        line.outstanding[channel].heard(heard.item);
        if (committed && !line.outstanding[channel].committing()) open_[number].erase(channel);
        if (heard.item.is("channel.close") || heard.item.is("channel.close-ok")) {
            settled.closed.insert(channel);
            line.closing.erase(channel);
            open_[number].erase(channel);
        }
        const bool close_ok = heard.item.is("connection.close-ok");
        settled.over |= heard.item.kind == peer::Item::Kind::end || heard.item.is("connection.close") || close_ok;
        settled.heard.push_back(std::move(heard));
    }

private:
    static bool confirms_missing(const Line& line, const Settled& settled) {
        return std::ranges::any_of(line.outstanding, [&](const auto& entry) {
            return !settled.closed.contains(entry.first) && entry.second.missing() > 0;
        });
    }

    Client& client_;
    Watch& watch_;
    std::map<unsigned, Settled>& settled_;
    std::map<unsigned, std::set<ChannelNumber>> open_;
};

}  // namespace

std::map<unsigned, Settled> settle(
    Client& client, Watch& watch, const std::map<unsigned, std::vector<ChannelNumber>>& channels, Duration quiet
) {
    std::map<unsigned, Settled> settled;
    Round round(client, watch, settled);
    const auto fences = [&] {
        for (const auto& [number, numbers] : channels) {
            for (const auto channel : numbers) round.send_fence(number, channel);
        }
        for (const auto& [number, numbers] : channels) round.hear(number);
    };
    fences();
    round.ask_queues();
    for (const auto& [number, numbers] : channels) round.hear(number);
    if (quiet > Duration::zero()) {
        client.wait(quiet);
        for (const auto& [number, numbers] : channels) round.hear_arrived(number);
    }
    fences();
    for (const auto& [number, one] : settled) {
        if (one.over) watch.forget(number);
    }
    return settled;
}

}  // namespace conformance::dialogue
