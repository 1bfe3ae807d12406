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
using nlohmann::json;

constexpr Duration patience = 5s;

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

// Each on a channel of its own: what cannot be deleted closes just that.
void delete_all(Client& client, Line& line, const Names& names) {
    codec::wire::Bytes octets;
    std::uint16_t channel = 0;
    const auto add = [&](const json& message) {
        const auto more = simbroker::fault::message_from_json(message, {.channel = {channel}});
        if (more) octets.insert(octets.end(), more->begin(), more->end());
    };
    for (const auto& name : names.queues) {
        ++channel;
        add("channel.open");
        add({{"queue.delete", {{"queue", name}}}});
    }
    for (const auto& name : names.exchanges) {
        ++channel;
        add("channel.open");
        add({{"exchange.delete", {{"exchange", name}}}});
    }
    client.send(line, octets);
    for (int answers = 0; answers < channel;) {
        const auto heard = client.next(line, client.now() + patience);
        if (!heard || heard->item.kind == peer::Item::Kind::end) return;
        if (!heard->item.is("channel.open-ok")) ++answers;
    }
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
    if (shaken && !*shaken) delete_all(client, **line, names);
    client.drop(**line);
}

}  // namespace conformance::dialogue
