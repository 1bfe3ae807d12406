// BrokerConfig as JSON and back. Every error names the key, what was expected there, and what stood there.
#include "simbroker/core/config.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "simbroker/extension/exchange_type.hpp"
#include "simbroker/model/operator.hpp"

namespace simbroker {

namespace {

using nlohmann::json;
using Problem = std::optional<std::string>;

std::string shown(const json& value) {
    auto text = value.dump(-1, ' ', false, json::error_handler_t::replace);
    if (text.size() > 60) text = text.substr(0, 57) + "...";
    return text;
}

Problem wrong(std::string_view key, std::string_view expected, const json& got) {
    return fmt::format("{}: expected {}, got {}", key, expected, shown(got));
}

Problem read(std::string_view key, const json& value, std::string& into) {
    if (!value.is_string()) return wrong(key, "a string", value);
    into = value.get<std::string>();
    return {};
}

Problem read(std::string_view key, const json& value, bool& into) {
    if (!value.is_boolean()) return wrong(key, "true or false", value);
    into = value.get<bool>();
    return {};
}

Problem read(std::string_view key, const json& value, std::size_t& into) {
    if (!value.is_number_unsigned()) return wrong(key, "a whole number, 0 or more", value);
    into = value.get<std::size_t>();
    return {};
}

template <class Number>
Problem read_up_to_most(std::string_view key, const json& value, Number& into, std::uint64_t most) {
    if (!value.is_number_unsigned() || value.get<std::uint64_t>() > most) {
        return wrong(key, fmt::format("a whole number from 0 to {}", most), value);
    }
    into = static_cast<Number>(value.get<std::uint64_t>());
    return {};
}

Problem read(std::string_view key, const json& value, std::uint16_t& into) {
    return read_up_to_most(key, value, into, UINT16_MAX);
}

Problem read(std::string_view key, const json& value, std::uint32_t& into) {
    return read_up_to_most(key, value, into, UINT32_MAX);
}

Problem read(std::string_view key, const json& value, std::chrono::seconds& into) {
    // The broker counts time in nanoseconds; a calendar second has to fit into them.
    constexpr auto most = std::int64_t{INT64_MAX} / 1'000'000'000;
    const bool fits = value.is_number_integer() &&
                      (!value.is_number_unsigned() || value.get<std::uint64_t>() <= most) &&
                      value.get<std::int64_t>() >= 0 && value.get<std::int64_t>() <= most;
    if (!fits) return wrong(key, fmt::format("whole seconds from 0 to {}", most), value);
    into = std::chrono::seconds(value.get<std::int64_t>());
    return {};
}

Problem read(std::string_view key, const json& value, std::chrono::milliseconds& into) {
    constexpr std::int64_t most = 86'400'000;
    const bool fits = value.is_number_unsigned() && value.get<std::uint64_t>() <= most;
    if (!fits) return wrong(key, fmt::format("whole milliseconds from 0 to {}", most), value);
    into = std::chrono::milliseconds(value.get<std::int64_t>());
    return {};
}

Problem read(std::string_view key, const json& value, CertificateLogin& into) {
    const auto found = value.is_string() ? certificate_login_from(value.get<std::string>()) : std::nullopt;
    if (!found) {
        return wrong(key, "\"distinguished_name\", \"common_name\" or \"subject_alternative_name\"", value);
    }
    into = *found;
    return {};
}

Problem read(std::string_view key, const json& value, profile::Profile& into) {
    if (!value.is_string()) return wrong(key, "the name of a profile", value);
    if (const auto* found = profile::find(value.get<std::string>())) {
        into = *found;
        return {};
    }
    std::string names;
    for (const auto* known : profile::all()) names += fmt::format("{}{}", names.empty() ? "" : ", ", known->name);
    return wrong(key, fmt::format("one of {}", names), value);
}

Problem read(std::string_view key, const json& value, DeprecatedFeatures& into) {
    if (value != "permit" && value != "deny") return wrong(key, "\"permit\" or \"deny\"", value);
    into = value == "deny" ? DeprecatedFeatures::deny : DeprecatedFeatures::permit;
    return {};
}

Problem read(std::string_view key, const json& value, std::vector<std::string>& into) {
    if (!value.is_array()) return wrong(key, "an array of strings", value);
    into.clear();
    for (std::size_t i = 0; i < value.size(); ++i) {
        if (auto problem = read(fmt::format("{}[{}]", key, i), value[i], into.emplace_back())) return problem;
    }
    return {};
}

Problem read(std::string_view key, const json& value, std::vector<Operation>& into) {
    if (!value.is_array()) return wrong(key, "an array of operations", value);
    into.clear();
    for (std::size_t i = 0; i < value.size(); ++i) {
        auto operation = operation_from_json(value[i].dump(-1, ' ', false, json::error_handler_t::replace));
        if (!operation) return fmt::format("{}[{}]: {}", key, i, operation.error());
        into.push_back(std::move(*operation));
    }
    return {};
}

// One reader a key; a key nobody reads is an error that lists the ones there are.
using Fields = std::map<std::string, std::function<Problem(const std::string& key, const json&)>, std::less<>>;

Problem read(const std::string& key, const json& value, std::vector<Account>& into);

// null: not given.
template <class Value>
Problem read(const std::string& key, const json& value, std::optional<Value>& into) {
    into.reset();
    return value.is_null() ? Problem{} : read(key, value, into.emplace());
}

template <class Field>
auto to(Field& field) {
    return [&field](const std::string& key, const json& value) { return read(key, value, field); };
}

Problem read_object(const std::string& where, const json& value, const Fields& fields) {
    if (!value.is_object()) return wrong(where, "an object", value);
    for (const auto& [key, held] : value.items()) {
        const auto path = where == "configuration" ? key : where + "." + key;
        const auto found = fields.find(key);
        if (found != fields.end()) {
            if (auto problem = found->second(path, held)) return problem;
            continue;
        }
        std::string names;
        for (const auto& [name, reader] : fields) names += fmt::format("{}{}", names.empty() ? "" : ", ", name);
        return fmt::format("{}: unknown key, expected one of {}", shown(path), names);
    }
    return {};
}

Problem read(const std::string& key, const json& value, std::vector<Account>& into) {
    if (!value.is_array()) return wrong(key, "an array of accounts", value);
    into.clear();
    for (std::size_t i = 0; i < value.size(); ++i) {
        auto& account = into.emplace_back();
        const auto where = fmt::format("{}[{}]", key, i);
        const Fields fields{
            {"name", to(account.name)}, {"password", to(account.password)}, {"vhosts", to(account.vhosts)}
        };
        if (auto problem = read_object(where, value[i], fields)) return problem;
        if (!value[i].contains("name")) return wrong(where, "an account with a name", value[i]);
    }
    return {};
}

// The bindings name every member, so that a new one does not compile until it is written here.
json to_value(const Account& account) {
    const auto& [name, password, vhosts] = account;
    return {{"name", name}, {"password", password}, {"vhosts", vhosts}};
}

}  // namespace

namespace {

constexpr std::array certificate_logins{
    std::pair{CertificateLogin::distinguished_name, std::string_view("distinguished_name")},
    std::pair{CertificateLogin::common_name, std::string_view("common_name")},
    std::pair{CertificateLogin::subject_alternative_name, std::string_view("subject_alternative_name")},
};

}  // namespace

std::string_view to_string(CertificateLogin login) {
    return std::ranges::find(certificate_logins, login, &std::pair<CertificateLogin, std::string_view>::first)->second;
}

std::optional<CertificateLogin> certificate_login_from(std::string_view name) {
    for (const auto& [login, known] : certificate_logins) {
        if (known == name) return login;
    }
    return {};
}

bool BrokerConfig::has_plugin(std::string_view plugin) const {
    if (plugins) return std::ranges::find(*plugins, plugin) != plugins->end();
    return profile::lists(profile.exchange_types.plugins, plugin);
}

std::string to_json(const BrokerConfig& config) {
    const auto& [profile, cluster, vhosts, accounts, operations, plugins, mechanisms, certificate_login, epoch, consumer_timeout, connections, message_bytes, observe_messages, deprecated, disk] =
        config;
    auto account_values = json::array();
    for (const auto& account : accounts) account_values.push_back(to_value(account));
    auto operation_values = json::array();
    for (const auto& operation : operations) operation_values.push_back(json::parse(to_json(operation)));
    const json value{
        {"profile", profile.name},
        {"channel_max", profile.channel_max},
        {"frame_max", profile.frame_max},
        {"heartbeat", profile.heartbeat.count()},
        {"message_size_max", profile.message_size_max},
        {"cluster_name", cluster},
        {"vhosts", vhosts},
        {"accounts", std::move(account_values)},
        {"operations", std::move(operation_values)},
        {"plugins", plugins ? json(*plugins) : json()},
        {"auth_mechanisms", mechanisms ? json(*mechanisms) : json()},
        {"certificate_login", to_string(certificate_login)},
        {"epoch", epoch.count()},
        {"consumer_timeout", consumer_timeout.count()},
        {"max_connections", connections},
        {"max_memory", message_bytes},
        {"observe_messages", observe_messages},
        {"deprecated_features", deprecated == DeprecatedFeatures::deny ? "deny" : "permit"},
        {"disk_sync_delay_ms", disk.count()},
    };
    return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::expected<BrokerConfig, std::string> config_from_json(std::string_view text) {
    json value;
    try {
        value = json::parse(text);
    } catch (const json::parse_error& error) {
        const auto before = text.substr(0, std::min(error.byte, text.size()));
        return std::unexpected(
            fmt::format("configuration: not JSON; the error is in line {}", 1 + std::ranges::count(before, '\n'))
        );
    } catch (const json::out_of_range&) {
        return std::unexpected("configuration: a number is too large for JSON as it is read here");
    }
    BrokerConfig config;
    // The profile first: what other keys set is set in it.
    if (value.is_object() && value.contains("profile")) {
        if (auto problem = read("profile", value.at("profile"), config.profile)) return std::unexpected(*problem);
    }
    const Fields fields{
        {"profile", [](const std::string&, const json&) { return Problem(); }},
        {"channel_max", to(config.profile.channel_max)},
        {"frame_max", to(config.profile.frame_max)},
        {"heartbeat", to(config.profile.heartbeat)},
        {"message_size_max", to(config.profile.message_size_max)},
        {"cluster_name", to(config.cluster_name)},
        {"vhosts", to(config.vhosts)},
        {"accounts", to(config.accounts)},
        {"operations", to(config.operations)},
        {"plugins", to(config.plugins)},
        {"auth_mechanisms", to(config.auth_mechanisms)},
        {"certificate_login", to(config.certificate_login)},
        {"epoch", to(config.epoch)},
        {"consumer_timeout", to(config.consumer_timeout)},
        {"max_connections", to(config.max_connections)},
        {"max_memory", to(config.max_memory)},
        {"observe_messages", to(config.observe_messages)},
        {"deprecated_features", to(config.deprecated_features)},
        {"disk_sync_delay_ms", to(config.disk_sync_delay)},
    };
    if (auto problem = read_object("configuration", value, fields)) return std::unexpected(*problem);
    for (const auto& plugin : config.plugins.value_or(std::vector<std::string>{})) {
        if (const auto refused = extension::refused_plugin(plugin)) return std::unexpected("plugins: " + *refused);
    }
    if (const auto done = model::check_operations(config); !done) return std::unexpected(done.error());
    return config;
}

}  // namespace simbroker
