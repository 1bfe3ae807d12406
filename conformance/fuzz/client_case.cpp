#include <fmt/format.h>

#include <algorithm>

#include "codec/wire/hex.hpp"
#include "conformance/fuzz/made_case.hpp"
#include "conformance/fuzz/mutation.hpp"
#include "conformance/fuzz/steps.hpp"

namespace conformance::fuzz {

using namespace codec::amqp091;
using catalogue::Scenario;
using nlohmann::json;

namespace {

// What the client is asked to do, and the methods with which a broker takes part.
struct Act {
    const char* operation;
    const char* arguments;  // JSON
    std::vector<const char*> answers;
};

const std::vector<Act>& acts() {
    static const std::vector<Act> all{
        {"channel.open", "{}", {"channel.open-ok"}},
        {"queue.declare", R"({"queue": "$id", "exclusive": true})", {"queue.declare-ok"}},
        {"queue.declare", R"({"queue": "$id", "exclusive": true})", {"queue.declare-ok", "channel.close"}},
        {"basic.get", R"({"queue": "$id", "auto_ack": true})", {"basic.get-ok", "basic.get-empty"}},
        {"basic.consume", R"({"queue": "$id", "consumer_tag": "c0"})", {"basic.consume-ok", "basic.deliver"}},
        {"basic.publish", R"({"routing_key": "$id", "body": "hello"})", {"basic.deliver", "basic.return", "basic.ack"}},
        {"confirm.select", "{}", {"confirm.select-ok"}},
        {"exchange.declare", R"({"exchange": "amq.direct", "passive": true})", {"exchange.declare-ok"}},
        {"basic.qos", R"({"prefetch_count": 2})", {"basic.qos-ok"}},
        {"channel.close", "{}", {"channel.close-ok"}},
        {"close", "{}", {"connection.close-ok"}},
    };
    return all;
}

constexpr const char* handshake_answers[] = {"connection.start", "connection.tune", "connection.open-ok"};

// What a broker may say whenever it likes.
constexpr const char* unasked[] = {
    "basic.deliver",
    "basic.deliver",
    "basic.return",
    "basic.ack",
    "basic.nack",
    "basic.cancel",
    "connection.blocked",
    "channel.close",
    "channel.flow",
    "connection.unblocked",
    "connection.close",
    "queue.declare-ok"
};

class Maker {
public:
    Maker(const CaseOptions& options, const std::vector<std::string>& operations)
        : options_(options),
          operations_(operations),
          prng_(simbroker::Prng::fork(options.seed, fmt::format("client case {}", options.number))),
          grammar_(simbroker::Prng(prng_.next()), "c"),
          mutator_(simbroker::Prng(prng_.next()), Peer::server) {}

    Scenario make() {
        scenario_.id = fmt::format("fuzz.client.seed-{}.case-{}", options_.seed, options_.number);
        scenario_.under_test = catalogue::Role::client;
        scenario_.level = catalogue::Level::robust;
        const auto plan = choose();
        for (auto left = 1 + prng_.below(2); left > 0; --left) add_rule(plan);
        ask("connect", json::object());
        for (const auto* act : plan) ask(act->operation, json::parse(act->arguments));
        add(expect_anything(options_.quiet));
        for (auto left = prng_.below(3); left > 0; --left) say_unasked();
        add(expect_anything(options_.quiet));
        add(make_step("disconnect", nullptr));
        for (std::size_t i = 0; i < asked_; ++i) {
            auto awaiting = make_step("await", fmt::format("a{}", i));
            awaiting.modifiers = {{"outcome", "any"}, {"within", "15s"}};
            add(std::move(awaiting));
        }
        return std::move(scenario_);
    }

private:
    void add(catalogue::Step made) { scenario_.steps.push_back(std::move(made)); }

    std::vector<const Act*> choose() {
        std::vector<const Act*> plan;
        for (auto left = prng_.below(4); left > 0; --left) {
            const auto& act = acts()[prng_.below(acts().size())];
            if (std::ranges::find(operations_, act.operation) != operations_.end()) plan.push_back(&act);
        }
        return plan;
    }

    void ask(const std::string& operation, json arguments) {
        auto asking = make_step("ask", json::object({{operation, std::move(arguments)}}));
        asking.modifiers["as"] = fmt::format("a{}", asked_++);
        add(std::move(asking));
    }

    // The right frames of that method, made wrong.
    std::string wrong(const char* method) {
        Frames frames;
        const auto channel = std::string_view(method).starts_with("connection.") ? ChannelNumber{0} : ChannelNumber{1};
        grammar_.append(frames, method, channel);
        for (auto left = prng_.below(4); left > 0; --left) mutator_.mutate(frames);
        Bytes all;
        for (const auto& frame : frames) all.insert(all.end(), frame.begin(), frame.end());
        return codec::wire::to_hex(all);
    }

    void add_rule(const std::vector<const Act*>& plan) {
        const bool handshake = plan.empty() || prng_.below(4) == 0;
        const auto& answers = handshake
                                  ? std::vector<const char*>(std::begin(handshake_answers), std::end(handshake_answers))
                                  : plan[prng_.below(plan.size())]->answers;
        const auto* method = answers[prng_.below(answers.size())];
        json act = "drop";
        const json octets{{"hex", wrong(method)}};
        const auto script = json::array({json{{"bytes", octets}}});
        switch (prng_.below(10)) {
            case 0: act = "duplicate"; break;
            case 1: act = "close"; break;
            case 2: act = {{"frame_end", prng_.below(256)}}; break;
            case 3: act = {{"before", script}}; break;
            case 4: act = {{"after", script}}; break;
            default: act = {{"bytes", octets}}; break;
        }
        const json when{{"to", "client"}, {"method", method}, {"times", 1U}};
        add(make_step("fault", json::object({{"when", when}, {"do", act}})));
    }

    void say_unasked() {
        auto saying = make_step("send_bytes", json::object({{"hex", wrong(unasked[prng_.below(std::size(unasked))])}}));
        if (prng_.below(6) == 0) saying.modifiers["split"] = 1 + prng_.below(9);
        add(std::move(saying));
    }

    CaseOptions options_;
    const std::vector<std::string>& operations_;
    simbroker::Prng prng_;
    Grammar grammar_;
    Mutator mutator_;
    Scenario scenario_;
    std::size_t asked_ = 0;
};

}  // namespace

Scenario client_case(const CaseOptions& options, const std::vector<std::string>& operations) {
    return Maker(options, operations).make();
}

}  // namespace conformance::fuzz
