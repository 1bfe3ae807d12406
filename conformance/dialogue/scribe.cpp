#include "conformance/dialogue/scribe.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace conformance::dialogue {

namespace {

using namespace std::chrono_literals;

constexpr Duration worth_mentioning = 800ms;

std::string silence_of(const Heard& heard) {
    if (!heard.silence || *heard.silence <= worth_mentioning) return {};
    return fmt::format(" (~{} s)", std::chrono::round<std::chrono::seconds>(*heard.silence).count());
}

// Of channels; confirms one after the other are one text.
void add_texts(
    unsigned number, Line& line, const std::vector<const peer::Item*>& items, std::vector<std::string>& texts
) {
    for (std::size_t i = 0; i < items.size(); ++i) {
        const auto& item = *items[i];
        if (!Confirms::is_confirm(item)) {
            texts.push_back(fmt::format("{}{}", number, text_of(item)));
            continue;
        }
        Confirms::News news;
        auto& confirms = line.confirms[item.channel];
        confirms.add(item, news);
        while (i + 1 < items.size() && Confirms::is_confirm(*items[i + 1]) && items[i + 1]->channel == item.channel) {
            confirms.add(*items[++i], news);
        }
        texts.push_back(fmt::format("{}.{} {}", number, item.channel.value, to_string(news)));
    }
}

// Channels are processes of their own in a broker, so their order among each other means nothing; what channel 0 says
// and the end stay where they stand.
std::vector<const peer::Item*> by_channel(const std::vector<Heard>& all, std::size_t from, std::size_t to) {
    std::vector<const peer::Item*> items;
    for (auto i = from; i < to; ++i) items.push_back(&all[i].item);
    std::ranges::stable_sort(items, {}, [](const peer::Item* item) { return item->channel; });
    return items;
}

bool is_of_connection(const Heard& heard) { return heard.item.channel == codec::amqp091::connection_channel; }

// The channels whose close was heard, from either side; 0: the whole connection.
std::set<codec::amqp091::ChannelNumber> closed_in(const std::vector<Heard>& all) {
    std::set<codec::amqp091::ChannelNumber> closed;
    for (const auto& heard : all) {
        for (const auto* method : {"channel.close", "channel.close-ok", "connection.close", "connection.close-ok"}) {
            if (heard.item.is(method)) closed.insert(heard.item.channel);
        }
    }
    return closed;
}

// What may overtake what: replies among each other never, deliveries of one consumer neither.
std::string stream_of(const peer::Item& item) {
    if (const auto* deliver = item.method ? std::get_if<codec::amqp091::basic::Deliver>(&*item.method) : nullptr) {
        return "3 " + std::string(deliver->consumer_tag.text());
    }
    if (item.is("basic.return")) return "2";
    if (item.is("basic.cancel")) return "4";
    if (Confirms::is_confirm(item)) return "5";
    return item.is("channel.close") ? "6" : "1";
}

}  // namespace

std::string Scribe::settled(unsigned number, Line& line, const std::vector<Heard>& all) {
    std::vector<const peer::Item*> items;
    std::vector<const peer::Item*> of_connection;
    const auto closed = closed_in(all);
    for (const auto& heard : all) {
        // A confirm that comes from a queue and a close race each other, and the loser is not heard.
        const bool lost = closed.contains(heard.item.channel) || closed.contains(codec::amqp091::connection_channel);
        if (lost && heard.item.method && Confirms::is_confirm(heard.item)) continue;
        (is_of_connection(heard) ? of_connection : items).push_back(&heard.item);
    }
    std::ranges::stable_sort(items, {}, [](const peer::Item* item) {
        return std::pair(item->channel, stream_of(*item));
    });
    items.insert(items.end(), of_connection.begin(), of_connection.end());
    std::vector<std::string> texts;
    add_texts(number, line, items, texts);
    return names_.replace(normalised(fmt::format("{}", fmt::join(texts, " ; ")), vhost_), variables_);
}

std::string Scribe::segment(unsigned number, Line& line, const std::vector<Heard>& all) {
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < all.size();) {
        // How many there are is a matter of milliseconds.
        const bool heartbeat = all[i].item.kind == peer::Item::Kind::heartbeat;
        auto end = i + 1;
        while (end < all.size() && heartbeat && all[end].item.kind == peer::Item::Kind::heartbeat) ++end;
        if (is_of_connection(all[i])) {
            texts.push_back(fmt::format("{}{}{}", number, text_of(all[i].item), silence_of(all[i])));
        } else {
            while (end < all.size() && !is_of_connection(all[end])) ++end;
            add_texts(number, line, by_channel(all, i, end), texts);
        }
        i = end;
    }
    if (texts.empty()) return "-";
    return names_.replace(normalised(fmt::format("{}", fmt::join(texts, " ; ")), vhost_), variables_);
}

}  // namespace conformance::dialogue
