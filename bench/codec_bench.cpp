// The codec against librabbitmq in one process: a publish (method, header and 64-octet body frame) from octets to
// values and back. Both sides see the same octets, and both results are compared before anything is timed.
//
// Beside Google Benchmark's table it prints lines `RATIO name ours theirs ratio` (messages a second) for what has a
// target, the same with `ALSO` for the rest, and it fails if decoding allocates. Repetitions of ours and theirs are
// mixed and the best of each are compared: what else the machine does can only slow a repetition down.
#include <amqp.h>
#include <amqp_framing.h>
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <map>
#include <new>
#include <string>
#include <vector>

#include "codec/amqp091/codec.hpp"
#include "codec/amqp091/frame_splitter.hpp"
#include "codec/wire/put.hpp"

namespace {

std::atomic<std::uint64_t> allocations = 0;

}  // namespace

void* operator new(std::size_t size) {
    allocations.fetch_add(1, std::memory_order_relaxed);
    if (void* memory = std::malloc(size)) return memory;
    throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace {

using namespace codec::amqp091;
using codec::wire::put;

constexpr std::size_t frame_max = 131072;
const std::string body(64, 'b');

constexpr std::string_view exchange = "sensors";
constexpr std::string_view routing_key = "temperature.factory.line-a";
constexpr std::string_view content_type = "application/json";
constexpr std::string_view message_id = "message-000001";

enum class Content { plain, with_headers };

// What a publisher has in its hands, in our types.
struct OurMessage {
    basic::Publish publish{.exchange = exchange, .routing_key = routing_key};
    FieldTableBuilder headers;
    BasicProperties properties{.content_type = content_type, .delivery_mode = transient_delivery};

    explicit OurMessage(Content content) {
        if (content == Content::plain) return;
        headers.add("unit", LongString{"celsius"}).add("sequence", 17).add("calibrated", true);
        properties.headers = headers.view();
        properties.message_id = message_id;
    }
    OurMessage(const OurMessage&) = delete;
    OurMessage& operator=(const OurMessage&) = delete;
};

void encode_ours(const OurMessage& message, Bytes& out) {
    append_message(out, ChannelNumber{1}, message.publish, message.properties, codec::wire::as_bytes(body), frame_max);
}

amqp_bytes_t amqp(std::string_view text) { return {text.size(), const_cast<char*>(text.data())}; }

// The same message in librabbitmq's types.
struct TheirMessage {
    amqp_basic_publish_t publish{};
    amqp_basic_properties_t properties{};
    std::array<amqp_table_entry_t, 3> entries{};

    explicit TheirMessage(Content content) {
        publish.exchange = amqp(exchange);
        publish.routing_key = amqp(routing_key);
        properties._flags = AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG;
        properties.content_type = amqp(content_type);
        properties.delivery_mode = transient_delivery;
        if (content == Content::plain) return;
        properties._flags |= AMQP_BASIC_HEADERS_FLAG | AMQP_BASIC_MESSAGE_ID_FLAG;
        properties.message_id = amqp(message_id);
        entries[0].key = amqp("unit");
        entries[0].value.kind = AMQP_FIELD_KIND_UTF8;
        entries[0].value.value.bytes = amqp("celsius");
        entries[1].key = amqp("sequence");
        entries[1].value.kind = AMQP_FIELD_KIND_I32;
        entries[1].value.value.i32 = 17;
        entries[2].key = amqp("calibrated");
        entries[2].value.kind = AMQP_FIELD_KIND_BOOLEAN;
        entries[2].value.value.boolean = 1;
        properties.headers = {static_cast<int>(entries.size()), entries.data()};
    }
    TheirMessage(const TheirMessage&) = delete;
    TheirMessage& operator=(const TheirMessage&) = delete;
};

std::size_t put_frame(Byte* at, Octet type, std::size_t payload) {
    put(put(put(at, type), std::uint16_t{1}), static_cast<std::uint32_t>(payload));
    at[frame_header_size + payload] = frame_end;
    return payload + frame_overhead;
}

// As the library's amqp_send_frame lays a frame out, without its socket.
std::size_t encode_theirs(TheirMessage& message, Byte* out, std::size_t room) {
    std::size_t size = 0;
    Byte* payload = out + frame_header_size;
    put(payload, std::uint32_t{AMQP_BASIC_PUBLISH_METHOD});
    const int method = amqp_encode_method(AMQP_BASIC_PUBLISH_METHOD, &message.publish, {room - 12, payload + 4});
    size += put_frame(out, AMQP_FRAME_METHOD, static_cast<std::size_t>(method) + 4);
    payload = out + size + frame_header_size;
    put(put(put(payload, std::uint16_t{AMQP_BASIC_CLASS}), std::uint16_t{0}), std::uint64_t{body.size()});
    const amqp_bytes_t rest{room - size - frame_overhead - 12, payload + 12};
    const int properties = amqp_encode_properties(AMQP_BASIC_CLASS, &message.properties, rest);
    size += put_frame(out + size, AMQP_FRAME_HEADER, static_cast<std::size_t>(properties) + 12);
    std::memcpy(out + size + frame_header_size, body.data(), body.size());
    return size + put_frame(out + size, AMQP_FRAME_BODY, body.size());
}

// A whole message from `input`, checked as far as any receiver has to. Returns octets seen, so that nothing is
// optimised away.
std::size_t decode_ours(FrameSplitter& splitter, BytesView input) {
    std::size_t seen = 0;
    splitter.feed(input);
    while (const auto next = splitter.next()) {
        if (!*next) std::abort();
        const auto& frame = **next;
        if (frame.type == frame_type::method) {
            const auto method = decode_method(frame.payload);
            if (!method) std::abort();
            seen += std::get<basic::Publish>(*method).routing_key.text().size();
        } else if (frame.type == frame_type::header) {
            const auto header = decode_content_header(frame.payload);
            if (!header) std::abort();
            const auto properties = decode_properties(header->property_octets);
            if (!properties) std::abort();
            seen += properties->content_type->text().size();
        } else {
            seen += frame.payload.size();
        }
    }
    return seen;
}

std::size_t decode_theirs(amqp_connection_state_t connection, BytesView input) {
    std::size_t seen = 0;
    amqp_bytes_t rest{input.size(), const_cast<Byte*>(input.data())};
    while (rest.len > 0) {
        amqp_frame_t frame;
        const int used = amqp_handle_input(connection, rest, &frame);
        if (used <= 0) std::abort();
        rest.bytes = static_cast<Byte*>(rest.bytes) + used;
        rest.len -= static_cast<std::size_t>(used);
        if (frame.frame_type == AMQP_FRAME_METHOD) {
            seen += static_cast<amqp_basic_publish_t*>(frame.payload.method.decoded)->routing_key.len;
        } else if (frame.frame_type == AMQP_FRAME_HEADER) {
            seen += static_cast<amqp_basic_properties_t*>(frame.payload.properties.decoded)->content_type.len;
        } else if (frame.frame_type == AMQP_FRAME_BODY) {
            seen += frame.payload.body_fragment.len;
        }
    }
    amqp_maybe_release_buffers(connection);
    return seen;
}

Bytes octets_of(Content content) {
    Bytes octets;
    encode_ours(OurMessage(content), octets);
    return octets;
}

void encode_with_ours(benchmark::State& state, Content content) {
    const OurMessage message(content);
    Bytes out;
    for (auto _ : state) {
        out.clear();
        encode_ours(message, out);
        benchmark::DoNotOptimize(out.data());
        benchmark::ClobberMemory();
    }
    state.SetItemsProcessed(state.iterations());
}

void encode_with_theirs(benchmark::State& state, Content content) {
    TheirMessage message(content);
    Bytes out(4096);
    for (auto _ : state) {
        benchmark::DoNotOptimize(encode_theirs(message, out.data(), out.size()));
        benchmark::ClobberMemory();
    }
    state.SetItemsProcessed(state.iterations());
}

void decode_with_ours(benchmark::State& state, Content content) {
    const auto input = octets_of(content);
    FrameSplitter splitter(frame_max - frame_overhead);
    for (auto _ : state) benchmark::DoNotOptimize(decode_ours(splitter, input));
    state.SetItemsProcessed(state.iterations());
}

void decode_with_theirs(benchmark::State& state, Content content) {
    const auto input = octets_of(content);
    const auto connection = amqp_new_connection();
    for (auto _ : state) benchmark::DoNotOptimize(decode_theirs(connection, input));
    amqp_destroy_connection(connection);
    state.SetItemsProcessed(state.iterations());
}

void both_with_ours(benchmark::State& state, Content content) {
    const OurMessage message(content);
    FrameSplitter splitter(frame_max - frame_overhead);
    Bytes out;
    for (auto _ : state) {
        out.clear();
        encode_ours(message, out);
        benchmark::DoNotOptimize(decode_ours(splitter, out));
    }
    state.SetItemsProcessed(state.iterations());
}

void both_with_theirs(benchmark::State& state, Content content) {
    TheirMessage message(content);
    Bytes out(4096);
    const auto connection = amqp_new_connection();
    for (auto _ : state) {
        const auto size = encode_theirs(message, out.data(), out.size());
        benchmark::DoNotOptimize(decode_theirs(connection, BytesView(out).first(size)));
    }
    amqp_destroy_connection(connection);
    state.SetItemsProcessed(state.iterations());
}

// Both libraries must make the same octets and see the same message in them.
int check_agreement(Content content) {
    const auto ours = octets_of(content);
    Bytes theirs(4096);
    TheirMessage message(content);
    theirs.resize(encode_theirs(message, theirs.data(), theirs.size()));
    if (ours != theirs) {
        fmt::print(stderr, "codec_bench: the encodings differ: {} and {} octets\n", ours.size(), theirs.size());
        return 1;
    }
    FrameSplitter splitter(frame_max - frame_overhead);
    const auto connection = amqp_new_connection();
    const bool same = decode_ours(splitter, ours) == decode_theirs(connection, ours);
    amqp_destroy_connection(connection);
    if (!same) fmt::print(stderr, "codec_bench: the decoded messages differ\n");
    return same ? 0 : 1;
}

int check_allocations(Content content) {
    const auto input = octets_of(content);
    FrameSplitter splitter(frame_max - frame_overhead);
    const auto before = allocations.load();
    constexpr int messages = 1000;
    for (int i = 0; i < messages; ++i) benchmark::DoNotOptimize(decode_ours(splitter, input));
    const auto used = allocations.load() - before;
    fmt::print("ALLOCATIONS {} in {} decoded messages\n", used, messages);
    if (used > 0) fmt::print(stderr, "codec_bench: expected no allocation per decoded message\n");
    return used > 0 ? 1 : 0;
}

struct Line {
    std::string_view word;  // RATIO or ALSO
    std::string name;
};

// Keeps the most messages a second of all repetitions, and prints their medians.
class Rates : public benchmark::ConsoleReporter {
public:
    Rates() : ConsoleReporter(OO_Tabular) {}

    void ReportRuns(const std::vector<Run>& runs) override {
        std::vector<Run> shown;
        for (const auto& run : runs) {
            if (run.run_type == Run::RT_Aggregate) {
                if (run.aggregate_name == "median") shown.push_back(run);
                continue;
            }
            auto& best = rates_[run.run_name.function_name];
            best = std::max(best, run.counters.at("items_per_second").value);
        }
        ConsoleReporter::ReportRuns(shown);
    }

    void print(const std::vector<Line>& lines) const {
        for (const auto& [word, name] : lines) {
            const auto ours = best(name + "/ours");
            const auto theirs = best(name + "/librabbitmq");
            if (ours == 0 || theirs == 0) continue;  // not asked for on the command line
            fmt::print("{} {} {:.0f} {:.0f} {:.2f}\n", word, name, ours, theirs, ours / theirs);
        }
    }

private:
    double best(const std::string& name) const {
        const auto found = rates_.find(name);
        return found == rates_.end() ? 0 : found->second;
    }

    std::map<std::string, double> rates_;
};

using Run = void (*)(benchmark::State&, Content);

void add(
    std::vector<Line>& lines, std::string_view word, const std::string& name, Run ours, Run theirs, Content content
) {
    lines.push_back({word, name});
    for (const auto& [who, run] : {std::pair{"/ours", ours}, std::pair{"/librabbitmq", theirs}}) {
        benchmark::RegisterBenchmark((name + who).c_str(), run, content)->Repetitions(15)->MinTime(0.05);
    }
}

}  // namespace

int main(int count, char** arguments) {
    for (const auto content : {Content::plain, Content::with_headers}) {
        if (check_agreement(content) + check_allocations(content) != 0) return 1;
    }
    std::vector<Line> lines;
    add(lines, "RATIO", "publish_decode", decode_with_ours, decode_with_theirs, Content::plain);
    add(lines, "ALSO", "publish_encode", encode_with_ours, encode_with_theirs, Content::plain);
    add(lines, "RATIO", "publish_decode_encode", both_with_ours, both_with_theirs, Content::plain);
    add(lines, "ALSO", "publish_with_headers_decode", decode_with_ours, decode_with_theirs, Content::with_headers);
    add(lines, "ALSO", "publish_with_headers_encode", encode_with_ours, encode_with_theirs, Content::with_headers);
    add(lines, "ALSO", "publish_with_headers_decode_encode", both_with_ours, both_with_theirs, Content::with_headers);
    char program[] = "codec_bench", mixed[] = "--benchmark_enable_random_interleaving=true";
    std::vector<char*> all{program, mixed};
    all.insert(all.end(), arguments + 1, arguments + count);
    count = static_cast<int>(all.size());
    benchmark::Initialize(&count, all.data());
    if (benchmark::ReportUnrecognizedArguments(count, all.data())) return 2;
    Rates rates;
    benchmark::RunSpecifiedBenchmarks(&rates);
    rates.print(lines);
    return 0;
}
