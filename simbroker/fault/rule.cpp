// Rules as they are written. Everything that can be wrong with one is found here, before it acts.
#include "simbroker/fault/rule.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "codec/amqp091/codec.hpp"
#include "simbroker/fault/named.hpp"
#include "simbroker/fault/verb.hpp"

namespace simbroker::fault {

namespace {

using nlohmann::json;

// ---- values

constexpr std::string_view sides[] = {"client", "server"};
constexpr std::string_view frame_kinds[] = {"method", "header", "body", "heartbeat", "protocol_header"};

Read<Toward> toward(const Reading& value) {
    const auto which = value.choice(sides);
    if (!which) return std::unexpected(which.error());
    return *which == 0 ? Toward::client : Toward::server;
}

Read<FrameKind> frame_kind(const Reading& value) {
    const auto which = value.choice(frame_kinds);
    if (!which) return std::unexpected(which.error());
    return static_cast<FrameKind>(*which + 1);  // after `any`
}

Read<codec::amqp091::MethodId> method(const Reading& value) {
    const auto* row =
        value.value().is_string() ? codec::amqp091::find_method(value.value().get_ref<const std::string&>()) : nullptr;
    if (row == nullptr) return value.expected("a method of AMQP 0-9-1 such as basic.ack");
    return row->id;
}

Read<codec::amqp091::ChannelNumber> channel(const Reading& value) {
    const auto number = value.integer(0, UINT16_MAX);
    if (!number) return std::unexpected(number.error());
    return codec::amqp091::ChannelNumber{static_cast<std::uint16_t>(*number)};
}

Read<ConnectionId> connection(const Reading& value) {
    const auto number = value.integer(1, UINT32_MAX);
    if (!number) return std::unexpected(number.error());
    return ConnectionId{static_cast<std::uint32_t>(*number)};
}

Read<std::string> text(const Reading& value) { return value.text(); }
Read<Duration> duration(const Reading& value) { return value.duration(); }
Read<std::uint64_t> count(const Reading& value) { return value.integer(1, UINT32_MAX); }

Read<Instant> instant(const Reading& value) {
    const auto since_the_beginning = value.duration();
    if (!since_the_beginning) return std::unexpected(since_the_beginning.error());
    return Instant(*since_the_beginning);
}

Read<Duration> interval(const Reading& value) {
    const auto length = value.duration();
    if (length && *length <= Duration::zero()) return value.expected("a duration that is not zero");
    return length;
}

Read<std::uint64_t> probability(const Reading& value) {
    const auto& number = value.value();
    if (!number.is_number() || number.get<double>() < 0 || number.get<double>() > 1) {
        return value.expected("a probability from 0 to 1");
    }
    return static_cast<std::uint64_t>(std::llround(number.get<double>() * static_cast<double>(Trigger::certain)));
}

Read<Event::Kind> event_kind(const Reading& value) {
    std::vector<std::string_view> names;
    for (std::uint8_t kind = 0; !to_string(static_cast<Event::Kind>(kind)).empty(); ++kind) {
        names.push_back(to_string(static_cast<Event::Kind>(kind)));
    }
    const auto which = value.choice(names);
    if (!which) return std::unexpected(which.error());
    return static_cast<Event::Kind>(*which);
}

// "queue_declared" or {event: queue_declared, subject: orders}
Read<AfterEvent> after_event(const Reading& value) {
    AfterEvent after;
    if (value.value().is_string()) {
        const auto kind = event_kind(value);
        if (!kind) return std::unexpected(kind.error());
        after.kind = *kind;
        return after;
    }
    if (const auto known = value.object({"event", "subject"}); !known) return std::unexpected(known.error());
    if (!value.find("event")) return value.expected("event: a kind of event");
    if (const auto done = read_member(value, "event", after.kind, event_kind); !done) {
        return std::unexpected(done.error());
    }
    if (const auto done = read_member(value, "subject", after.subject, text); !done) {
        return std::unexpected(done.error());
    }
    return after;
}

Read<void> first_mistake(std::initializer_list<Read<void>> all) {
    const auto mistake = std::ranges::find_if(all, [](const auto& done) { return !done; });
    return mistake == all.end() ? Read<void>{} : *mistake;
}

// ---- when

Read<Trigger> trigger_from(const Reading& when) {
    const auto known = when.object(
        {"to",
         "method",
         "frame",
         "connection",
         "channel",
         "queue",
         "from",
         "until",
         "after",
         "nth",
         "every",
         "probability",
         "times"}
    );
    if (!known) return std::unexpected(known.error());
    if (!when.find("to")) return when.expected("to: client or to: server");
    Trigger trigger;
    const auto done = first_mistake({
        read_member(when, "to", trigger.toward, toward),
        read_member(when, "method", trigger.method, method),
        read_member(when, "frame", trigger.frame, frame_kind),
        read_member(when, "connection", trigger.connection, connection),
        read_member(when, "channel", trigger.channel, channel),
        read_member(when, "queue", trigger.queue, text),
        read_member(when, "from", trigger.from, instant),
        read_member(when, "until", trigger.until, instant),
        read_member(when, "after", trigger.after, after_event),
        read_member(when, "nth", trigger.nth, count),
        read_member(when, "every", trigger.every, count),
        read_member(when, "probability", trigger.probability, probability),
        read_member(when, "times", trigger.times, count),
    });
    if (!done) return std::unexpected(done.error());
    if (!trigger.method) return trigger;
    if (trigger.frame != FrameKind::any && trigger.frame != FrameKind::method) {
        return when.at("frame").wrong("expected none beside a method");
    }
    trigger.frame = FrameKind::method;
    return trigger;
}

Read<Occasion> occasion_from(const Reading& now) {
    const auto known = now.object({"connection", "channel", "queue", "at", "in", "after", "every", "times"});
    if (!known) return std::unexpected(known.error());
    Occasion occasion;
    const auto done = first_mistake({
        read_member(now, "connection", occasion.connection, connection),
        read_member(now, "channel", occasion.channel, channel),
        read_member(now, "queue", occasion.queue, text),
        read_member(now, "at", occasion.at, instant),
        read_member(now, "in", occasion.in, duration),
        read_member(now, "after", occasion.after, after_event),
        read_member(now, "every", occasion.every, interval),
        read_member(now, "times", occasion.times, count),
    });
    if (!done) return std::unexpected(done.error());
    if (occasion.at && (occasion.after || now.find("in")))
        return now.at("at").wrong("expected no in or after beside it");
    if (!occasion.times && !occasion.every) occasion.times = 1;
    return occasion;
}

// ---- do

struct Act {
    std::string_view verb;
    Fault fault;
};

Read<Act> act_from(const Reading& act, const Trigger* trigger) {
    const auto& value = act.value();
    const bool alone = value.is_string();
    if (!alone && !(value.is_object() && value.size() == 1)) {
        return act.expected("a fault such as drop, or {delay: 3s}");
    }
    const auto name = alone ? value.get<std::string>() : value.begin().key();
    const auto* verb = find_verb(name);
    if (verb == nullptr) {
        std::string names;
        for (const auto& row : all_verbs()) names += fmt::format("{}{}", names.empty() ? "" : ", ", row.name);
        for (const auto& row : named_faults()) names += fmt::format(", {}", row.name);
        return act.wrong(fmt::format("there is no fault '{}'; there are {}", name, names));
    }
    if (trigger == nullptr && verb->needs == Verb::Needs::frame) {
        return act.wrong(fmt::format("{} is something that happens to a frame; expected when, not now", name));
    }
    static const json nothing;
    auto fault = verb->read(alone ? Reading(nothing, act.pointer()) : act.at(name), trigger);
    if (!fault) return std::unexpected(fault.error());
    return Act{verb->name, std::move(*fault)};
}

Read<Rule> rule_of_verbs(const Reading& rule) {
    const auto when = rule.find("when");
    const auto now = rule.find("now");
    const auto act = rule.find("do");
    if (!act || when.has_value() == now.has_value()) {
        return rule.wrong("expected {when: {to: client, method: basic.ack}, do: drop}, or now in the place of when");
    }
    Rule made;
    if (const auto done = read_member(rule, "id", made.id, text); !done) return std::unexpected(done.error());
    if (rule.find("id") && made.id.empty()) return rule.at("id").expected("text that is not empty");
    if (when) {
        auto trigger = trigger_from(*when);
        if (!trigger) return std::unexpected(trigger.error());
        made.when = std::move(*trigger);
    } else {
        auto occasion = occasion_from(*now);
        if (!occasion) return std::unexpected(occasion.error());
        made.when = std::move(*occasion);
    }
    auto done = act_from(*act, std::get_if<Trigger>(&made.when));
    if (!done) return std::unexpected(done.error());
    made.verb = done->verb;
    made.act = std::move(done->fault);
    return made;
}

std::string name_in(const json& act) { return act.is_string() ? act.get<std::string>() : act.begin().key(); }

}  // namespace

Read<Rule> rule_from_json(const json& written) {
    const Reading rule(written);
    if (const auto known = rule.object({"id", "when", "now", "do"}); !known) return std::unexpected(known.error());
    const auto full = spelled_out(rule);
    if (!full) return std::unexpected(full.error());
    auto made = rule_of_verbs(*full ? Reading(**full) : rule);
    if (*full && made) made->verb = name_in(written.at("do"));
    if (*full && !made && made.error().pointer.starts_with("/do")) {
        // What is wrong stands in the row's words, not in the writer's.
        return std::unexpected(RuleError{"/do/" + name_in(written.at("do")), std::move(made.error().text)});
    }
    if (made) made->text = written;
    return made;
}

Read<Rule> rule_from_text(std::string_view text) {
    const auto written = json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (written.is_discarded()) return std::unexpected(RuleError{{}, "expected a rule as JSON"});
    return rule_from_json(written);
}

}  // namespace simbroker::fault
