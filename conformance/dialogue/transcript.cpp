#include "conformance/dialogue/transcript.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "codec/wire/utf8.hpp"

namespace conformance::dialogue {

namespace {

using namespace codec::amqp091;
using codec::wire::as_text;
using peer::Item;

constexpr std::size_t longest_body = 60;

constexpr std::string_view name_characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+/=.";
constexpr std::string_view digits = "0123456789";

struct Pattern {
    std::string_view prefix;
    std::string_view variable;
    std::size_t shortest;
    std::size_t longest;
};

// The names themselves are 22 characters of base 64; an address to reply to is longer, and of no fixed size.
constexpr Pattern patterns[] = {
    {"amq.gen-", "gen", 22, 22},
    {"amq.ctag-", "ctag", 22, 22},
    {"amq.rabbitmq.reply-to.", "reply_to", 10, 255},
};

std::size_t run_of(std::string_view text, std::size_t from, std::string_view characters, std::size_t longest) {
    std::size_t size = 0;
    while (size < longest && from + size < text.size() && characters.contains(text[from + size])) ++size;
    return size;
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
        text.replace(at, what.size(), with);
    }
}

// T1767225600 -> T*: the times of this decade, not the small ones that clients send in tests.
void hide_times(std::string& text) {
    for (auto at = text.find("=T"); at != std::string::npos; at = text.find("=T", at + 1)) {
        const auto size = run_of(text, at + 2, digits, 20);
        if (size >= 10) text.replace(at + 2, size, "*");
    }
}

// <0.123.0>, an Erlang process.
void hide_processes(std::string& text) {
    for (auto at = text.find('<'); at != std::string::npos; at = text.find('<', at + 1)) {
        const auto size = run_of(text, at + 1, "0123456789.", 40);
        const auto end = at + 1 + size;
        if (size >= 5 && end < text.size() && text[end] == '>') text.replace(at, size + 2, "<pid>");
    }
}

void hide_value(std::string& text, std::string_view before) {
    const auto at = text.find(before);
    if (at == std::string::npos) return;
    const auto from = at + before.size();
    const auto end = text.find('"', from);
    if (end != std::string::npos) text.replace(from, end - from, "*");
}

void leave_out_our_own_property(std::string& text) {
    constexpr std::string_view before = "simbroker=S\"";
    const auto at = text.find(before);
    if (at == std::string::npos) return;
    const auto end = text.find('"', at + before.size());
    if (end != std::string::npos && end + 1 < text.size() && text[end + 1] == ',') text.erase(at, end + 2 - at);
}

void sort_mechanisms(std::string& text) {
    constexpr std::string_view before = "mechanisms=\"";
    const auto at = text.find(before);
    if (at == std::string::npos) return;
    const auto from = at + before.size();
    const auto end = text.find('"', from);
    if (end == std::string::npos) return;
    std::set<std::string> names;
    for (auto begin = from; begin < end;) {
        const auto blank = std::min(text.find(' ', begin), end);
        names.insert(text.substr(begin, blank - begin));
        begin = blank + 1;
    }
    text.replace(from, end - from, fmt::format("{}", fmt::join(names, " ")));
}

// So that a transcript is text whatever a broker sends.
std::string in_utf8(std::string text) {
    if (codec::wire::is_utf8(text)) return text;
    std::string escaped;
    for (const char c : text) {
        const auto octet = static_cast<unsigned char>(c);
        escaped += octet < 0x80 ? std::string(1, c) : fmt::format("\\x{:02x}", octet);
    }
    return escaped;
}

std::string method_text(const Item& item) {
    auto text = fmt::format(".{} {}", item.channel.value, codec::amqp091::to_string(*item.method));
    if (!item.content) return text;
    const auto properties = decode_properties(item.content->property_octets);
    text += ' ';
    text += properties ? codec::amqp091::to_string(*properties)
                       : "properties that cannot be read: " + codec::wire::to_string(properties.error());
    return text + ' ' + body_text(*item.content);
}

std::string ranges(const std::set<std::uint64_t>& numbers) {
    std::string text;
    for (auto at = numbers.begin(); at != numbers.end();) {
        const auto first = *at;
        auto last = first;
        while (++at != numbers.end() && *at == last + 1) last = *at;
        text +=
            (text.empty() ? "" : " ") + (first == last ? fmt::format("{}", first) : fmt::format("{}-{}", first, last));
    }
    return text;
}

}  // namespace

