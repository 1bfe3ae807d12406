// Frames that are kept until there are enough of them, and then go on in another order.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "simbroker/core/prng.hpp"
#include "simbroker/fault/fault.hpp"

namespace simbroker::fault {

// Which publishes of a channel the broker has answered, by basic.ack or basic.nack. Tags count from 1.
class ConfirmLedger {
public:
    void note(std::uint64_t tag, bool multiple);
    // The tags that this is the first answer to.
    std::vector<std::uint64_t> answered_by(std::uint64_t tag, bool multiple) const;
    // Every tag up to this one is answered.
    std::uint64_t all_up_to() const { return all_up_to_; }

private:
    std::uint64_t all_up_to_ = 0;
    std::set<std::uint64_t> beyond_;
};

struct Gathered {
    codec::amqp091::ChannelNumber channel{};
    codec::wire::Bytes octets{};             // with all of its content
    nlohmann::json consumer{};               // the tag of whose delivery it is
    std::vector<std::uint64_t> confirmed{};  // tags
};

// Of one rule on one connection.
struct Gathering {
    std::string rule;
    ConnectionId connection{};
    Toward toward{};
    Reorder how{};
    Instant due{};  // it is let go then, however few there are
    std::vector<Gathered> frames{};
    std::size_t count = 0;  // of frames, or of tags that are confirmed

    bool is_full() const { return count >= how.count; }
};

// `all_up_to`: of the channel's ledger.
std::vector<Gathered> arranged(Gathering, std::uint64_t all_up_to, Prng& chance);

}  // namespace simbroker::fault
