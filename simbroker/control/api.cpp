// From a request to the row it means, and what it says checked against that row.
#include "simbroker/control/api.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "simbroker/control/schema.hpp"
#include "simbroker/control/target.hpp"

namespace simbroker::control {

namespace {

using nlohmann::json;

std::string dumped(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

std::string_view title_of(int status) {
    switch (status) {
        case 400: return "Bad Request";
        case 401: return "Unauthorized";
        case 403: return "Forbidden";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 409: return "Conflict";
        case 413: return "Content Too Large";
        case 431: return "Request Header Fields Too Large";
        default: return "Error";
    }
}

std::unexpected<Problem> wrong_parameter(std::string name, std::string detail) {
    auto text = fmt::format("{}: {}", name, detail);
    return std::unexpected(Problem{.status = 400, .detail = std::move(text), .parameter = std::move(name)});
}

// A parameter is text; where a number is meant, it has to be one.
json value_of(const std::string& text, const json& schema) {
    if (schema.at("type") != "integer") return text;
    std::uint64_t number = 0;
    const auto* end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, number);
    return error == std::errc{} && stopped == end && !text.empty() ? json(number) : json(text);
}

std::expected<void, Problem> read_parameters(const Route& route, const Target& target, const Match& match, Call& call) {
    std::set<std::string> known;
    for (const auto& parameter : route.parameters) {
        const auto& from = parameter.in == Parameter::In::path ? match.variables : target.query;
        known.insert(parameter.name);
        const auto given = std::ranges::find(from, parameter.name, [](const auto& pair) { return pair.first; });
        if (given == from.end()) {
            if (parameter.needed == Parameter::Needed::optional) continue;
            return wrong_parameter(
                parameter.name, fmt::format("expected {}, got nothing", expectation(parameter.schema))
            );
        }
        auto value = value_of(given->second, parameter.schema);
        if (const auto mistake = check(parameter.schema, value)) {
            return wrong_parameter(parameter.name, fmt::format("expected {}, got {}", mistake->expected, mistake->got));
        }
        call.parameters.emplace(parameter.name, std::move(value));
    }
    for (const auto& [name, value] : target.query) {
        if (known.contains(name)) continue;
        std::string names;
        for (const auto& parameter : route.parameters) {
            if (parameter.in == Parameter::In::query) names += (names.empty() ? "" : ", ") + parameter.name;
        }
        return wrong_parameter(name, "expected no such parameter; there are " + (names.empty() ? "none" : names));
    }
    return {};
}

std::expected<json, Problem> read_body(const Route& route, const std::string& text) {
    if (!route.body) {
        if (text.empty() || text == "{}") return json::object();
        return problem_at("", "expected no body");
    }
    if (is_too_deep(text)) return problem_at("", fmt::format("expected at most {} levels", most_levels));
    json body;
    try {
        body = text.empty() ? json::object() : json::parse(text);
    } catch (const json::parse_error& error) {
        return problem_at("", fmt::format("expected JSON; the error is at octet {} of {}", error.byte, text.size()));
    } catch (const json::out_of_range&) {
        return problem_at("", "expected JSON with numbers that a double can hold");
    }
    if (const auto mistake = check(*route.body, body)) {
        const auto where = mistake->pointer.empty() ? "the body" : mistake->pointer;
        return problem_at(
            mistake->pointer, fmt::format("{}: expected {}, got {}", where, mistake->expected, mistake->got)
        );
    }
    return body;
}

Outcome answer_route(
    const Route& route, const Target& target, const Match& match, const std::string& body, ServedBroker& broker
) {
    Call call;
    if (auto read = read_parameters(route, target, match, call); !read) return std::unexpected(read.error());
    auto read = read_body(route, body);
    if (!read) return std::unexpected(read.error());
    call.body = std::move(*read);
    return route.answer(call, broker);
}

Outcome find_and_answer(const std::vector<Route>& routes, const Request& request, ServedBroker& broker) {
    const auto target = parse_target(request.target);
    if (!target) return problem(400, "the target of the request: expected a path with well-formed %-escapes");
    std::string allowed;
    for (const auto& route : routes) {
        const auto match = match_path(route.path, target->path);
        if (!match) continue;
        if (route.method == request.method || (request.method == "HEAD" && route.method == "GET" && !route.body)) {
            return answer_route(route, *target, *match, request.body, broker);
        }
        if (allowed.find(route.method) == std::string::npos) allowed += (allowed.empty() ? "" : ", ") + route.method;
    }
    if (allowed.empty()) {
        return problem(404, fmt::format("there is no {}; GET /openapi.json lists what there is", target->path));
    }
    auto detail = fmt::format("{}: expected {}, got {}", target->path, allowed, request.method);
    return std::unexpected(Problem{.status = 405, .detail = std::move(detail), .headers = {{"Allow", allowed}}});
}

Route document_route(json document) {
    return {
        .method = "GET",
        .path = "/openapi.json",
        .area = "this",
        .summary = "This document.",
        .result = json{{"type", "object"}},
        .answer = [text = dumped(document)](const Call&, ServedBroker&) -> Outcome { return Response{.body = text}; },
    };
}

}  // namespace

Response to_response(const Problem& problem) {
    json body{{"status", problem.status}, {"title", title_of(problem.status)}, {"detail", problem.detail}};
    if (problem.pointer) body["pointer"] = *problem.pointer;
    if (problem.parameter) body["parameter"] = *problem.parameter;
    return {
        .status = problem.status,
        .content_type = "application/problem+json",
        .body = dumped(body),
        .headers = problem.headers,
    };
}

Response json_response(const json& body, int status) { return {.status = status, .body = dumped(body)}; }

Response no_content() { return {.status = 204, .content_type = ""}; }

std::unexpected<Problem> problem(int status, std::string detail) {
    return std::unexpected(Problem{.status = status, .detail = std::move(detail)});
}

std::unexpected<Problem> problem_at(std::string pointer, std::string detail) {
    return std::unexpected(Problem{.status = 400, .detail = std::move(detail), .pointer = std::move(pointer)});
}

Api::Api() {
    add_clock_routes(routes_);
    add_broker_routes(routes_);
    add_inspection_routes(routes_);
    add_operation_routes(routes_);
    add_event_routes(routes_);
    add_fault_routes(routes_);
    routes_.push_back(document_route({}));  // so that it describes itself, too
    routes_.back() = document_route(openapi(routes_));
}

Response Api::answer(const Request& request, ServedBroker& broker) const {
    auto outcome = find_and_answer(routes_, request, broker);
    return outcome ? std::move(*outcome) : to_response(outcome.error());
}

}  // namespace simbroker::control
