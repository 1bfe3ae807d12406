#include "conformance/report/timeline.hpp"

#include <fmt/format.h>

#include <cmath>

#include "codec/amqp091/codec.hpp"
#include "codec/amqp091/json.hpp"

namespace conformance::report {

using namespace codec::amqp091;
using nlohmann::json;
using simbroker::fault::Unit;
using step::Entry;
using step::Event;
using step::PhaseBegun;
using step::Said;
using step::Speaker;
using step::StepRun;
using step::Timeline;
using step::Trouble;

namespace {

constexpr std::size_t most_octets_shown = 4096;  // of a frame, in hex
constexpr std::size_t longest_text = 2048;

std::string_view name_of(Event::Kind kind) {
    switch (kind) {
        case Event::Kind::opened: return "opened";
        case Event::Kind::ended: return "ended";
        case Event::Kind::dropped: return "dropped";
        case Event::Kind::asked: return "asked";
        case Event::Kind::answered: return "answered";
        case Event::Kind::exited: return "exited";
        case Event::Kind::struck: return "struck";
        case Event::Kind::breach: return "breach";
        case Event::Kind::no_frame: return "no_frame";
    }
    return "";
}

std::string_view name_of(Unit::Kind kind) {
    switch (kind) {
        case Unit::Kind::protocol_header: return "protocol_header";
        case Unit::Kind::frame: return "frame";
        case Unit::Kind::rest:
        case Unit::Kind::opaque: break;
    }
    return "octets";
}

std::string_view name_of(Trouble::Kind kind) {
    switch (kind) {
        case Trouble::Kind::fail: return "fail";
        case Trouble::Kind::unsupported: return "unsupported";
        case Trouble::Kind::inconclusive: return "inconclusive";
    }
    return "";
}

// Long text is cut, wherever it stands, with a word about its length.
json shortened(json value) {
    if (value.is_string() && value.get_ref<const std::string&>().size() > longest_text) {
        const auto& text = value.get_ref<const std::string&>();
        auto end = longest_text;
        while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;  // not inside a character
        return fmt::format("{}... ({} octets)", text.substr(0, end), text.size());
    }
    if (value.is_structured()) {
        for (auto& part : value) part = shortened(std::move(part));
    }
    return value;
}

void decode_into(json& entry, const Unit& unit) {
    switch (unit.type()) {
        case frame_type::method: {
            entry["type"] = "method";
            const auto method = decode_method(unit.payload());
            if (!method) {
                entry["trouble"] = to_string(method.error());
                return;
            }
            entry["name"] = codec::amqp091::name_of(*method);
            entry["fields"] = shortened(fields_to_json(*method));
            return;
        }
        case frame_type::header: {
            entry["type"] = "header";
            const auto header = decode_content_header(unit.payload());
            if (!header) {
                entry["trouble"] = to_string(header.error());
                return;
            }
            entry["class_id"] = header->class_id;
            entry["body_size"] = header->body_size;
            const auto properties = decode_properties(header->property_octets);
            if (properties) {
                entry["properties"] = shortened(codec::amqp091::to_json(*properties));
            } else {
                entry["trouble"] = to_string(properties.error());
            }
            return;
        }
        case frame_type::body: entry["type"] = "body"; return;
        case frame_type::heartbeat: entry["type"] = "heartbeat"; return;
    }
    entry["type"] = unit.type();
}

class Writer {
public:
    explicit Writer(step::Instant began) : began_(began) {}

    json operator()(const Entry& entry) const {
        json object = {{"at", seconds(entry.at)}};
        if (entry.during != 0) object["during"] = entry.during;
        std::visit([&](const auto& what) { write(object, what); }, entry.what);
        return object;
    }

private:
    double seconds(step::Instant at) const {
        return std::round(std::chrono::duration<double, std::micro>(at - began_).count()) / 1e6;
    }

    void write(json& object, const PhaseBegun& phase) const {
        object["kind"] = "phase";
        object["name"] = phase.name;
    }

    void write(json& object, const StepRun& run) const {
        object["kind"] = "step";
        object["number"] = run.number;
        if (run.outer != 0) object["outer"] = run.outer;
        object["file"] = run.at.file;
        object["line"] = run.at.line;
        object["verb"] = run.verb;
        object["argument"] = shortened(run.argument);
        if (!run.modifiers.empty()) object["modifiers"] = shortened(run.modifiers);
        if (run.ended) object["until"] = seconds(*run.ended);
        object["outcome"] = run.trouble ? name_of(run.trouble->kind) : "done";
        if (!run.trouble) return;
        object["message"] = run.trouble->text;
        if (!run.trouble->expected.empty()) object["expected"] = run.trouble->expected;
        if (!run.trouble->got.empty()) object["got"] = run.trouble->got;
    }

    void write(json& object, const Said& said) const {
        object["kind"] = name_of(said.unit.kind);
        object["connection"] = said.line;
        object["from"] = said.from == Speaker::client ? "client" : "broker";
        if (said.unit.kind == Unit::Kind::frame) {
            object["channel"] = said.unit.channel().value;
            decode_into(object, said.unit);
        }
        object["size"] = said.size;
        const auto shown =
            codec::wire::BytesView(said.unit.octets).first(std::min(said.unit.octets.size(), most_octets_shown));
        object["octets"] = fmt::format("{:02x}", fmt::join(shown, ""));
        if (said.taken_by != 0) object["taken_by"] = said.taken_by;
    }

    void write(json& object, const Event& event) const {
        object["kind"] = name_of(event.kind);
        if (!event.line.empty()) object["connection"] = event.line;
        if (!event.text.empty()) object["text"] = event.text;
        if (!event.value.is_null()) object["value"] = shortened(event.value);
    }

    step::Instant began_;
};

}  // namespace

json to_json(const Timeline& timeline) {
    const Writer write(timeline.began());
    auto entries = json::array();
    for (const auto& entry : timeline.beginning()) entries.push_back(write(entry));
    if (timeline.left_out() > 0) entries.push_back({{"kind", "left_out"}, {"count", timeline.left_out()}});
    for (const auto& entry : timeline.end()) entries.push_back(write(entry));
    return entries;
}

}  // namespace conformance::report
