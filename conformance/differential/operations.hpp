// The operations a generator draws from: each a row with its weight.
#pragma once

#include <functional>
#include <map>
#include <span>

#include "conformance/dialogue/dialogue.hpp"
#include "conformance/differential/chance.hpp"

namespace conformance::differential {

// What a channel has probably seen: errors close channels without our knowing, so this only makes most operations
// valid.
struct ChannelState {
    std::uint64_t delivered = 0;  // messages that wait for an acknowledgement or had one
    std::uint64_t settled = 0;
    bool transactional = false;
    std::vector<std::string> consumers;
};

// Where an operation takes place, and what it may name.
struct Site {
    unsigned line = 1;
    std::uint16_t channel = 1;
    std::vector<std::string> queues;
    std::vector<std::string> exchanges;
    std::vector<nlohmann::json> queue_declares;     // how each is usually declared
    std::vector<nlohmann::json> exchange_declares;  // the same

    bool dead_letters = false;  // some queue has a dead-letter exchange

    std::map<std::pair<unsigned, std::uint16_t>, ChannelState> channels;

    ChannelState& here() { return channels[{line, channel}]; }
    const std::string& home_queue() const { return home_queue(line, channel); }
    const std::string& home_queue(unsigned of_line, std::uint16_t of_channel) const {
        return queues[(of_line * 2 + of_channel) % queues.size()];
    }
};

enum class Effect : std::uint8_t {
    ordinary,
    awaited,     // nothing may follow before it is done: a close, or what another process of the broker answers
    disruptive,  // nothing else may be on its way: it concerns the connection
};

// Whether the same operation may be done again without waiting. Publishes may where nothing is dead-lettered: a dead
// letter overtakes, or not, what was published after it.
enum class More : std::uint8_t { later, at_once, at_once_unless_dead_lettered };

struct Operation {
    const char* name;
    unsigned weight;
    Effect effect;
    std::function<dialogue::Act(Site&, Chance&)> make;
    More more = More::later;
};

std::span<const Operation> operations();

// How a queue and an exchange of a sequence are usually declared.
nlohmann::json usual_queue(const Site& site, const std::string& name, Chance& chance);
nlohmann::json usual_exchange(const Site& site, const std::string& name, Chance& chance);

// Arguments of queue.declare, mostly right.
nlohmann::json queue_arguments(const Site& site, Chance& chance);
// Properties of a message, mostly right.
nlohmann::json message_properties(const Site& site, Chance& chance);

}  // namespace conformance::differential
