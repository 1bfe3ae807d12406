#include "simbroker/fault/line.hpp"

#include <algorithm>

#include "codec/amqp091/codec.hpp"
#include "codec/wire/reader.hpp"

namespace simbroker::fault {

using namespace codec::amqp091;

namespace {

std::optional<std::string> text_field(const Method& method, std::string_view name) {
    std::optional<std::string> found;
    for_each_field(method, [&](const FieldRow& row, const FieldContent& content) {
        if (row.name != name) return;
        if (const auto* text = std::get_if<ShortString>(&content)) found = std::string(text->text());
    });
    return found;
}

std::optional<Method> method_in(const Unit& unit) {
    if (kind_of(unit) != FrameKind::method) return std::nullopt;
    auto method = decode_method(unit.payload());
    if (!method) return std::nullopt;
    return *method;
}

}  // namespace

void Line::hear(const Event& event) {
    const ChannelNumber number{event.channel};
    switch (event.kind) {
        case Event::Kind::connection_opened: open = true; break;
        case Event::Kind::channel_opened: channels[number] = {}; break;
        case Event::Kind::channel_closed: channels.erase(number); break;
        case Event::Kind::consumer_added: channels[number].consumers[event.detail] = event.subject; break;
        case Event::Kind::consumer_cancelled: {
            const auto channel = channels.find(number);
            if (channel != channels.end()) channel->second.consumers.erase(event.detail);
            break;
        }
        default: break;  // the others tell of nothing that is kept here
    }
}

void Line::see(Toward side, const Unit& unit) {
    const auto method = method_in(unit);
    if (!method) return;
    if (const auto* tuned = std::get_if<connection::TuneOk>(&*method)) frame_max = tuned->frame_max;
    const auto channel = channels.find(unit.channel());
    if (channel == channels.end()) return;
    if (side == Toward::client) {
        const auto* ack = std::get_if<basic::Ack>(&*method);
        const auto* nack = std::get_if<basic::Nack>(&*method);
        if (ack) channel->second.answer(ack->delivery_tag, ack->multiple);
        if (nack) channel->second.answer(nack->delivery_tag, nack->multiple);
    } else if (auto queue = text_field(*method, "queue")) {
        channel->second.asked_queue = std::move(*queue);
    }
}

void ChannelView::answer(std::uint64_t tag, bool multiple) {
    just_answered = confirms.answered_by(tag, multiple);
    confirms.note(tag, multiple);
}

void Line::skim(BytesView octets) {
    // basic.ack and basic.nack are the only methods of the broker whose arguments are a tag and an octet of flags.
    constexpr std::size_t payload_of_confirm = 13;
    while (octets.size() >= frame_overhead) {
        codec::wire::Reader reader(octets);
        const auto type = reader.u8();
        const ChannelNumber number{reader.u16()};
        const std::size_t size = reader.u32();
        if (octets.size() - frame_overhead < size) return;
        if (type == frame_type::method && size == payload_of_confirm) {
            const MethodId id{reader.u16(), reader.u16()};
            const auto tag = reader.u64();
            const bool multiple = (reader.u8() & 1) != 0;
            const auto channel = channels.find(number);
            const bool confirm = id == basic::Ack::id || id == basic::Nack::id;
            if (confirm && channel != channels.end()) channel->second.confirms.note(tag, multiple);
        }
        octets = octets.subspan(size + frame_overhead);
    }
}

// The queue that a method names, the one its consumer is of, the one it answers for, or the one the default exchange
// takes it to.
std::optional<std::string> Line::queue_of(Toward side, const Unit& unit) const {
    const auto method = method_in(unit);
    if (!method) return std::nullopt;
    if (auto named = text_field(*method, "queue")) return named;
    if (const auto* publish = std::get_if<basic::Publish>(&*method)) {
        if (!publish->exchange.text().empty()) return std::nullopt;
        return std::string(publish->routing_key.text());
    }
    const auto channel = channels.find(unit.channel());
    if (channel == channels.end()) return std::nullopt;
    if (const auto tag = text_field(*method, "consumer_tag")) {
        const auto consumer = channel->second.consumers.find(*tag);
        if (consumer != channel->second.consumers.end()) return consumer->second;
    }
    const auto name = name_of(*method);
    const bool answers = name.ends_with("-ok") || name == "basic.get-empty";
    if (side == Toward::client && answers && !channel->second.asked_queue.empty()) return channel->second.asked_queue;
    return std::nullopt;
}

bool Line::can_be_followed() const {
    return open && closes.is_idle() && std::ranges::all_of(directions, [](const Direction& direction) {
               return direction.contents.empty() && direction.stream.keeps_nothing();
           });
}

}  // namespace simbroker::fault
