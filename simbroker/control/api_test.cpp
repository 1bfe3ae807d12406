// The API without sockets, on a real broker with a clock of its own.
#include "simbroker/control/api.hpp"

#include <gmock/gmock.h>

#include "simbroker/control/broker_on_the_bench.hpp"
#include "simbroker/control/event_json.hpp"

namespace simbroker::control {
namespace {

using nlohmann::json;
using testing::HasSubstr;

struct ControlApi : testing::Test {
    const Api api;
    BrokerOnTheBench broker;

    Response ask(std::string method, std::string target, std::string body = {}) {
        auto response = api.answer({std::move(method), std::move(target), std::move(body)}, broker);
        if (response.late_body) response.body = response.late_body();
        return response;
    }
    json get(std::string target) { return json::parse(ask("GET", std::move(target)).body); }
    // "400 /by: by: expected ..."
    std::string refusal(std::string method, std::string target, std::string body = {}) {
        const auto response = ask(std::move(method), std::move(target), std::move(body));
        if (response.status < 400) return "not refused: " + response.body;
        EXPECT_EQ(response.content_type, "application/problem+json");
        const auto problem = json::parse(response.body);
        EXPECT_EQ(problem.at("status"), response.status);
        const auto where = problem.value("pointer", problem.value("parameter", ""));
        return std::to_string(response.status) + " " + where + ": " + problem.at("detail").get<std::string>();
    }
};

// ---- time

TEST_F(ControlApi, TurnsTheClock) {
    broker.connect();
    EXPECT_EQ(get("/clock").at("now"), 0.0);
    EXPECT_EQ(get("/clock").at("next_deadline").at("text"), "handshake_timeout of connection 1");
    const auto advanced = json::parse(ask("POST", "/clock/advance", R"({"by":"1500ms"})").body);
    EXPECT_EQ(advanced.at("advanced"), 1.5);
    EXPECT_EQ(advanced.at("next_deadline").at("in"), 8.5);
    const auto reached = json::parse(ask("POST", "/clock/advance-to-next").body);
    EXPECT_EQ(reached.at("reached").at("kind"), "handshake_timeout");
    EXPECT_EQ(reached.at("advanced"), 8.5);
    EXPECT_EQ(json::parse(ask("POST", "/clock/advance", R"({"by":0.25})").body).at("now"), 10.25);
}

TEST_F(ControlApi, SaysThatNothingIsDue) {
    EXPECT_TRUE(get("/clock").at("next_deadline").is_null());
    EXPECT_TRUE(json::parse(ask("POST", "/clock/advance-to-next").body).at("reached").is_null());
}

TEST_F(ControlApi, TurnsNoClockThatRunsByItself) {
    broker.clock = "wall";
    EXPECT_THAT(refusal("POST", "/clock/advance", R"({"by":1})"), HasSubstr("409 : only a manual clock"));
    EXPECT_THAT(refusal("POST", "/clock/advance-to-next"), HasSubstr("this one is wall"));
}

TEST_F(ControlApi, SaysWhatIsWrongWithADuration) {
    for (const auto* by : {"-1", "\"soon\"", "1e300", "\"-5s\""}) {
        const auto text = refusal("POST", "/clock/advance", std::string("{\"by\":") + by + "}");
        EXPECT_THAT(text, HasSubstr("400 /by: /by: expected a number of seconds, 0 or more, or a duration")) << by;
    }
    const std::string years = R"({"by":4000000000})";
    EXPECT_EQ(ask("POST", "/clock/advance", years).status, 200);
    EXPECT_THAT(refusal("POST", "/clock/advance", years), HasSubstr("400 /by: /by: broker time ends after 146 years"));
}

// ---- faults

TEST_F(ControlApi, AddsListsAndRemovesFaults) {
    const auto added = ask("POST", "/faults", R"({"id":"lost","when":{"to":"client","nth":3},"do":"drop"})");
    EXPECT_EQ(added.status, 201);
    EXPECT_EQ(json::parse(added.body).at("fired"), 0);
    EXPECT_EQ(get("/faults").at(0).at("rule").at("do"), "drop");
    EXPECT_EQ(ask("POST", "/faults/release", R"({"label":"x"})").status, 204);
    EXPECT_THAT(refusal("POST", "/faults", R"({"id":"lost","do":"unconfirmed"})"), HasSubstr("409 : there is a rule"));
    EXPECT_EQ(ask("DELETE", "/faults/lost").status, 204);
    EXPECT_THAT(refusal("DELETE", "/faults/lost"), HasSubstr("404 : there is no fault 'lost'"));
    ask("POST", "/faults", R"({"do":"unconfirmed"})");
    EXPECT_EQ(ask("DELETE", "/faults").status, 204);
    EXPECT_EQ(get("/faults"), json::array());
}

TEST_F(ControlApi, SaysWhatIsWrongWithAFault) {
    const auto wrong = [&](const char* rule) { return refusal("POST", "/faults", rule); };
    EXPECT_THAT(wrong(R"({"when":{"to":"client"},"do":"explode"})"), HasSubstr("400 /do: /do: there is no fault"));
    EXPECT_THAT(wrong(R"({"when":{"to":"client"},"do":{"delay":"soon"}})"), HasSubstr("400 /do/delay: "));
    EXPECT_THAT(wrong(R"({"when":{"to":"client","nht":1},"do":"drop"})"), HasSubstr("400 /when/nht: "));
    EXPECT_THAT(wrong(R"({"when":{"to":"client","nth":0},"do":"drop"})"), HasSubstr("400 /when/nth: "));
    EXPECT_THAT(wrong(R"({"when":{"to":"client"}})"), HasSubstr("400 /do: "));
    EXPECT_THAT(wrong(R"({"now":{"every":"0s"},"do":"unblocked"})"), HasSubstr("400 /now/every: "));
}

// What the document says there is, there is; and nothing else.
TEST_F(ControlApi, DescribesWhatMayStandInARule) {
    const auto rule =
        get("/openapi.json")["paths"]["/faults"]["post"]["requestBody"]["content"]["application/json"]["schema"];
    for (const auto* part : {"when", "now"}) {
        std::string names;
        for (const auto& [name, schema] : rule.at("properties").at(part).at("properties").items()) {
            names += (names.empty() ? "" : ", ") + name;
        }
        const auto text = fault::rule_from_json(json{{part, {{"x", 1}}}, {"do", "drop"}});
        ASSERT_FALSE(text);
        auto known = text.error().text.substr(text.error().text.find("there are ") + 10);
        std::vector<std::string> all;
        for (std::size_t at = 0; at < known.size();) {
            const auto end = std::min(known.find(", ", at), known.size());
            all.push_back(known.substr(at, end - at));
            at = end + 2;
        }
        std::ranges::sort(all);
        std::string sorted;
        for (const auto& name : all) sorted += (sorted.empty() ? "" : ", ") + name;
        EXPECT_EQ(names, sorted) << part;
    }
}

// ---- requests that are wrong

TEST_F(ControlApi, RefusesWhatItDoesNotKnow) {
    EXPECT_THAT(refusal("GET", "/nonsense"), HasSubstr("404 : there is no /nonsense; GET /openapi.json"));
    const auto wrong = ask("DELETE", "/clock");
    EXPECT_EQ(wrong.status, 405);
    EXPECT_EQ(wrong.headers, (std::vector<std::pair<std::string, std::string>>{{"Allow", "GET"}}));
    EXPECT_EQ(
        refusal("POST", "/clock/advance", R"({"by":1,"and":2})"),
        "400 /and: /and: expected no such field; there are by, got 2"
    );
    EXPECT_THAT(refusal("POST", "/clock/advance", "{}"), HasSubstr("400 /by: /by: expected a number or a string"));
    EXPECT_THAT(
        refusal("POST", "/clock/advance", "{\"by\":"), HasSubstr("400 : expected JSON; the error is at octet 7")
    );
    EXPECT_THAT(
        refusal("POST", "/clock/advance", "{\"by\":1e999}"),
        HasSubstr("400 : expected JSON with numbers that a double can hold")
    );
    EXPECT_THAT(refusal("POST", "/clock/advance", std::string(1000, '[')), HasSubstr("at most 32 levels"));
    EXPECT_THAT(refusal("POST", "/broker/crash", R"({"hard":true})"), HasSubstr("expected no body"));
    EXPECT_THAT(
        refusal("GET", "/queues?vhots=x"),
        HasSubstr("400 vhots: vhots: expected no such parameter; there are vhost, queue")
    );
    EXPECT_THAT(refusal("GET", "/queues?vhost=%2"), HasSubstr("well-formed %-escapes"));
    EXPECT_THAT(refusal("GET", "/events?since=x"), HasSubstr("400 since: since: expected a whole number from 0 to"));
    EXPECT_THAT(refusal("GET", "/events?kind=x"), HasSubstr("400 kind: kind: expected one of \"connection_opened\""));
    EXPECT_THAT(
        refusal("PUT", "/alarms/tape", R"({"raised":true})"),
        HasSubstr("400 resource: resource: expected one of \"memory\", \"disk\", got \"tape\"")
    );
}

// ---- the broker's life

TEST_F(ControlApi, CrashesAndStarts) {
    EXPECT_EQ(ask("POST", "/broker/crash").status, 200);
    EXPECT_EQ(ask("POST", "/broker/start").status, 200);
    const auto events = get("/events").at("events");
    ASSERT_EQ(events.size(), 2U);
    EXPECT_EQ(events[0].at("detail"), "crash");
    EXPECT_EQ(events[1].at("kind"), "broker_started");
    EXPECT_EQ(get("/events?kind=broker_started").at("events").size(), 1U);
    EXPECT_EQ(get("/events?since=2"), json::parse(R"({"events":[],"next":2})"));
    EXPECT_EQ(json::parse(ask("POST", "/broker/restart").body).at("condition"), "restarting");
}

TEST_F(ControlApi, RaisesAndClearsAlarms) {
    EXPECT_EQ(ask("PUT", "/alarms/disk", R"({"raised":true})").status, 204);
    EXPECT_EQ(get("/alarms"), json::parse(R"([{"resource":"disk"}])"));
    EXPECT_EQ(ask("PUT", "/alarms/disk", R"({"raised":false})").status, 204);
    EXPECT_EQ(get("/alarms"), json::array());
}

TEST_F(ControlApi, EndsConnectionsThatAreOpen) {
    EXPECT_EQ(ask("POST", "/connections/1/drop").status, 204);
    EXPECT_EQ(broker.dropped, 1U);
    EXPECT_EQ(ask("POST", "/connections/1/close", R"({"reason":"maintenance"})").status, 204);
    EXPECT_THAT(refusal("POST", "/connections/2/drop"), HasSubstr("404 : no connection 2 is open"));
    EXPECT_THAT(
        refusal("POST", "/connections/one/drop"), HasSubstr("400 connection: connection: expected a whole number")
    );
}

TEST_F(ControlApi, ResetsEverything) {
    ask("POST", "/operations/add_vhost", R"({"vhost":"orders"})");
    ask("POST", "/clock/advance", R"({"by":60})");
    EXPECT_EQ(get("/vhosts").size(), 2U);
    EXPECT_EQ(json::parse(ask("POST", "/reset").body).at("trace_before"), "run.trace.1");
    EXPECT_EQ(get("/vhosts"), json::parse(R"([{"name":"/"}])"));
    EXPECT_EQ(get("/clock").at("now"), 0.0);
}

// ---- looking and operating

TEST_F(ControlApi, ListsWhatThereIs) {
    EXPECT_EQ(get("/users")[0].at("user"), "guest");
    EXPECT_EQ(get("/exchanges?vhost=%2F")[0].at("name"), "");
    EXPECT_EQ(get("/queues"), json::array());
    EXPECT_THAT(refusal("GET", "/queues?vhost=no"), HasSubstr("404 : Virtual host 'no' does not exist"));
    EXPECT_THAT(refusal("GET", "/messages?queue=no"), HasSubstr("404 : Queue 'no' in virtual host '/' not found"));
}

TEST_F(ControlApi, HasAPathForEachOperation) {
    EXPECT_EQ(ask("POST", "/operations/add_user", R"({"user":"anna","password":"secret"})").status, 204);
    EXPECT_EQ(get("/users").size(), 2U);
    EXPECT_EQ(
        ask("POST", "/operations/set_policy", R"({"name":"p","pattern":"q","definition":{"max-length":1}})").status, 204
    );
    EXPECT_EQ(get("/policies")[0].at("definition"), R"({"max-length":1})");
    EXPECT_THAT(refusal("POST", "/operations/add_user", R"({"user":"anna"})"), HasSubstr("400 /password: "));
    EXPECT_THAT(
        refusal("POST", "/operations/add_user", R"({"user":1,"password":""})"),
        HasSubstr("400 /user: /user: expected a string, got 1")
    );
    EXPECT_THAT(
        refusal("POST", "/operations/delete_user", R"({"user":"nobody"})"),
        HasSubstr("409 : User \"nobody\" does not exist")
    );
    EXPECT_EQ(
        json::parse(ask("POST", "/commands", R"(["list_vhosts","--no-table-headers"])").body),
        json::parse(R"({"status":0,"text":"/\n"})")
    );
}

// ---- events

TEST_F(ControlApi, StreamsEventsFromWhereverOneLikes) {
    ask("POST", "/operations/add_vhost", R"({"vhost":"a"})");
    const auto from_now = ask("GET", "/events/stream?kind=operated");
    ASSERT_TRUE(from_now.stream);
    EXPECT_EQ(from_now.stream->since, 1U);
    EXPECT_EQ(from_now.stream->kinds, std::vector<std::string>{"operated"});
    EXPECT_EQ(ask("GET", "/events/stream?since=0").stream->since, 0U);
    const drive::TimedEvent event{
        3,
        Instant(std::chrono::milliseconds(1500)),
        {.kind = Event::Kind::queue_declared, .subject = "a\nb", .detail = {}}
    };
    EXPECT_EQ(
        to_stream(event),
        "id: 3\nevent: queue_declared\n"
        "data: "
        "{\"at\":1.5,\"detail\":\"\",\"kind\":\"queue_declared\",\"number\":0,\"sequence\":3,\"subject\":\"a\\nb\"}\n\n"
    );
}

TEST_F(ControlApi, HasNoTraceUnlessOneIsRecorded) { EXPECT_EQ(refusal("GET", "/trace"), "409 : nothing is recorded"); }

// ---- the document

TEST_F(ControlApi, DescribesEveryRowAndItself) {
    const auto document = get("/openapi.json");
    EXPECT_EQ(document.at("openapi"), "3.1.0");
    std::set<std::string> ids;
    for (const auto& route : api.routes()) {
        auto method = route.method;
        std::ranges::transform(method, method.begin(), [](unsigned char c) {
            return static_cast<char>(std::tolower(c));
        });
        ASSERT_TRUE(document.at("paths").contains(route.path)) << route.path;
        const auto& described = document.at("paths").at(route.path).at(method);
        ids.insert(described.at("operationId").get<std::string>());
        for (const auto& parameter : route.parameters) {
            const bool in_path = route.path.find("{" + parameter.name + "}") != std::string::npos;
            EXPECT_EQ(in_path, parameter.in == Parameter::In::path) << route.path;
        }
    }
    EXPECT_EQ(ids.size(), api.routes().size()) << "every operation has an id of its own";
}

}  // namespace
}  // namespace simbroker::control
