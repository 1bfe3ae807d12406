// Deleting what a dialogue may have left on a broker that others use, too.
#include <set>

#include "conformance/dialogue/handshake.hpp"
#include "conformance/dialogue/player.hpp"
#include "conformance/dialogue/preparation.hpp"
#include "conformance/step/operator.hpp"
#include "simbroker/fault/notation.hpp"

namespace conformance::dialogue {

namespace {

using namespace std::chrono_literals;
using namespace codec::amqp091;
using nlohmann::json;

constexpr Duration patience = 5s;
constexpr Duration pause = 10ms;
constexpr int most_tries = 50;
constexpr std::uint16_t resource_locked = 405;

struct Names {
    std::set<std::string> queues;
    std::set<std::string> exchanges;
};

void add_name(const json& message, const char* method, const char* field, std::set<std::string>& names) {
    const auto declare = message.is_object() ? message.find(method) : message.end();
    if (declare == message.end() || !declare->is_object() || declare->value("passive", json(false)) == true) return;
    const auto name = declare->value(field, json(""));
    if (!name.is_string()) return;
    const auto& text = name.get_ref<const std::string&>();
    if (!text.empty() && !text.starts_with("amq.") && !text.starts_with("$")) names.insert(text);
}

Names names_in(const Dialogue& dialogue) {
    Names names;
    for (const auto& act : dialogue.acts) {
        const auto& argument = act.argument;
        const auto& message = argument.is_object() && argument.contains("method") ? argument.at("method") : argument;
        add_name(message, "queue.declare", "queue", names.queues);
        add_name(message, "exchange.declare", "exchange", names.exchanges);
    }
    return names;
}

// The messages that delete each of them, and nothing else.
std::vector<json> deletions(const Names& names) {
    std::vector<json> messages;
    for (const auto& name : names.queues) messages.push_back({{"queue.delete", {{"queue", name}}}});
    for (const auto& name : names.exchanges) messages.push_back({{"exchange.delete", {{"exchange", name}}}});
    return messages;
}

// Each on a channel of its own: what cannot be deleted closes just that. What is left is locked: exclusive to a
// connection that is about to be gone.
std::vector<json> delete_all(Client& client, Line& line, const std::vector<json>& messages, std::uint16_t& channel) {
    codec::wire::Bytes octets;
    std::map<ChannelNumber, json> waiting;
    const auto add = [&](const json& message) {
        const auto more = simbroker::fault::message_from_json(message, {.channel = {channel}});
        if (more) octets.insert(octets.end(), more->begin(), more->end());
    };
    for (const auto& message : messages) {
        ++channel;
        add("channel.open");
        add(message);
        waiting.emplace(ChannelNumber{channel}, message);
    }
    client.send(line, octets);
    std::vector<json> locked;
    while (!waiting.empty()) {
        const auto heard = client.next(line, client.now() + patience);
        if (!heard || heard->item.kind == peer::Item::Kind::end) return {};
        if (!heard->item.method || heard->item.is("channel.open-ok")) continue;
        const auto* close = std::get_if<channel::Close>(&*heard->item.method);
        const auto done = waiting.extract(heard->item.channel);
        if (close != nullptr && close->reply_code == resource_locked && !done.empty()) locked.push_back(done.mapped());
    }
    return locked;
}

// What there is no undoing of any more, the dialogue has undone itself.
void undo_operations(step::Stage& stage, const Dialogue& dialogue) {
    const step::Variables variables(login_variables(stage.login()));
    for (const auto& act : dialogue.acts) {
        if (act.verb != Verb::operate) continue;
        const auto input = step::operator_input(variables.substitute_known(act.argument));
        if (!input) continue;
        for (const auto& undoing : undone(*input)) (void)stage.operate(undoing);
    }
}

}  // namespace

void clean_up(step::Stage& stage, const Dialogue& dialogue) {
    undo_operations(stage, dialogue);
    const auto names = names_in(dialogue);
    if (names.queues.empty() && names.exchanges.empty()) return;
    Client client(stage);
    const auto line = client.open(1);
    if (!line) return;
    const auto shaken = shake_hands(client, **line, {{"channels", json::array()}}, patience);
    if (!shaken || *shaken) return;
    std::uint16_t channel = 0;
    auto left = delete_all(client, **line, deletions(names), channel);
    for (int tries = 0; tries < most_tries && !left.empty(); ++tries) {
        client.wait(pause);
        left = delete_all(client, **line, left, channel);
    }
    client.drop(**line);
}

}  // namespace conformance::dialogue
