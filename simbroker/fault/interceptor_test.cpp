#include "simbroker/fault/interceptor.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "codec/amqp091/codec.hpp"
#include "simbroker/fault/notation.hpp"

namespace simbroker::fault {
namespace {

using namespace codec::amqp091;
using namespace std::chrono_literals;
using nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr ConnectionId one{1};

json of(std::string text) {
    std::ranges::replace(text, '\'', '"');
    return json::parse(text);
}

Bytes message(const char* text) { return message_from_json(of(text), {}).value(); }

// What the frames in `octets` are, shortly: method names, "header", "body hello", "heartbeat".
std::vector<std::string> names(BytesView octets) {
    std::vector<std::string> all;
    for (const auto& unit : FrameStream().feed(octets)) {
        if (unit.kind == Unit::Kind::protocol_header) {
            all.emplace_back("protocol header");
        } else if (unit.kind == Unit::Kind::opaque) {
            all.emplace_back("opaque");
        } else if (unit.type() == frame_type::method) {
            const auto method = decode_method(unit.payload());
            all.push_back(method ? std::string(name_of(*method)) : "unreadable");
        } else if (unit.type() == frame_type::header) {
            all.emplace_back("header");
        } else {
            all.push_back("body " + std::string(codec::wire::as_text(unit.payload())));
        }
    }
    return all;
}

// A machine that remembers what it was told and says what the test wants next.
class Recorder final : public Machine {
public:
    struct Story {
        Bytes received;
        std::vector<Outputs> answers;  // to the next inputs with octets, in order
        bool disconnected = false;
        std::optional<Instant> deadline;
        int deadlines_reached = 0;
        std::vector<std::string> outages;
    };

    explicit Recorder(Story& story) : story_(story) {}

    Outputs handle(Instant, const Input& input) override {
        if (std::holds_alternative<Disconnected>(input)) story_.disconnected = true;
        if (std::holds_alternative<DeadlineReached>(input)) ++story_.deadlines_reached;
        if (std::holds_alternative<Crash>(input)) story_.outages.emplace_back("crash");
        if (std::holds_alternative<Shutdown>(input)) story_.outages.emplace_back("shutdown");
        if (std::holds_alternative<Start>(input)) story_.outages.emplace_back("start");
        const auto* received = std::get_if<Received>(&input);
        if (received == nullptr) return {};
        story_.received.insert(story_.received.end(), received->bytes.begin(), received->bytes.end());
        if (story_.answers.empty()) return {};
        auto answer = std::move(story_.answers.front());
        story_.answers.erase(story_.answers.begin());
        return answer;
    }

    std::optional<Instant> next_deadline() const override { return story_.deadline; }

private:
    Story& story_;
};

class InterceptorTest : public testing::Test {
protected:
    void rule(const char* text) {
        auto made = rule_from_json(of(text));
        ASSERT_TRUE(made) << to_string(made.error());
        interceptor_.plan().add(std::move(*made));
    }

    void connect() { interceptor_.handle(now_, Connected{one, "test"}); }

    // The client says something; what it gets back.
    Bytes say(const Bytes& octets) { return to_client(interceptor_.handle(now_, Received{one, octets})); }
    // The machine says something by the way.
    Bytes machine_says(const Bytes& octets) {
        story_.answers = {{Send{one, octets}}};
        return say(message("'tx.select'"));
    }
    Bytes time_passes(Duration duration) {
        now_ += duration;
        return to_client(interceptor_.handle(now_, DeadlineReached{}));
    }

    Bytes to_client(const Outputs& outputs) {
        Bytes octets;
        for (const auto& output : outputs) {
            if (const auto* send = std::get_if<Send>(&output))
                octets.insert(octets.end(), send->bytes.begin(), send->bytes.end());
            if (std::holds_alternative<Close>(output)) closed_ = true;
        }
        return octets;
    }

