// What an operator sets: a path for each operation of the core, and rabbitmqctl's commands as words.
#include <fmt/format.h>

#include "simbroker/control/route.hpp"
#include "simbroker/control/schema.hpp"
#include "simbroker/core/operation_shape.hpp"

namespace simbroker::control {

namespace {

using nlohmann::json;

json schema_of(const OperationField& field) {
    switch (field.kind) {
        case OperationField::Kind::text: return {{"type", "string"}};
        case OperationField::Kind::whole_number: return {{"type", "integer"}};
        case OperationField::Kind::texts: return array_schema({{"type", "string"}});
        case OperationField::Kind::definition:
            return {{"type", {"object", "string"}}, {"description", "An object, or the text of one."}};
    }
    return json::object();
}

json schema_of(const OperationShape& shape) {
    auto properties = json::object();
    std::vector<std::string> required;
    for (const auto& field : shape.fields) {
        properties[std::string(field.name)] = schema_of(field);
        if (field.required) required.emplace_back(field.name);
    }
    return object_schema(std::move(properties), required);
}

Outcome operate(std::string_view name, const Call& call, ServedBroker& broker) {
    const json whole{{std::string(name), call.body}};
    const auto operation = operation_from_json(whole.dump(-1, ' ', false, json::error_handler_t::replace));
    if (!operation) return problem_at("", operation.error());
    const auto answer = broker.operate(*operation);
    if (answer.refusal) return problem(409, *answer.refusal);
    return no_content();
}

Outcome run_command(const Call& call, ServedBroker& broker) {
    const auto words = call.body.get<std::vector<std::string>>();
    const Hands hands{
        .ask = [&](const Input& input) { return broker.ask(input); },
        .faults = [&] { return broker.faults(); },
    };
    const auto reply = run(words, hands);
    return json_response({{"status", reply.status}, {"text", reply.text}});
}

}  // namespace

void add_operation_routes(std::vector<Route>& routes) {
    for (const auto& shape : operation_shapes()) {
        if (shape.name == operation::List::name) continue;  // inspection has a path for each
        routes.push_back({
            .method = "POST",
            .path = fmt::format("/operations/{}", shape.name),
            .area = "operations",
            .summary = fmt::format("As rabbitmqctl {}; refused in its words, with 409.", shape.name),
            .body = schema_of(shape),
            .answer = [name =
                           shape.name](const Call& call, ServedBroker& broker) { return operate(name, call, broker); },
        });
    }
    auto words = array_schema({{"type", "string"}});
    words["examples"] = json::array({json::array({"list_queues", "name", "messages"})});
    routes.push_back({
        .method = "POST",
        .path = "/commands",
        .area = "operations",
        .summary = "A command of rabbitmqctl's as an array of words: its exit status, and what it would print.",
        .body = std::move(words),
        .result =
            object_schema({{"status", {{"type", "integer"}}}, {"text", {{"type", "string"}}}}, {"status", "text"}),
        .answer = run_command,
    });
}

}  // namespace simbroker::control
