#include "conformance/report/html.hpp"

#include <fmt/format.h>

#include <map>

#include "conformance/report/html_parts.hpp"
#include "conformance/report/packing.hpp"

namespace conformance::report {

using nlohmann::json;

namespace {

// For the text of a script element: nothing in it may end the element or begin another, whatever a peer has said.
std::string embedded(const json& value) {
    const auto text = value.dump(-1, ' ', false, json::error_handler_t::replace);
    std::string safe;
    safe.reserve(text.size());
    for (const char c : text) {
        if (c == '<') {
            safe += "\\u003c";
        } else {
            safe += c;
        }
    }
    return safe;
}

// queue of queue.declare.missing, and of client.queue.declare
std::string family_of(std::string_view id, std::string_view role) {
    const auto prefix = std::string(role) + ".";
    if (id.starts_with(prefix)) id.remove_prefix(prefix.size());
    return std::string(id.substr(0, id.find_first_of(".[")));
}

// Copies what is there, under another name if need be.
void take(json& into, const char* name, const json& from, const char* key) {
    if (from.contains(key)) into[name] = from.at(key);
}

// What the matrix knows of one case.
json cell_of(const json& result) {
    json cell;
    for (const auto* key : {"verdict", "as_expected", "seconds", "message", "expected", "got", "file", "line"})
        take(cell, key, result, key);
    if (result.contains("deviation")) {
        take(cell, "reason", result.at("deviation"), "reason");
        take(cell, "link", result.at("deviation"), "link");
    }
    return cell;
}

// What is packed, for the page of the case.
json conversation_of(const json& result) {
    auto conversation = json::object();
    take(conversation, "timeline", result, "timeline");
    take(conversation, "repeat", result, "repeat");
    take(conversation, "stderr", result, "shim_stderr");
    return conversation;
}

class Page {
public:
    explicit Page(const std::vector<json>& reports) : systems_(reports.size()) {
        for (std::size_t system = 0; system < reports.size(); ++system) add(system, reports[system]);
    }

    json overview(const std::string& date) const {
        auto scenarios = json::array();
        for (const auto& row : rows_) scenarios.push_back(row.scenario);
        return {{"date", date}, {"runs", runs_}, {"requirements", requirements_}, {"scenarios", std::move(scenarios)}};
    }

    std::string conversations() const {
        std::string elements;
        for (std::size_t i = 0; i < rows_.size(); ++i) {
            const auto text = rows_[i].conversations.dump(-1, ' ', false, json::error_handler_t::replace);
            elements += fmt::format(
                "<script type=\"application/gzip\" id=\"packed-{}\">{}</script>\n", i, base64(gzipped(text))
            );
        }
        return elements;
    }

private:
    struct Row {
        json scenario;
        json conversations;  // of each system
    };

    void add(std::size_t system, const json& report) {
        auto run = json::object();
        for (const auto* key : {"peer", "role", "product", "version", "command"}) run[key] = report.value(key, "");
        runs_.push_back(run);
        requirements_.update(report.value("requirements", json::object()));
        for (const auto& result : report.at("results")) {
            auto& row = row_of(result, run.at("role"));
            row.scenario["cells"][system] = cell_of(result);
            row.conversations[system] = conversation_of(result);
            if (row.scenario.at("steps").empty()) take(row.scenario, "steps", result, "steps");
        }
    }

    Row& row_of(const json& result, const json& role) {
        const auto id = result.at("id").get<std::string>();
        const auto [found, is_new] = by_id_.try_emplace(id, rows_.size());
        if (!is_new) return rows_[found->second];
        json scenario = {
            {"id", id},
            {"role", role},
            {"family", family_of(id, role.get_ref<const std::string&>())},
            {"level", result.at("level")},
            {"clauses", result.at("clauses")},
            {"title", result.value("title", "")},
            {"notes", result.value("notes", "")},
            {"steps", json::array()},
            {"cells", std::vector<json>(systems_)},
        };
        scenario["families"] = result.value("families", json::array({scenario["family"]}));
        const auto defined = result.value("defined", json::object());
        scenario["file"] = defined.value("file", "");
        scenario["line"] = defined.value("line", 0);
        return rows_.emplace_back(std::move(scenario), std::vector<json>(systems_));
    }

    std::size_t systems_;
    std::vector<json> runs_;
    json requirements_ = json::object();
    std::vector<Row> rows_;
    std::map<std::string, std::size_t> by_id_;
};

std::string hash_for_policy(std::string_view text) { return "'sha256-" + base64(sha256(text)) + "'"; }

// Nothing is fetched, and of scripts and styles only the page's own: even markup of a peer's making could do nothing.
std::string policy() {
    return fmt::format(
        "default-src 'none'; base-uri 'none'; form-action 'none'; script-src {}; style-src {}",
        hash_for_policy(html_parts::script),
        hash_for_policy(html_parts::style)
    );
}

}  // namespace

std::optional<std::string> json_report_error(const json& report) {
    if (!report.is_object() || !report.contains("results") || !report.at("results").is_array())
        return "it is no JSON report: expected an object with peer, command and a list of results, as --json writes it";
    for (const auto& result : report.at("results")) {
        for (const auto* key : {"id", "level", "clauses", "verdict", "as_expected", "seconds"}) {
            if (!result.is_object() || !result.contains(key)) {
                return fmt::format("one of its results has no {}: expected what --json writes", key);
            }
        }
    }
    if (report.value("role", "") != "broker" && report.value("role", "") != "client")
        return "it does not say whether brokers or clients were asked; an older amqp-conformance has written it";
    return {};
}

std::string to_html(const std::vector<json>& reports, const std::string& date) {
    const Page page(reports);
    const std::map<std::string_view, std::string> parts{
        {"policy", policy()},
        {"style", std::string(html_parts::style)},
        {"script", std::string(html_parts::script)},
        {"overview", embedded(page.overview(date))},
        {"conversations", page.conversations()},
    };
    // Not one replacement after the other, for what is put in may hold the mark of another place.
    std::string html;
    auto rest = html_parts::page;
    for (auto open = rest.find("{{"); open != std::string_view::npos; open = rest.find("{{")) {
        const auto close = rest.find("}}", open);
        html += rest.substr(0, open);
        html += parts.at(rest.substr(open + 2, close - open - 2));
        rest.remove_prefix(close + 2);
    }
    html += rest;
    return html;
}

}  // namespace conformance::report