    Recorder::Story story_;
    Interceptor interceptor_{std::make_unique<Recorder>(story_)};
    Instant now_{};
    bool closed_ = false;
};

const char* const publish = "{'basic.publish': {'routing_key': 'q'}, 'body': 'hello'}";
const char* const deliver = "{'basic.deliver': {'delivery_tag': 1}, 'body': 'hello'}";

TEST_F(InterceptorTest, WithoutRulesEveryOctetPasses) {
    connect();
    const auto octets = message(publish);
    const auto answer = message(deliver);
    story_.answers = {{Send{one, answer}}};
    EXPECT_EQ(say(octets), answer);
    EXPECT_EQ(story_.received, octets);
}

TEST_F(InterceptorTest, OctetsThatAreNoFramesPassToo) {
    connect();
    const Bytes absurd{1, 0, 1, 0xff, 0xff, 0xff, 0xff, 9, 9};
    say(absurd);
    EXPECT_EQ(story_.received, absurd);
}

TEST_F(InterceptorTest, DroppingAMethodDropsItsContent) {
    rule("{'when': {'to': 'client', 'method': 'basic.deliver', 'nth': 1}, 'do': 'drop'}");
    connect();
    EXPECT_THAT(names(machine_says(message(deliver))), IsEmpty());
    EXPECT_THAT(names(machine_says(message(deliver))), ElementsAre("basic.deliver", "header", "body hello"));
}

TEST_F(InterceptorTest, ACrashTakesTheFrameWithItAndEndsAfterAWhile) {
    rule("{'when': {'to': 'server', 'method': 'basic.publish'}, 'do': {'crash': '5s'}}");
    connect();
    say(message(publish));
    EXPECT_THAT(names(story_.received), IsEmpty());
    EXPECT_THAT(story_.outages, ElementsAre("crash"));
    EXPECT_EQ(interceptor_.next_deadline(), now_ + 5s);
    time_passes(4s);
    EXPECT_THAT(story_.outages, ElementsAre("crash"));
    time_passes(1s);
    EXPECT_THAT(story_.outages, ElementsAre("crash", "start"));
}

TEST_F(InterceptorTest, ARestartStopsTheBrokerInOrderAndStartsItAgain) {
    rule("{'when': {'to': 'client', 'method': 'tx.select-ok', 'times': 1}, 'do': {'restart': '0s'}}");
    connect();
    EXPECT_THAT(names(machine_says(message("'tx.select-ok'"))), IsEmpty());
    time_passes(0s);
    EXPECT_THAT(story_.outages, ElementsAre("shutdown", "start"));
}

TEST_F(InterceptorTest, ADuplicatedContentComesTwiceWhole) {
    rule("{'when': {'to': 'server', 'method': 'basic.publish'}, 'do': 'duplicate'}");
    connect();
    say(message(publish));
    EXPECT_THAT(
        names(story_.received),
        ElementsAre("basic.publish", "header", "body hello", "basic.publish", "header", "body hello")
    );
}

TEST_F(InterceptorTest, WhatIsHeldIsOvertakenUntilReleased) {
    rule("{'when': {'to': 'client', 'method': 'basic.deliver'}, 'do': {'hold': 'slow'}}");
    connect();
    auto octets = message(deliver);
    const auto ok = message("'tx.select-ok'");
    octets.insert(octets.end(), ok.begin(), ok.end());
    EXPECT_THAT(names(machine_says(octets)), ElementsAre("tx.select-ok"));
    EXPECT_FALSE(interceptor_.next_deadline());
    interceptor_.release("slow");
    EXPECT_EQ(interceptor_.next_deadline(), now_);
    EXPECT_THAT(names(time_passes(0s)), ElementsAre("basic.deliver", "header", "body hello"));
    EXPECT_EQ(story_.deadlines_reached, 0) << "the machine behind had no deadline";
}

TEST_F(InterceptorTest, WhatIsDelayedComesAtItsTime) {
    rule("{'when': {'to': 'client', 'method': 'tx.select-ok', 'times': 1}, 'do': {'delay': '2s'}}");
    connect();
    EXPECT_THAT(names(machine_says(message("'tx.select-ok'"))), IsEmpty());
    EXPECT_EQ(interceptor_.next_deadline(), now_ + 2s);
    EXPECT_THAT(names(time_passes(1s)), IsEmpty());
    EXPECT_THAT(names(time_passes(1s)), ElementsAre("tx.select-ok"));
}

TEST_F(InterceptorTest, ReplacingChangesTheNamedFieldsOnly) {
    rule("{'when': {'to': 'client', 'method': 'basic.ack'}, 'do': {'replace': {'delivery_tag': 9}}}");
    connect();
    EXPECT_EQ(
        machine_says(message("{'basic.ack': {'delivery_tag': 1, 'multiple': true}}")),
        message("{'basic.ack': {'delivery_tag': 9, 'multiple': true}}")
    );
}

TEST_F(InterceptorTest, InsertsBeforeAndAfterTheWholeContent) {
    rule("{'when': {'to': 'client', 'method': 'basic.deliver', 'nth': 1}, 'do': {'after': [{'basic.cancel': {}}]}}");
    rule("{'when': {'to': 'client', 'method': 'basic.deliver', 'nth': 2}, 'do': {'before': [{'basic.cancel': {}}]}}");
    connect();
    EXPECT_THAT(
        names(machine_says(message(deliver))), ElementsAre("basic.deliver", "header", "body hello", "basic.cancel")
    );
    EXPECT_THAT(
        names(machine_says(message(deliver))), ElementsAre("basic.cancel", "basic.deliver", "header", "body hello")
    );
}

TEST_F(InterceptorTest, AnswersInPlaceOfTheMachine) {
    rule(
        "{'when': {'to': 'server', 'method': 'queue.declare'}, 'do': {'answer': [{'queue.declare-ok': {'queue': "
        "'mine'}}]}}"
    );
    connect();
    EXPECT_EQ(say(message("{'queue.declare': {}}")), message("{'queue.declare-ok': {'queue': 'mine'}}"));
    EXPECT_THAT(names(story_.received), IsEmpty());
}

TEST_F(InterceptorTest, WhatCameBeforeAnAnsweredFrameIsHeardBefore) {
    rule("{'when': {'to': 'server', 'method': 'tx.commit'}, 'do': {'answer': ['tx.commit-ok']}}");
    connect();
    auto octets = message("'tx.select'");
    const auto commit = message("'tx.commit'");
    octets.insert(octets.end(), commit.begin(), commit.end());
    story_.answers = {{Send{one, message("'tx.select-ok'")}}};
    EXPECT_THAT(names(say(octets)), ElementsAre("tx.select-ok", "tx.commit-ok"));
}

TEST_F(InterceptorTest, BreaksFrames) {
    rule("{'when': {'to': 'client', 'method': 'tx.select-ok'}, 'do': {'frame_end': 7}}");
    rule("{'when': {'to': 'client', 'method': 'tx.commit-ok'}, 'do': {'bytes': {'hex': '0102'}}}");
    connect();
    EXPECT_EQ(machine_says(message("'tx.select-ok'")).back(), 7);
    EXPECT_EQ(machine_says(message("'tx.commit-ok'")), (Bytes{1, 2}));
}

TEST_F(InterceptorTest, DropsTheTransportAtBothEnds) {
    rule("{'when': {'to': 'server', 'method': 'basic.publish'}, 'do': 'close'}");
    connect();
    say(message(publish));
    EXPECT_TRUE(closed_);
    EXPECT_TRUE(story_.disconnected);
    EXPECT_THAT(names(story_.received), IsEmpty());
}

TEST_F(InterceptorTest, ACloseOfOursEndsTheChannelAtBothSides) {
    connect();
    interceptor_.emit(one, Toward::client, message("{'channel.close': {'reply_code': 404}}"));
    EXPECT_THAT(names(time_passes(0s)), ElementsAre("channel.close"));
    say(message(publish));  // still under way when the client learns of it
    EXPECT_THAT(names(story_.received), IsEmpty());
    story_.answers = {{Send{one, message("'channel.close-ok'")}}};
    EXPECT_THAT(names(say(message("'channel.close-ok'"))), IsEmpty());
    EXPECT_THAT(names(story_.received), ElementsAre("channel.close"));
    EXPECT_THAT(names(machine_says(message("'channel.open-ok'"))), ElementsAre("channel.open-ok"));
}

TEST_F(InterceptorTest, ShowsTheOnlookerWhatTheClientReallySaysAndGets) {
    std::vector<std::string> seen;
    Recorder::Story story;
    auto drop_all = rule_from_json(of("{'when': {'to': 'client'}, 'do': 'drop'}"));
    ASSERT_TRUE(drop_all);
    Interceptor interceptor(std::make_unique<Recorder>(story), FaultPlan({*drop_all}), [&](const Sighting& sighting) {
        for (const auto& name : names(sighting.octets)) seen.push_back(name);
    });
    interceptor.handle(now_, Connected{one, "test"});
    story.answers = {{Send{one, message("'tx.select-ok'")}}};
    const auto select = message("'tx.select'");
    interceptor.handle(now_, Received{one, select});
    EXPECT_THAT(seen, ElementsAre("tx.select"));
}

TEST(FaultRule, NamesWhatIsWrong) {
    const auto error = [](const char* text) {
        const auto made = rule_from_json(of(text));
        return made ? std::string("no error") : to_string(made.error());
    };
    using testing::HasSubstr;
    EXPECT_THAT(error("{'do': 'drop'}"), HasSubstr("expected {when"));
    EXPECT_THAT(error("{'when': {}, 'do': 'drop'}"), HasSubstr("to: client"));
    EXPECT_THAT(error("{'when': {'to': 'me'}, 'do': 'drop'}"), HasSubstr("/when/to: expected client, server"));
    EXPECT_THAT(error("{'when': {'to': 'client', 'method': 'basic.akk'}, 'do': 'drop'}"), HasSubstr("basic.akk"));
    EXPECT_THAT(
        error("{'when': {'to': 'client', 'nth': 0}, 'do': 'drop'}"), HasSubstr("/when/nth: expected a whole number")
    );
    EXPECT_THAT(
        error("{'when': {'to': 'client', 'evry': 1}, 'do': 'drop'}"), HasSubstr("/when/evry: expected no such")
    );
    EXPECT_THAT(error("{'when': {'to': 'client'}, 'do': 'explode'}"), HasSubstr("there are drop"));
    EXPECT_THAT(
        error("{'when': {'to': 'client'}, 'do': {'replace': {'x': 1}}}"), HasSubstr("needs a trigger with a method")
    );
    EXPECT_THAT(
        error("{'when': {'to': 'client', 'method': 'basic.ack'}, 'do': {'replace': {'tag': 1}}}"), HasSubstr("tag")
    );
    EXPECT_THAT(error("{'when': {'to': 'client'}, 'do': {'answer': [{'basic.akk': {}}]}}"), HasSubstr("basic.akk"));
}

}  // namespace
}  // namespace simbroker::fault
