// What a step works with: the lines to the peer under test, the variables, the shim's answers, and what a report shows
// of it all. It alone talks to the stage.
#pragma once

#include <deque>
#include <functional>
#include <list>
#include <map>
#include <string>
#include <vector>

#include "conformance/catalogue/scenario.hpp"
#include "conformance/step/line.hpp"
#include "conformance/step/timeline.hpp"
#include "conformance/step/variables.hpp"

namespace conformance::step {

using catalogue::Role;

// An answer or event of the shim.
struct Answer {
    enum class Kind : std::uint8_t { result, error, unsupported };
    Kind kind{};
    nlohmann::json value;
};

struct ShimEvent {
    std::string name;
    nlohmann::json value;
};

class Conversation {
public:
    static constexpr Duration default_patience = std::chrono::seconds(5);

    Conversation(Stage& stage, Role role, Variables variables, Duration patience = default_patience)
        : stage_(stage), role_(role), variables_(std::move(variables)), patience_(patience) {}

    Stage& stage() { return stage_; }
    Role role() const { return role_; }
    Variables& variables() { return variables_; }
    Duration patience() const { return patience_; }  // how long to wait for what a step expects

    // Lines. An empty name is the default: `main`, or the line the client opened last.
    std::expected<Line*, Trouble> line(const std::string& name = {});
    std::expected<Line*, Trouble> open(const std::string& name);  // role broker
    std::list<Line>& lines() { return lines_; }
    void send(Line&, codec::wire::BytesView octets);
    void drop(Line&);

    // Lets time pass until `done` or `until`; whether it is done.
    bool wait(Instant until, const std::function<bool()>& done);
    Instant after(Duration duration) const { return stage_.now() + duration; }

    // The shim.
    std::expected<std::uint64_t, Trouble> ask(const std::string& operation, const nlohmann::json& arguments);
    std::expected<Answer, Trouble> answer(std::uint64_t request, Duration within);
    std::map<std::string, std::uint64_t>& pending() { return pending_; }  // requests by the name a step gave them
    std::deque<ShimEvent>& events() { return events_; }
    const std::optional<std::string>& shim_exit() const { return shim_exit_; }

    // The last lines of what was said, for reports of text, and all of it for those that have room.
    void note(std::string text);
    void note(std::string text, Event event);
    const std::deque<std::string>& transcript() const { return transcript_; }
    Timeline& timeline() { return timeline_; }
    // The step at work looks at this item of the peer under test.
    void take(const Line&, const peer::Item&);

private:
    static constexpr std::size_t longest_transcript = 40;

    void take_in(Arrival arrival);
    void take_in_shim(const nlohmann::json& message);
    void take_in_octets(Line&, codec::wire::BytesView octets);
    void note_sent(Line&, codec::wire::BytesView octets);
    void note_items(const Line&, std::string_view arrow, const std::vector<peer::Item>& items);
    Speaker peer_under_test() const { return role_ == Role::broker ? Speaker::broker : Speaker::client; }
    Speaker other_side() const { return role_ == Role::broker ? Speaker::client : Speaker::broker; }
    Line* find(LineId);
    Line* find(const std::string& name);
    Instant next_heartbeat(Instant until);
    void send_heartbeats();

    Stage& stage_;
    Role role_;
    Variables variables_;
    Duration patience_;
    std::list<Line> lines_;
    std::uint64_t next_request_ = 1;
    std::map<std::uint64_t, Answer> answers_;
    std::map<std::string, std::uint64_t> pending_;
    std::deque<ShimEvent> events_;
    std::optional<std::string> shim_exit_;
    std::deque<std::string> transcript_;
    Timeline timeline_;
};

}  // namespace conformance::step
