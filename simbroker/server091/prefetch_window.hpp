// The window of basic.qos as 1.8.3.1 has it: how many messages, and octets of them, a client may hold that were sent in
// advance. A channel has one, a connection another.
#pragma once

#include <cstddef>
#include <cstdint>

namespace simbroker::server091 {

class PrefetchWindow {
public:
    struct Limits {
        std::uint32_t octets = 0;    // 0: none
        std::uint32_t messages = 0;  // 0: none
    };

    void limit(Limits limits) { limits_ = limits; }
    const Limits& limits() const { return limits_; }
    bool is_limited() const { return limits_.octets != 0 || limits_.messages != 0; }

    // A message is never too large for a client that holds no other (rule qos.prefetch-size.01).
    bool has_room_for(std::size_t octets) const {
        if (messages_ == 0) return true;
        const bool few_enough = limits_.messages == 0 || messages_ < limits_.messages;
        return few_enough && (limits_.octets == 0 || octets_ + octets <= limits_.octets);
    }

    void add(std::size_t octets) {
        ++messages_;
        octets_ += octets;
    }
    void remove(std::size_t octets) {
        --messages_;
        octets_ -= octets;
    }

private:
    Limits limits_;
    std::size_t messages_ = 0;  // held by the client and not settled
    std::size_t octets_ = 0;
};

}  // namespace simbroker::server091
