// One row of the API: a method and a path, what they take and give, and what they do. The rows are the one source of
// routing, of validation and of the OpenAPI document.
#pragma once

#include <expected>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "simbroker/control/served_broker.hpp"

namespace simbroker::control {

struct Response {
    int status = 200;
    std::string content_type = "application/json";
    std::string body{};
    std::vector<std::pair<std::string, std::string>> headers{};

    // Events go on after the head, until the client leaves: those from this number on, of these kinds or of all.
    struct Stream {
        std::uint64_t since = 0;
        std::vector<std::string> kinds{};
    };
    std::optional<Stream> stream{};

    // The body is made when all effects of the request are on their way: it shows how things are then.
    std::function<std::string()> late_body{};
};

// RFC 9457. `pointer` names a place in the body, `parameter` one of the URL.
struct Problem {
    int status = 400;
    std::string detail;
    std::optional<std::string> pointer{};
    std::optional<std::string> parameter{};
    std::vector<std::pair<std::string, std::string>> headers{};
};

using Outcome = std::expected<Response, Problem>;

struct Parameter {
    enum class In : std::uint8_t { path, query };
    std::string name;
    In in{};
    nlohmann::json schema;  // of type string or integer
    enum class Needed : std::uint8_t { optional, required } needed = Needed::optional;
};

// What a request says, once it was found right.
struct Call {
    std::map<std::string, nlohmann::json, std::less<>> parameters;
    nlohmann::json body;

    std::string text(std::string_view name, std::string_view otherwise) const {
        const auto found = parameters.find(name);
        return found == parameters.end() ? std::string(otherwise) : found->second.get<std::string>();
    }
    std::uint64_t number(std::string_view name, std::uint64_t otherwise = 0) const {
        const auto found = parameters.find(name);
        return found == parameters.end() ? otherwise : found->second.get<std::uint64_t>();
    }
};

struct Route {
    std::string method;  // "GET"
    std::string path;    // "/connections/{connection}/close"
    std::string area;    // the document's tag
    std::string summary;
    std::vector<Parameter> parameters{};
    std::optional<nlohmann::json> body{};    // the schema of the request's; nothing: none is taken
    std::optional<nlohmann::json> result{};  // the schema of the response's, where that is JSON
    std::string result_type = "application/json";
    int status = 200;  // where there is a result
    std::function<Outcome(const Call&, ServedBroker&)> answer;
};

Response json_response(const nlohmann::json& body, int status = 200);
Response no_content();
std::unexpected<Problem> problem(int status, std::string detail);
std::unexpected<Problem> problem_at(std::string pointer, std::string detail);

// Rows by area (routes_*.cpp).
void add_broker_routes(std::vector<Route>& routes);
void add_clock_routes(std::vector<Route>& routes);
void add_inspection_routes(std::vector<Route>& routes);
void add_operation_routes(std::vector<Route>& routes);
void add_event_routes(std::vector<Route>& routes);
void add_fault_routes(std::vector<Route>& routes);

}  // namespace simbroker::control
