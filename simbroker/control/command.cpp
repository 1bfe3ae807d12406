#include "simbroker/control/command.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>

namespace simbroker::control {
namespace {

using nlohmann::json;
using Words = std::span<const std::string>;

constexpr int wrong_words = 64;  // sysexits' EX_USAGE, as rabbitmqctl has it
constexpr int refused = 69;

Reply wrong(std::string text) { return {wrong_words, "Error: " + std::move(text) + "\n"}; }
Reply refuse(std::string_view text) { return {refused, fmt::format("Error:\n{}\n", text)}; }

// What stands around the command itself.
struct Style {
    enum class Headers : std::uint8_t { shown, hidden };
    enum class Format : std::uint8_t { table, json };
    Headers headers = Headers::shown;
    Format format = Format::table;
};

// rabbitmqctl's general options say which node and how loud: there is one node here, and it is never loud.
Style take_style(std::vector<std::string>& words) {
    constexpr std::array alone{"-q", "--quiet", "-s", "--silent", "--longnames", "-l"};
    constexpr std::array with_value{"-n", "--node", "-t", "--timeout"};
    Style style;
    for (std::size_t i = 0; i < words.size();) {
        const auto& word = words[i];
        std::size_t taken = 1;
        if (word == "--no-table-headers") {
            style.headers = Style::Headers::hidden;
        } else if (word == "--formatter" && i + 1 < words.size()) {
            style.format = words[i + 1] == "json" ? Style::Format::json : Style::Format::table;
            taken = 2;
        } else if (std::ranges::find(with_value, word) != with_value.end()) {
            taken = 2;
        } else if (std::ranges::find(alone, word) == alone.end()) {
            ++i;
            continue;
        }
        const auto from = words.begin() + static_cast<std::ptrdiff_t>(i);
        words.erase(from, from + static_cast<std::ptrdiff_t>(std::min(taken, words.size() - i)));
    }
    return style;
}

// ---- lists

enum class Argument : std::uint8_t { columns, user };

struct ListRow {
    std::string_view command;
    std::string_view what;
    std::vector<std::string> columns;
    Argument argument = Argument::columns;
};

const std::vector<ListRow>& lists() {
    static const std::vector<ListRow> rows{
        {"list_users", "users", {"user", "tags"}},
        {"list_vhosts", "vhosts", {"name"}},
        {"list_permissions", "permissions", {"user", "configure", "write", "read"}},
        {"list_user_permissions", "user_permissions", {"vhost", "configure", "write", "read"}, Argument::user},
        {"list_topic_permissions", "topic_permissions", {"user", "exchange", "write", "read"}},
        {"list_user_limits", "user_limits", {"user", "limits"}},
        {"list_vhost_limits", "vhost_limits", {"vhost", "limits"}},
        {"list_policies", "policies", {"vhost", "name", "pattern", "apply-to", "definition", "priority"}},
        {"list_operator_policies",
         "operator_policies",
         {"vhost", "name", "pattern", "apply-to", "definition", "priority"}},
        {"list_connections", "connections", {"user", "peer_host", "peer_port", "state"}},
        {"list_queues", "queues", {"name", "messages"}},
        {"list_exchanges", "exchanges", {"name", "type"}},
        {"list_bindings",
         "bindings",
         {"source_name", "source_kind", "destination_name", "destination_kind", "routing_key", "arguments"}},
        {"list_channels", "channels", {"connection", "number", "user", "consumer_count", "messages_unacknowledged"}},
        {"list_consumers",
         "consumers",
         {"queue_name", "connection", "channel", "consumer_tag", "ack_required", "prefetch_count", "priority"}},
    };
    return rows;
}

std::string cell(const json& row, const std::string& column) {
    const auto& value = row.at(column);
    return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string table(const std::vector<json>& rows, const std::vector<std::string>& columns, Style style) {
    if (style.format == Style::Format::json) {
        auto all = json::array();
        for (const auto& row : rows) {
            json kept;
            for (const auto& column : columns) kept[column] = row.at(column);
            all.push_back(std::move(kept));
        }
        return all.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
    }
    std::string text;
    const auto line = [&](auto&& cell_of) {
        for (std::size_t i = 0; i < columns.size(); ++i) text += (i == 0 ? "" : "\t") + cell_of(columns[i]);
        text += "\n";
    };
    if (style.headers == Style::Headers::shown && !rows.empty()) {
        line([](const std::string& column) { return column; });
    }
    for (const auto& row : rows) line([&](const std::string& column) { return cell(row, column); });
    return text;
}

Reply list(const ListRow& which, Words words, Style style, const Hands& hands) {
    operation::List asked{.what = std::string(which.what)};
    std::vector<std::string> arguments;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (words[i] != "-p" && words[i] != "--vhost") {
            arguments.push_back(words[i]);
        } else if (++i < words.size()) {
            asked.vhost = words[i];
        }
    }
    const auto answer = hands.operate(asked);
    if (answer.refusal) return refuse(*answer.refusal);
    std::vector<json> rows;
    for (const auto& text : answer.rows) rows.push_back(json::parse(text));
    auto columns = which.columns;
    if (which.argument == Argument::user) {
        if (arguments.size() != 1) return wrong(fmt::format("{} takes the name of a user", which.command));
        std::erase_if(rows, [&](const json& row) { return row.at("user") != arguments[0]; });
    } else if (!arguments.empty()) {
        columns = arguments;
    }
    for (const auto& column : columns) {
        if (!rows.empty() && !rows[0].contains(column)) {
            return wrong(fmt::format("{} has no column \"{}\"", which.command, column));
        }
    }
    return {0, table(rows, columns, style)};
}

// ---- what is an input of its own

Reply close_connection(Words words, const Hands& hands) {
    if (words.size() != 2) return wrong("usage: close_connection <pid> <reason>");
    for (const auto& text : hands.operate(operation::List{.what = "connections"}).rows) {
        const auto row = json::parse(text);
        if (row.at("pid") != words[0]) continue;
        hands.inject(CloseConnection{{row.at("connection").get<std::uint32_t>()}, words[1]});
        return {};
    }
    return refuse(fmt::format("no connection has the pid {}; list_connections pid tells them", words[0]));
}

SetAlarm alarm(SetAlarm::Resource resource, bool up) {
    return {resource, up ? SetAlarm::State::raised : SetAlarm::State::cleared};
}

// The simulated memory is always in use: a watermark of 0 raises the alarm, any other clears it.
Reply set_watermark(Words words, const Hands& hands) {
    double fraction = -1;
    const auto& last = words.empty() ? std::string() : words.back();
    const auto [end, error] = std::from_chars(last.data(), last.data() + last.size(), fraction);
    if (error != std::errc{} || fraction < 0) return wrong("usage: set_vm_memory_high_watermark [absolute] <number>");
    hands.inject(alarm(SetAlarm::Resource::memory, fraction == 0));
    return {};
}

// The simulated disk has 1 TB free: a higher limit raises the alarm, a lower one clears it.
Reply set_disk_limit(Words words, const Hands& hands) {
    constexpr double free_octets = 1e12;
    constexpr std::array<std::pair<std::string_view, double>, 9> units{{
        {"", 1},
        {"kB", 1e3},
        {"KB", 1e3},
        {"MB", 1e6},
        {"GB", 1e9},
        {"TB", 1e12},
        {"KiB", 1 << 10},
        {"MiB", 1 << 20},
        {"GiB", 1 << 30},
    }};
    double number = -1;
    const auto& text = words.empty() ? std::string() : words[0];
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
    const auto found = std::ranges::find(units, unit, [](const auto& row) { return row.first; });
    if (words.size() != 1 || error != std::errc{} || number < 0 || found == units.end()) {
        return wrong("usage: set_disk_free_limit <number>[MB|GB|...]");
    }
    hands.inject(alarm(SetAlarm::Resource::disk, number * found->second > free_octets));
    return {};
}

Reply stop(Words, const Hands& hands) {
    hands.inject(Shutdown{});
    return {};
}

Reply add_fault(Words words, const Hands& hands) {
    if (words.size() != 1) return wrong("usage: add_fault <rule as JSON>");
    if (const auto rule = fault::rule_from_text(words[0]); !rule) return wrong(to_string(rule.error()));
    const auto answer = hands.ask(AddFault{words[0]});
    if (answer.refusal) return refuse(*answer.refusal);
    return {0, answer.rule.value_or("") + "\n"};
}

Reply list_faults(Words, const Hands& hands) {
    std::string text;
    for (const auto& status : hands.faults()) {
        text += fmt::format("{}\t{}\t{}\n", status.id, status.fired, status.rule.dump());
    }
    return {0, text};
}

Reply remove_fault(Words words, const Hands& hands) {
    if (words.size() != 1) return wrong("usage: remove_fault <id>");
    const auto answer = hands.ask(RemoveFault{words[0]});
    return answer.refusal ? refuse(*answer.refusal) : Reply{};
}

Reply release_held(Words words, const Hands& hands) {
    if (words.size() > 1) return wrong("usage: release_held [label]");
    hands.inject(ReleaseHeld{words.empty() ? std::string() : words[0]});
    return {};
}

Reply nothing_to_do(Words, const Hands&) { return {}; }

struct InputRow {
    std::string_view command;
    Reply (*run)(Words words, const Hands& hands);
};

constexpr std::array inputs{
    InputRow{"close_connection", close_connection},
    InputRow{"set_vm_memory_high_watermark", set_watermark},
    InputRow{"set_disk_free_limit", set_disk_limit},
    InputRow{"stop_app", stop},
    InputRow{"await_startup", nothing_to_do},
    InputRow{"add_fault", add_fault},
    InputRow{"list_faults", list_faults},
    InputRow{"remove_fault", remove_fault},
    InputRow{"release_held", release_held},
};

std::string commands() {
    std::string names;
    for (const auto name : operation_names()) {
        if (name != operation::List::name) names += fmt::format("  {}\n", name);
    }
    for (const auto& row : inputs) names += fmt::format("  {}\n", row.command);
    for (const auto& row : lists()) names += fmt::format("  {}\n", row.command);
    return names;
}

}  // namespace

Reply run(Words given, const Hands& hands) {
    std::vector<std::string> words(given.begin(), given.end());
    const auto style = take_style(words);
    if (words.empty()) return wrong("expected a command, one of\n" + commands());
    const auto rest = Words(words).subspan(1);
    const auto is_meant = [&](const auto& row) { return row.command == words[0]; };
    if (const auto row = std::ranges::find_if(lists(), is_meant); row != lists().end()) {
        return list(*row, rest, style, hands);
    }
    if (const auto* row = std::ranges::find_if(inputs, is_meant); row != inputs.end()) return row->run(rest, hands);
    const auto known = operation_names();
    if (words[0] == operation::List::name || std::ranges::find(known, words[0]) == known.end()) {
        return wrong(fmt::format("Command '{}' not found; expected one of\n{}", words[0], commands()));
    }
    const auto operation = operation_from_command(words);
    if (!operation) return wrong(operation.error());
    const auto answer = hands.operate(*operation);
    if (answer.refusal) return refuse(*answer.refusal);
    return {0, std::holds_alternative<operation::AuthenticateUser>(*operation) ? "Success\n" : ""};
}

}  // namespace simbroker::control
