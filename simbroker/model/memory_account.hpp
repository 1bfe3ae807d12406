// How much memory clients make a broker use: one account for everything, so that one bound holds for all of it.
//
// A price is an estimate, on the high side, of what a thing takes in this process; what clients choose themselves
// (names, tables, bodies) comes on top at its size. Whoever creates something at a client's wish asks `has_room_for`
// first and refuses with 506; what exists holds a Charge, which is given back with it.
#pragma once

#include <cassert>
#include <cstddef>
#include <utility>

namespace simbroker::model {

namespace price {

inline constexpr std::size_t connection = 8192;
inline constexpr std::size_t channel = 4096;
inline constexpr std::size_t queue = 4096;
inline constexpr std::size_t exchange = 2048;
inline constexpr std::size_t binding = 1024;
inline constexpr std::size_t consumer = 2048;
inline constexpr std::size_t message = 768;   // and its place in a queue, and with a consumer
inline constexpr std::size_t delivery = 256;  // of a message that a queue keeps all the same
inline constexpr std::size_t routing_key = 64;

// Texts and tables are kept two or three times: in the thing itself, in an index, in a row of an operator's.
inline constexpr std::size_t kept_octet = 3;

}  // namespace price

class MemoryAccount {
public:
    explicit MemoryAccount(std::size_t limit) : limit_(limit) {}

    std::size_t used() const { return used_; }
    bool has_room_for(std::size_t octets) const { return used_ <= limit_ && octets <= limit_ - used_; }

    // From here on publishers are blocked, as RabbitMQ does at its high watermark; what then comes is refused at the
    // limit only.
    bool is_short() const { return used_ > limit_ / 5 * 4; }

    void take(std::size_t octets) { used_ += octets; }
    void give_back(std::size_t octets) {
        assert(octets <= used_ && "given back more than was taken");
        used_ -= octets;
    }

    // Messages count for themselves, too: when none is left, nothing of theirs may be.
    std::size_t in_messages() const { return in_messages_; }
    void take_message(std::size_t octets) {
        take(octets);
        in_messages_ += octets;
    }
    void give_message_back(std::size_t octets) {
        assert(octets <= in_messages_ && "more messages given back than were taken");
        give_back(octets);
        in_messages_ -= octets;
    }

private:
    std::size_t limit_;
    std::size_t used_ = 0;
    std::size_t in_messages_ = 0;
};

class Charge {
public:
    Charge() = default;
    Charge(MemoryAccount& account, std::size_t octets) : account_(&account), octets_(octets) { account.take(octets); }
    Charge(Charge&& other) noexcept
        : account_(std::exchange(other.account_, nullptr)), octets_(std::exchange(other.octets_, 0)) {}
    Charge& operator=(Charge&& other) noexcept {
        std::swap(account_, other.account_);
        std::swap(octets_, other.octets_);
        return *this;
    }
    ~Charge() {
        if (account_) account_->give_back(octets_);
    }

    void resize(std::size_t octets) {
        if (!account_ || octets == octets_) return;
        account_->give_back(octets_);
        account_->take(octets);
        octets_ = octets;
    }
    void add(std::size_t octets) { resize(octets_ + octets); }
    void subtract(std::size_t octets) { resize(octets_ - octets); }

private:
    MemoryAccount* account_ = nullptr;
    std::size_t octets_ = 0;
};

}  // namespace simbroker::model
