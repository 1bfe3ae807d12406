// A scenario as data: what scenarios/README.md describes, after loading. One value per case of `parameters`.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/catalogue/location.hpp"

namespace conformance::catalogue {

enum class Role : std::uint8_t { broker, client };

// From what must be to what is only good manners.
enum class Level : std::uint8_t { must, should, may, extension, robust };

std::string_view to_string(Role);
std::string_view to_string(Level);
std::optional<Role> role_from(std::string_view);
std::optional<Level> level_from(std::string_view);

std::string without_case(const std::string& id);  // queue.declare.type

struct Step {
    Location at;
    std::string verb;
    nlohmann::json argument;
    nlohmann::json modifiers = nlohmann::json::object();  // on, channel, within, save ...
    std::vector<Step> steps;                              // of `repeat`
};

// Entities to delete on a fresh connection when all is over; names may hold variables.
struct Cleanup {
    std::vector<std::string> queues;
    std::vector<std::string> exchanges;
};

enum class Leftovers : std::uint8_t { refused, allowed };

struct Scenario {
    Location at;
    std::string id;  // with the case: queue.declare.type[direct]
    std::string title;
    Role under_test{};
    Level level{};
    std::vector<std::string> clauses;
    std::vector<std::string> families;  // what the field says; family.hpp knows the others
    std::string notes;
    std::vector<std::string> requires_;
    nlohmann::json broker = nlohmann::json::object();      // of its configuration, what is not as usual
    nlohmann::json connection = nlohmann::json::object();  // options of `main`, or "none"
    nlohmann::json parameters = nlohmann::json::object();  // of this case
    std::vector<Step> steps;
    Cleanup cleanup;
    Leftovers leftovers = Leftovers::refused;
};

}  // namespace conformance::catalogue
