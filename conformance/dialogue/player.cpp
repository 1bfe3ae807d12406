// The acts, one function each.
#include "conformance/dialogue/player.hpp"

#include <fmt/format.h>

#include <set>

#include "conformance/dialogue/handshake.hpp"
#include "conformance/dialogue/settle.hpp"
#include "conformance/step/operator.hpp"
#include "simbroker/fault/duration.hpp"
#include "simbroker/fault/notation.hpp"

namespace conformance::dialogue {

namespace {

using namespace std::chrono_literals;
using codec::amqp091::ChannelNumber;
using nlohmann::json;
using simbroker::fault::Octets;

constexpr Duration usual_quiet = 60ms;
constexpr Duration usual_patience = 5s;
constexpr Duration long_patience = 30s;  // for what has to come before the question is asked; a broker may be busy
constexpr Duration polling = 20ms;
constexpr int most_drained = 200;

// Why a dialogue ends before its last act.
struct Stop {
    enum class Kind : std::uint8_t { answered, trouble };  // the broker's answer forbids to go on; our own trouble

    Kind kind{};
    std::string text;
};

using Played = std::expected<void, Stop>;

std::unexpected<Stop> trouble(std::string text) { return std::unexpected(Stop{Stop::Kind::trouble, std::move(text)}); }
std::unexpected<Stop> answered(std::string text) {
    return std::unexpected(Stop{Stop::Kind::answered, std::move(text)});
}

class Player {
public:
    Player(step::Stage& stage, const PlayOptions& options)
        : client_(stage), options_(options), transcript_(stage.login().vhost, variables_) {
        const auto known = login_variables(stage.login());
        for (const auto& [name, value] : known.items()) variables_.set_built_in(name, value);
    }

    Played act(const Act& written);
    std::string answer() const { return fmt::format("{}", fmt::join(segments_, " | ")); }
    void stopped(const std::string& why) { segments_.push_back("stopped: " + why); }

private:
    Played connect(const Act&);
    Played setup(const Act&, Line&);
    Played call(const Act&, Line&);
    Played send(const Act&, Line&);
    Played send_octets(const Act&, Line&, const Octets&);
    Played hear(const Act&, Line&);
    Played hear_confirms(const Act&, Line&);
    Played fence(const Act&, Line&);
    Played drain(const Act&, Line&);
    Played await_ready(const Act&, Line&);
    Played operate(const Act&, const Line*);
    Played settle(const Act&);
    Played open_again(unsigned number, Line&, ChannelNumber);
    void answer_close(Line&, ChannelNumber);
    Played wait(const Act&);

    void write_down(const Act&, const std::vector<Heard>&);
    std::optional<Heard> ask(Line&, ChannelNumber, const json& message);
    Duration modifier(const Act&, const char* name, Duration usual) const;
    json message_of(const Act&) const;
    ChannelNumber channel_of(const Act&) const;

