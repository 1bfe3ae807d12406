#include "conformance/dialogue/settle.hpp"

namespace conformance::dialogue {

using namespace std::chrono_literals;
using namespace codec::amqp091;

namespace {

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

std::map<unsigned, std::string> settled(Client& client, Scribe& scribe) {
    std::map<unsigned, std::string> texts;
    for (auto& [number, line] : client.lines()) {
        const auto heard = client.hear(line, 0, last_words, last_words);
        if (!heard.empty()) texts[number] = scribe.segment(number, line, heard);
    }
    return texts;
}

}  // namespace conformance::dialogue
