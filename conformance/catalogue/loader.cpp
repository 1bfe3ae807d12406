#include "conformance/catalogue/loader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <ranges>
#include <regex>
#include <sstream>

#include "conformance/catalogue/family.hpp"
#include "conformance/step/handshake.hpp"
#include "conformance/step/verb.hpp"
#include "simbroker/core/config.hpp"
#include "simbroker/yaml/yaml.hpp"

namespace conformance::catalogue {

namespace yaml = simbroker::yaml;

namespace {

using nlohmann::json;

constexpr std::string_view fields[] = {
    "id",
    "title",
    "under_test",
    "level",
    "clauses",
    "families",
    "notes",
    "requires",
    "broker",
    "connection",
    "parameters",
    "steps",
    "cleanup",
    "leftovers",
};

using Problem = std::optional<std::string>;

Problem text_into(std::string& target, const json& value) {
    if (!value.is_string()) return fmt::format("expected text, got {} (in quotes it is text)", value.dump());
    target = value.get<std::string>();
    return {};
}

Problem texts_into(std::vector<std::string>& target, const json& value) {
    if (!value.is_array()) return "expected a list of text, got " + value.dump();
    for (const auto& entry : value) {
        if (!entry.is_string()) return fmt::format("expected text, got {}", entry.dump());
        target.push_back(entry.get<std::string>());
    }
    return {};
}

Problem id_into(std::string& target, const json& value) {
    static const std::regex shape("[a-z0-9]+([.-][a-z0-9]+)*");
    if (auto wrong = text_into(target, value)) return wrong;
    if (std::regex_match(target, shape)) return {};
    return fmt::format("'{}' is not lower-case letters and digits with '.' and '-' between them", target);
}

Problem families_into(std::vector<std::string>& target, const json& value) {
    if (auto wrong = texts_into(target, value)) return wrong;
    const auto unknown = std::ranges::find_if_not(target, [](const std::string& name) {
        return std::ranges::find(known_families(), name, &Family::name) != known_families().end();
    });
    if (unknown == target.end()) return {};
    const auto names = known_families() | std::views::transform(&Family::name);
    return fmt::format("'{}' is no family; expected some of {}", *unknown, fmt::join(names, ", "));
}

Problem cleanup_into(Cleanup& target, const json& value) {
    if (!value.is_object()) return "expected {queues: [...], exchanges: [...]}, got " + value.dump();
    for (const auto& [key, names] : value.items()) {
        if (key != "queues" && key != "exchanges")
            return fmt::format("unknown key '{}'; expected queues or exchanges", key);
        if (auto wrong = texts_into(key == "queues" ? target.queues : target.exchanges, names)) return wrong;
    }
    return {};
}

Problem connection_into(json& target, const json& value) {
    target = value;
    if (value == "none") return {};
    return step::connect_options_error(value);
}

Problem broker_into(json& target, const json& value) {
    target = value;
    const auto config = simbroker::config_from_json(value.dump());
    return config ? Problem() : config.error();
}

Problem field_into(Scenario& scenario, std::string_view key, const json& value) {
    if (key == "id") return id_into(scenario.id, value);
    if (key == "title") return text_into(scenario.title, value);
    if (key == "notes") return text_into(scenario.notes, value);
    if (key == "clauses") return texts_into(scenario.clauses, value);
    if (key == "families") return families_into(scenario.families, value);
    if (key == "requires") return texts_into(scenario.requires_, value);
    if (key == "cleanup") return cleanup_into(scenario.cleanup, value);
    if (key == "broker") return broker_into(scenario.broker, value);
    if (key == "connection") return connection_into(scenario.connection, value);
    if (key == "leftovers") {
        if (value != "allowed" && value != "refused") return "expected allowed or refused, got " + value.dump();
        scenario.leftovers = value == "allowed" ? Leftovers::allowed : Leftovers::refused;
        return {};
    }
    if (key == "under_test") {
        const auto role = value.is_string() ? role_from(value.get_ref<const std::string&>()) : std::nullopt;
        if (!role) return "expected broker or client, got " + value.dump();
        scenario.under_test = *role;
        return {};
    }
    const auto level = value.is_string() ? level_from(value.get_ref<const std::string&>()) : std::nullopt;
    if (!level) return "expected MUST, SHOULD, MAY, EXTENSION or ROBUST, got " + value.dump();
    scenario.level = *level;
    return {};
}

struct Case {
    std::string name;  // empty: there are no parameters
    json values;
};

std::string case_name(const json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

std::expected<std::vector<Case>, std::string> cases_of(const json& parameters) {
    std::vector<Case> cases;
    if (parameters.is_object() && parameters.size() == 1 && parameters.begin()->is_array()) {
        for (const auto& value : *parameters.begin()) {
            cases.push_back({case_name(value), json{{parameters.begin().key(), value}}});
        }
    } else if (parameters.is_array() &&
               std::ranges::all_of(parameters, [](const json& row) { return row.is_object() && !row.empty(); })) {
        for (auto row : parameters) {
            const auto name = case_name(row.contains("case") ? row.at("case") : *row.begin());
            row.erase("case");
            cases.push_back({name, row});
        }
    }
    if (cases.empty()) {
        return std::unexpected(
            "parameters: expected {name: [values]} or a list of {name: value, ...}, got " + parameters.dump()
        );
    }
    return cases;
}

// Reads one document; what is wrong goes to `errors` with its line.
class DocumentReader {
public:
    DocumentReader(std::string file, const Requirements& requirements, std::vector<LoadError>& errors)
        : file_(std::move(file)), requirements_(requirements), errors_(errors) {}

    std::vector<Scenario> read(const YAML::Node& document) {
        const auto before = errors_.size();
        Scenario scenario;
        scenario.at = yaml::location_of(document, file_);
        if (!document.IsMap()) {
            error(document, "expected a scenario: a mapping with id, under_test, level, clauses and steps");
            return {};
        }
        std::vector<Case> cases{{"", json::object()}};
        for (const auto& entry : document) read_field(scenario, cases, entry.first, entry.second);
        for (const auto* required : {"id", "under_test", "level", "steps"}) {
            if (!document[required]) error(document, fmt::format("the field '{}' is missing", required));
        }
        if (errors_.size() > before) return {};
        if (scenario.under_test == Role::client && !scenario.broker.empty())
            error(document["broker"], "the broker is configured where it is under test");
        check_clauses(scenario, document);
        return expand(scenario, cases);
    }

private:
    void error(const YAML::Node& node, const std::string& text) {
        errors_.push_back({yaml::location_of(node, file_), text});
    }

    void read_field(Scenario& scenario, std::vector<Case>& cases, const YAML::Node& key_node, const YAML::Node& node) {
        const auto key = key_node.Scalar();
        if (std::ranges::find(fields, key) == std::end(fields)) {
            return error(key_node, fmt::format("unknown field '{}'; expected {}", key, fmt::join(fields, ", ")));
        }
        if (!seen_.insert(key).second) return error(key_node, fmt::format("the field '{}' is repeated", key));
        if (key == "steps") {
            scenario.steps = read_steps(node);
            return;
        }
        const auto value = yaml::json_of(node, file_);
        if (!value) {
            errors_.push_back(value.error());
            return;
        }
        if (key == "parameters") {
            auto expanded = cases_of(*value);
            if (!expanded) return error(node, expanded.error());
            cases = std::move(*expanded);
            return;
        }
        if (const auto wrong = field_into(scenario, key, *value)) error(node, fmt::format("{}: {}", key, *wrong));
    }

    std::vector<Step> read_steps(const YAML::Node& list) {
        std::vector<Step> steps;
        if (!list.IsSequence() || list.size() == 0) {
            error(list, "steps: expected a list of steps");
            return steps;
        }
        for (const auto& node : list) {
            if (auto step = read_step(node)) steps.push_back(std::move(*step));
        }
        return steps;
    }

    std::optional<Step> read_step(const YAML::Node& node) {
        if (!node.IsMap()) {
            error(node, "expected a step: a verb with its argument, such as send: {tx.select: {}}");
            return {};
        }
        Step step;
        step.at = yaml::location_of(node, file_);
        for (const auto& entry : node) {
            const auto key = entry.first.Scalar();
            const bool verb = step::find_verb(key) != nullptr;
            if (verb && !step.verb.empty())
                error(entry.first, fmt::format("two verbs in one step: {} and {}", step.verb, key));
            auto argument = entry.second;
            if (verb) step.verb = key;
            if (key == "repeat" && argument.IsMap() && argument["steps"]) {
                step.steps = read_steps(argument["steps"]);
                argument = YAML::Clone(argument);
                argument.remove("steps");
            }
            auto value = yaml::json_of(argument, file_);
            if (!value) {
                errors_.push_back(value.error());
                return {};
            }
            if (verb) {
                step.argument = std::move(*value);
            } else {
                step.modifiers[key] = std::move(*value);
            }
        }
        if (step.verb.empty()) step.verb = node.size() > 0 ? node.begin()->first.Scalar() : std::string();
        return step;
    }

    void check_clauses(const Scenario& scenario, const YAML::Node& document) {
        for (const auto& clause : scenario.clauses) {
            if (!requirements_.contains(clause))
                error(document["clauses"], fmt::format("no requirement has the id '{}'", clause));
        }
        if (scenario.level == Level::robust) {
            if (scenario.notes.empty()) error(document, "a ROBUST scenario needs notes that say why it exists");
        } else if (scenario.clauses.empty()) {
            error(document, "the field 'clauses' is missing; only a ROBUST scenario may do without");
        }
    }

    std::vector<Scenario> expand(const Scenario& scenario, const std::vector<Case>& cases) {
        std::vector<Scenario> scenarios;
        for (const auto& [name, values] : cases) {
            auto expanded = scenario;
            if (!name.empty()) expanded.id += "[" + name + "]";
            expanded.parameters = values;
            const auto wrong = step::check_steps(expanded);
            errors_.insert(errors_.end(), wrong.begin(), wrong.end());
            scenarios.push_back(std::move(expanded));
            if (!wrong.empty()) break;  // the other cases would say the same
        }
        return scenarios;
    }

    std::string file_;
    const Requirements& requirements_;
    std::vector<LoadError>& errors_;
    std::set<std::string> seen_;
};

void refuse_duplicates(const std::vector<Scenario>& scenarios, std::vector<LoadError>& errors) {
    std::map<std::string, Location> seen;
    for (const auto& scenario : scenarios) {
        const auto [first, fresh] = seen.try_emplace(scenario.id, scenario.at);
        if (!fresh) {
            errors.push_back(
                {scenario.at, fmt::format("the id '{}' is taken by {}", scenario.id, to_string(first->second))}
            );
        }
    }
}

std::vector<std::filesystem::path> scenario_files(const std::filesystem::path& folder, std::vector<LoadError>& errors) {
    std::vector<std::filesystem::path> files;
    std::error_code failed;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder, failed)) {
        const auto relative = entry.path().lexically_relative(folder);
        if (entry.path().extension() == ".yaml" && *relative.begin() != "deviation") files.push_back(relative);
    }
    if (failed) errors.push_back({{folder.string(), 0}, "no folder of scenarios: " + failed.message()});
    std::ranges::sort(files);
    return files;
}

using Documents = std::expected<std::vector<YAML::Node>, LoadError>;

std::vector<Scenario> scenarios_of(
    const Documents& documents,
    const std::string& file,
    const Requirements& requirements,
    std::vector<LoadError>& errors
) {
    if (!documents) {
        errors.push_back(documents.error());
        return {};
    }
    std::vector<Scenario> scenarios;
    for (const auto& document : *documents) {
        if (document.IsNull()) continue;
        for (auto& scenario : DocumentReader(file, requirements, errors).read(document)) {
            scenarios.push_back(std::move(scenario));
        }
    }
    return scenarios;
}

}  // namespace

