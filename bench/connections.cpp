// One thread with epoll plays all the clients.
#include "bench/connections.hpp"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <stdexcept>
#include <vector>

#include "bench/client.hpp"
#include "bench/served.hpp"

namespace bench {

namespace {

using namespace codec::amqp091;
using Clock = std::chrono::steady_clock;

struct Kept {
    Client client;
    Clock::time_point heard = Clock::now();
};

class Crowd {
public:
    Crowd(std::uint16_t port, const ManyOptions& options) : options_(options), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
        if (epoll_ < 0) throw std::runtime_error(fmt::format("epoll_create1: {}", std::strerror(errno)));
        append_heartbeat(heartbeat_);
        crowd_.reserve(static_cast<std::size_t>(options.connections));
        for (int number = 0; number < options.connections; ++number) {
            crowd_.push_back({Client("127.0.0.1", port, {.heartbeat = options.heartbeat})});
            epoll_event event{};
            event.events = EPOLLIN;
            event.data.u64 = static_cast<std::uint64_t>(number);
            if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, crowd_.back().client.descriptor(), &event) != 0) {
                throw std::runtime_error(fmt::format("epoll_ctl: {}", std::strerror(errno)));
            }
            if (number % 500 == 499) answer(std::chrono::milliseconds(0));  // the first ones' heartbeats are due
        }
    }
    ~Crowd() { ::close(epoll_); }
    Crowd(const Crowd&) = delete;
    Crowd& operator=(const Crowd&) = delete;

    // From when all are there: how long a connection was without a heartbeat at most.
    ManyResult watch() {
        const auto start = Clock::now();
        for (auto& kept : crowd_) kept.heard = start;
        result_ = {};
        const auto end = start + std::chrono::seconds(options_.seconds);
        while (Clock::now() < end) answer(std::chrono::milliseconds(100));
        for (const auto& kept : crowd_) note_silence(Clock::now() - kept.heard);
        return result_;
    }

private:
    // Answers what has come, at most one heartbeat of each of 512 connections; waits so long if nothing has.
    void answer(std::chrono::milliseconds patience) {
        std::array<epoll_event, 512> events{};
        const auto count = ::epoll_wait(epoll_, events.data(), events.size(), static_cast<int>(patience.count()));
        if (count <= 0) return;
        for (const auto& event : std::span(events).first(static_cast<std::size_t>(count))) hear(event.data.u64);
    }

    void hear(std::uint64_t number) {
        auto& kept = crowd_[static_cast<std::size_t>(number)];
        std::array<std::uint8_t, 64> octets{};
        const auto count = ::recv(kept.client.descriptor(), octets.data(), octets.size(), 0);
        if (count != static_cast<ssize_t>(heartbeat_.size()) ||
            !std::equal(heartbeat_.begin(), heartbeat_.end(), octets.begin())) {
            throw std::runtime_error(fmt::format("connection {}: expected a heartbeat, got {} octets", number, count));
        }
        const auto now = Clock::now();
        note_silence(now - kept.heard);
        kept.heard = now;
        ++result_.heartbeats;
        kept.client.send(heartbeat_);
    }

    void note_silence(Clock::duration silence) {
        result_.longest_silence = std::max(result_.longest_silence, std::chrono::duration<double>(silence).count());
    }

    ManyOptions options_;
    int epoll_;
    Bytes heartbeat_;
    std::vector<Kept> crowd_;
    ManyResult result_;
};

}  // namespace

std::expected<ManyResult, std::string> keep_many(const std::string& simbroker, const ManyOptions& options) {
    const auto served = Served::start(simbroker);
    if (!served) return std::unexpected(served.error());
    try {
        const auto before = (*served)->resident_kilobytes();
        Crowd crowd((*served)->port(), options);
        auto result = crowd.watch();
        result.kilobytes_each = ((*served)->resident_kilobytes() - before) / options.connections;
        return result;
    } catch (const std::runtime_error& error) {
        return std::unexpected(error.what());
    }
}

}  // namespace bench
