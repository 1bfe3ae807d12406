// The client of a dialogue: its connections on a stage, what arrived on them and was not heard yet.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>

#include "conformance/dialogue/transcript.hpp"
#include "conformance/peer/item_reader.hpp"
#include "conformance/step/stage.hpp"

namespace conformance::dialogue {

using simbroker::Duration;
using simbroker::Instant;

struct Heard {
    peer::Item item;
    std::optional<Duration> silence{};  // of an end: how long after the client's last octet
};

// The end of the transport, and what stands for an answer that did not come.
Heard an_end(std::optional<Duration> silence = {});
Heard no_answer(codec::amqp091::ChannelNumber channel, std::string trouble);

// The publishes of a channel that still wait for their confirms.
class Outstanding {
public:
    void published() { published_ += confirming_ ? 1 : 0; }
    void committed() { ++commits_; }  // whose commit-ok comes when the queues have said so, which may be after a fence
    void heard(const peer::Item&);
    std::uint64_t missing() const;
    bool committing() const { return commits_ > 0; }

private:
    bool confirming_ = false;  // since confirm.select-ok
    std::uint64_t published_ = 0;
    std::uint64_t all_up_to_ = 0;
    std::set<std::uint64_t> others_;
    std::uint64_t commits_ = 0;
};

// One connection.
struct Line {
    step::LineId id;
    peer::ItemReader reader{};
    std::deque<Heard> inbox{};
    bool over = false;  // its end was heard
    bool gone = false;  // its end has arrived
    bool ours = false;  // the client itself has ended it
    Instant last_sent{};
    std::size_t frame_max = 4096;  // bodies are cut to frames of this size unless the act says otherwise
    std::map<codec::amqp091::ChannelNumber, Confirms> confirms{};
    std::map<codec::amqp091::ChannelNumber, Outstanding> outstanding{};
    std::set<codec::amqp091::ChannelNumber> closing{
    };  // the client has closed them (0: the connection) and not heard back
};

class Client {
public:
    explicit Client(step::Stage& stage) : stage_(stage) {}

    step::Stage& stage() { return stage_; }
    Instant now() const { return stage_.now(); }

    std::expected<Line*, step::Trouble> open(unsigned number);
    Line* find(unsigned number);
    std::map<unsigned, Line>& lines() { return lines_; }

    void send(Line&, codec::wire::BytesView octets);
    void drop(Line&);

    // The next item that has arrived, or arrives before `until`. After the end: an end, again and again.
    std::optional<Heard> next(Line&, Instant until);
    // As many items, and then all that follow with pauses no longer than `quiet`.
    std::vector<Heard> hear(Line&, std::size_t at_least, Duration quiet, Duration within);
    void wait(Duration);

private:
    void collect();

    step::Stage& stage_;
    std::map<unsigned, Line> lines_;
};

}  // namespace conformance::dialogue
