// Verbs about what a peer says: frames that do not come, come late, come twice, come otherwise, or were never sent.
#include <fmt/format.h>

#include "codec/amqp091/codec.hpp"
#include "codec/amqp091/json.hpp"
#include "simbroker/fault/notation.hpp"
#include "simbroker/fault/verb.hpp"

namespace simbroker::fault {

namespace {

using namespace codec::amqp091;
using nlohmann::json;
using Needs = Verb::Needs;
using Where = Say::Where;

// ---- what blanks may be about, with values to try a script with

json sample_of(Domain domain) {
    switch (domain) {
        case Domain::shortstr:
        case Domain::longstr: return "";
        case Domain::table: return json::object();
        case Domain::bit: return false;
        case Domain::octet:
        case Domain::short_:
        case Domain::long_:
        case Domain::longlong:
        case Domain::timestamp: break;
    }
    return 0U;
}

Names sample_names(const Trigger* trigger) {
    Names names{{"channel", 1U}};
    if (trigger == nullptr) {
        names["consumer_tag"] = "";
        names["queue"] = "";
        return names;
    }
    const auto* row = trigger->method ? find_method(*trigger->method) : nullptr;
    if (row == nullptr) return names;
    for (const auto& field : row->fields) {
        if (!field.reserved) names[std::string(field.name)] = sample_of(field.domain);
    }
    if (row->carries == Carries::content) names["body_size"] = 0U;
    return names;
}

// ---- scripts

Read<Script> script(const Reading& frames, const Trigger* trigger) {
    if (!frames.value().is_array()) return frames.expected("a list of frames");
    const auto names = sample_names(trigger);
    for (std::size_t i = 0; i < frames.value().size(); ++i) {
        const auto entry = frames.at(i);
        const auto octets = Script{json::array({entry.value()})}.render(ChannelNumber{1}, 0, names);
        if (!octets) return entry.wrong(octets.error());
    }
    return Script{frames.value()};
}

Say say_toward(Toward toward, Where where, Script script) {
    Say say{.where = where};
    (toward == Toward::client ? say.to_client : say.to_server) = std::move(script);
    return say;
}

template <Where where>
Read<Fault> read_insert(const Reading& argument, const Trigger* trigger) {
    auto frames = script(argument, trigger);
    if (!frames) return std::unexpected(frames.error());
    return say_toward(trigger->toward, where, std::move(*frames));
}

Read<Fault> read_answer(const Reading& argument, const Trigger* trigger) {
    auto frames = script(argument, trigger);
    if (!frames) return std::unexpected(frames.error());
    return say_toward(opposite(trigger->toward), Where::instead, std::move(*frames));
}

Read<Fault> read_bytes(const Reading& argument, const Trigger* trigger) {
    const auto octets = argument.octets();
    if (!octets) return std::unexpected(octets.error());
    return say_toward(trigger->toward, Where::instead, Script{json::array({json{{"bytes", argument.value()}}})});
}

constexpr std::string_view where_names[] = {"before", "after", "instead"};

Read<Fault> read_say(const Reading& argument, const Trigger* trigger) {
    if (const auto good = argument.object({"to_client", "to_server", "where"}); !good) {
        return std::unexpected(good.error());
    }
    Say say{.where = Where::after};
    const auto read_script = [&](const Reading& frames) { return script(frames, trigger); };
    const auto read_where = [](const Reading& where) -> Read<Where> {
        const auto which = where.choice(where_names);
        if (!which) return std::unexpected(which.error());
        return static_cast<Where>(*which);
    };
    if (const auto done = read_member(argument, "to_client", say.to_client, read_script); !done) {
        return std::unexpected(done.error());
    }
    if (const auto done = read_member(argument, "to_server", say.to_server, read_script); !done) {
        return std::unexpected(done.error());
    }
    if (const auto done = read_member(argument, "where", say.where, read_where); !done) {
        return std::unexpected(done.error());
    }
    if (say.to_client.empty() && say.to_server.empty()) return argument.expected("to_client or to_server with frames");
    return say;
}

// ---- changes

Read<void> check_content_changes(const Reading& change) {
    if (const auto properties = change.find("properties")) {
        const auto octets = encode_properties_from_json(properties->value());
        if (!octets) return properties->wrong(octets.error());
    }
    if (const auto body = change.find("body")) {
        if (const auto octets = body->octets(); !octets) return std::unexpected(octets.error());
    }
    if (const auto header = change.find("header")) {
        if (const auto good = header->object({"class_id", "weight", "body_size"}); !good) return good;
        const auto octets = frame_from_json({{"header", header->value()}}, {});
        if (!octets) return header->wrong(octets.error());
    }
    return {};
}

Read<Fault> read_replace(const Reading& argument, const Trigger* trigger) {
    if (!trigger->method) return argument.wrong("needs a trigger with a method");
    const auto* row = find_method(*trigger->method);
    if (!argument.value().is_object()) return argument.expected("the fields that change");
    auto full = filled_in(argument.value(), field_blank, sample_names(trigger));
    if (!full) return argument.wrong(full.error());
    const bool content = full->contains("properties") || full->contains("body") || full->contains("header");
    if (content && row->carries != Carries::content) {
        return argument.wrong(fmt::format("{} carries no content, so it has no properties, header or body", row->name));
    }
    if (const auto good = check_content_changes(Reading(*full, argument.pointer())); !good) {
        return std::unexpected(good.error());
    }
    for (const auto* part : {"properties", "body", "header"}) full->erase(part);
    if (const auto octets = encode_method_from_json(row->name, *full); !octets) return argument.wrong(octets.error());
    return Replace{Template{argument.value()}};
}

template <class Integer>
auto integer_up_to(std::uint64_t most) {
    return [most](const Reading& reading) -> Read<Integer> {
        const auto number = reading.integer(0, most);
        if (!number) return std::unexpected(number.error());
        return static_cast<Integer>(*number);
    };
}

Read<Fault> read_frame(const Reading& argument, const Trigger*) {
    constexpr std::uint64_t largest = FrameStream::largest_payload;
    const auto known = argument.object({"type", "channel", "end", "size", "cut", "append", "beyond_frame_max"});
    if (!known) return std::unexpected(known.error());
    if (argument.value().empty()) return argument.expected("at least one change");
    EditFrame edit;
    const auto channel = [](const Reading& reading) -> Read<ChannelNumber> {
        const auto number = reading.integer(0, UINT16_MAX);
        if (!number) return std::unexpected(number.error());
        return ChannelNumber{static_cast<std::uint16_t>(*number)};
    };
    const auto octets = [](const Reading& reading) { return reading.octets(); };
    for (const auto& done : {
             read_member(argument, "type", edit.type, integer_up_to<Octet>(UINT8_MAX)),
             read_member(argument, "channel", edit.channel, channel),
             read_member(argument, "end", edit.end, integer_up_to<Octet>(UINT8_MAX)),
             read_member(argument, "size", edit.size, integer_up_to<std::uint32_t>(UINT32_MAX)),
             read_member(argument, "cut", edit.cut, integer_up_to<std::size_t>(largest)),
             read_member(argument, "append", edit.append, octets),
             read_member(argument, "beyond_frame_max", edit.beyond_frame_max, integer_up_to<std::size_t>(largest)),
         }) {
        if (!done) return std::unexpected(done.error());
    }
    return edit;
}

Read<Fault> read_frame_end(const Reading& argument, const Trigger*) {
    const auto octet = argument.integer(0, UINT8_MAX);
    if (!octet) return std::unexpected(octet.error());
    return EditFrame{.end = static_cast<Octet>(*octet)};
}

// ---- time and order

Read<Fault> read_drop(const Reading& argument, const Trigger*) {
    if (!argument.value().is_null()) return argument.expected("nothing");
    return Drop{};
}

Read<Fault> read_duplicate(const Reading& argument, const Trigger*) {
    constexpr std::uint64_t most = 100'000;
    if (argument.value().is_null()) return Duplicate{};
    const auto copies = argument.integer(1, most);
    if (!copies) return std::unexpected(copies.error());
    return Duplicate{static_cast<std::uint32_t>(*copies)};
}

Read<Fault> read_hold(const Reading& argument, const Trigger*) {
    auto label = argument.text();
    if (!label) return std::unexpected(label.error());
    if (label->empty()) return argument.expected("a label to release it by");
    return Hold{std::move(*label)};
}

Read<Fault> read_delay(const Reading& argument, const Trigger*) {
    const auto duration = argument.duration();
    if (!duration) return std::unexpected(duration.error());
    return Delay{*duration};
}

constexpr std::string_view order_names[] = {"kept", "reversed", "shuffled", "by_consumer"};

Read<void> read_gathering(const Reading& argument, Reorder& reorder) {
    constexpr std::uint64_t most = 100'000;
    const auto count = [](const Reading& reading) -> Read<std::uint32_t> {
        const auto number = reading.integer(1, most);
        if (!number) return std::unexpected(number.error());
        return static_cast<std::uint32_t>(*number);
    };
    const auto order = [](const Reading& reading) -> Read<Reorder::Order> {
        const auto which = reading.choice(order_names);
        if (!which) return std::unexpected(which.error());
        return static_cast<Reorder::Order>(*which);
    };
    if (const auto done = read_member(argument, "count", reorder.count, count); !done) return done;
    if (const auto done = read_member(argument, "order", reorder.order, order); !done) return done;
    return read_member(argument, "within", reorder.within, [](const Reading& reading) { return reading.duration(); });
}

Read<Fault> read_reorder(const Reading& argument, const Trigger*) {
    Reorder reorder{.order = Reorder::Order::reversed};
    if (argument.value().is_null()) return reorder;
    if (const auto known = argument.object({"count", "within", "order"}); !known) return std::unexpected(known.error());
    if (const auto done = read_gathering(argument, reorder); !done) return std::unexpected(done.error());
    return reorder;
}

constexpr std::string_view confirm_names[] = {"single", "multiple"};

Read<Fault> read_confirm(const Reading& argument, const Trigger* trigger) {
    if (trigger->toward != Toward::client || trigger->method != basic::Ack::id) {
        return argument.wrong("needs a trigger {to: client, method: basic.ack}");
    }
    if (const auto known = argument.object({"as", "count", "within", "order"}); !known) {
        return std::unexpected(known.error());
    }
    const auto as = argument.find("as");
    if (!as) return argument.expected("as: single or as: multiple");
    const auto which = as->choice(confirm_names);
    if (!which) return std::unexpected(which.error());
    Reorder reorder{.confirms = *which == 0 ? Reorder::Confirms::single : Reorder::Confirms::multiple};
    if (const auto done = read_gathering(argument, reorder); !done) return std::unexpected(done.error());
    return reorder;
}

constexpr Verb rows[] = {
    {"drop", "", "the frame, with its content, never arrives", Needs::frame, read_drop},
    {"duplicate", "[copies]", "it arrives once more, or so many times more", Needs::frame, read_duplicate},
    {"hold", "label", "it comes when it is released; what follows overtakes it", Needs::frame, read_hold},
    {"delay", "duration", "it comes that much later; what follows overtakes it", Needs::frame, read_delay},
    {"reorder",
     "{count: 2, within: 1s, order: reversed | shuffled | by_consumer | kept}",
     "so many are gathered, or those of a while, and come in another order; by_consumer: those of the consumer that "
     "came last go first",
     Needs::frame,
     read_reorder},
    {"confirm",
     "{as: single | multiple, count: 2, within: 1s, order: kept | reversed | shuffled}",
     "confirms are gathered, and come one for each tag, or as few as can be with multiple set",
     Needs::frame,
     read_confirm},
    {"replace",
     "{field: value, properties: {..}, header: {body_size: ..}, body: octets}",
     "these fields of the method change, these properties, what the header says, the body",
     Needs::frame,
     read_replace},
    {"frame",
     "{type, channel, end, size, cut, append, beyond_frame_max}",
     "the frame has another type, channel, last octet or announced size; its payload loses octets at the end, gets "
     "some, or grows until the frame is so many octets larger than was agreed",
     Needs::frame,
     read_frame},
    {"frame_end", "octet", "the frame's last octet is this one", Needs::frame, read_frame_end},
    {"before", "[frames]", "these come before it", Needs::frame, read_insert<Where::before>},
    {"after", "[frames]", "these come after it", Needs::frame, read_insert<Where::after>},
    {"instead", "[frames]", "these come in its place", Needs::frame, read_insert<Where::instead>},
    {"answer", "[frames]", "it goes no further, and its sender gets these", Needs::frame, read_answer},
    {"bytes", "octets", "these octets come in its place", Needs::frame, read_bytes},
    {"say",
     "{to_client: [frames], to_server: [frames], where: after | before | instead}",
     "these come to either side, or go to the broker in the client's name",
     Needs::nothing,
     read_say},
};

}  // namespace

std::span<const Verb> speech_verbs() { return rows; }

}  // namespace simbroker::fault
