#include "conformance/peer/item_reader.hpp"

#include <fmt/format.h>

#include <utility>

namespace conformance::peer {

using namespace codec::amqp091;
using simbroker::fault::Unit;

namespace {

Item broken(ChannelNumber channel, std::string trouble) {
    return {Item::Kind::broken, channel, nullptr, {}, {}, fmt::format("channel {}: {}", channel.value, trouble)};
}

}  // namespace

std::vector<Item> ItemReader::feed(BytesView octets) {
    std::vector<Item> items;
    for (const auto& unit : stream_.feed(octets)) {
        const auto known = items.size();
        read(unit, items);
        for (auto& item : std::span(items).subspan(known)) {
            if (!item.content) item.nth = frames_;  // a content began with its method
        }
        ++frames_;
    }
    return items;
}

void ItemReader::read(const Unit& unit, std::vector<Item>& items) {
    const auto channel = unit.channel();
    if (unit.kind == Unit::Kind::opaque) {
        items.push_back(broken(connection_channel, "octets that are no frame: " + describe_octets(unit.octets)));
        return;
    }
    if (unit.kind == Unit::Kind::protocol_header) {
        items.push_back({Item::Kind::protocol_header, channel, std::make_shared<Bytes>(unit.octets), {}, {}, {}});
        return;
    }
    if (unit.octets.back() != frame_end) {
        items.push_back(
            broken(channel, fmt::format("a frame that ends with 0x{:02x} instead of 0xce (4.2.3)", unit.octets.back()))
        );
        return;
    }
    if (frame_max_ != 0 && unit.octets.size() > frame_max_) {
        items.push_back(broken(
            channel, fmt::format("a frame of {} octets, but frame-max is {} (4.2.3)", unit.octets.size(), frame_max_)
        ));
    }
    switch (unit.type()) {
        case frame_type::method: return read_method(unit, items);
        case frame_type::header: return read_header(unit, items);
        case frame_type::body: return read_body(unit, items);
        case frame_type::heartbeat: return read_heartbeat(unit, items);
    }
    items.push_back(broken(channel, fmt::format("a frame of the unknown type {} (4.2.3)", unit.type())));
}

void ItemReader::read_method(const Unit& unit, std::vector<Item>& items) {
    const auto channel = unit.channel();
    if (partial_.erase(channel) > 0) items.push_back(broken(channel, "a method inside a content (4.2.6)"));
    const auto octets = unit.payload();
    auto payload = std::make_shared<Bytes>(octets.begin(), octets.end());
    const auto method = decode_method(*payload);
    if (!method) {
        items.push_back(broken(channel, "a method that cannot be read: " + to_string(method.error())));
        return;
    }
    Item item{Item::Kind::method, channel, std::move(payload), *method, {}, {}};
    if (carries_content(*method)) {
        item.content.emplace();
        item.nth = frames_;
        partial_[channel] = {std::move(item)};
        return;
    }
    if (item.is("channel.open-ok")) last_tag_.erase(channel);
    items.push_back(std::move(item));
}

void ItemReader::read_header(const Unit& unit, std::vector<Item>& items) {
    const auto channel = unit.channel();
    const auto found = partial_.find(channel);
    if (found == partial_.end() || found->second.header_seen) {
        items.push_back(broken(channel, "a content header without a method before it (4.2.6)"));
        return;
    }
    const auto header = decode_content_header(unit.payload());
    if (!header || header->class_id != basic_class_id) {
        partial_.erase(found);
        items.push_back(broken(
            channel,
            header ? fmt::format("a content header of class {} after a method of class 60 (4.2.6.1)", header->class_id)
                   : "a content header that cannot be read: " + to_string(header.error())
        ));
        return;
    }
    auto& partial = found->second;
    partial.header_seen = true;
    partial.missing = header->body_size;
    partial.item.content->property_octets.assign(header->property_octets.begin(), header->property_octets.end());
    if (partial.missing == 0) complete(channel, items);
}

void ItemReader::read_body(const Unit& unit, std::vector<Item>& items) {
    const auto channel = unit.channel();
    const auto found = partial_.find(channel);
    if (found == partial_.end() || !found->second.header_seen) {
        items.push_back(broken(channel, "a body frame without a content header before it (4.2.6)"));
        return;
    }
    auto& partial = found->second;
    const auto octets = unit.payload();
    if (octets.size() > partial.missing) {
        items.push_back(broken(
            channel,
            fmt::format("a body frame of {} octets where {} are missing (4.2.6)", octets.size(), partial.missing)
        ));
        partial_.erase(found);
        return;
    }
    auto& content = *partial.item.content;
    content.body.insert(content.body.end(), octets.begin(), octets.end());
    content.frames.push_back(octets.size());
    partial.missing -= octets.size();
    if (partial.missing == 0) complete(channel, items);
}

void ItemReader::read_heartbeat(const Unit& unit, std::vector<Item>& items) {
    if (unit.channel() != connection_channel || !unit.payload().empty()) {
        items.push_back(broken(
            unit.channel(), fmt::format("a heartbeat with {} octets of payload (4.2.3, 4.2.7)", unit.payload().size())
        ));
        return;
    }
    items.push_back({Item::Kind::heartbeat, connection_channel, nullptr, {}, {}, {}});
}

void ItemReader::complete(ChannelNumber channel, std::vector<Item>& items) {
    auto item = std::move(partial_.extract(channel).mapped().item);
    check_delivery_tag(item, items);
    items.push_back(std::move(item));
}

void ItemReader::check_delivery_tag(const Item& item, std::vector<Item>& items) {
    std::optional<std::uint64_t> tag;
    if (const auto* deliver = std::get_if<basic::Deliver>(&*item.method)) tag = deliver->delivery_tag;
    if (const auto* got = std::get_if<basic::GetOk>(&*item.method)) tag = got->delivery_tag;
    if (!tag) return;
    auto& last = last_tag_[item.channel];
    if (*tag <= last) {
        items.push_back(broken(
            item.channel, fmt::format("delivery-tag {} after {} (1.1: never zero, unique on the channel)", *tag, last)
        ));
    }
    last = *tag;
}

}  // namespace conformance::peer