std::vector<Scenario> load_scenarios(
    const std::filesystem::path& path,
    const std::string& file,
    const Requirements& requirements,
    std::vector<LoadError>& errors
) {
    return scenarios_of(yaml::documents(path, file), file, requirements, errors);
}

std::vector<Scenario> parse_scenarios(
    const std::string& text, const std::string& file, const Requirements& requirements, std::vector<LoadError>& errors
) {
    std::istringstream in(text);
    return scenarios_of(yaml::documents_of(in, file), file, requirements, errors);
}

Catalogue load_catalogue(const CataloguePaths& paths) {
    Catalogue catalogue;
    auto requirements = load_requirements(paths.requirements);
    if (!requirements) {
        catalogue.errors = std::move(requirements.error());
        return catalogue;
    }
    catalogue.requirements = std::move(*requirements);
    const auto name = paths.scenarios.filename().string();
    for (const auto& file : scenario_files(paths.scenarios, catalogue.errors)) {
        auto loaded = load_scenarios(
            paths.scenarios / file,
            (std::filesystem::path(name) / file).string(),
            catalogue.requirements,
            catalogue.errors
        );
        std::ranges::move(loaded, std::back_inserter(catalogue.scenarios));
    }
    refuse_duplicates(catalogue.scenarios, catalogue.errors);
    return catalogue;
}

std::vector<Step> steps_from_json(const json& list, const std::string& origin) {
    std::vector<Step> steps;
    for (const auto& entry : list) {
        Step step{{origin, static_cast<int>(steps.size()) + 1}, {}, {}, json::object(), {}};
        for (const auto& [key, value] : entry.items()) {
            if (step::find_verb(key) != nullptr) {
                step.verb = key;
                step.argument = value;
            } else {
                step.modifiers[key] = value;
            }
        }
        steps.push_back(std::move(step));
    }
    return steps;
}

bool matches_glob(std::string_view glob, std::string_view text) {
    if (glob.empty()) return text.empty();
    if (glob.front() == '*') {
        for (std::size_t skipped = 0; skipped <= text.size(); ++skipped) {
            if (matches_glob(glob.substr(1), text.substr(skipped))) return true;
        }
        return false;
    }
    if (text.empty()) return false;
    return (glob.front() == '?' || glob.front() == text.front()) && matches_glob(glob.substr(1), text.substr(1));
}

}  // namespace conformance::catalogue
