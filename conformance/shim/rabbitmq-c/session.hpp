// A connection of librabbitmq: its frames become events, its replies and statuses errors of the contract.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "conformance/shim/rabbitmq-c/values.hpp"

namespace shim {

void say(const json& message);
void event(const std::string& name, json details);

// An error of the contract.
struct Failure {
    std::string kind;
    json code;
    std::string text;
};

enum class Waiting { no, connecting };

class Session {
public:
    explicit Session(const json& given);  // throws Failure
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    ~Session() { amqp_destroy_connection(state_); }

    amqp_connection_state_t state() const { return state_; }
    bool ended() const { return ended_; }
    int descriptor() const { return amqp_get_sockfd(state_); }

    // The channel of that number, opened first if it is not open.
    amqp_channel_t channel(int number);
    void open(int number);
    void closed(int number) { open_.erase(number); }

    // After a call: throws what its reply or status says.
    void check(amqp_channel_t channel);
    void check_status(int status);

    // Reads what has come. What ends here unasked is an event.
    void serve();
    void serve_for(double seconds);

    std::set<int> confirming;    // channels that wait for the confirmation of a publication
    std::set<int> asynchronous;  // channels whose confirmations are events
    // Reads until the broker has confirmed the last publication on the channel; throws if it did not take it.
    void wait_for_confirm(amqp_channel_t channel);

    void close();

private:
    // One frame, if there is one in that time. Throws Failure at the end of the connection, and of `asking`.
    bool take_frame(long microseconds, std::optional<amqp_channel_t> asking);
    void take_method(amqp_channel_t channel, const amqp_method_t& method, std::optional<amqp_channel_t> asking);
    json read_content(amqp_channel_t channel);
    Failure closed_by_broker(const amqp_channel_close_t& close, amqp_channel_t channel);
    Failure closed_by_broker(const amqp_connection_close_t& close);
    Failure status_failure(int status, Waiting waiting = Waiting::no);

    amqp_connection_state_t state_;
    bool ended_ = false;
    std::set<int> open_;
    std::map<int, std::string> returned_;       // since the last publication
    std::map<int, std::optional<bool>> acked_;  // the last confirmation
};

}  // namespace shim
