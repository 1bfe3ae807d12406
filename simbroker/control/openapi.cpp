// The rows of the API as an OpenAPI document.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "simbroker/control/api.hpp"
#include "simbroker/control/schema.hpp"
#include "simbroker/core/version.hpp"

namespace simbroker::control {

namespace {

using nlohmann::json;

std::string lower(std::string text) {
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

// "post_clock_advance"
std::string operation_id(const Route& route) {
    std::string id = lower(route.method);
    for (const char c : route.path) {
        if (c == '{' || c == '}') continue;
        id += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
    }
    return id;
}

json parameters_of(const Route& route) {
    auto all = json::array();
    for (const auto& parameter : route.parameters) {
        all.push_back(
            {{"name", parameter.name},
             {"in", parameter.in == Parameter::In::path ? "path" : "query"},
             {"required", parameter.needed == Parameter::Needed::required},
             {"schema", parameter.schema}}
        );
    }
    return all;
}

json responses_of(const Route& route) {
    const json refused{{"$ref", "#/components/responses/problem"}};
    const bool has_content = route.result || route.result_type != "application/json";
    if (!has_content) return {{"204", {{"description", "Done."}}}, {"default", refused}};
    const auto schema = route.result.value_or(json{{"type", "string"}});
    return {
        {std::to_string(route.status),
         {{"description", "Done."}, {"content", {{route.result_type, {{"schema", schema}}}}}}},
        {"default", refused},
    };
}

json description_of(const Route& route) {
    json described{
        {"operationId", operation_id(route)},
        {"tags", {route.area}},
        {"summary", route.summary},
        {"responses", responses_of(route)},
    };
    if (!route.parameters.empty()) described["parameters"] = parameters_of(route);
    if (route.body) {
        described["requestBody"] = {
            {"required", route.body->contains("required")},
            {"content", {{"application/json", {{"schema", *route.body}}}}},
        };
    }
    return described;
}

json problem_schema() {
    return object_schema(
        {{"status", {{"type", "integer"}}},
         {"title", {{"type", "string"}}},
         {"detail", text_schema("what is wrong, and what was expected")},
         {"pointer", text_schema("where in the body, as a JSON pointer")},
         {"parameter", text_schema("which parameter of the URL")}},
        {"status", "title", "detail"}
    );
}

}  // namespace

json openapi(const std::vector<Route>& routes) {
    auto paths = json::object();
    for (const auto& route : routes) paths[route.path][lower(route.method)] = description_of(route);
    const json problem{
        {"description", "Refused; nothing was done."},
        {"content", {{"application/problem+json", {{"schema", problem_schema()}}}}},
    };
    return {
        {"openapi", "3.1.0"},
        {"info",
         {{"title", "simbroker"},
          {"version", version},
          {"description", "Operates a simulated AMQP broker: its clock, its faults, its life and what is inside."}}},
        {"paths", std::move(paths)},
        {"components",
         {{"responses", {{"problem", problem}}},
          {"securitySchemes", {{"token", {{"type", "http"}, {"scheme", "bearer"}}}}}}},
        {"security", json::array({json::object(), {{"token", json::array()}}})},
    };
}

}  // namespace simbroker::control