    Client client_;
    Watch watch_;
    PlayOptions options_;
    step::Variables variables_;
    Scribe transcript_;
    std::vector<std::string> segments_;
    std::map<unsigned, Act> connects_;  // how each connection was opened
};

std::vector<ChannelNumber> channels_of(const Act& connect) {
    std::vector<ChannelNumber> channels;
    const auto listed =
        connect.argument.is_object() ? connect.argument.value("channels", json::array({1U})) : json::array({1U});
    for (const auto& channel : listed) channels.push_back({channel.get<std::uint16_t>()});
    return channels;
}

ChannelNumber Player::channel_of(const Act& act) const {
    return ChannelNumber{act.modifiers.value("channel", std::uint16_t{1})};
}

Duration Player::modifier(const Act& act, const char* name, Duration usual) const {
    const auto found = act.modifiers.find(name);
    if (found == act.modifiers.end()) return usual;
    return simbroker::fault::duration_from_json(*found).value_or(usual);
}

json Player::message_of(const Act& act) const {
    auto message = act.argument.is_string() ? json{{act.argument.get<std::string>(), json::object()}} : act.argument;
    if (act.modifiers.contains("channel")) message["channel"] = act.modifiers.at("channel");
    if (options_.named_queues != PlayOptions::NamedQueues::durable) return message;
    const auto declare = message.find("queue.declare");
    if (declare == message.end() || !declare->is_object() || declare->value("queue", json("")) == "") return message;
    for (const auto* given : {"durable", "exclusive", "passive"}) {
        if (declare->contains(given)) return message;
    }
    (*declare)["durable"] = true;
    return message;
}

void Player::write_down(const Act& act, const std::vector<Heard>& all) {
    auto* line = client_.find(act.line);
    segments_.push_back(transcript_.segment(act.line, *line, all));
}

Played Player::act(const Act& written) {
    auto act = written;
    auto argument = variables_.substitute(written.argument);
    if (!argument) return trouble(argument.error());
    act.argument = std::move(*argument);
    if (act.verb == Verb::connect) return connect(act);
    if (act.verb == Verb::wait) return wait(act);
    if (act.verb == Verb::settle) return settle(act);
    auto* line = client_.find(act.line);
    if (act.verb == Verb::operate) return operate(act, line);
    if (line == nullptr) return trouble(fmt::format("there is no connection {}", act.line));
    switch (act.verb) {
        case Verb::setup: return setup(act, *line);
        case Verb::call: return call(act, *line);
        case Verb::send:
        case Verb::send_frame:
        case Verb::send_bytes: return send(act, *line);
        case Verb::hear: return hear(act, *line);
        case Verb::fence: return fence(act, *line);
        case Verb::drain: return drain(act, *line);
        case Verb::await_ready: return await_ready(act, *line);
        case Verb::drop: client_.drop(*line); return {};
        case Verb::connect:
        case Verb::settle:
        case Verb::wait:
        case Verb::operate: break;
    }
    return {};
}

Played Player::connect(const Act& act) {
    connects_[act.line] = act;
    const auto line = client_.open(act.line);
    if (!line) return trouble(line.error().text);
    const auto shaken = shake_hands(client_, **line, act.argument, modifier(act, "within", long_patience));
    if (!shaken) return trouble(shaken.error());
    if (!*shaken) return {};
    write_down(act, {**shaken});
    return answered(std::string(no_connection));
}

Played Player::setup(const Act& act, Line& line) {
    if (auto sent = send(act, line); !sent) return sent;
    const auto message = message_of(act);
    const auto method = simbroker::fault::method_of_message(message);
    if (!method) return trouble(method.error());
    const auto reply = client_.next(line, client_.now() + modifier(act, "within", long_patience));
    if (reply && reply->item.is(*method + "-ok")) {
        transcript_.segment(act.line, line, {*reply});  // for the names in it
        return {};
    }
    if (reply) write_down(act, {*reply});
    return answered(fmt::format("expected {}-ok", *method));
}

Played Player::call(const Act& act, Line& line) {
    if (auto sent = send(act, line); !sent) return sent;
    const auto at_least = act.modifiers.value("at_least", std::size_t{1});
    const auto quiet = modifier(act, "quiet", usual_quiet);
    write_down(act, client_.hear(line, at_least, quiet, modifier(act, "within", usual_patience)));
    return {};
}

Played Player::send(const Act& act, Line& line) {
    if (act.verb == Verb::send_bytes) return send_octets(act, line, simbroker::fault::octets_from_json(act.argument));
    if (act.verb == Verb::send_frame) {
        return send_octets(act, line, simbroker::fault::frame_from_json(act.argument, {.channel = channel_of(act)}));
    }
    const auto frame_max = act.modifiers.value("frame_max", line.frame_max);
    if (act.argument.is_object()) {
        if (act.argument.contains("basic.publish")) line.outstanding[channel_of(act)].published();
        if (act.argument.contains("tx.commit")) line.outstanding[channel_of(act)].committed();
        if (act.argument.contains("channel.close")) line.closing.insert(channel_of(act));
        const auto queue = act.argument.value(json::json_pointer("/queue.declare/queue"), json());
        if (queue.is_string()) watch_.declared(queue.get<std::string>());
        if (act.argument.contains("connection.close")) line.closing.insert(codec::amqp091::connection_channel);
    }
    return send_octets(
        act,
        line,
        simbroker::fault::message_from_json(message_of(act), {.channel = channel_of(act), .frame_max = frame_max})
    );
}

Played Player::send_octets(const Act& act, Line& line, const Octets& octets) {
    if (!octets) return trouble(octets.error());
    auto rest = codec::wire::BytesView(*octets);
    const auto piece = act.modifiers.value("split", rest.size());
    do {
        const auto size = std::min(rest.size(), std::max<std::size_t>(piece, 1));
        client_.send(line, rest.first(size));
        rest = rest.subspan(size);
    } while (!rest.empty());
    return {};
}

Played Player::hear(const Act& act, Line& line) {
    if (act.modifiers.contains("confirms")) return hear_confirms(act, line);
    const auto quiet = modifier(act, "quiet", usual_quiet);
    const auto within = modifier(act, "within", usual_patience);
    write_down(act, client_.hear(line, act.argument.get<std::size_t>(), quiet, within));
    return {};
}

// A broker confirms one by one or many at once, as it likes: what counts is the numbers.
Played Player::hear_confirms(const Act& act, Line& line) {
    const auto wanted = act.modifiers.at("confirms").get<std::size_t>();
    const auto until = client_.now() + modifier(act, "within", usual_patience);
    std::map<ChannelNumber, Confirms> confirms = line.confirms;
    Confirms::News news;
    std::vector<Heard> all;
    while (news.size() < wanted) {
        auto heard = client_.next(line, until);
        if (!heard) break;
        if (Confirms::is_confirm(heard->item)) confirms[heard->item.channel].add(heard->item, news);
        all.push_back(std::move(*heard));
        if (line.over) break;
    }
    write_down(act, all);
    return {};
}

Played Player::fence(const Act& act, Line& line) {
    const ChannelNumber channel{act.argument.get<std::uint16_t>()};
    write_down(act, hear_until_fence(client_, line, channel, modifier(act, "within", usual_patience)));
    return {};
}

std::optional<Heard> Player::ask(Line& line, ChannelNumber channel, const json& message) {
    const auto octets = simbroker::fault::message_from_json(message, {.channel = channel});
    if (octets) client_.send(line, *octets);
    return client_.next(line, client_.now() + long_patience);
}

Played Player::drain(const Act& act, Line& line) {
    const auto channel = channel_of(act);
    const json get{{"basic.get", {{"queue", act.argument}, {"no_ack", true}}}};
    std::string bodies;
    for (int taken = 0; taken < most_drained; ++taken) {
        const auto heard = ask(line, channel, get);
        if (heard && heard->item.is("basic.get-ok")) {
            bodies += ' ' + body_text(*heard->item.content);
            continue;
        }
        if (!heard || !heard->item.is("basic.get-empty"))
            write_down(act, heard ? std::vector{*heard} : std::vector<Heard>{});
        break;
    }
    segments_.push_back(fmt::format("{}.{} drained{}", act.line, channel.value, bodies.empty() ? " nothing" : bodies));
    return {};
}

Played Player::await_ready(const Act& act, Line& line) {
    const auto channel = channel_of(act);
    const json declare{{"queue.declare", {{"queue", act.argument.at("queue")}, {"passive", true}}}};
    const auto wanted = act.argument.at("messages").get<std::uint32_t>();
    const auto until = client_.now() + modifier(act, "within", usual_patience);
    while (true) {
        const auto heard = ask(line, channel, declare);
        if (!heard || !heard->item.is("queue.declare-ok")) {
            if (heard) write_down(act, {*heard});
            return answered("expected queue.declare-ok");
        }
        if (std::get<codec::amqp091::queue::DeclareOk>(*heard->item.method).message_count == wanted) return {};
        if (client_.now() >= until) {
            write_down(act, {*heard});
            return {};
        }
        client_.wait(polling);
    }
}

Played Player::operate(const Act& act, const Line* line) {
    auto input = step::operator_input(act.argument);
    if (!input) return trouble(input.error());
    if (auto* close = std::get_if<simbroker::CloseConnection>(&*input)) {
        if (line == nullptr) return trouble(fmt::format("there is no connection {}", act.line));
        close->connection = line->id;
    }
    const auto done = client_.stage().operate(*input);
    if (!done) return trouble(done.error().text);
    return {};
}

// 0 is the connection. RabbitMQ may say twice that it closes a channel; one answer ends it.
std::set<ChannelNumber> closed_by_the_broker(const Settled& settled) {
    std::set<ChannelNumber> closed;
    for (const auto& [item, silence] : settled.heard) {
        if (item.is("channel.close") || item.is("connection.close")) closed.insert(item.channel);
    }
    return closed;
}

// What has come is written down, and whatever the broker closed is opened again, so that the dialogue goes on.
Played Player::settle(const Act& act) {
    std::map<unsigned, std::vector<ChannelNumber>> channels;
    for (const auto& [number, connect] : connects_) channels[number] = channels_of(connect);
    const auto quiet = modifier(act, "quiet", Duration::zero());
    for (const auto& [number, settled] : dialogue::settle(client_, watch_, channels, quiet)) {
        auto& line = *client_.find(number);
        if (!settled.heard.empty()) segments_.push_back(transcript_.settled(number, line, settled.heard));
        for (auto channel : closed_by_the_broker(settled)) answer_close(line, channel);
        if (settled.over) {
            client_.drop(line);
            if (auto connected = connect(Act(connects_.at(number))); !connected) return connected;
            continue;
        }
        for (const auto channel : settled.closed) {
            line.confirms.erase(channel);
            if (auto opened = open_again(number, line, channel); !opened) return opened;
        }
    }
    return {};
}

// What the closing channel still said comes before the answer.
Played Player::open_again(unsigned number, Line& line, ChannelNumber channel) {
    auto answer = ask(line, channel, "channel.open");
    std::vector<Heard> before;
    while (answer && answer->item.channel == channel && !answer->item.is("channel.open-ok")) {
        before.push_back(std::move(*answer));
        answer = client_.next(line, client_.now() + long_patience);
    }
    if (!before.empty()) segments_.push_back(transcript_.segment(number, line, before));
    if (answer && answer->item.is("channel.open-ok")) return {};
    return answered("a channel cannot be opened again");
}

void Player::answer_close(Line& line, ChannelNumber channel) {
    codec::wire::Bytes octets;
    if (channel == codec::amqp091::connection_channel) {
        append_method(octets, channel, codec::amqp091::connection::CloseOk{});
    } else {
        append_method(octets, channel, codec::amqp091::channel::CloseOk{});
    }
    client_.send(line, octets);
}

Played Player::wait(const Act& act) {
    const auto duration = simbroker::fault::duration_from_json(act.argument);
    if (!duration) return trouble(duration.error());
    client_.wait(*duration);
    return {};
}

}  // namespace

std::expected<std::string, std::string> play(step::Stage& stage, const Dialogue& dialogue, const PlayOptions& options) {
    Player player(stage, options);
    for (const auto& act : dialogue.acts) {
        const auto played = player.act(act);
        if (played) continue;
        if (played.error().kind == Stop::Kind::trouble) {
            return std::unexpected(fmt::format("{}: {}: {}", dialogue.id, to_json(act).dump(), played.error().text));
        }
        player.stopped(played.error().text);
        break;
    }
    return player.answer();
}

}  // namespace conformance::dialogue
