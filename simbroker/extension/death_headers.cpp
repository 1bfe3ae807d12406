#include "simbroker/extension/death_headers.hpp"

#include <algorithm>

#include "simbroker/model/content.hpp"

namespace simbroker::extension {
namespace {

using codec::amqp091::FieldArray;
using codec::amqp091::FieldArrayBuilder;
using codec::amqp091::FieldTable;
using codec::amqp091::FieldTableBuilder;
using codec::amqp091::FieldValue;
using codec::amqp091::LongString;
using codec::amqp091::Timestamp;
using model::Death;
using model::sorted_by_name;

constexpr std::string_view x_death = "x-death";

bool same_cause(const Death& a, const Death& b) { return a.queue == b.queue && a.reason == b.reason; }

void add_common(FieldTableBuilder& entry, const Death& death) {
    FieldArrayBuilder keys;
    for (const auto& key : death.routing_keys) keys.add(LongString{key});
    entry.add("count", death.count)
        .add("reason", LongString{death.reason})
        .add("queue", LongString{death.queue})
        .add("time", Timestamp{death.time})
        .add("exchange", LongString{death.exchange})
        .add("routing-keys", keys.view());
}

FieldTableBuilder merged_entry(const Death& death) {
    FieldTableBuilder entry;
    add_common(entry, death);
    if (death.original_expiration) entry.add("original-expiration", LongString{*death.original_expiration});
    return entry;
}

FieldTableBuilder kept_entry(const Death& death) {
    FieldTableBuilder entry;
    if (death.original_expiration) entry.add("original-expiration", LongString{*death.original_expiration});
    add_common(entry, death);
    return entry;
}

std::string text_at(FieldTable table, std::string_view name) {
    const auto value = table.find(name);
    const auto* text = value ? value->as<LongString>() : nullptr;
    return text ? std::string(text->text) : std::string();
}

// The old entry with its count one higher; everything else stays as it was first recorded.
FieldTableBuilder with_count_increased(FieldTable entry) {
    FieldTableBuilder out;
    for (const auto& [name, value] : entry) {
        if (name == "count") {
            out.add(name, value.as_integer().value_or(0) + 1);
        } else {
            out.add(name, value);
        }
    }
    return out;
}

void add_companions(FieldTableBuilder& out, std::string_view which, const Death& death) {
    const auto name = [&](std::string_view what) { return "x-" + std::string(which) + "-death-" + std::string(what); };
    out.add(name("exchange"), LongString{death.exchange})
        .add(name("queue"), LongString{death.queue})
        .add(name("reason"), LongString{death.reason});
}

}  // namespace

FieldTableBuilder headers_with_merged_death(FieldTable headers, const Death& death) {
    const auto present = headers.find(x_death);
    const auto* earlier = present ? present->as<FieldArray>() : nullptr;
    FieldTableBuilder front = merged_entry(death);
    FieldArrayBuilder rest;
    if (earlier) {
        for (const auto& element : *earlier) {
            const auto* entry = element.as<FieldTable>();
            const bool same =
                entry && text_at(*entry, "queue") == death.queue && text_at(*entry, "reason") == death.reason;
            if (same) {
                front = with_count_increased(*entry);
            } else {
                rest.add(element);
            }
        }
        front = sorted_by_name(front.view());
    }
    FieldArrayBuilder entries;
    entries.add(front.view());
    for (const auto& element : rest.view()) entries.add(element);

    FieldTableBuilder out;
    for (const auto& [name, value] : headers) {
        const bool replaced = name == x_death || (!present && name.starts_with("x-first-death-"));
        if (!replaced) out.add(name, value);
    }
    out.add(x_death, entries.view());
    if (!present) add_companions(out, "first", death);
    return sorted_by_name(out.view());
}

std::vector<Death> deaths_with(std::vector<Death> deaths, const Death& death) {
    auto front = death;
    const auto found = std::ranges::find_if(deaths, [&](const Death& other) { return same_cause(other, death); });
    if (found != deaths.end()) {
        front = *found;
        ++front.count;
        deaths.erase(found);
    }
    deaths.insert(deaths.begin(), front);
    return deaths;
}

FieldTableBuilder headers_from_deaths(FieldTable headers, const std::vector<Death>& deaths, const Death& first) {
    FieldArrayBuilder entries;
    for (const auto& death : deaths) entries.add(kept_entry(death).view());
    FieldTableBuilder out;
    for (const auto& [name, value] : headers) {
        const bool ours = name == x_death || name.starts_with("x-first-death-") || name.starts_with("x-last-death-");
        if (!ours) out.add(name, value);
    }
    out.add(x_death, entries.view());
    add_companions(out, "first", first);
    add_companions(out, "last", deaths.front());
    return sorted_by_name(out.view());
}

std::vector<Death> deaths_in(FieldTable headers) {
    std::vector<Death> deaths;
    const auto present = headers.find(x_death);
    const auto* entries = present ? present->as<FieldArray>() : nullptr;
    if (!entries) return deaths;
    for (const auto& element : *entries) {
        if (const auto* entry = element.as<FieldTable>()) {
            Death death;
            death.queue = text_at(*entry, "queue");
            death.reason = text_at(*entry, "reason");
            deaths.push_back(std::move(death));
        }
    }
    return deaths;
}

}  // namespace simbroker::extension
