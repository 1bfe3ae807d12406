#include "conformance/runner/aftermath.hpp"

#include <fmt/format.h>

#include "conformance/catalogue/loader.hpp"
#include "conformance/step/handshake.hpp"
#include "conformance/step/verb.hpp"

namespace conformance::runner {

namespace {

using nlohmann::json;
using step::Conversation;
using step::Line;
using step::Outcome;

const char* const broker_sanity = R"([
    {"connect": {"name": "afterwards"}},
    {"open_channel": 1, "on": "afterwards"},
    {"send": {"queue.declare": {"exclusive": true}}, "on": "afterwards"},
    {"expect": {"queue.declare-ok": {"message_count": 0}}, "on": "afterwards", "save": {"afterwards_queue": "queue"}},
    {"send": {"basic.publish": {"routing_key": "$afterwards_queue"}, "body": "still alive"}, "on": "afterwards"},
    {"send": {"basic.get": {"queue": "$afterwards_queue", "no_ack": true}}, "on": "afterwards"},
    {"expect": {"basic.get-ok": {}, "body": "still alive"}, "on": "afterwards"},
    {"close": "afterwards"}
])";

const char* const client_sanity_steps = R"([
    {"ask": {"connect": {}}, "within": "10s"},
    {"ask": {"channel.open": {}}},
    {"ask": {"queue.declare": {"queue": "$id.afterwards", "auto_delete": true}}},
    {"ask": {"basic.publish": {"routing_key": "$id.afterwards", "body": "still alive"}}},
    {"ask": {"basic.get": {"queue": "$id.afterwards", "auto_ack": true}}, "result": {"message": {"body": "still alive"}}},
    {"ask": {"queue.delete": {"queue": "$id.afterwards"}}},
    {"ask": "close"}
])";

Outcome afterwards(Outcome done) {
    if (!done) done.error().text = "afterwards: " + done.error().text;
    return done;
}

Outcome run_all(Conversation& conversation, const char* steps) {
    for (const auto& step : catalogue::steps_from_json(json::parse(steps), "afterwards")) {
        if (auto done = step::run_step(conversation, step); !done) return afterwards(done);
    }
    return {};
}

Outcome close_line(Conversation& conversation, Line& line) {
    if (line.ended) return {};
    if (line.closed_by_peer) {
        if (conversation.wait(conversation.after(conversation.patience()), [&] { return line.ended; })) return {};
        return step::fail(fmt::format("connection {} was closed by the peer, but its transport does not end", line.name)
        );
    }
    if (line.progress == Line::Progress::open && !line.closed_by_us)
        return step::close(conversation, line, conversation.patience());
    conversation.drop(line);
    return {};
}

// Role broker: whatever was not asked for. Role client: only what nobody may ever send.
Outcome no_leftovers(Conversation& conversation, const catalogue::Scenario* scenario) {
    for (const auto& line : conversation.lines()) {
        for (const auto& item : line.inbox) {
            const bool harmless = item.kind == peer::Item::Kind::heartbeat || item.kind == peer::Item::Kind::end;
            const bool tolerated = scenario == nullptr || scenario->leftovers == catalogue::Leftovers::allowed;
            if (harmless || (tolerated && item.kind != peer::Item::Kind::broken)) continue;
            const auto got = peer::describe(item);
            return step::fail(
                fmt::format("connection {}: nothing more was expected, got {}", line.name, got), "nothing more", got
            );
        }
    }
    return {};
}

}  // namespace

Outcome broker_aftermath(Conversation& conversation, const catalogue::Scenario& scenario) {
    for (auto& line : conversation.lines()) {
        if (auto done = close_line(conversation, line); !done) return afterwards(done);
    }
    if (auto done = no_leftovers(conversation, &scenario); !done) return afterwards(done);
    return run_all(conversation, broker_sanity);
}

Outcome client_aftermath(Conversation& conversation) {
    if (auto done = conversation.stage().clear_faults(); !done) return afterwards(done);
    if (auto done = client_sanity(conversation); !done) return done;
    return client_exit(conversation);
}

Outcome client_sanity(Conversation& conversation) { return run_all(conversation, client_sanity_steps); }

Outcome client_exit(Conversation& conversation) {
    conversation.stage().end_shim();
    if (!conversation.wait(conversation.after(conversation.patience()), [&] {
            return conversation.shim_exit().has_value();
        })) {
        return afterwards(step::fail("the shim does not exit when its input ends"));
    }
    if (*conversation.shim_exit() != "exit status 0")
        return afterwards(step::fail("the shim ended with " + *conversation.shim_exit()));
    return afterwards(no_leftovers(conversation, nullptr));
}

// A channel for each deletion, since what is gone already may cost it.
void clean_up(Conversation& conversation, const catalogue::Cleanup& cleanup) {
    if (cleanup.queues.empty() && cleanup.exchanges.empty()) return;
    conversation.timeline().begin_phase(conversation.stage().now(), "clean-up");
    auto steps = json::array({{{"connect", {{"name", "cleanup"}}}}});
    auto add = [&, channel = 0U](const std::string& method, const char* field, const std::string& name) mutable {
        ++channel;
        const auto gone = json::array({{{method + "-ok", json::object()}}, {{"channel.close", json::object()}}});
        steps.push_back({{"open_channel", channel}, {"on", "cleanup"}});
        steps.push_back({{"send", {{method, {{field, name}}}}}, {"on", "cleanup"}, {"channel", channel}});
        steps.push_back({{"expect_one_of", gone}, {"on", "cleanup"}, {"channel", channel}});
    };
    for (const auto& name : cleanup.queues) add("queue.delete", "queue", name);
    for (const auto& name : cleanup.exchanges) add("exchange.delete", "exchange", name);
    steps.push_back({{"close", "cleanup"}});
    for (const auto& step : catalogue::steps_from_json(steps, "cleanup")) {
        if (!step::run_step(conversation, step)) return;
    }
}

}  // namespace conformance::runner