std::string MadeUpNames::replace(std::string text, step::Variables& variables) {
    for (const auto& pattern : patterns) {
        for (auto at = text.find(pattern.prefix); at != std::string::npos; at = text.find(pattern.prefix, at + 1)) {
            const auto size = run_of(text, at + pattern.prefix.size(), name_characters, pattern.longest);
            if (size < pattern.shortest) continue;
            const auto name = text.substr(at, pattern.prefix.size() + size);
            auto found = known_.find(name);
            if (found == known_.end()) {
                const auto number = ++count_[std::string(pattern.variable)];
                const auto variable = fmt::format("{}{}", pattern.variable, number);
                variables.set(variable, name);
                found = known_.emplace(name, "$" + variable).first;
            }
            text.replace(at, name.size(), found->second);
        }
    }
    return text;
}

std::string normalised(std::string text, const std::string& vhost) {
    replace_all(text, fmt::format("'{}'", vhost), "'$vhost'");
    replace_all(text, fmt::format("<<\\\"{}\\\">>", vhost), "<<\\\"$vhost\\\">>");
    replace_all(text, fmt::format("vhost {} ", vhost), "vhost $vhost ");
    hide_times(text);
    hide_processes(text);
    hide_value(text, "cluster_name=S\"");
    leave_out_our_own_property(text);
    sort_mechanisms(text);
    replace_all(text, "invalid exchange type", "unknown exchange type");
    replace_all(text, "' is down\"", "' is deleted\"");
    return in_utf8(std::move(text));
}

bool Confirms::is_confirm(const Item& item) { return item.is("basic.ack") || item.is("basic.nack"); }

void Confirms::add(const Item& item, News& news) {
    std::uint64_t tag = 0;
    bool multiple = false;
    const auto* ack = std::get_if<basic::Ack>(&*item.method);
    if (ack != nullptr) {
        tag = ack->delivery_tag;
        multiple = ack->multiple;
    } else {
        const auto& nack = std::get<basic::Nack>(*item.method);
        tag = nack.delivery_tag;
        multiple = nack.multiple;
    }
    auto& numbers = ack != nullptr ? news.confirmed : news.refused;
    if (!multiple) {
        numbers.insert(tag);
        done_.insert(tag);
        return;
    }
    for (auto number = all_up_to_ + 1; number <= tag; ++number) {
        if (!done_.contains(number)) numbers.insert(number);
    }
    done_.erase(done_.begin(), done_.upper_bound(tag));
    all_up_to_ = std::max(all_up_to_, tag);
}

std::string to_string(const Confirms::News& news) {
    std::string text;
    if (!news.confirmed.empty()) text = "confirmed " + ranges(news.confirmed);
    if (!news.refused.empty()) text += (text.empty() ? "" : ", ") + ("refused " + ranges(news.refused));
    return text;
}

std::string body_text(const peer::Content& content) {
    const auto& body = content.body;
    if (body.size() <= longest_body) {
        const auto text = codec::amqp091::to_string(FieldValue(LongString{as_text(body)})).substr(1);
        return content.frames.size() > 1 ? fmt::format("{} in frames of {}", text, fmt::join(content.frames, "+"))
                                         : text;
    }
    std::uint32_t hash = 2166136261U;  // FNV-1a
    for (const auto octet : body) hash = (hash ^ octet) * 16777619U;
    const auto text = fmt::format("<{} octets, hash {:08x}>", body.size(), hash);
    return content.frames.size() > 1 ? fmt::format("{} in frames of {}", text, fmt::join(content.frames, "+")) : text;
}

std::string text_of(const Item& item) {
    switch (item.kind) {
        case Item::Kind::method: return method_text(item);
        case Item::Kind::heartbeat: return " heartbeat";
        case Item::Kind::protocol_header: {
            const auto& octets = *item.payload;
            return fmt::format(" protocol header {} {} {} {}", octets[4], octets[5], octets[6], octets[7]);
        }
        case Item::Kind::broken: return " broken: " + item.trouble;
        case Item::Kind::end: return " ended";
    }
    return "";
}

}  // namespace conformance::dialogue
